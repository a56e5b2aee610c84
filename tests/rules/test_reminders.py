"""When people are told again that something still stands."""

from datetime import UTC, datetime, timedelta

import pytest

from allstop.rules.reminders import age_words, reminder_due

SINCE = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("hours", "told_after", "asked_after", "due"),
    [
        (24, None, 23.99, False),
        (24, None, 24, True),
        (24, None, 100, True),  # nobody was there to tell: once is enough
        (24, 24, 47.99, False),
        (24, 24, 48, True),
        (4, None, 4, True),
        (4, 4, 8, False),  # after the first, once a day
        (4, 4, 28, True),
        (0, None, 1000, False),
        (0, 24, 1000, False),
    ],
)
def test_told_after_so_many_hours_and_then_once_each_further_day(
    hours: int, told_after: float | None, asked_after: float, due: bool
) -> None:
    told_at = None if told_after is None else SINCE + told_after * HOUR
    assert reminder_due(SINCE, told_at, hours, SINCE + asked_after * HOUR) is due


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=-5), "less than a minute"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=119), "1 hour"),
        (timedelta(hours=5), "5 hours"),
        (timedelta(days=1200), "1,200 days"),
    ],
)
def test_an_age_is_its_largest_unit(span: timedelta, words: str) -> None:
    assert age_words(span) == words
