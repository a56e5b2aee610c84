"""Feedback to the program that keeps the appointments: its words, and when it is tried again (issue 8)."""

from datetime import timedelta

from allstop.rules.feedback import LONGEST, MOST_ATTEMPTS, PARTICIPATION, is_news, pause


def test_a_failure_is_tried_again_less_and_less_often_for_days() -> None:
    pauses = [pause(attempts) for attempts in range(1, MOST_ATTEMPTS + 1)]
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert pauses == sorted(pauses) and pauses[-1] == LONGEST
    assert timedelta(days=2) < sum(pauses, timedelta()) < timedelta(days=5)


def test_the_same_word_again_is_no_news() -> None:
    assert is_news("", "confirmed") and is_news("confirmed", "cancelled") and not is_news("other", "other")
    assert set(PARTICIPATION) == {"confirmed", "cancelled", "wrong", "other"}
