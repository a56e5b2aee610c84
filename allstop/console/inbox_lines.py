"""The inbox as its pages draw it: lists and where they begin, the lines of a thread, and what the gate would say."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from allstop.actions.actor import NotThere
from allstop.actions.messages import BY_HAND_PASSES
from allstop.console.access import Desk
from allstop.console.record_lines import event_line, place_of, place_words
from allstop.rules import gate
from allstop.rules.addresses import Phone, contact_zones, parse_phone
from allstop.rules.facts import Channel, ContactFacts, MessageFacts, Purpose, Standing
from allstop.rules.holds import STOPPED, StandingHold
from allstop.rules.reasons import in_words
from allstop.rules.verdict import Send, word_of
from allstop.store import lists
from allstop.store.facts import contact_facts, facts_before, standing_hold
from allstop.store.lists import (
    NOBODY,
    ConversationRow,
    InboxFilter,
    InboxPlace,
    MessageRow,
    PastKind,
    Show,
)
from allstop.store.models import Account, AddressKind, Contact, Hold, Status

ROWS = 40
EVENTS = 40
EVERYBODY, MINE, UNASSIGNED = "everybody", "mine", "unassigned"
WHOSE = ((EVERYBODY, "Everybody"), (MINE, "Mine"), (UNASSIGNED, "Unassigned"))
SHOWN = ((Show.OPEN, "Open"), (Show.UNREAD, "Unread"), (Show.CLOSED, "Closed"))


class InboxForm(forms.Form):
    whose = forms.ChoiceField(required=False, choices=WHOSE)
    show = forms.ChoiceField(required=False, choices=[(show.value, words) for show, words in SHOWN])
    q = forms.CharField(required=False, max_length=120)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the inbox somebody looks at: it stays while they go from one conversation to the next."""

    whose: str
    show: Show
    q: str

    def filter(self, desk: Desk) -> InboxFilter:
        member = {MINE: desk.place.member_id, UNASSIGNED: NOBODY}.get(self.whose)
        return InboxFilter(show=self.show, assigned_to=member, q=self.q)

    def query(self, **changes: str) -> str:
        said = {"whose": self.whose, "show": self.show.value, "q": self.q, **changes}
        usual = {"whose": EVERYBODY, "show": Show.OPEN.value}
        kept = {name: value for name, value in said.items() if value and value != usual.get(name)}
        return f"?{urlencode(kept)}" if kept else ""


def asked_of(request: HttpRequest) -> Asked:
    form = InboxForm(request.GET)
    form.full_clean()
    said = form.cleaned_data
    return Asked(said.get("whose") or EVERYBODY, Show(said.get("show") or Show.OPEN), said.get("q", "").strip())


def list_context(request: HttpRequest, desk: Desk, asked: Asked, chosen: int | None) -> dict[str, Any]:
    after = inbox_place_of(request.GET.get("after", ""))
    found = lists.conversations(desk.account_id, asked.filter(desk), after=after, limit=ROWS + 1)
    rows = found[:ROWS]
    unread = lists.unread_conversations(desk.account_id, desk.place.member_id)
    by_whose = {EVERYBODY: unread.everybody, MINE: unread.mine, UNASSIGNED: unread.unassigned}
    return {
        "asked": asked,
        "chosen": chosen,
        "rows": [{"row": row, "url": reverse("conversation", args=[row.id]) + asked.query()} for row in rows],
        "whose": [
            {
                "name": words,
                "url": reverse("inbox") + asked.query(whose=whose),
                "current": whose == asked.whose,
                "unread": capped(by_whose[whose]),
            }
            for whose, words in WHOSE
        ],
        "shown": [
            {
                "name": words,
                "url": reverse("inbox") + asked.query(show=show.value, q=""),
                "current": show is asked.show and not asked.q,
                "count": None,
            }
            for show, words in SHOWN
        ],
        "newest_url": reverse("inbox") + asked.query() if after else "",
        "older_url": _older(asked, rows[-1]) if len(found) > ROWS else "",
        "inbox_version": lists.inbox_version(desk.account_id),
        "here": request.get_full_path(),
        "takes_unassigned": desk.place.takes_unassigned,
    }


def _older(asked: Asked, last: ConversationRow) -> str:
    return reverse("inbox") + asked.query(after=f"{last.last_at.isoformat()}~{last.id}")


def inbox_place_of(words: str) -> InboxPlace | None:
    if not words:
        return None
    try:
        at, number = words.replace(" ", "+").split("~")
        place = InboxPlace(datetime.fromisoformat(at), int(number))
    except ValueError as wrong:
        raise NotThere("This page does not exist.") from wrong
    if place.at.tzinfo is None or not 0 <= place.id < 2**63:
        raise NotThere("This page does not exist.")
    return place


def capped(number: int) -> str:
    """As a badge shows it; "" for none."""
    return f"{lists.MOST - 1}+" if number >= lists.MOST else str(number or "")


def thread_context(request: HttpRequest, account_id: int, row: ConversationRow) -> dict[str, Any]:
    """What was said, oldest first, with how each message ended and why."""
    after = place_of(request.GET.get("before", ""))
    if row.contact_id is not None:
        events = lists.history(account_id, row.contact_id, after=after, limit=EVENTS + 1)
    else:
        events = lists.sender_history(account_id, row.address, after=after, limit=EVENTS + 1)
    shown = events[:EVENTS]
    ids = [event.id for event in shown if event.kind is PastKind.MESSAGE]
    sent = {one.id: one for one in lists.messages_of_ids(account_id, ids)} if ids else {}
    by_itself = lists.answered_by_themselves(account_id, ids) if ids else set()
    sent_files = lists.attachments_of(account_id, ids) if ids else {}
    files = lists.files_of(account_id, [event.id for event in shown if event.kind is PastKind.REPLY])
    lines = [
        event_line(event)
        | _ended(sent.get(event.id) if event.kind is PastKind.MESSAGE else None)
        | {"by_itself": event.status == "automatic" or (event.kind is PastKind.MESSAGE and event.id in by_itself)}
        | {"files": files.get(event.id, ()) if event.kind is PastKind.REPLY else ()}
        | {"sent_files": sent_files.get(event.id, ()) if event.kind is PastKind.MESSAGE else ()}
        for event in reversed(shown)
    ]
    return {
        "lines": lines,
        "earlier": place_words(shown[-1].place) if len(events) > EVENTS else "",
        "is_newest": after is None,
        # a message on its way changes without a change of the conversation: then the topic of the jobs tells of it
        "is_under_way": any(one.status is Status.WAITING or _is_fresh(one, row) for one in sent.values()),
    }


def _is_fresh(one: MessageRow, row: ConversationRow) -> bool:
    """Sent a moment ago: its receipt is still to come."""
    return (
        one.status is Status.SENT and not one.receipt and row.last_out_at is not None and one.due_at >= row.last_out_at
    )


def _ended(one: MessageRow | None) -> dict[str, Any]:
    if one is None:
        return {"why": ""}
    return {"why": in_words(one.reason) if one.reason else ""}


def channels_of(account_id: int, row: ConversationRow) -> list[Channel]:
    """Those on which they can be answered in writing; the one that they used last comes first."""
    if row.contact_id is None:
        return [Channel.EMAIL if "@" in row.address else Channel.TEXT]
    found = lists.contact(account_id, row.contact_id)
    kinds = {address.kind for address in found.addresses} if found else set()
    ways = [(Channel.TEXT, AddressKind.PHONE), (Channel.EMAIL, AddressKind.EMAIL)]
    channels = [channel for channel, kind in ways if kind.value in kinds]
    return sorted(channels, key=lambda channel: channel.value != row.channel)


def answer_verdict(account_id: int, row: ConversationRow, channel: Channel, now: datetime) -> dict[str, Any]:
    """What the gate would say now to a personal message that is sent by hand."""
    if row.contact_id is not None:
        of_contact = contact_facts([row.contact_id])[row.contact_id]
    else:
        of_contact = ContactFacts(zones=_zones_at(account_id, row.address))
    by_hand = dict.fromkeys(BY_HAND_PASSES, Standing("override", "", now))
    holds = tuple(_holds_on(account_id, row.contact_id)) if row.contact_id is not None else ()
    message = MessageFacts(channel, Purpose.PERSONAL, due_at=now, overrides=by_hand, holds=holds)
    facts = facts_before(account_id, message, of_contact)
    verdict = gate.decide(facts, now)
    if isinstance(verdict, Send):
        return {"word": "send", "words": "Leaves at once.", "earliest": None}
    return {
        "word": word_of(verdict),
        "words": in_words(verdict.reason),
        "earliest": gate.earliest(facts, now),
        "is_stopped": verdict.reason.startswith(STOPPED),
    }


def _holds_on(account_id: int, contact_id: int) -> list[StandingHold]:
    """On the contact, such as for an unclear reply, and on where they belong."""
    location_id = Contact.objects.values_list("location_id", flat=True).get(pk=contact_id)
    theirs = Q(contact_id=contact_id) | Q(location_id=location_id, location__isnull=False)
    return [standing_hold(hold) for hold in Hold.objects.filter(theirs, account_id=account_id, lifted_at=None)]


def _zones_at(account_id: int, address: str) -> tuple[str, ...]:
    """Where somebody may be of whom only the address is known."""
    country = Account.objects.get(pk=account_id).country
    phone = parse_phone(address, country) if "@" not in address else None
    return contact_zones(None, (phone,) if isinstance(phone, Phone) else (), country)
