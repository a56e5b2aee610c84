"""The receipt of a stop, looked up and verified long after: was it what it says?

The rule that it guards: a verification answers in values and repairs nothing. It asks the ledger, which nobody can
change unseen, and the attempts, which workers write down; neither is believed because the receipt says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from allstop.actions.actor import Actor, NotThere, require
from allstop.rules.holds import Scope
from allstop.rules.markers import MarkerKind, blocking_marker
from allstop.rules.roles import Act
from allstop.store import ledger, lists
from allstop.store.ledger import Broken
from allstop.store.lists import AttemptStart, StopRow
from allstop.store.models import LedgerEntry

NAMED = 20  # attempts that the words name; the rest is counted
MARKERS = {"set_stop_all": MarkerKind.STOP_ALL, "set_stop_promotions": MarkerKind.STOP_PROMOTIONS}


@dataclass(frozen=True, slots=True)
class Answer:
    question: str  # a stable name
    title: str  # the question for people
    is_sound: bool
    words: str


@dataclass(frozen=True, slots=True)
class Verification:
    receipt: StopRow
    answers: tuple[Answer, ...]
    were_in_flight: int  # attempts that began after it took effect and before it was confirmed
    late: tuple[AttemptStart, ...]  # began after it was confirmed and before it was lifted: there must be none

    @property
    def is_sound(self) -> bool:
        return all(answer.is_sound for answer in self.answers)


def receipt(actor: Actor, number: int) -> StopRow:
    """Of a stop that reaches the account. What an installation's counts are is for its operators alone."""
    require(actor, Act.VIEW)
    found = lists.stop(actor.account_id, number, sees_all=actor.is_operator)
    if found is None:
        raise NotThere("There is no such stop.")
    return found


def newest_receipt(actor: Actor) -> StopRow:
    """Of the account's newest STOP, standing or lifted."""
    require(actor, Act.VIEW)
    number = lists.newest_stop(actor.account_id)
    if number is None:
        raise NotThere("This account was never stopped.")
    return receipt(actor, number)


def verify(actor: Actor, number: int) -> Verification:
    """It reads the whole ledger that has the stop, and what was tried while it stood. An installation's: operators."""
    first = receipt(actor, number)
    if first.scope is Scope.INSTALLATION:
        actor.as_operator()
    began = lists.attempts_since(first)
    # Read again, after the attempts: whatever START let go has begun after it, so that START is in this answer.
    stop = receipt(actor, number)
    reached = [one for one in began if (stop.until is None or one.started_at < stop.until) and _reaches(stop, one)]
    late = [one for one in reached if stop.confirmed_at is not None and one.started_at > stop.confirmed_at]
    answers = (
        _chain(stop),
        _entry(stop),
        _confirmation(stop),
        _nothing_began(stop, late),
        _in_flight(stop, len(reached) - len(late)),
    )
    return Verification(stop, answers, len(reached) - len(late), tuple(late))


def _reaches(stop: StopRow, attempt: AttemptStart) -> bool:
    """A contact's marker or opt-out does not reach every message to it."""
    if stop.scope is not Scope.CONTACT:
        return True
    if stop.act == "opt_out":
        return stop.channel in ("all", attempt.channel) and not attempt.confirms_opt_out
    kind = MARKERS.get(stop.act, MarkerKind.STOP_ALL)  # its entry is gone: the widest reading
    overridden = attempt.marker_overridden
    return blocking_marker({kind}, attempt.purpose, attempt.recipients, overridden=overridden) is not None


def _chain(stop: StopRow) -> Answer:
    found = ledger.verify(stop.account_id)
    words = (
        f"Entry {found.number}: {found.problem}"
        if isinstance(found, Broken)
        else f"{_counted(found, 'entry', 'entries')}, each as it was written, none missing."
    )
    whose = "installation" if stop.account_id is None else "account"
    return Answer("ledger_chain", f"Is the {whose}'s ledger whole?", not isinstance(found, Broken), words)


def _ledger(stop: StopRow) -> QuerySet[LedgerEntry]:
    entries = LedgerEntry.objects.all()
    return entries.filter(account=None) if stop.account_id is None else entries.filter(account_id=stop.account_id)


def _entry(stop: StopRow) -> Answer:
    title = "Does the ledger have this stop?"
    entry = _ledger(stop).filter(number=stop.entry).first() if stop.entry else None
    if entry is None:
        return Answer("ledger_entry", title, False, f"No entry of the ledger tells of stop {stop.number}.")
    if entry.at != stop.effective_at:
        words = f"Entry {entry.number} says another time than the receipt: {entry.at.isoformat()}."
        return Answer("ledger_entry", title, False, words)
    return Answer("ledger_entry", title, True, f"Entry {entry.number}, by {entry.by}, at the same time.")


def _confirmation(stop: StopRow) -> Answer:
    title = "Does the ledger have its confirmation?"
    if stop.confirmed_at is None:
        words = "Not every worker has confirmed yet. Verify again when the lamp says STOPPED."
        return Answer("confirmation", title, False, words)
    entries = _ledger(stop).filter(subject=stop.subject, act="stop_confirmed")
    entry = entries.filter(after__number=stop.number).first()  # ledger_of_subject
    if entry is None:
        words = f"The receipt is confirmed, but no entry of the ledger confirms stop {stop.number}."
        return Answer("confirmation", title, False, words)
    # Not handed_back: workers write down what they handed back while and after they confirm.
    written = (entry.at, (entry.after or {}).get("workers"), (entry.after or {}).get("in_flight"))
    if written != (stop.confirmed_at, stop.workers, stop.in_flight):
        words = f"Entry {entry.number} has another time or other numbers than the receipt."
        return Answer("confirmation", title, False, words)
    return Answer("confirmation", title, True, f"Entry {entry.number}, with the same time and the same numbers.")


def _nothing_began(stop: StopRow, late: Sequence[AttemptStart]) -> Answer:
    title = "Did nothing start after it was confirmed?"
    if stop.confirmed_at is None:
        return Answer("nothing_started", title, False, "It is not confirmed yet.")
    if late:
        named = ", ".join(f"message {one.message_id} at {one.started_at.isoformat()}" for one in late[:NAMED])
        rest = f", and {len(late) - NAMED:,} more" if len(late) > NAMED else ""
        return Answer("nothing_started", title, False, f"{_counted(len(late), 'attempt')} began: {named}{rest}.")
    if stop.until is None:
        words = "No attempt of what it covers began since. It still stands."
    elif stop.until <= stop.confirmed_at:
        words = "It was lifted before it was confirmed: there is no time between."
    else:
        words = "No attempt of what it covers began until it was lifted."
    return Answer("nothing_started", title, True, words)


def _in_flight(stop: StopRow, count: int) -> Answer:
    title = "What was on its way?"
    if count == 0:
        words = "Nothing began between its taking effect and the confirmation."
    else:
        words = f"{_counted(count, 'attempt')} began between its taking effect and the confirmation: were in flight."
    return Answer("in_flight", title, True, words)


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
