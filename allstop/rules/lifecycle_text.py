"""The tables of lifecycle.py as the handbook has them: the effect matrix and the diagram of states.

tests/rules/test_lifecycle_text.py holds docs/accounts.md to it; the pages show the same words.
"""

from allstop.rules.lifecycle import (
    AREA_WORDS,
    MAY_BECOME,
    STATUS_WORDS,
    AccountStatus,
    Area,
    cell_words,
    change_words,
)

FIRST = (AccountStatus.ACTIVE, AccountStatus.PROSPECT)  # what an account may be made with


def effect_matrix() -> str:
    """A table in Markdown: a row for each thing that a status decides."""
    head = ["What it decides", *STATUS_WORDS.values()]
    rows = [[AREA_WORDS[area], *(cell_words(status, area) for status in AccountStatus)] for area in Area]
    lines = [f"| {' | '.join(cells)} |" for cells in (head, *rows)]
    return "\n".join((lines[0], "|---" * len(head) + "|", *lines[1:]))


def state_diagram() -> str:
    """In Mermaid. A change to another type over the same status is none."""
    lines = ["stateDiagram-v2", *(f"    [*] --> {status}" for status in FIRST)]
    for old in AccountStatus:
        for new in AccountStatus:
            if new is not old and new in MAY_BECOME[old]:
                lines.append(f"    {old} --> {new}: {change_words(old, new)}")
    return "\n".join(lines)
