"""Holds: named blocks that OR together.

A hold has an owner, a reason, a scope and what it blocks. Something is blocked while any hold that reaches
it stands; lifting one hold never lifts another. STOPPED, paused, suspended, cancelled and prospect are
holds like any other, and an account may have others of its own.

A hold that is handed to a rule counts from that moment, whatever its `at` says: two machines' clocks may
disagree by a few milliseconds, and a stop must not lose to them. Only `until` is compared with `now`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from allstop.rules.words import Channel, Standing


class Effect(StrEnum):
    SENDING = "sending"
    INTAKE = "intake"  # of leads; uploads are always taken in, and wait
    RECURRING_BILLING = "recurring_billing"
    USAGE_BILLING = "usage_billing"


class Scope(StrEnum):
    INSTALLATION = "installation"
    ACCOUNT = "account"
    LOCATION = "location"
    CHANNEL = "channel"
    JOB = "job"
    CONTACT = "contact"
    CONTACTS = "contacts"  # many at once, under one number: of a stop, never of a hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a stop covers. Of the ids only those are set that its scope names, and the account's but for the widest."""

    scope: Scope
    account_id: int | None = None
    channel: Channel | None = None
    location_id: int | None = None
    job_id: int | None = None
    contact_id: int | None = None

    @property
    def subject(self) -> str:
        """As the ledger has it: "account", "channel:text", "location:3"."""
        ref = self.contact_id or self.job_id or self.location_id or self.channel
        return f"{self.scope.value}:{ref}" if ref else self.scope.value


INSTALLATION = Reach(scope=Scope.INSTALLATION)


def whole_account(account_id: int) -> Reach:
    return Reach(scope=Scope.ACCOUNT, account_id=account_id)


def one_channel(account_id: int, channel: Channel) -> Reach:
    return Reach(scope=Scope.CHANNEL, account_id=account_id, channel=channel)


def one_location(account_id: int, location_id: int) -> Reach:
    return Reach(scope=Scope.LOCATION, account_id=account_id, location_id=location_id)


STOPPED = "stopped"
SCHEDULED = "scheduled"  # a stop that was planned: its end lifts it
BRAKE = "brake"  # a stop by the automatic brake
PAUSED = "paused"
SUSPENDED = "suspended"
CANCELLED = "cancelled"
PROSPECT = "prospect"
DATABASE_CHANGED = "database_changed"  # restored, or another one: until a person confirms it
REMOVED = "removed"  # on a job: its messages never leave
UNCLEAR_REPLY = "unclear_reply"  # on a contact who may have said no, until a person has read it
ERASING = "erasing"  # on a contact who is being erased: nothing leaves to them any more
ENDING = "ending"  # on a contact whose conversation was ended while workers held messages of it: seconds

# Usage is billed while suspended unless the account's setting says otherwise (who sets the hold then adds
# the effect).
HOLD_EFFECTS: dict[str, frozenset[Effect]] = {
    STOPPED: frozenset({Effect.SENDING}),
    SCHEDULED: frozenset({Effect.SENDING}),
    BRAKE: frozenset({Effect.SENDING}),
    PAUSED: frozenset({Effect.INTAKE}),
    SUSPENDED: frozenset({Effect.SENDING, Effect.RECURRING_BILLING}),
    CANCELLED: frozenset(Effect),
    PROSPECT: frozenset(Effect),
    REMOVED: frozenset({Effect.SENDING}),
    UNCLEAR_REPLY: frozenset({Effect.SENDING}),
    ERASING: frozenset({Effect.SENDING}),
    ENDING: frozenset({Effect.SENDING}),
    DATABASE_CHANGED: frozenset({Effect.SENDING}),
}

# What START lifts, whoever set it: a person, the schedule or the brake. Each is a hold of its own all the same.
STOPS = (STOPPED, SCHEDULED, BRAKE)
# What the lamp calls STOPPED: these, and what only an operator's confirmation ends.
SHOWN_AS_STOPPED = (*STOPS, DATABASE_CHANGED)

LIFECYCLE_HOLDS = (CANCELLED, SUSPENDED, PROSPECT)


def may_be_started(name: str) -> bool:
    """Whether members lift it, one by one if it is none of STOPS.

    The account's status and a changed database are an operator's matter; a reply is read and settled; an erasing ends,
    and so does the ending of a conversation; a pause of intake is no stop, and asks for a typed word.
    """
    return name not in (REMOVED, DATABASE_CHANGED, UNCLEAR_REPLY, ERASING, ENDING, PAUSED, *LIFECYCLE_HOLDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingHold:
    name: str
    scope: Scope
    blocks: frozenset[Effect]
    by: str
    at: datetime
    reason: str = ""
    until: datetime | None = None
    channel: Channel | None = None  # None: every channel
    id: int | None = None
    seq: int | None = None  # the stop number, for holds that every worker acknowledged

    def standing(self) -> Standing:
        return Standing(self.name, self.by, self.at, self.reason)


@dataclass(frozen=True, slots=True)
class Spell:
    start: datetime
    end: datetime | None


def has_ended(hold: StandingHold, now: datetime) -> bool:
    return hold.until is not None and hold.until <= now


def effect_blocked(holds: Iterable[StandingHold], effect: Effect, now: datetime) -> bool:
    return any(effect in hold.blocks and not has_ended(hold, now) for hold in holds)


def closes_lane(holds: Iterable[StandingHold], channel: Channel, now: datetime) -> bool:
    """Whether no message of this lane can leave, so that workers need not look into it.

    Prospect leaves the email lane open: service emails still go out, and the gate holds the others one by
    one.
    """
    return any(_closes(hold, channel, now) for hold in holds)


def _closes(hold: StandingHold, channel: Channel, now: datetime) -> bool:
    if Effect.SENDING not in hold.blocks or has_ended(hold, now):
        return False
    if hold.scope not in (Scope.INSTALLATION, Scope.ACCOUNT, Scope.CHANNEL):
        return False
    if hold.channel is not None and hold.channel is not channel:
        return False
    return not (hold.name == PROSPECT and channel is Channel.EMAIL)


def lasts_longest(holds: Iterable[StandingHold]) -> StandingHold | None:
    """The hold that keeps things waiting longest; among equals the first. One without an end outlasts all."""
    last: StandingHold | None = None
    for hold in holds:
        if hold.until is None:
            return hold
        if last is None or last.until is None or hold.until > last.until:
            last = hold
    return last


def spells(holds: Iterable[StandingHold], effect: Effect) -> tuple[Spell, ...]:
    """When the effect was blocked: the union of all holds, whoever set them, in order of time."""
    joined: list[Spell] = []
    for hold in sorted(holds, key=lambda one: one.at):
        if effect not in hold.blocks or (hold.until is not None and hold.until <= hold.at):
            continue
        if not joined or (joined[-1].end is not None and joined[-1].end < hold.at):
            joined.append(Spell(hold.at, hold.until))
        else:
            joined[-1] = Spell(joined[-1].start, _later(joined[-1].end, hold.until))
    return tuple(joined)


def _later(a: datetime | None, b: datetime | None) -> datetime | None:
    if a is None or b is None:
        return None
    return max(a, b)
