"""What follows when a provider is asked about a message whose outcome is unknown."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from allstop.rules.asking import AGAIN_WITHIN, PAUSES, Answer, Conclusion, Known, conclude, next_asking

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
SURE = Known(since=NOW, is_final=True, same_provider=True, is_removed=False)


def test_what_is_there_was_sent_whatever_else_is_known() -> None:
    doubtful = Known(since=NOW - timedelta(days=9), is_final=False, same_provider=False, is_removed=True)
    for known in (SURE, doubtful):
        assert conclude(Answer.THERE, known, NOW) is Conclusion.SENT


def test_what_is_certainly_not_there_is_sent_again() -> None:
    assert conclude(Answer.NOT_THERE, SURE, NOW) is Conclusion.AGAIN
    assert conclude(Answer.NOT_THERE, replace(SURE, since=NOW - AGAIN_WITHIN), NOW) is Conclusion.AGAIN


@pytest.mark.parametrize(
    "doubt",
    [
        {"is_final": False},
        {"same_provider": False},
        {"is_removed": True},
        {"since": NOW - AGAIN_WITHIN - timedelta(seconds=1)},
    ],
)
def test_with_any_doubt_a_person_decides(doubt: dict[str, object]) -> None:
    known = replace(SURE, **doubt)  # type: ignore[arg-type]
    assert conclude(Answer.NOT_THERE, known, NOW) is Conclusion.A_PERSON_DECIDES


@pytest.mark.parametrize("answer", [Answer.NONE, Answer.CANNOT_TELL])
def test_without_an_answer_a_person_decides(answer: Answer) -> None:
    assert conclude(answer, SURE, NOW) is Conclusion.A_PERSON_DECIDES


def test_it_is_asked_ever_more_seldom_and_then_not_at_all() -> None:
    times = range(1, len(PAUSES) + 2)
    assert [next_asking(Answer.NONE, one, NOW) for one in times] == [*(NOW + pause for pause in PAUSES), None]
    assert list(PAUSES) == sorted(PAUSES)
    for answer in (Answer.THERE, Answer.CANNOT_TELL):
        assert next_asking(answer, 1, NOW) is None
