"""When a member is told: after a moment to read it, not twice in a quarter of an hour, or once a day."""

from datetime import UTC, datetime, timedelta

import pytest

from allstop.rules.member_news import GRACE, QUIET, Wish, due_at, next_digest

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)  # 07:30 in New York
ZONE = "America/New_York"


def test_at_once_is_after_a_moment_and_not_twice_in_a_quarter_of_an_hour() -> None:
    assert due_at(Wish.AT_ONCE, 8, ZONE, None, NOW) == NOW + GRACE
    assert due_at(Wish.AT_ONCE, 8, ZONE, NOW - timedelta(minutes=5), NOW) == NOW - timedelta(minutes=5) + QUIET
    assert due_at(Wish.AT_ONCE, 8, ZONE, NOW - timedelta(hours=5), NOW) == NOW + GRACE
    assert due_at(Wish.NEVER, 8, ZONE, None, NOW) is None
    assert due_at(Wish.DIGEST, 8, ZONE, NOW, NOW) == datetime(2026, 11, 22, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    "hour, now, expected",
    [
        (8, NOW, datetime(2026, 11, 22, 13, tzinfo=UTC)),
        (7, NOW, datetime(2026, 11, 23, 12, tzinfo=UTC)),
        (8, datetime(2026, 11, 22, 13, tzinfo=UTC), datetime(2026, 11, 23, 13, tzinfo=UTC)),  # it is that hour now
        (8, datetime(2026, 3, 7, 20, tzinfo=UTC), datetime(2026, 3, 8, 12, tzinfo=UTC)),  # the clock goes forward
        (
            2,
            datetime(2026, 3, 8, 5, 30, tzinfo=UTC),
            datetime(2026, 3, 8, 7, tzinfo=UTC),
        ),  # at an hour that is left out
    ],
)
def test_the_next_digest_is_by_the_account_s_clock(hour: int, now: datetime, expected: datetime) -> None:
    assert next_digest(hour, ZONE, now) == expected
