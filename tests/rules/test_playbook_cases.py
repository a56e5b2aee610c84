"""How good the playbook reads a yes and a no, on answers that a person labelled before it was tuned;
docs/leads-playbook.md publishes it. The halves as in test_optout_cases.py.
"""

from collections import Counter
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from allstop.rules.playbook_answers import UNCLEAR, Unclear, chosen

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "playbook_answers.txt"
LABELS = ("yes", "no", "unclear")
HALVES = ("development", "held out")
BRANCHES = (["yes"], ["no"])


@cache
def answers() -> list[tuple[str, str]]:
    """(label, answer)."""
    found, label = [], ""
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            label = line[1:-1]
        elif line and not line.startswith("# "):
            found.append((label, line))
    return found


def half_of(answer: str) -> str:
    return HALVES[sha256(answer.encode()).digest()[0] & 1]


def read(answer: str) -> str:
    """None goes where the playbook's text says, else to a person: nothing was understood."""
    found = chosen(answer, BRANCHES)
    return "unclear" if found is None or isinstance(found, Unclear) else LABELS[found]


@cache
def table(half: str) -> Counter[tuple[str, str]]:
    return Counter((label, read(answer)) for label, answer in answers() if half_of(answer) == half)


def figures(half: str) -> dict[str, str]:
    """As the page has them."""
    counts = table(half)
    said = {"Answers": f"{sum(counts.values())}"}
    for kind in ("yes", "no"):
        labelled = sum(n for (label, _), n in counts.items() if label == kind)
        got = sum(n for (_, read_as), n in counts.items() if read_as == kind)
        right = counts[(kind, kind)]
        said[f"Precision of a {kind}"] = f"{right / got:.1%} ({right} of {got})"
        said[f"Recall of a {kind}"] = f"{right / labelled:.1%} ({right} of {labelled})"
    return said


def published() -> list[list[str]]:
    lines = iter((ROOT / "docs" / "leads-playbook.md").read_text(encoding="utf-8").splitlines())
    assert "| Measured | Development half | Held-out half |" in lines
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_the_published_figures_are_those_of_the_rule() -> None:
    development, held_out = (figures(half) for half in HALVES)
    assert published() == [[name, development[name], held_out[name]] for name in development]


@pytest.mark.parametrize("half", HALVES)
def test_no_doubtful_answer_is_guessed_and_most_plain_ones_are_understood(half: str) -> None:
    """Of the half that nobody looked at, one is read otherwise: "ok ok", as a yes. It stays, so that the figures are
    those of a rule that was not fitted to it."""
    wrong = [
        answer for label, answer in answers() if half_of(answer) == half and read(answer) not in (label, "unclear")
    ]
    assert wrong == ([] if half == "development" else ["ok ok"]), "a person would have read it otherwise"
    for kind in ("yes", "no"):
        labelled = sum(n for (label, _), n in table(half).items() if label == kind)
        assert table(half)[(kind, kind)] / labelled >= 0.9


def test_the_answers_are_many_different_and_well_mixed() -> None:
    every = [answer for _, answer in answers()]
    assert len(every) >= 400 and len(set(every)) == len(every)
    assert {label for label, _ in answers()} == set(LABELS)
    for half in HALVES:
        assert sum(table(half).values()) > 0.4 * len(every)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("no problem, see you then", UNCLEAR),
        ("not sure yet", UNCLEAR),
        ("yes but not now", UNCLEAR),
        ("yes but not today", UNCLEAR),
        ("yes, still looking", 0),
        ("still looking", 0),
        ("we bought one, sorry", 1),
        ("no, we bought one", UNCLEAR),
        ("no, bought", 1),
        ("maybe tomorrow", UNCLEAR),
        ("tomorrow is fine", 2),
        ("yes tomorrow", UNCLEAR),
        ("yep!!", 0),
        ("Nein, danke", 1),
        ("what does it cost?", None),
        ("please don't bother me", UNCLEAR),
        ("not now", 3),
        ("not now, maybe tomorrow", UNCLEAR),
    ],
)
def test_own_phrases_stand_beside_a_plain_yes_or_no(answer: str, found: int | Unclear | None) -> None:
    assert (
        chosen(answer, [["yes", "please", "still looking"], ["no", "bought"], ["today", "tomorrow"], ["not now"]])
        == found
    )
