"""Every statement of the features is cited by the test that proves it: 000-06, TM5, or a range such as TV5 to TV7."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FEATURES = {
    "000-": 16,  # the STOP switch with its jobs and notifications
    "001-": 17,  # pause, leads and conversations
    "002-": 25,  # account status types
    "003-": 24,  # markers, Phonebook, Messenger
    "004-": 25,  # the setup of sending
    "TN": 12,
    "TV": 11,
    "TB": 15,
    "TM": 13,
    "TX": 15,
}
_CITED = re.compile(r"(?<![-\d])(00\d-|T[NVBMX])(\d+)(?:(?: to |\.\.)(?:\1)?(\d+))?(?![-\d])")


def cited() -> set[tuple[str, int]]:
    found = set()
    for file in TESTS.rglob("test_*.py"):
        for group, first, last in _CITED.findall(file.read_text()):
            found |= {(group, number) for number in range(int(first), int(last or first) + 1)}
    return found


@pytest.mark.parametrize("group", FEATURES)
def test_each_is_cited(group: str) -> None:
    wanted = {(group, number) for number in range(1, FEATURES[group] + 1)}
    assert wanted <= cited(), f"No test cites {sorted(number for _, number in wanted - cited())} of {group}"


def test_no_other_is_cited() -> None:
    assert {(group, number) for group, number in cited() if number > FEATURES[group] or number == 0} == set()
