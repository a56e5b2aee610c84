"""One word for what came of a message (SYSTEMS 1: results; TN8, TN9, TN12)."""

import pytest

from allstop.rules.results import WORDS, Result, result_of, result_of_visit


@pytest.mark.parametrize(
    ("said", "result"),
    [
        (("sent", "", "delivered", "confirmed"), Result.CONFIRMED),
        (("sent", "", "", "cancelled"), Result.CANCELLED),
        (("unknown", "outcome_unknown", "", "wrong"), Result.WRONG),
        (("sent", "", "", "other"), Result.REPLIED),
        (("waiting", "", "", "confirmed"), Result.WAITING),  # it was said on the phone: this one has not left
        (("canceled", "appointment_confirmed", "", "confirmed"), Result.CANCELED),
        (("refused", "opted_out_text", "", ""), Result.DO_NOT_CONTACT),
        (("refused", "stop_all", "", ""), Result.DO_NOT_CONTACT),
        (("refused", "too_late", "", ""), Result.REFUSED),
        (("failed", "busy_or_no_answer", "", ""), Result.BUSY),
        (("failed", "rejected", "", ""), Result.FAILED),
        (("sent", "", "read", ""), Result.DELIVERED),
        (("sent", "", "undeliverable", ""), Result.SENT),
        (("removed", "", "", ""), Result.REMOVED),
    ],
)
def test_a_message_has_the_result_that_says_most(said: tuple[str, str, str, str], result: Result) -> None:
    assert result_of(*said) is result


def test_of_several_messages_the_contacts_own_word_counts() -> None:
    assert result_of_visit([Result.SENT, Result.CONFIRMED, Result.CANCELED]) is Result.CONFIRMED
    assert result_of_visit([Result.FAILED, Result.WAITING]) is Result.WAITING
    assert result_of_visit([]) is Result.CANCELED
    assert set(WORDS) == set(Result)
