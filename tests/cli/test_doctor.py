"""`allstop doctor` finds what is wrong, and nothing where nothing is."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from allstop.actions.contacts import record_opt_out
from allstop.actions.erase import erase_person
from allstop.actions.switch import stop_account
from allstop.store.models import ChannelSetup, Worker
from tests.cli.runner import allstop
from tests.world import World, contact, job, texts


def found(check: str) -> list[tuple[str, str]]:
    return [(one["result"], one["words"]) for one in allstop("doctor", "--json").json if one["check"] == check]


def test_nothing_is_wrong_with_a_sound_installation(committed_world: World) -> None:
    texts(committed_world, 3, of=job(committed_world), to=contact(committed_world))
    stop_account(committed_world.admin, "", datetime.now(UTC))
    looked = allstop("doctor", "--json")
    assert looked.code == 0
    assert not [one for one in looked.json if one["result"] == "wrong"]
    checks = list(dict.fromkeys(one["check"] for one in looked.json))
    assert checks == [
        "database",
        "schema",
        "workers",
        "lanes",
        "queue",
        "tallies",
        "ledger",
        "suppression",
        "stop_file",
        "identity",
        "disk",
        "clock",
        "providers",
        "secrets",
    ]
    assert "Nothing is wrong." in allstop("doctor").out


def test_it_says_which_workers_live(committed_world: World) -> None:
    assert found("workers") == [
        ("warning", "No worker runs, so nothing leaves. Start one with: allstop work, or allstop serve.")
    ]
    now = datetime.now(UTC)
    Worker.objects.create(host="here", pid=1, started_at=now, lease_until=now + timedelta(seconds=60), acked=0)
    Worker.objects.create(host="there", pid=2, started_at=now, lease_until=now - timedelta(seconds=60), acked=0)
    Worker.objects.create(host="gone", pid=3, started_at=now, lease_until=now, acked=0, fenced=True)
    alive, silent, fenced = found("workers")
    assert (alive[0], silent[0], fenced[0]) == ("ok", "warning", "warning")
    assert "renewed its lease" in alive[1]
    assert re.search(r"silent for 6\d s", silent[1])  # 62, and as long as this took
    assert "shut out" in fenced[1]


def spoil(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_lane_that_is_open_against_a_hold_is_wrong(committed_world: World) -> None:
    stop_account(committed_world.admin, "", datetime.now(UTC))
    spoil("UPDATE lane SET is_open = true WHERE channel = 'text' AND NOT by_hand AND number > 0")
    looked = allstop("doctor")
    assert looked.code == 1
    assert "open, though a hold closes it" in looked.out
    assert "1 thing is wrong." in looked.out


def test_a_missing_lane_is_wrong(committed_world: World) -> None:
    spoil(f"DELETE FROM lane WHERE channel = 'call' AND account_id = {committed_world.rival.pk}")
    assert found("lanes")[0][0] == "wrong"


def test_counts_that_differ_from_the_messages_are_wrong(committed_world: World) -> None:
    texts(committed_world, 3)
    spoil("UPDATE tally_change SET count = 2")
    assert found("tallies")[0][0] == "wrong"


def test_a_message_that_no_queue_has_is_wrong(committed_world: World) -> None:
    texts(committed_world, 2)
    spoil("DELETE FROM queue WHERE id = (SELECT min(id) FROM queue)")
    assert found("queue") == [("wrong", "1 waiting message is not in the queue.")]


def test_a_changed_ledger_is_wrong(committed_world: World) -> None:
    spoil("ALTER TABLE ledger DISABLE TRIGGER ledger_append_only")
    spoil(f"UPDATE ledger SET by = 'nobody' WHERE account_id = {committed_world.account.pk} AND number = 2")
    spoil("ALTER TABLE ledger ENABLE TRIGGER ledger_append_only")
    assert found("ledger") == [("wrong", "Entry 2 of Northgate Dental: This entry was changed after it was written.")]


def test_settings_that_cannot_be_read_are_wrong(committed_world: World) -> None:
    setups = ChannelSetup.objects.filter(account=committed_world.account)
    setups.filter(channel="email").update(provider="smtp", config={"prot": 25})
    setups.filter(channel="text").update(provider="pigeons")
    setups.filter(channel="call").update(broken="The line is cut.")
    results = found("providers")
    assert [result for result, _ in results] == ["warning", "wrong", "wrong"]
    assert 'no setting "prot"' in results[1][1]
    assert "pigeons" in results[2][1]


def test_a_lost_key_of_noes_is_wrong(committed_world: World, settings: Any) -> None:
    person = contact(committed_world)
    record_opt_out(person, None, "no", datetime.now(UTC))
    erase_person(committed_world.admin, person.pk, "CONFIRM", datetime.now(UTC))
    assert [result for result, _ in found("suppression")] == ["ok"]
    settings.SUPPRESSION_KEY = "another"
    [(result, words)] = found("suppression")
    assert result == "wrong"
    assert words.startswith("2 noes of erased persons")
