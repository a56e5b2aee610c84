"""Retries: how often, how long after, and never where the outcome is unknown."""

from datetime import timedelta

import pytest

from allstop.rules.retry import BACK_OFF, MOST_ATTEMPTS, Again, Attempted, Final, Outcome, Rings, what_next
from allstop.rules.words import Channel


def rejected(channel: Channel, attempts: int, retry_after: timedelta | None = None) -> Attempted:
    return Attempted(channel, Outcome.REJECTED, attempts, retry_after=retry_after)


def test_an_unanswered_call_is_tried_at_0_15_30_and_45_minutes() -> None:
    """TN8."""
    at, times = timedelta(0), []
    for attempts in range(1, 10):
        times.append(at)
        following = what_next(rejected(Channel.CALL, attempts))
        if isinstance(following, Final):
            break
        at += following.after
    assert times == [timedelta(minutes=minutes) for minutes in (0, 15, 30, 45)]
    assert following == Final("failed", "busy_or_no_answer")


def test_the_ring_interval_and_the_number_of_rings_are_configurable() -> None:
    assert what_next(rejected(Channel.CALL, 1), Rings(timedelta(minutes=5))) == Again(timedelta(minutes=5))
    twice = Rings(timedelta(minutes=5), 2)
    assert what_next(rejected(Channel.CALL, 2), twice) == Final("failed", "busy_or_no_answer")


@pytest.mark.parametrize("channel", [Channel.TEXT, Channel.EMAIL])
def test_texts_and_emails_back_off_and_then_fail(channel: Channel) -> None:
    waits = [what_next(rejected(channel, attempts)) for attempts in range(1, MOST_ATTEMPTS + 1)]
    assert waits == [*map(Again, BACK_OFF), Final("failed", "attempts_used_up")]
    assert sorted(BACK_OFF) == list(BACK_OFF)


def test_a_provider_may_ask_for_longer_but_not_for_less() -> None:
    hour = timedelta(hours=1)
    assert what_next(rejected(Channel.TEXT, 1, hour)) == Again(hour)
    assert what_next(rejected(Channel.TEXT, 1, timedelta(seconds=1))) == Again(BACK_OFF[0])
    assert what_next(rejected(Channel.CALL, 1, hour)) == Again(hour)


def test_a_throttled_call_did_not_ring() -> None:
    assert what_next(Attempted(Channel.CALL, Outcome.THROTTLED, 4)) == Again(BACK_OFF[3])


@pytest.mark.parametrize("channel", Channel)
def test_what_is_final_is_never_tried_again(channel: Channel) -> None:
    assert what_next(Attempted(channel, Outcome.ACCEPTED, 1)) == Final("sent", "accepted")
    assert what_next(Attempted(channel, Outcome.UNKNOWN, 1)) == Final("unknown", "outcome_unknown")
    assert what_next(Attempted(channel, Outcome.REJECTED, 1, permanent=True)) == Final("failed", "rejected")


def test_an_attempt_that_was_not_made_has_no_next_one() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Attempted(Channel.TEXT, Outcome.REJECTED, 0)
