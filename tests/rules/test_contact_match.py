from dataclasses import dataclass

import pytest

from allstop.rules.contact_match import Clash, who


@dataclass(frozen=True)
class Somebody:
    external_id: str
    match_name: str


ANN, BOB, KIM = Somebody("", "ann"), Somebody("", "bob"), Somebody("K1", "kim")


@pytest.mark.parametrize(
    ("own", "name", "phones", "emails", "expected"),
    [
        ("", "ann", [], [], None),
        ("", "somebody else", [ANN], [], ANN),
        ("", "", [], [BOB], BOB),
        ("", "ann", [ANN, ANN], [ANN], ANN),
        ("", "ann", [ANN], [BOB], Clash.PHONE_AND_EMAIL),
        ("", "bob", [ANN, BOB], [BOB], BOB),
        ("", "", [ANN, BOB], [BOB], BOB),
        ("", "ann", [ANN, BOB], [], ANN),
        ("", "cem", [ANN, BOB], [], Clash.SHARED),
        ("K2", "kim", [KIM], [], None),  # families share a number, and their ids tell them apart
        ("K2", "ann", [KIM, ANN], [], ANN),
        ("K1", "kim", [KIM], [], KIM),
        ("", "zoe", [KIM], [], KIM),
        ("K2", "kim", [KIM], [BOB], BOB),
    ],
)
def test_whom_a_row_is_about(
    own: str, name: str, phones: list[Somebody], emails: list[Somebody], expected: Somebody | Clash | None
) -> None:
    assert who(own, name, phones, emails) == expected
