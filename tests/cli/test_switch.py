"""`allstop status`, `stop` and `start`, and which account they are about."""

import getpass
import json
import os
import subprocess
import sys

import pytest
from django.db import OperationalError, connection, transaction

from allstop.actions.accounts import create_account
from allstop.actions.switch import is_stopped
from allstop.cli.desk import trouble_words
from allstop.store.models import Account, LedgerEntry, Stop
from tests.cli.runner import allstop
from tests.world import World, contact, job, texts


def test_status_shows_the_switch_and_what_waits(committed_world: World) -> None:
    texts(committed_world, 3, of=job(committed_world), to=contact(committed_world))
    shown = allstop("status", "--account", "northgate dental")
    assert shown.code == 0
    assert "State     RUNNING" in shown.out
    assert "3 pending or scheduled" in shown.out
    assert "text\t3" in shown.out
    said = allstop("status", "--json", "--account", committed_world.account.pk).json
    assert (said["state"], said["totals"]["jobs"], said["totals"]["by_channel"]["text"]) == ("running", 1, 3)


def test_of_many_accounts_a_few_are_named(committed_world: World) -> None:
    for number in range(20):
        create_account(f"Practice {number}", "UTC", "GB", committed_world.now)
    for words, code in ((("stop",), 2), (("stop", "--account", "Nobody"), 4)):
        refused = allstop(*words)
        assert (refused.code, refused.err.count("Practice")) == (code, 8)
        assert "and 12 more, which allstop accounts list shows" in refused.err


def test_what_the_server_refuses_is_said_in_its_own_line(world: World) -> None:
    refuse = "DO $$ BEGIN RAISE '{0}' USING ERRCODE = '{0}'; END $$"
    said = {}
    for why in ("disk_full", "admin_shutdown"):
        with pytest.raises(OperationalError) as refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(refuse.format(why))
        said[why] = trouble_words(refused.value)
    assert said == {
        "disk_full": "The database refuses: disk_full.",
        "admin_shutdown": "The database cannot be reached: admin_shutdown.",
    }


def test_stop_prints_the_receipt_and_start_lets_go(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    stopped = allstop("stop", "--reason", "wrong file", *account)
    assert stopped.code == 0
    assert stopped.out.startswith("STOPPED.")
    by = f"{getpass.getuser()} (command line)"
    assert f"By           {by}" in stopped.out
    assert is_stopped(committed_world.account.pk)
    entry = LedgerEntry.objects.get(act="stop")
    assert (entry.by, entry.reason, entry.after and entry.after["via"]) == (by, "wrong file", "command")
    again = allstop("stop", "--json", *account)
    assert (again.code, again.json["reason"]) == (0, "wrong file")
    assert again.json["confirmed_at"] is not None
    assert allstop("start", *account).out.startswith("RUNNING.")
    assert not is_stopped(committed_world.account.pk)


def test_starting_what_runs_is_refused(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    refused = allstop("start", *account)
    assert (refused.code, refused.err) == (3, "The account is RUNNING already.\n")
    said = allstop("start", "--json", *account)
    assert (said.code, said.json["error"]["code"]) == (3, "conflict")


def test_a_reason_that_is_too_long_stops_nothing(committed_world: World) -> None:
    assert allstop("stop", "--reason", "x" * 301, "--account", committed_world.account.pk).code == 2
    assert not is_stopped(committed_world.account.pk)


def test_with_several_accounts_one_must_be_named(committed_world: World) -> None:
    refused = allstop("stop")
    assert refused.code == 2
    for account in (committed_world.account, committed_world.rival):
        assert f"{account.pk} ({account.name})" in refused.err
    assert allstop("status", "--account", "Nobody").code == 4
    assert allstop("status", "--account", "RIVAL MOTORS").code == 0
    chosen = allstop("status", "--json", ALLSTOP_ACCOUNT=str(committed_world.rival.pk))
    assert chosen.json["name"] == "Rival Motors"
    assert not is_stopped(committed_world.account.pk)


def test_two_accounts_of_one_name_are_told_apart_by_number(committed_world: World) -> None:
    Account.objects.filter(pk=committed_world.rival.pk).update(name="Northgate Dental")
    refused = allstop("status", "--account", "Northgate Dental")
    assert refused.code == 2
    assert "Give the number" in refused.err


def test_without_an_account_it_says_what_to_do(committed_db: None) -> None:
    refused = allstop("status")
    assert refused.code == 4
    assert "allstop accounts create" in refused.err


def test_a_channel_or_a_location_is_stopped_and_started_alone(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    stopped = allstop("stop", "--channel", "text", "--reason", "doubles", *account)
    assert stopped.code == 0
    assert "Covers       texts of Northgate Dental" in stopped.out
    said = allstop("stop", "--location", "ng", "--json", *account).json
    assert (said["scope"], said["location_id"]) == ("location", committed_world.north.pk)
    assert not is_stopped(committed_world.account.pk)
    shown = allstop("status", *account).out
    assert "State     RUNNING" in shown
    assert "Texts" in shown
    assert "The location Northgate" in shown
    started = allstop("start", "--channel", "text", *account)
    assert started.out.startswith("RUNNING.")
    assert f"Other stops stand: Northgate (stop {said['number']}," in started.out
    assert allstop("start", "--location", "Northgate", *account).code == 0
    assert allstop("status", "--json", *account).json["narrower"] == []


def test_everywhere_needs_no_account_and_is_lifted_alone(committed_world: World) -> None:
    stopped = allstop("stop", "--everywhere", "--reason", "wrong build", "--json")
    assert (stopped.code, stopped.json["scope"]) == (0, "installation")
    for account in (committed_world.account, committed_world.rival):
        said = allstop("status", "--json", "--account", account.pk).json
        assert (said["state"], said["whole_installation"], said["reason"]) == ("stopped", True, "wrong build")
    refused = allstop("start", "--account", committed_world.account.pk)
    assert (refused.code, "only an operator" in refused.err) == (3, True)
    checked = allstop("receipt", stopped.json["number"], "--verify")
    assert checked.code == 0
    assert "Covers       every account" in checked.out
    assert allstop("start", "--everywhere").code == 0
    assert allstop("status", "--json", "--account", committed_world.rival.pk).json["state"] == "running"


def test_what_shall_be_stopped_is_said_once_and_exists(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    assert allstop("stop", "--channel", "text", "--everywhere", *account).code == 2
    assert allstop("stop", "--channel", "fax", *account).code == 2
    missing = allstop("stop", "--location", "XX", *account)
    assert (missing.code, "NG (Northgate)" in missing.err) == (4, True)
    assert not Stop.objects.exists()


def run(database_url: str, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "DATABASE_URL": database_url, "ALLSTOP_ACCOUNT": ""}
    command = [sys.executable, "-m", "allstop", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ)


def test_the_program_itself_stops_an_account_and_says_so(committed_world: World, database_url: str) -> None:
    stopped = run(database_url, "stop", "--account", "Northgate Dental", "--reason", "wrong file", "--json")
    # On a machine that is busy enough the half second passes, and the stop file was made as well.
    assert (stopped.returncode, stopped.stderr) == (0, "") or "did not answer in time" in stopped.stderr
    assert json.loads(stopped.stdout)["reason"] == "wrong file"
    assert is_stopped(committed_world.account.pk)
    refused = run(database_url, "status")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "There are several accounts" in refused.stderr


def test_a_database_that_does_not_answer_is_said_in_words(committed_db: None) -> None:
    refused = run("postgresql://nobody@127.0.0.1:1/nothing", "status")
    assert refused.returncode == 1
    assert refused.stderr.startswith("The database cannot be reached")
    assert "Traceback" not in refused.stderr


def test_an_unknown_command_or_option_is_a_usage_error() -> None:
    assert allstop("stpo").code == 2
    assert allstop("stop", "--force").code == 2
