"""The gate: the ordered list of checks that each message passes just before it leaves.

The order is policy: the first answer wins, refusals come before holds, and pace is last, because only a
message that may leave takes a slot. `decide` stops at the first answer; `explain` asks every check, says
who set what it found, and when each would let the message go; `earliest` is when all of them would. A test
holds the three together.

| check | refuses | holds | may be overridden |
|---|---|---|---|
| contact_marker | stop_all, stop_promotions | | Stop Promotions only |
| opt_out | opted_out_text, _call, _email, _all | | by its one confirmation |
| use_by | too_late | | never |
| lifecycle | | cancelled, suspended, prospect | never |
| account_stop | removed | stopped, of any scope, and every other hold on sending | never |
| channel_closed | | no_provider, channel_disabled, channel_broken, no_credits | never |
| quiet_hours | | zone_unknown, no_common_hour, quiet_hours, quiet_law | never |
| window | | window_closed, window_never_opens, window_too_short, next_round | yes (manual Send) |
| provider_limit | | limit_minute, limit_hour, limit_day | never |
| pace | | pace | yes (manual Send) |
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from allstop.rules.facts import Facts, MessageFacts
from allstop.rules.holds import (
    LIFECYCLE_HOLDS,
    PROSPECT,
    REMOVED,
    STOPPED,
    Effect,
    Scope,
    StandingHold,
    has_ended,
    lasts_longest,
)
from allstop.rules.markers import MarkerKind, blocking_marker
from allstop.rules.pacing import LATENESS, Pace
from allstop.rules.quiet_law import forbidden, protecting
from allstop.rules.verdict import SEND, Hold, Refuse, Send, Verdict
from allstop.rules.wallclock import is_zone
from allstop.rules.windows import HORIZON, Schedule
from allstop.rules.words import Channel, Purpose, Standing

Check = Callable[[Facts, datetime], Hold | Refuse | None]

_NO_SLOT = timedelta(0)
CONFIRMED_WITHIN = timedelta(minutes=5)  # 47 CFR 64.1200(a)(12): one text that says the opt-out counts, by then
_OPTED_OUT: dict[Channel, str] = {
    Channel.TEXT: "opted_out_text",
    Channel.CALL: "opted_out_call",
    Channel.EMAIL: "opted_out_email",
}


def contact_marker(facts: Facts, now: datetime) -> Refuse | None:
    if not facts.contact.markers:
        return None
    message = facts.message
    marker = blocking_marker(
        facts.contact.markers,
        message.purpose,
        message.recipients,
        overridden="contact_marker" in message.overrides,
    )
    return None if marker is None else Refuse("contact_marker", marker.value)


def opt_out(facts: Facts, now: datetime) -> Refuse | None:
    standing, channel = facts.contact.opt_outs, facts.message.channel
    if not standing:
        return None
    if None in standing and not _confirms(facts.message, standing[None]):
        return Refuse("opt_out", "opted_out_all")
    if channel in standing and not _confirms(facts.message, standing[channel]):
        return Refuse("opt_out", _OPTED_OUT[channel])
    return None


def _confirms(message: MessageFacts, opt_out: Standing) -> bool:
    """Whether it is the one text that tells the contact that this very opt-out counts."""
    recorded = message.overrides.get("opt_out")
    return (
        recorded is not None
        and recorded.at == opt_out.at
        and message.channel is Channel.TEXT
        and message.purpose is Purpose.SERVICE
        and message.recipients == 1
        and message.use_by is not None
        and message.use_by <= opt_out.at + CONFIRMED_WITHIN
    )


def use_by(facts: Facts, now: datetime) -> Refuse | None:
    last = facts.message.use_by
    return Refuse("use_by", "too_late") if last is not None and now > last else None


def lifecycle(facts: Facts, now: datetime) -> Hold | None:
    hold = _lifecycle_hold(facts, now)
    return None if hold is None else Hold("lifecycle", hold.name, hold.until)


def account_stop(facts: Facts, now: datetime) -> Hold | Refuse | None:
    hold = _other_hold(facts, now)
    if hold is None:
        return None
    if _is_removal(hold):
        return Refuse("account_stop", REMOVED)
    return Hold("account_stop", _named(hold), hold.until)


def channel_closed(facts: Facts, now: datetime) -> Hold | None:
    provider = facts.lane.provider
    if provider.name is None:
        return Hold("channel_closed", "no_provider", None)
    if not provider.enabled:
        return Hold("channel_closed", "channel_disabled", None)
    if provider.broken:
        return Hold("channel_closed", "channel_broken", None)
    if provider.credits is not None and provider.credits <= 0:
        return Hold("channel_closed", "no_credits", None)
    return None


def quiet_hours(facts: Facts, now: datetime) -> Hold | None:
    """Of the account, and where the contact may live of the law."""
    return _own_quiet_hours(facts, now) or _forbidden_by_law(facts, now)


def _own_quiet_hours(facts: Facts, now: datetime) -> Hold | None:
    quiet, zones = facts.lane.quiet, facts.contact.zones
    if quiet is None:
        return None
    if not zones or not all(map(is_zone, zones)):
        return Hold("quiet_hours", "zone_unknown", None)
    allowed_at = quiet.next_allowed(now, zones)
    if allowed_at is None:
        return Hold("quiet_hours", "no_common_hour", None)
    return Hold("quiet_hours", "quiet_hours", allowed_at) if allowed_at > now else None


def _forbidden_by_law(facts: Facts, now: datetime) -> Hold | None:
    law, message, contact = facts.lane.law, facts.message, facts.contact
    if law is None or message.purpose not in law.purposes:
        return None
    rules = protecting(law, contact.places, message.channel, message.purpose)
    if not rules:
        return None
    if not contact.zones or not all(map(is_zone, contact.zones)):
        return Hold("quiet_hours", "zone_unknown", None)
    found = forbidden(rules, contact.zones, now)
    return None if found is None else Hold("quiet_hours", "quiet_law", found.until, found.rule.key)


def window(facts: Facts, now: datetime) -> Hold | None:
    if "window" in facts.message.overrides:
        return None
    own = facts.message.own
    if own is not None:
        return _closed_window(facts, own.windows, own.pace, now)
    return _closed_window(facts, facts.lane.windows, facts.lane.pace, now) or _next_round(facts, now)


def _closed_window(facts: Facts, schedule: Schedule | None, paced: Pace | None, now: datetime) -> Hold | None:
    if schedule is None:
        return None
    if not schedule.sessions:
        return Hold("window", "window_never_opens", None)
    slot = _NO_SLOT if paced is None or "pace" in facts.message.overrides else paced.interval
    # A worker is late by milliseconds; the last slot of each window would be lost.
    at = now.replace(microsecond=0) if slot >= LATENESS else now
    opens_at = schedule.next_open(at, slot)
    if opens_at is None:
        return Hold("window", "window_too_short", None)
    return Hold("window", "window_closed", opens_at) if opens_at > now else None


def _next_round(facts: Facts, now: datetime) -> Hold | None:
    """Regular checks: what is due waits for the next one, and keeps its turn from then on."""
    rounds, due_at = facts.lane.rounds, facts.message.due_at
    if rounds is None or due_at is None or facts.message.own is not None:
        return None
    until = rounds.next_for(due_at, now, facts.lane.windows)
    return None if until is None else Hold("window", "next_round", until)


def provider_limit(facts: Facts, now: datetime) -> Hold | None:
    """What the provider takes of the account in all, so a manual Send waits as well."""
    reached = max((one for one in facts.lane.full if one.until > now), key=lambda one: one.until, default=None)
    return None if reached is None else Hold("provider_limit", reached.which, reached.until)


def pace(facts: Facts, now: datetime) -> Hold | None:
    if facts.message.own is not None:  # its slot was given out when it was queued
        slot_at = facts.message.own_slot_at
        return None if slot_at is None or slot_at <= now else Hold("pace", "pace", slot_at)
    slot_at = facts.lane.next_slot_at
    if facts.lane.pace is None or slot_at is None or slot_at <= now or "pace" in facts.message.overrides:
        return None
    return Hold("pace", "pace", slot_at)


CHECKS: tuple[Check, ...] = (
    contact_marker,
    opt_out,
    use_by,
    lifecycle,
    account_stop,
    channel_closed,
    quiet_hours,
    window,
    provider_limit,
    pace,
)


def decide(facts: Facts, now: datetime) -> Verdict:
    for check in CHECKS:
        answer = check(facts, now)
        if answer is not None:
            return answer
    return SEND


@dataclass(frozen=True, slots=True)
class Answer:
    """What one check says. `standing` is what somebody set, `overridden` who lifted it for this message.

    `earliest` is when this check alone would let the message leave: now for Send, None where no end is known.
    """

    check: str
    verdict: Verdict
    standing: Standing | None
    earliest: datetime | None
    overridden: Standing | None = None


def explain(facts: Facts, now: datetime) -> tuple[Answer, ...]:
    return tuple(_answer(check, facts, now) for check in CHECKS)


def earliest(facts: Facts, now: datetime) -> datetime | None:
    """When the whole message may leave, if nothing changes. None: not before somebody changes something."""
    asked = at = now if facts.message.due_at is None else max(now, facts.message.due_at)
    while at <= asked + HORIZON:
        match decide(facts, at):
            case Send():
                return at
            case Refuse():
                return None
            case Hold(until=until):
                if until is None:
                    return None
                at = until
    return None


def _answer(check: Check, facts: Facts, now: datetime) -> Answer:
    name = check.__name__
    found, verdict = check(_without_override(facts, name), now), check(facts, now)
    standing = None if found is None else _standing(facts, found, now)
    overridden = facts.message.overrides[name] if found != verdict else None
    match verdict:
        case None:
            return Answer(name, SEND, standing, now, overridden)
        case Hold(until=until):
            return Answer(name, verdict, standing, until)
        case Refuse():
            return Answer(name, verdict, standing, None)


def _without_override(facts: Facts, name: str) -> Facts:
    overrides = {check: by for check, by in facts.message.overrides.items() if check != name}
    return replace(facts, message=replace(facts.message, overrides=overrides))


def _standing(facts: Facts, found: Hold | Refuse, now: datetime) -> Standing | None:
    """What somebody set that made the check answer so. Clocks, schedules and providers are not."""
    match found.check:
        case "contact_marker":
            return facts.contact.markers[MarkerKind(found.reason)]
        case "opt_out":
            opt_outs = facts.contact.opt_outs
            return opt_outs[None] if None in opt_outs else opt_outs[facts.message.channel]
        case "lifecycle":
            hold = _lifecycle_hold(facts, now)
        case "account_stop":
            hold = _other_hold(facts, now)
        case _:
            return None
    return None if hold is None else hold.standing()


def _lifecycle_hold(facts: Facts, now: datetime) -> StandingHold | None:
    holds = _holds_on_sending(facts, now)
    if not holds:
        return None
    message = facts.message
    lets_out_service = message.purpose is Purpose.SERVICE and message.channel is Channel.EMAIL
    return lasts_longest(
        hold for hold in holds if hold.name in LIFECYCLE_HOLDS and not (lets_out_service and hold.name == PROSPECT)
    )


def _other_hold(facts: Facts, now: datetime) -> StandingHold | None:
    """A removal first, since it is a refusal; then the hold that lasts longest."""
    others = [hold for hold in _holds_on_sending(facts, now) if hold.name not in LIFECYCLE_HOLDS]
    removal = next((hold for hold in others if _is_removal(hold)), None)
    return removal or lasts_longest(others)


def _holds_on_sending(facts: Facts, now: datetime) -> list[StandingHold]:
    holds = facts.lane.holds + facts.message.holds
    if not holds:
        return []
    channel = facts.message.channel
    return [
        hold
        for hold in holds
        if Effect.SENDING in hold.blocks
        and (hold.channel is None or hold.channel is channel)
        and not has_ended(hold, now)
    ]


def _named(hold: StandingHold) -> str:
    """A STOP that is not the account's own says what it covers: people must know which switch to look at."""
    if hold.name == STOPPED and hold.scope in (Scope.INSTALLATION, Scope.CHANNEL, Scope.LOCATION):
        return f"{STOPPED}_{hold.scope.value}"
    return hold.name


def _is_removal(hold: StandingHold) -> bool:
    return hold.name == REMOVED and hold.scope is Scope.JOB
