"""The one text that may pass an opt-out: the one that confirms this very opt-out, for five minutes."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from allstop.rules.facts import ContactFacts, Facts, LaneFacts, MessageFacts, Provider
from allstop.rules.gate import CONFIRMED_WITHIN, decide, earliest, explain
from allstop.rules.holds import HOLD_EFFECTS, STOPPED, Scope, StandingHold
from allstop.rules.markers import MarkerKind
from allstop.rules.verdict import SEND, Hold, Refuse, Verdict
from allstop.rules.windows import QuietHours
from allstop.rules.words import Channel, Purpose, Standing

SAID_AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # noon in London
NOW = SAID_AT + timedelta(seconds=2)
NO = Standing("opt_out", "the contact", SAID_AT, "STOP")
RECORDED = Standing("override", "automatic answer", SAID_AT, "confirms")

CONFIRMATION = Facts(
    MessageFacts(
        Channel.TEXT,
        Purpose.SERVICE,
        use_by=SAID_AT + CONFIRMED_WITHIN,
        overrides={"opt_out": RECORDED},
        due_at=SAID_AT,
    ),
    ContactFacts(opt_outs={Channel.TEXT: NO}, zones=("Europe/London",)),
    LaneFacts(
        provider=Provider("sandbox"), quiet=QuietHours(time(20), time(9)), windows=None, pace=None, next_slot_at=None
    ),
)
NO_TEXTS = Refuse("opt_out", "opted_out_text")
STANDS = StandingHold(
    name=STOPPED, scope=Scope.ACCOUNT, blocks=HOLD_EFFECTS[STOPPED], by="Ada Okafor", at=SAID_AT - timedelta(hours=1)
)


def message(**changes: Any) -> Facts:
    return replace(CONFIRMATION, message=replace(CONFIRMATION.message, **changes))


def contact(**changes: Any) -> Facts:
    return replace(CONFIRMATION, contact=replace(CONFIRMATION.contact, **changes))


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (CONFIRMATION, SEND),
        (contact(opt_outs={None: NO}), SEND),
        (contact(opt_outs={None: NO, Channel.TEXT: NO}), SEND),
        # any one thing otherwise, and it is a message like any other
        (message(overrides={}), NO_TEXTS),
        (message(overrides={"opt_out": replace(RECORDED, at=SAID_AT - timedelta(days=1))}), NO_TEXTS),
        (message(channel=Channel.EMAIL, purpose=Purpose.SERVICE), SEND),  # emails were not opted out of
        (message(purpose=Purpose.PROMOTION), NO_TEXTS),
        (message(purpose=Purpose.REMINDER), NO_TEXTS),
        (message(recipients=2), NO_TEXTS),
        (message(use_by=None), NO_TEXTS),
        (message(use_by=SAID_AT + timedelta(minutes=6)), NO_TEXTS),
        # an older no still stands: it was confirmed in its own time, or never
        (contact(opt_outs={None: NO, Channel.TEXT: replace(NO, at=SAID_AT - timedelta(days=9))}), NO_TEXTS),
        (contact(opt_outs={Channel.TEXT: replace(NO, at=SAID_AT + timedelta(seconds=1))}), NO_TEXTS),
        # every other check counts
        (contact(markers={MarkerKind.STOP_ALL: NO}), Refuse("contact_marker", "stop_all")),
        (
            replace(CONFIRMATION, lane=replace(CONFIRMATION.lane, holds=(STANDS,))),
            Hold("account_stop", STOPPED, None),
        ),
    ],
)
def test_only_the_confirmation_of_this_very_opt_out_passes(facts: Facts, verdict: Verdict) -> None:
    assert decide(facts, NOW) == verdict


def test_after_five_minutes_it_is_too_late() -> None:
    assert decide(CONFIRMATION, SAID_AT + CONFIRMED_WITHIN) == SEND
    assert decide(CONFIRMATION, SAID_AT + timedelta(minutes=5, seconds=1)) == Refuse("use_by", "too_late")


def test_in_quiet_hours_it_never_leaves() -> None:
    night = SAID_AT.replace(hour=22)
    said = replace(NO, at=night)
    facts = replace(
        message(
            use_by=night + CONFIRMED_WITHIN,
            overrides={"opt_out": replace(RECORDED, at=night)},
            due_at=night,
        ),
        contact=replace(CONFIRMATION.contact, opt_outs={Channel.TEXT: said}),
    )
    assert isinstance(decide(facts, night), Hold)
    assert earliest(facts, night) is None


def test_the_override_is_shown_with_its_reason() -> None:
    (answer,) = [one for one in explain(CONFIRMATION, NOW) if one.check == "opt_out"]
    assert (answer.verdict, answer.standing, answer.overridden) == (SEND, NO, RECORDED)
