"""`allstop contact`: history, notes, merging and the export."""

import json
from datetime import UTC, datetime
from pathlib import Path

from allstop.actions.notes import add_note
from allstop.store.models import Contact, Erasure, Note
from tests.cli.runner import Ran, allstop
from tests.world import World, contact, texts


def run(world: World, *words: object) -> Ran:
    return allstop("contact", *words, "--account", world.account.pk)


def test_the_history_shows_what_passed(committed_world: World) -> None:
    pat = contact(committed_world)
    texts(committed_world, 2, to=pat)
    add_note(committed_world.member, pat.pk, "Prefers mornings", datetime.now(UTC))
    assert [one["kind"] for one in run(committed_world, "history", pat.pk, "--json").json].count("message") == 2
    assert "Prefers mornings" in run(committed_world, "history", pat.pk).out
    assert run(committed_world, "history", 10**9).code == 4


def test_a_note_is_kept_and_an_empty_one_refused(committed_world: World) -> None:
    pat = contact(committed_world)
    assert run(committed_world, "note", pat.pk, "Call after five").code == 0
    assert run(committed_world, "note", pat.pk, " ").code == 2
    assert Note.objects.get().text == "Call after five"
    assert "(command line)" in Note.objects.get().by


def test_two_contacts_become_one_and_the_person_can_be_exported(committed_world: World, tmp_path: Path) -> None:
    pat = contact(committed_world)
    double = contact(committed_world, "Patrick Moreau", email="patrick@example.org")
    texts(committed_world, 1, to=double)
    assert "1 message came over" in run(committed_world, "merge", pat.pk, double.pk).out
    assert list(Contact.objects.all()) == [pat]
    run(committed_world, "export", pat.pk, "--to", tmp_path / "pat.json")
    known = json.loads((tmp_path / "pat.json").read_text(encoding="utf-8"))
    assert len(known["messages"]) == 1
    assert json.loads(run(committed_world, "export", pat.pk).out)["contact"]["given_name"] == "Pat"
    assert run(committed_world, "export", double.pk).code == 4


def test_a_person_is_erased_once_the_name_is_typed(committed_world: World) -> None:
    pat = contact(committed_world)
    texts(committed_world, 2, to=pat)
    asked = allstop("contact", "erase", pat.pk, "--account", committed_world.account.pk, typed="Patrick\n")
    assert asked.code == 2
    assert "Type Pat Moreau or CONFIRM" in asked.err
    assert Contact.objects.exists()
    done = allstop("contact", "erase", pat.pk, "--account", committed_world.account.pk, typed="Pat Moreau\n")
    assert done.code == 0
    assert "Messages withdrawn before leaving: 2" in done.out
    assert not Contact.objects.exists()
    made = Erasure.objects.get()
    shown = run(committed_world, "erasure", made.pk, "--json").json
    assert (shown["state"], shown["withdrawn"], shown["counts"]["messages"]) == ("done", 2, 2)
    assert run(committed_world, "erasure", made.pk).out in done.out
    assert run(committed_world, "erasure", 10**9).code == 4
