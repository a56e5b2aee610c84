"""Names of messages that nobody can make up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.rules.tags import LONG, SHORT, read_tag, tag_of
from allstop.rules.unsubscribing import headers_for, offers_link
from allstop.rules.words import Purpose

KEY = b"k" * 32
ids = st.integers(min_value=0, max_value=2**62)


@given(account=ids, message=ids, size=st.sampled_from([SHORT, LONG]))
def test_a_tag_is_read_back_also_when_a_server_changed_its_case(account: int, message: int, size: int) -> None:
    tag = tag_of(KEY, account, message, size)
    assert read_tag(KEY, tag, size) == read_tag(KEY, tag.upper(), size) == (account, message)
    assert read_tag(b"another key", tag, size) is None


@given(st.text(max_size=60))
def test_nothing_else_is_a_tag(words: str) -> None:
    assert read_tag(KEY, words) is None


@pytest.mark.parametrize("change", ["5.9.{}", "6.8.{}", "05.8.{}", "5.8.8.{}", "5.8.{}a", "5.8", "{}", "\u0665.8.{}"])
def test_a_tag_of_one_message_names_no_other(change: str) -> None:
    mac = tag_of(KEY, 5, 8).rpartition(".")[2]
    assert read_tag(KEY, change.format(mac)) is None


def test_a_tag_fits_before_the_at_of_an_address() -> None:
    assert len(f"bounces+allstop.{tag_of(KEY, 99_999, 9_999_999_999)}") <= 64


@pytest.mark.parametrize(
    ("purpose", "recipients", "offers"),
    [
        (Purpose.REMINDER, 1, True),
        (Purpose.BILLING, 1, True),
        (Purpose.PROMOTION, 1, True),
        (Purpose.PERSONAL, 1, False),
        (Purpose.SERVICE, 1, False),
        (Purpose.PERSONAL, 2, True),
    ],
)
def test_what_goes_to_many_offers_a_link(purpose: Purpose, recipients: int, offers: bool) -> None:
    assert offers_link(purpose.value, recipients) is offers


def test_one_click_is_offered_over_https_only() -> None:
    """RFC 8058 3.1."""
    assert headers_for("https://desk.example/unsubscribe/x") == {
        "List-Unsubscribe": "<https://desk.example/unsubscribe/x>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert headers_for("http://127.0.0.1/unsubscribe/x") == {"List-Unsubscribe": "<http://127.0.0.1/unsubscribe/x>"}
