"""`allstop import`: shown first, agreed to, and every row accounted for."""

import json
from pathlib import Path

import pytest

from allstop.store.models import Import, Job, Message, Template
from tests.cli.runner import Ran, allstop
from tests.doors.operations import FILE
from tests.world import World


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "reminders.csv"
    path.write_bytes(FILE)
    return path


def import_file(world: World, *words: object) -> Ran:
    return allstop("import", *words, "--account", world.account.pk)


def test_a_file_becomes_a_job(committed_world: World, file: Path) -> None:
    done = import_file(committed_world, file, "--yes")
    assert done.code == 0, done.err
    made = Job.objects.get()
    assert (made.name, made.source) == ("reminders", "command")
    assert made.created_by.endswith("(command line)")
    assert Message.objects.filter(job=made, status="waiting").count() == 2
    assert "2 rows, purpose reminder" in done.out
    assert "given_name = First Name" in done.out
    assert "Pat Moreau\ttext\t+12125550123" in done.out
    assert f"Job {made.pk}: 2 messages of 2 rows." in done.out


def test_nobody_at_a_terminal_means_no_unless_yes_is_said(committed_world: World, file: Path) -> None:
    refused = import_file(committed_world, file)
    assert refused.code == 2
    assert "--yes" in refused.err
    assert "The first messages" in refused.out
    assert not Import.objects.exists()
    assert not Message.objects.exists()


def test_rows_that_cannot_be_used_are_told_with_an_exit_code(committed_world: World, file: Path) -> None:
    file.write_bytes(FILE + b"No,Body,12,,2030-01-15,9:00\n")
    done = import_file(committed_world, file, "--yes")
    assert done.code == 5
    assert "1 row could not be used" in done.out
    assert Message.objects.count() == 2
    said = import_file(committed_world, file, "--yes", "--json")
    assert (said.code, said.json["state"], said.json["rows_refused"]) == (5, "done", 1)


def test_channels_names_and_saved_wording_stand_over_the_guess(committed_world: World, file: Path) -> None:
    Template.objects.create(
        account=committed_world.account,
        name="Short",
        channel="email",
        purpose="reminder",
        subject="See you",
        body="On {date}, {first_name}",
    )
    words = ("--channel", "email", "--name", "Monday", "--template", "short", "--yes")
    assert import_file(committed_world, file, *words).code == 0
    assert Job.objects.get().name == "Monday"
    message = Message.objects.get(address="pat@example.org")
    assert (message.channel, message.subject) == ("email", "See you")
    assert message.body.endswith(", Pat")
    unknown = import_file(committed_world, file, "--template", "Long", "--yes")
    assert (unknown.code, "Known are: Short" in unknown.err) == (2, True)


def test_anything_else_comes_from_a_file_of_options(committed_world: World, file: Path, tmp_path: Path) -> None:
    options = tmp_path / "options.json"
    options.write_text(json.dumps({"route": "all", "timing": {"start": "now"}}))
    assert import_file(committed_world, file, "--options", options, "--yes").code == 0
    assert Message.objects.count() == 6
    options.write_text(json.dumps({"rout": "all"}))
    refused = import_file(committed_world, file, "--options", options, "--yes")
    assert refused.code == 2
    assert Job.objects.count() == 1


def test_a_file_that_cannot_be_read_is_refused(committed_world: World, file: Path) -> None:
    file.write_bytes(b"\x00\x01")
    assert import_file(committed_world, file, "--yes").code == 2
    assert import_file(committed_world, file.with_name("none.csv"), "--yes").code == 2
    assert not Import.objects.exists()
