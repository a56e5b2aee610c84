"""A contact's record as its page draws it: verdicts by channel, events in words, and where a page of them begins."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from allstop.actions.actor import NotThere
from allstop.rules import gate
from allstop.rules.facts import Channel, MessageFacts, Purpose
from allstop.rules.reasons import in_words
from allstop.rules.verdict import Send, word_of
from allstop.store import lists
from allstop.store.facts import contact_facts, facts_before
from allstop.store.lists import PastKind
from allstop.store.models import Contact

ACTS = {  # act of the ledger: what a person calls it
    "create_contact": "Written down",
    "update_contact": "Details changed",
    "merge_contacts": "Merged with another contact",
    "set_flag": "Flag set",
    "clear_flag": "Flag taken away",
    "set_stop_all": "Stop All set",
    "clear_stop_all": "OK to Send",
    "set_stop_promotions": "Stop Promotions set",
    "clear_stop_promotions": "OK to put into Sales Groups",
    "take_ownership": "Assigned to whoever wrote to them",
    "assign_contact": "Assigned",
    "attach_sender": "Another address is theirs",
    "unclear_reply": "May have said no",
    "settle_reply": "What they meant was settled",
    "opt_out": "Said no",
    "opt_in": "Said yes again",
    "begin_erasing": "Being erased",
}


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


def event_line(event: lists.Event) -> dict[str, Any]:
    is_ledger = event.kind is PastKind.LEDGER
    return {
        "event": event,
        "kind": event.kind.value,
        "heading": ACTS.get(event.subject, event.subject.replace("_", " ")) if is_ledger else event.subject,
        "url": reverse("message", args=[event.id]) if event.kind is PastKind.MESSAGE else "",
    }


def place_words(place: lists.Place) -> str:
    """For the address of the next page."""
    return f"{place.at.isoformat()}~{place.kind.value}~{place.id}"


def place_of(words: str) -> lists.Place | None:
    if not words:
        return None
    try:
        at, kind, number = words.replace(" ", "+").split("~")  # a plus that nobody encoded arrives as a space
        place = lists.Place(datetime.fromisoformat(at), PastKind(kind), int(number))
    except ValueError as wrong:
        raise NotThere("This page does not exist.") from wrong
    if place.at.tzinfo is None or not 0 <= place.id < 2**63:
        raise NotThere("This page does not exist.")
    return place
