"""How good the opt-out rule is, on replies that a person labelled before it was tuned; docs/opt-out.md publishes it.

A hash of the reply decides in which half it is. Only the development half was looked at while the rule was tuned.
"""

from collections import Counter
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from allstop.rules.optout import Reply, read_reply

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "optout_replies.txt"
LABELS = ("opt_out", "opt_out_all", "opt_in", "help", "unclear", "nothing")
HALVES = ("development", "held out")
A_NO = ("opt_out", "opt_out_all")


@cache
def replies() -> list[tuple[str, str]]:
    """(label, reply)."""
    found, label = [], ""
    for line in CASES.read_text(encoding="utf-8").split("\n"):
        if line.startswith("[") and line.endswith("]"):
            label = line[1:-1]
        elif line and not line.startswith("# "):
            found.append((label, line.replace("\\n", "\n")))
    return found


def half_of(reply: str) -> str:
    return HALVES[sha256(reply.replace("\n", "\\n").encode()).digest()[0] & 1]


def read(reply: str) -> str:
    reading = read_reply(reply)
    return "opt_out_all" if reading.of_all else reading.reply.value


@cache
def table(half: str) -> Counter[tuple[str, str]]:
    """(label, what the rule says) -> replies of this half."""
    return Counter((label, read(reply)) for label, reply in replies() if half_of(reply) == half)


def figures(half: str) -> dict[str, str]:
    """As the page has them."""
    counts = table(half)
    nos = sum(n for (label, _), n in counts.items() if label in A_NO)
    said = sum(n for (_, got), n in counts.items() if got in A_NO)
    right = sum(n for (label, got), n in counts.items() if label in A_NO and got in A_NO)
    put = sum(n for (_, got), n in counts.items() if got == Reply.UNCLEAR)
    lost = sum(n for (label, got), n in counts.items() if label in A_NO and got not in (*A_NO, Reply.UNCLEAR))
    doubtful = sum(n for (label, _), n in counts.items() if label == Reply.UNCLEAR)
    missed = sum(n for (label, got), n in counts.items() if label == Reply.UNCLEAR and got != Reply.UNCLEAR)
    needless = sum(n for (label, got), n in counts.items() if label == Reply.NOTHING and got == Reply.UNCLEAR)
    scope = sum(n for (label, got), n in counts.items() if label in A_NO and got in A_NO and label != got)
    return {
        "Replies": f"{sum(counts.values())}",
        "Opt-outs among them": f"{nos}",
        "Precision of an opt-out": f"{right / said:.1%} ({right} of {said})",
        "Recall of an opt-out": f"{right / nos:.1%} ({right} of {nos})",
        "Opt-outs that neither counted nor reached a person": f"{lost}",
        "Opt-outs with the wrong scope": f"{scope}",
        "Put to a person": f"{put}",
        "Of these with nothing in them": f"{needless}",
        "Unclear ones, by label, read as something else": f"{missed} of {doubtful}",
    }


def published() -> list[list[str]]:
    lines = iter((ROOT / "docs" / "opt-out.md").read_text(encoding="utf-8").splitlines())
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
def test_the_rule_is_good_enough(half: str) -> None:
    counts = table(half)
    nos = sum(n for (label, _), n in counts.items() if label in A_NO)
    said = sum(n for (_, got), n in counts.items() if got in A_NO)
    right = sum(n for (label, got), n in counts.items() if label in A_NO and got in A_NO)
    silent = sum(n for (label, got), n in counts.items() if label in A_NO and got not in (*A_NO, Reply.UNCLEAR))
    needless = sum(n for (label, got), n in counts.items() if label == Reply.NOTHING and got == Reply.UNCLEAR)
    nothings = sum(n for (label, _), n in counts.items() if label == Reply.NOTHING)
    assert right / said >= 0.99
    assert right / nos >= 0.97
    assert silent / nos <= 0.01  # a no that nobody hears of
    assert needless / nothings <= 0.03  # a contact who waits for nothing


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("label", [Reply.NOTHING, Reply.OPT_IN, Reply.HELP])
def test_what_has_no_no_in_it_never_opts_out(half: str, label: str) -> None:
    assert not [got for (labelled, got), n in table(half).items() if labelled == label and got in A_NO]


def test_the_replies_are_many_different_and_well_mixed() -> None:
    every = [reply for _, reply in replies()]
    assert len(every) >= 600
    assert len(set(every)) == len(every)
    assert {label for label, _ in replies()} == set(LABELS)
    for half in HALVES:
        assert sum(table(half).values()) > 0.45 * len(every)
