"""Signing as the convention has it, the back-off, and addresses that can be none."""

from datetime import UTC, datetime, timedelta

import pytest

from allstop.rules.webhooks import (
    BACK_OFF,
    FEW,
    JITTER,
    KIND_WORDS,
    LONGEST_REST,
    OFF_AFTER,
    EventKind,
    fault_of_url,
    is_to_turn_off,
    key_of,
    next_try,
    rest_until,
    secret_of,
    signature,
)
from allstop.store.receiving import RANKS

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
# The example of the convention's own documentation.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", datetime.fromtimestamp(1614265330, UTC), b'{"test": 2432232314}'


def test_the_signature_is_that_of_the_convention() -> None:
    assert signature([SECRET], ID, AT, BODY) == SIGNED
    other = secret_of(b"x" * 32)
    both = signature([other, SECRET], ID, AT, BODY).split(" ")
    assert both[1] == SIGNED and both[0].startswith("v1,") and both[0] != SIGNED
    assert signature([SECRET], ID, AT + timedelta(seconds=1), BODY) != SIGNED
    assert key_of(secret_of(b"k" * 32)) == b"k" * 32
    with pytest.raises(ValueError, match="no secret"):
        key_of("whsec_not base64")


def test_the_back_off_takes_about_three_days_and_ends() -> None:
    """An address that fails for good is turned off before what failed first is given up."""
    waits = [next_try(tries, 0.0, NOW) for tries in range(1, len(BACK_OFF) + 1)]
    assert sum(((at or NOW) - NOW for at in waits), timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    assert sum(BACK_OFF, timedelta()) > OFF_AFTER
    assert next_try(2, 1.0, NOW) == NOW + timedelta(minutes=5) * (1 + JITTER)
    assert next_try(len(BACK_OFF) + 1, 0.5, NOW) is None


def test_an_address_that_fails_rests_longer_and_longer_and_is_turned_off() -> None:
    assert rest_until(FEW - 1, NOW) is None
    assert rest_until(FEW, NOW) == NOW + timedelta(seconds=1)
    assert rest_until(FEW + 3, NOW) == NOW + timedelta(seconds=8)
    assert rest_until(10_000, NOW) == NOW + LONGEST_REST
    assert not is_to_turn_off(None, NOW)
    assert not is_to_turn_off(NOW - OFF_AFTER + timedelta(seconds=1), NOW)
    assert is_to_turn_off(NOW - OFF_AFTER, NOW)


@pytest.mark.parametrize(
    "url, is_good",
    [
        ("https://crm.example/hooks?tenant=7", True),
        ("http://crm.example:8080/", True),  # whether plain HTTP is allowed is for the installation to say
        ("crm.example/hooks", False),
        ("ftp://crm.example/", False),
        ("https://ada:secret@crm.example/", False),
        ("https://crm.example/#here", False),
        ("https://crm.example:0/", False),
        ("https://crm.example:port/", False),
        ("https:///hooks", False),
        ("https://crm.example/a b", False),
        ("https://[::1", False),
    ],
)
def test_what_can_be_an_address(url: str, is_good: bool) -> None:
    assert (fault_of_url(url) == "") is is_good


def test_every_kind_has_words_and_every_word_of_a_provider_but_sent_is_told() -> None:
    from allstop.rules.webhooks import OF_RECEIPTS

    assert set(KIND_WORDS) == set(EventKind)
    assert set(RANKS) - set(OF_RECEIPTS) == {"sent"}
