"""Leads: what one may become, and when somebody who comes again is no new lead."""

from datetime import UTC, datetime, timedelta

import pytest

from allstop.rules.holds import PAUSED, PROSPECT
from allstop.rules.leads import (
    CHOSEN_REASONS,
    REASON_WORDS,
    REFUSAL_WORDS,
    SOURCE_WORDS,
    STATUS_WORDS,
    Earlier,
    LeadSource,
    LeadStatus,
    Reason,
    Refusal,
    Title,
    may_become,
    refusal_for,
    refusal_of_duplicate,
    title_of,
)

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
NEW, QUALIFIED, UNQUALIFIED = LeadStatus


def test_a_lead_is_never_new_again() -> None:
    may = {(was, wanted) for was in LeadStatus for wanted in LeadStatus if may_become(was, wanted)}
    assert may == {(NEW, QUALIFIED), (NEW, UNQUALIFIED), (QUALIFIED, UNQUALIFIED), (UNQUALIFIED, QUALIFIED)}


def test_everything_has_words() -> None:
    assert set(STATUS_WORDS) == set(LeadStatus)
    assert set(SOURCE_WORDS) == set(LeadSource)
    assert set(REASON_WORDS) == set(Reason)
    assert set(REFUSAL_WORDS) == set(Refusal)
    assert {title_of(one) for one in LeadStatus} == {Title.CREATED, Title.QUALIFIED, Title.UNQUALIFIED}


def test_nobody_chooses_the_reasons_that_allstop_gives() -> None:
    assert set(Reason) - set(CHOSEN_REASONS) == {Reason.MASS_END, Reason.MEMBER_END, Reason.DO_NOT_CONTACT}


@pytest.mark.parametrize(
    ("holds", "refusal"),
    [([], None), ([PAUSED], Refusal.PAUSED), ([PROSPECT], Refusal.CLOSED), ([PROSPECT, PAUSED], Refusal.PAUSED)],
)
def test_any_hold_on_intake_refuses(holds: list[str], refusal: Refusal | None) -> None:
    assert refusal_for(holds) is refusal


def before(status: LeadStatus, days: int, kind: str = "buyer") -> Earlier:
    return Earlier(status, kind, NOW - timedelta(days=days))


@pytest.mark.parametrize(
    ("earlier", "repeat_days", "refusal"),
    [
        ([], 30, None),
        ([before(NEW, 400)], 0, Refusal.DUPLICATE),
        ([before(NEW, 400, "seller")], 0, Refusal.DUPLICATE),
        ([before(QUALIFIED, 1)], 0, None),
        ([before(UNQUALIFIED, 29)], 30, Refusal.REPEATED),
        ([before(UNQUALIFIED, 29, "Buyer")], 30, Refusal.REPEATED),
        ([before(UNQUALIFIED, 29, "seller")], 30, None),
        ([before(UNQUALIFIED, 30)], 30, None),
        ([before(UNQUALIFIED, 1), before(NEW, 90)], 30, Refusal.DUPLICATE),
    ],
)
def test_the_same_person_again(earlier: list[Earlier], repeat_days: int, refusal: Refusal | None) -> None:
    assert refusal_of_duplicate(earlier, "buyer", NOW, repeat_days) is refusal
