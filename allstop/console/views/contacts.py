"""One contact with what stands against writing to them."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from allstop.actions.actor import NotThere
from allstop.console.access import Desk, screen
from allstop.console.change_words import MARKER_WORDS
from allstop.console.frame import page
from allstop.rules import gate
from allstop.rules.facts import Channel, MessageFacts, Purpose
from allstop.rules.reasons import in_words
from allstop.rules.verdict import Send, word_of
from allstop.store import lists
from allstop.store.facts import contact_facts, facts_before
from allstop.store.models import Contact


@screen("GET")
def contact(request: HttpRequest, desk: Desk, contact_id: int) -> HttpResponse:
    found = lists.contact(desk.account_id, contact_id)
    if found is None:
        raise NotThere("There is no such contact.")
    context = {
        "contact": found.contact,
        "addresses": found.addresses,
        "markers": [{"words": MARKER_WORDS[one.kind], "row": one} for one in found.markers],
        "opt_outs": found.opt_outs,
        "verdicts": verdicts(desk.account_id, found.contact, datetime.now(UTC)),
        "rows": lists.messages(desk.account_id, lists.Filters(contact=contact_id), limit=20),
    }
    return page(request, desk, "console/contact.html", context, at="contacts")


def verdicts(account_id: int, found: Contact, now: datetime) -> list[dict[str, Any]]:
    """What the gate would say now to a reminder on each channel."""
    of_contact = contact_facts([found.pk])[found.pk]
    lines = []
    for channel in Channel:
        facts = facts_before(account_id, MessageFacts(channel, Purpose.REMINDER), of_contact)
        verdict = gate.decide(facts, now)
        lines.append(
            {
                "channel": channel.value,
                "verdict": word_of(verdict),
                "words": "A reminder would leave at once." if isinstance(verdict, Send) else in_words(verdict.reason),
                "earliest": None if isinstance(verdict, Send) else gate.earliest(facts, now),
            }
        )
    return lines
