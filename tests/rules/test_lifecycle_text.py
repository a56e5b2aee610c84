"""The handbook says what the rules say."""

from pathlib import Path

from allstop.rules.lifecycle import AccountStatus, Area
from allstop.rules.lifecycle_text import effect_matrix, state_diagram

DOCS = (Path(__file__).parents[2] / "docs" / "accounts.md").read_text(encoding="utf-8")


def test_the_effect_matrix_of_the_handbook_is_that_of_the_rules() -> None:
    table = effect_matrix()
    assert f"\n\n{table}\n\n" in DOCS
    assert len(table.splitlines()) == len(Area) + 2
    assert table.splitlines()[-1] == "| Ticket emails go out | yes | yes | yes | yes |"


def test_the_diagram_of_the_handbook_is_that_of_the_rules() -> None:
    diagram = state_diagram()
    assert f"```mermaid\n{diagram}\n```" in DOCS
    assert not any(line.endswith("--> prospect: Keep") for line in diagram.splitlines())
    assert diagram.count("-->") == 2 + sum(
        len(set(AccountStatus) - {one, AccountStatus.PROSPECT}) for one in AccountStatus
    )
