"""`allstop bench`: that it measures what it says and leaves nothing behind. How fast it is, is never asserted."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

import psycopg
import pytest

from tests.dispatch.processes import PATIENCE

QUEUED = 2000
FIGURES = {"per_second", "rounds", "messages", "worker_cpu_per_1000", "server_cpu_per_1000", "left"}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "allstop", "bench", "queue", *arguments]


def databases_left(server: str, of: int) -> list[str]:
    with psycopg.connect(server) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (f"bench\\_{of}\\_%",))
        return [row[0] for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize("quiet", [(), ("--quiet",)])
def test_all_that_is_queued_is_sent_on_both_sides(
    server: str, quiet: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    if quiet:
        monkeypatch.delenv("ALLSTOP_BENCH_TABLES")  # it makes the tables by itself, as for everybody but the tests
    small = ("--queued", str(QUEUED), "--accounts", "20", "--rounds", "1", "--seconds", "20", "--workers", "2")
    bench = subprocess.Popen(command(*small, "--json", *quiet), stdout=subprocess.PIPE, text=True)
    told, _ = bench.communicate(timeout=600)
    assert bench.returncode == 0
    report: dict[str, Any] = json.loads(told)
    assert report["plan"]["quiet"] is bool(quiet)
    assert {"cores", "system", "python", "server_version"} <= set(report["machine"])
    (row,) = report["rows"]
    assert (row["queued"], row["workers"]) == (QUEUED, 2)
    assert row["ratio"] > 0
    for side in ("ours", "ceiling"):
        assert set(row[side]) == FIGURES
        assert (row[side]["messages"], row[side]["left"]) == (QUEUED, 0)
    assert databases_left(server, bench.pid) == []


@pytest.mark.slow
def test_the_phonebook_is_measured_and_everybody_changed_is_changed_back(server: str) -> None:
    small = ("phonebook", "--contacts", "3000", "--rounds", "1", "--json")
    bench = subprocess.Popen([*command()[:-1], *small], stdout=subprocess.PIPE, text=True)
    told, _ = bench.communicate(timeout=600)
    assert bench.returncode == 0
    report: dict[str, Any] = json.loads(told)
    changed = {one["what"]: one["changed"] for one in report["changes"]}
    assert changed["stop_all"] > 2900  # all but those who had the marker, or are not in the Phonebook
    assert len(changed) == 12
    for what in ("stop_all", "flag", "assign", "add_to_group", "remove_from_group", "delete"):
        assert changed[f"undo of {what}"] == changed[what] > 1400, what
    assert report["bare_updated"] == 3000
    assert {report[name]["count"] for name in ("pages", "filters", "searches")} == {11, 32, 17}
    assert report["counts"]["count"] == 33
    assert all(one["stops"]["count"] > 0 for one in report["changes"])
    assert databases_left(server, bench.pid) == []


@pytest.mark.slow
def test_an_import_of_contacts_is_measured_beside_a_bare_copy(server: str) -> None:
    small = ("contacts-import", "--rows", "3000", "--json")
    bench = subprocess.Popen([*command()[:-1], *small], stdout=subprocess.PIPE, text=True)
    told, _ = bench.communicate(timeout=600)
    assert bench.returncode == 0
    report: dict[str, Any] = json.loads(told)
    assert (report["added"], report["unchanged"]) == (3000, 3000)
    assert [run["what"] for run in report["runs"]] == ["upload", "new rows", "the same rows again", "bare COPY"]
    assert report["stops"]["count"] > 0
    assert databases_left(server, bench.pid) == []


@pytest.mark.slow
def test_ctrl_c_leaves_no_database_behind(server: str) -> None:
    bench = subprocess.Popen(
        command("--queued", "20000", "--seconds", "60", "--workers", "1"),
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert bench.stderr is not None
    for line in bench.stderr:
        if "round 1 of 3: Allstop" in line:
            break
    assert databases_left(server, bench.pid)
    bench.send_signal(signal.SIGINT)
    assert bench.wait(PATIENCE) == 130
    assert databases_left(server, bench.pid) == []


def test_a_word_that_is_no_number_is_refused_before_anything_is_made() -> None:
    done = subprocess.run(command("--queued", "many"), check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "10000,1000000" in done.stderr


def measured(name: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "allstop", "bench", name, *arguments, "--json"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=600,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    assert {"cores", "system", "python", "server_version"} <= set(report["machine"])
    return report


def is_spread(figures: dict[str, float], tries: int) -> bool:
    return figures["tries"] == tries and 0 < figures["p50_ms"] <= figures["p99_ms"] <= figures["max_ms"]


@pytest.mark.slow
def test_stops_are_timed_beside_a_bare_commit_and_nothing_begins_after_one(server: str) -> None:
    few = ("--stops", "3", "--everywhere", "2", "--crashes", "1", "--workers", "2")
    report = measured("stop", "--queued", "30000", "--accounts", "30", *few)
    rows = report["rows"]
    assert [(row["scenario"], row["workers"], row["effective"]["tries"]) for row in rows] == [
        ("account", 2, 3),
        ("installation", 2, 2),
        ("dead", 2, 1),
        ("frozen", 2, 1),
    ]
    for row in rows:
        assert all(
            is_spread(row[name], row["effective"]["tries"]) for name in ("effective", "confirmed", "bare_commit")
        )
        assert row["began_after"] == 0
        assert row["sent"] > 0
        # A worker that cannot answer is waited for: one lease. Else this would show that nobody was killed or frozen.
        assert (row["confirmed"]["p50_ms"] > 2000) is (row["scenario"] in ("dead", "frozen"))


@pytest.mark.slow
def test_totals_are_asked_for_and_agree_with_counting(server: str) -> None:
    report = measured("totals", "--queued", "500,2000", "--accounts", "5", "--tries", "4")
    assert [row["queued"] for row in report["rows"]] == [500, 2000]
    for row in report["rows"]:
        assert all(is_spread(row[name], 4) for name in ("account", "account_counted", "everything"))
        assert row["disk_bytes"] > 0


@pytest.mark.slow
def test_an_idle_installation_is_measured_beside_its_server_alone(server: str) -> None:
    report = measured("idle", "--queued", "500", "--accounts", "5", "--seconds", "3")
    rows = {row["state"]: row for row in report["rows"]}
    assert list(rows) == ["no workers", "idle", "stopped"]
    assert rows["no workers"]["worker_cpu_per_minute"] == 0
    assert rows["idle"]["queries_per_minute"] > rows["no workers"]["queries_per_minute"]


@pytest.mark.slow
def test_an_old_snapshot_is_held_while_the_queue_is_measured(server: str) -> None:
    small = ("--queued", "500", "--accounts", "5", "--rounds", "1", "--seconds", "20", "--workers", "1")
    report = measured("queue", *small, "--old-snapshot")
    assert report["plan"]["old_snapshot"] is True
    assert report["rows"][0]["ours"]["messages"] == 500


@pytest.mark.slow
def test_texts_are_counted_alike_by_the_records_and_by_the_smsc(server: str) -> None:
    few = ("--queued", "3000", "--accounts", "3", "--seconds", "1", "--rounds", "1", "--window", "20")
    report = measured("channel", "text", *few)
    assert report["rounds"][0]["texts"] > 0
    assert report["ceiling_per_second"] > 0
    assert report["ratio"] == pytest.approx(report["per_second"] / report["ceiling_per_second"])
    assert min(report["worker_cpu_per_1000"], report["ceiling_cpu_per_1000"]) > 0


@pytest.mark.slow
def test_emails_are_counted_alike_by_the_records_and_by_the_mail_server(server: str) -> None:
    few = ("--queued", "2000", "--accounts", "2", "--seconds", "1", "--rounds", "1", "--connections", "5", "--counts")
    report = measured("channel", "email", *few)
    assert report["mail_server"] == "our own"
    assert min(report["rounds"][0][kind]["messages"] for kind in ("plain", "signed")) > 0
    assert report["ratio"] == pytest.approx(report["per_second"] / report["ceiling_per_second"])
    assert report["signed_worker_cpu_per_1000"] > report["ceiling_cpu_per_1000"] > 0


@pytest.mark.slow
def test_what_telling_costs_is_measured_beside_bare_posts(server: str) -> None:
    small = ("webhooks", "--queued", "60000", "--accounts", "20", "--rounds", "1", "--seconds", "0.5", "--events", "40")
    bench = subprocess.Popen([*command()[:-1], *small, "--workers", "1", "--json"], stdout=subprocess.PIPE, text=True)
    told, _ = bench.communicate(timeout=600)
    assert bench.returncode == 0
    report: dict[str, Any] = json.loads(told)
    (alone,), (told_round,), (bare,) = report["alone"], report["told"], report["bare"]
    assert alone["events_per_second"] == 0 < alone["messages_per_second"]
    assert told_round["happened_per_second"] > 0 < report["ceiling"]
    assert report["ratio"] == told_round["messages_per_second"] / alone["messages_per_second"]
    assert report["bare_ratio"] == bare["messages_per_second"] / alone["messages_per_second"]
    assert bare["happened_per_second"] == 0 < bare["events_per_second"]
    assert min(told_round["cpu"].values()) >= 0 and bare["cpu"]["server"] is None
    assert databases_left(server, bench.pid) == []


@pytest.mark.slow
def test_a_file_of_a_feed_is_measured_and_every_row_is_accounted_for(server: str) -> None:
    report = measured("feed", "--rows", "400", "--locations", "7")
    new, moved = report["files"]
    assert (new["waiting"], new["withdrawn"]) == (400, 0)
    assert (moved["waiting"], moved["canceled"], moved["withdrawn"]) == (40, 360, 40)
    assert report["stops"]["count"] > 0
