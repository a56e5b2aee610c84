"""What the Messenger says of a message before it is sent, and of a send afterwards."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

from allstop.actions.messenger import Letter
from allstop.console.views.switch import counted
from allstop.rules import gate
from allstop.rules.reasons import in_words
from allstop.rules.segments import Encoding, beyond_gsm, segments
from allstop.rules.verdict import Hold
from allstop.store import facts
from allstop.store.models import MessengerSend, SendState


def parts_words(letter: Letter, *, by_text: bool) -> str:
    """How many texts it becomes for each who gets it; each costs one credit. "" for emails and calls."""
    if not by_text:
        return ""
    if not letter.body:
        return "0 characters: 1 text is up to 160."
    cut = segments(letter.body)
    words = f"{counted(len(letter.body), 'character')}: {counted(len(cut.parts), 'text')} for each person."
    if cut.encoding is Encoding.UCS_2:
        words += f" “{beyond_gsm(letter.body)}” makes it longer: without such signs 160 fit, with them 70."
    if "{" in letter.body:
        words += " Names that are filled in count as well."
    return words


def sent_words(send: MessengerSend, now: datetime) -> tuple[str, bool]:
    """For whoever has just pressed Send, and whether all of it is good news."""
    if send.finished_at is None:
        return f"Messages to {send.total:,} people are being made.", True
    many = send.accepted != 1
    if not send.accepted:
        words = "Nothing was sent: nobody in TO: gets it."
    elif send.due_at is not None:
        words = f"{counted(send.accepted, 'message')} will leave on {_moment(send.due_at)}."
    elif why := _why_it_waits(send, now):
        words = f"{counted(send.accepted, 'message')} {'wait' if many else 'waits'}. {why}"
    else:
        words = f"{counted(send.accepted, 'message')} {'are' if many else 'is'} on {'their' if many else 'its'} way."
    if send.stayed:
        words += f" {send.stayed:,} {'stays' if send.stayed == 1 else 'stay'} in TO: and got nothing."
    return words, not send.stayed


def state_words(send: MessengerSend) -> str:
    made = counted(send.accepted, "message")
    if send.state == SendState.DONE:
        words = made
    elif send.state == SendState.FAILED:
        words = f"{made} made. {send.failure}"
    else:
        words = f"{send.done:,} of {counted(send.total, 'contact')} so far, {made} made"
    if send.stayed:
        words += f", {send.stayed:,} left behind"
    if send.due_at is not None:
        words += f", for {_moment(send.due_at)}"
    return words


def _why_it_waits(send: MessengerSend, now: datetime) -> str:
    """What the gate says of the first of its messages."""
    if not send.message_ids:
        return ""
    known = facts.facts_of(send.account_id, send.message_ids[0])
    verdict = gate.decide(known, max(now, known.message.due_at or now))
    return in_words(verdict.reason) if isinstance(verdict, Hold) else ""


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "D j M, H:i")
