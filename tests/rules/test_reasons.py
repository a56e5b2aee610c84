"""Every code that a rule can answer has its words."""

import re
from inspect import getsource

import pytest

from allstop.rules import gate, holds, markers, retry
from allstop.rules.reasons import CHECKS, REASONS, in_words

# The codes stand in the source as the last word of a Hold, a Refuse or a Final.
_CODES = re.compile(r'(?:Hold|Refuse|Final)\("\w+", "(\w+)"')


@pytest.mark.parametrize("module", [gate, retry], ids=["gate", "retry"])
def test_every_code_in_the_source_is_in_the_table(module: object) -> None:
    codes = set(_CODES.findall(getsource(module)))  # type: ignore[arg-type]
    assert codes
    assert codes <= set(REASONS)


def test_every_marker_hold_and_opt_out_that_blocks_is_in_the_table() -> None:
    stopping = {kind.value for kind in markers.MarkerKind} - {markers.MarkerKind.FLAG.value}
    blocking = {name for name, effects in holds.HOLD_EFFECTS.items() if holds.Effect.SENDING in effects}
    assert stopping | blocking | {f"opted_out_{end}" for end in ("text", "call", "email", "all")} <= set(REASONS)


def test_every_check_has_its_name_for_people() -> None:
    assert list(CHECKS) == [check.__name__ for check in gate.CHECKS]


def test_a_hold_of_the_accounts_own_is_called_a_hold_and_named() -> None:
    assert in_words("price list") == "A hold named “price list” stands."
    assert in_words("audit:") == "A hold named “audit:” stands."
    assert in_words("") == ""


def test_what_a_provider_said_is_quoted() -> None:
    assert in_words("smtp:550 5.1.1") == "The provider said: smtp:550 5.1.1."
    assert in_words("sandbox:no_such_address") == "The provider said: sandbox:no_such_address."
