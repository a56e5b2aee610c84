"""Holds OR together, over all scopes and owners."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from allstop.rules.holds import (
    BRAKE,
    CANCELLED,
    DATABASE_CHANGED,
    ENDING,
    ERASING,
    HOLD_EFFECTS,
    PAUSED,
    PROSPECT,
    REMOVED,
    SCHEDULED,
    STOPPED,
    SUSPENDED,
    UNCLEAR_REPLY,
    Effect,
    Scope,
    Spell,
    StandingHold,
    closes_lane,
    effect_blocked,
    lasts_longest,
    spells,
)
from allstop.rules.words import Channel

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
CASES = json.loads((Path(__file__).parents[1] / "cases" / "blocking_spells.json").read_text("utf-8"))["cases"]
# A spell under a day counts as nothing in a bill; for sending it holds for its ten hours.
DIFFERS_FOR_SENDING = {"less_than_a_day": [["2017-04-29T14:15:53", "2017-04-30T00:15:53"]]}


def hold(
    name: str,
    scope: Scope = Scope.ACCOUNT,
    channel: Channel | None = None,
    at: datetime = NOW,
    until: datetime | None = None,
) -> StandingHold:
    return StandingHold(
        name=name, scope=scope, channel=channel, blocks=HOLD_EFFECTS[name], by="Ada", at=at, until=until
    )


def _switched(events: list[dict[str, Any]]) -> list[StandingHold]:
    """On and off per scope as holds: a second "on" of the same scope changes nothing."""
    since: dict[str, datetime] = {}
    holds: list[StandingHold] = []
    for event in events:
        at = datetime.fromisoformat(event["at"]).replace(tzinfo=UTC)
        if event["block"]:
            since.setdefault(event["scope"], at)
        elif event["scope"] in since:
            holds.append(hold(STOPPED, at=since.pop(event["scope"]), until=at))
    return holds + [hold(STOPPED, at=at) for at in since.values()]


@pytest.mark.parametrize("case", [case for case in CASES if "events" in case], ids=lambda case: str(case["id"]))
def test_held_is_the_union_of_all_spells_whoever_set_them(case: dict[str, Any]) -> None:
    found = [
        [spell.start.strftime("%Y-%m-%dT%H:%M:%S"), spell.end and spell.end.strftime("%Y-%m-%dT%H:%M:%S")]
        for spell in spells(_switched(case["events"]), Effect.SENDING)
    ]
    assert found == DIFFERS_FOR_SENDING.get(case["id"], case["blocked"])


def test_effects_are_separate_and_lifting_one_level_leaves_the_others() -> None:
    """The levels case: every scope blocks each effect by itself, and only that effect."""
    for scope in Scope:
        for effect in Effect:
            one = StandingHold(name="audit", scope=scope, blocks=frozenset({effect}), by="Ada", at=NOW)
            assert [other for other in Effect if effect_blocked([one], other, NOW)] == [effect]
    both = [hold(STOPPED, until=NOW), hold(STOPPED, Scope.INSTALLATION)]
    assert effect_blocked(both, Effect.SENDING, NOW)
    assert not effect_blocked(both[:1], Effect.SENDING, NOW)


def test_which_hold_blocks_what() -> None:
    """Decision 3; 002-05, 002-09 to 002-11, 001-04: usage still bills while suspended."""
    sending, intake, recurring, usage = Effect
    expected = {
        STOPPED: {sending},
        SCHEDULED: {sending},
        BRAKE: {sending},
        PAUSED: {intake},
        SUSPENDED: {sending, recurring},
        CANCELLED: {sending, intake, recurring, usage},
        PROSPECT: {sending, intake, recurring, usage},
        REMOVED: {sending},
        UNCLEAR_REPLY: {sending},
        DATABASE_CHANGED: {sending},
        ERASING: {sending},
        ENDING: {sending},
    }
    assert expected == HOLD_EFFECTS


@pytest.mark.parametrize(
    ("standing", "closed"),
    [
        (hold(STOPPED), {"text", "call", "email"}),
        (hold(STOPPED, Scope.INSTALLATION), {"text", "call", "email"}),
        (hold(STOPPED, Scope.CHANNEL, Channel.TEXT), {"text"}),
        (hold(SUSPENDED), {"text", "call", "email"}),
        (hold(CANCELLED), {"text", "call", "email"}),
        (hold(PROSPECT), {"text", "call"}),  # 002-13: service emails still leave
        (hold(PAUSED), set()),
        (hold(STOPPED, Scope.LOCATION), set()),
        (hold(STOPPED, Scope.JOB), set()),
        (hold(STOPPED, Scope.CONTACT), set()),
        (hold(STOPPED, until=NOW), set()),
    ],
)
def test_which_hold_closes_which_lane(standing: StandingHold, closed: set[str]) -> None:
    assert {channel.value for channel in Channel if closes_lane([standing], channel, NOW)} == closed


def test_the_hold_that_lasts_longest_gives_the_answer() -> None:
    short, long, endless = (
        hold(STOPPED, until=LATER),
        hold(STOPPED, until=LATER + timedelta(1)),
        hold(STOPPED),
    )
    assert lasts_longest([short, long]) is long
    assert lasts_longest([short, endless, long]) is endless
    assert lasts_longest([]) is None


def test_spells_leave_out_holds_with_another_effect() -> None:
    assert spells([hold(PAUSED), hold(STOPPED, at=LATER)], Effect.SENDING) == (Spell(LATER, None),)
