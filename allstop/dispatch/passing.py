"""Claimed messages through the gate. The facts are those of the claim's own transaction, or newer ones where something
stands against the message; whatever changes after that reaches this worker as a stop number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from allstop.rules.facts import Channel, ContactFacts, Facts, LaneFacts, MessageFacts, Purpose
from allstop.rules.gate import decide
from allstop.rules.holds import REMOVED, STOPS, StandingHold
from allstop.rules.verdict import Hold, Refuse, Send, Verdict, reason_of
from allstop.store.claims import Claimed, Finished, LaneKey, PutBack
from allstop.store.models import Status


@dataclass(slots=True)
class Passed:
    send: list[Claimed] = field(default_factory=list)
    finished: list[Finished] = field(default_factory=list)
    back: list[PutBack] = field(default_factory=list)


def facts_of_plain(lane: LaneKey, plain: Claimed, facts: LaneFacts) -> Facts:
    """The claim has brought all there is to know."""
    return Facts(
        MessageFacts(
            Channel(lane.channel),
            Purpose(plain.purpose),
            plain.recipients,
            plain.use_by,
            due_at=plain.due_at,
        ),
        ContactFacts(zones=tuple(plain.zones)),
        facts,
    )


def until_lifted(facts: Facts, now: datetime) -> Facts:
    """A stop whose planned end has come holds until its lift, which first drops what is stale."""
    holds = facts.message.holds
    if not any(_is_over(hold, now) for hold in holds):
        return facts
    lasting = tuple(replace(hold, until=None) if _is_over(hold, now) else hold for hold in holds)
    return replace(facts, message=replace(facts.message, holds=lasting))


def _is_over(hold: StandingHold, now: datetime) -> bool:
    return hold.name in STOPS and hold.until is not None and hold.until <= now


def through_the_gate(
    lane: LaneKey, claimed: Sequence[Claimed], lane_facts: LaneFacts, loaded: dict[int, Facts], now: datetime
) -> Passed:
    """`loaded`: the facts of those that are not plain."""
    passed = Passed()
    # The gate is pure, and messages of one job often differ in nothing that it asks of a plain one.
    verdicts: dict[tuple[object, ...], Verdict] = {}
    before: tuple[object, ...] = ()  # compared sooner than looked up
    for one in claimed:
        if one.plain:
            asked = (one.purpose, one.recipients, one.due_at, one.use_by, *one.zones)
            if asked != before:
                before = asked
                if asked not in verdicts:
                    verdicts[asked] = decide(facts_of_plain(lane, one, lane_facts), now)
                of_these = verdicts[asked]
            verdict = of_these
        else:
            verdict = decide(until_lifted(loaded[one.id], now), now)
        match verdict:
            case Send():
                passed.send.append(one)
            case Refuse(_, reason):
                status = Status.REMOVED if reason == REMOVED else Status.REFUSED
                passed.finished.append(Finished(lane.account_id, one.id, status, reason))
            case Hold(check, _, until):
                reason = reason_of(verdict)
                # A hold with an end may be lifted before it, which frees only what waits for a change.
                held = reason if until is None or check == "account_stop" else None
                passed.back.append(PutBack(lane.account_id, one.id, one.number, until or now, held, reason))
            case _:
                assert_never(verdict)
    return passed
