"""`allstop contacts import`, `undo-import` and `export`."""

from pathlib import Path

import pytest

from allstop.store.models import Contact, ContactImport
from tests.cli.runner import allstop as run
from tests.contact_import_runs import people
from tests.world import World, contact


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(people("Ann,Lee,212 555 0101,,", "Bob,Ray,123,,"))
    return path


def test_a_dry_run_says_what_would_happen_and_changes_nothing(committed_world: World, file: Path) -> None:
    said = run("contacts", "import", str(file), "--dry-run", "--account", "Northgate Dental")
    assert said.code == 0, said.out
    assert "Of 2 rows: 1 new, 0 to be completed, 0 there already, 1 refused." in said.out
    assert not Contact.objects.exists()
    assert not ContactImport.objects.exists()


def test_a_file_is_imported_exported_and_taken_back(committed_world: World, file: Path, tmp_path: Path) -> None:
    refused = tmp_path / "refused.csv"
    at = ("--account", "Northgate Dental", "--json")
    said = run("contacts", "import", str(file), "--yes", "--refused", str(refused), *at)
    assert said.code == 5, said.out
    done = said.json
    assert (done["added"], done["refused"], done["state"]) == (1, 1, "done")
    assert "Bob,Ray,123" in refused.read_text(encoding="utf-8-sig")
    to = tmp_path / "out.vcf"
    assert run("contacts", "export", str(to), *at).json == {"count": 1}
    assert "TEL;TYPE=VOICE:+12125550101" in to.read_text() or "TEL;TYPE=CELL" in to.read_text()
    undone = run("contacts", "undo-import", str(done["id"]), *at).json
    assert (undone["state"], undone["removed"]) == ("undone", 1)
    assert not Contact.objects.exists()


def test_columns_can_be_named_and_wrong_ones_are_said(committed_world: World, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("Alpha,Beta\nAnn Lee,2125550101\n")
    at = ("--account", "Northgate Dental")
    wrong = run("contacts", "import", str(file), "--yes", "--column", "Gamma=phone", *at)
    assert wrong.code == 2
    assert "no column Gamma" in wrong.err
    unknown = run("contacts", "import", str(file), "--yes", "--column", "Alpha=shoe", *at)
    assert unknown.code == 2
    done = run("contacts", "import", str(file), "--yes", "--column", "Alpha=full_name", *at)
    assert done.code == 0, done.out
    assert Contact.objects.get().name == "Ann Lee"


def test_nobody_is_asked_without_a_terminal(committed_world: World, file: Path) -> None:
    said = run("contacts", "import", str(file), "--account", "Northgate Dental")
    assert said.code == 2
    assert "--dry-run" in said.err
    assert not ContactImport.objects.exists()


def test_an_export_needs_a_format(committed_world: World, tmp_path: Path) -> None:
    contact(committed_world)
    said = run("contacts", "export", str(tmp_path / "out.dat"), "--account", "Northgate Dental")
    assert said.code == 2
    assert "--format" in said.err
