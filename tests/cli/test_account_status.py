"""`allstop accounts status` and its like."""

from pathlib import Path

from allstop.store.models import Account, Hold, StatusChange
from tests.cli.runner import allstop
from tests.rules.test_pictures import PNG
from tests.world import World


def test_an_account_is_suspended_planned_and_enabled_by_commands(committed_world: World) -> None:
    at = ("--account", committed_world.account.pk)
    assert allstop("accounts", "status", "Suspended", *at).code == 3  # no list of reasons yet
    assert allstop("accounts", "add-reason", "Past due").out == "The reason Past due is added.\n"
    assert [one["text"] for one in allstop("accounts", "reasons", "--json").json] == ["Past due"]
    assert allstop("accounts", "status", "Suspended", *at).code == 2
    assert allstop("accounts", "status", "Gone", *at).code == 4
    done = allstop("accounts", "status", "suspended", "--reason", "Past due", *at)
    assert done.out.startswith("Northgate Dental was Active and is Suspended.\nIts sending is held: receipt no. ")
    planned = allstop("accounts", "status", "Active", "--on", "2999-01-01", "--charge", "none", *at, "--json").json
    assert (planned["state"], planned["charge"], planned["at"]) == ("coming", "none", "2999-01-01T05:00:00Z")
    assert allstop("accounts", "status", "Active", "--on", "soon", *at).code == 2
    moved = allstop("accounts", "change-plan", planned["id"], "Active", "--on", "2999-02-01", *at, "--json").json
    assert (moved["id"], moved["at"], moved["charge"]) == (planned["id"], "2999-02-01T05:00:00Z", "prorated")
    assert allstop("accounts", "take-back", planned["id"], *at).code == 0
    many = allstop(
        "accounts", "status-of-many", "Suspended", "Northgate Dental", "Rival Motors", "--reason", "Past due"
    )
    assert (many.code, "already" in many.out) == (3, True)
    assert Account.objects.get(pk=committed_world.rival.pk).status_type.name == "Suspended"
    shown = allstop("accounts", "status", *at, "--json").json
    assert (shown["type"], shown["planned"]) == ("Suspended", [])
    assert [one["state"] for one in shown["past"]] == ["cancelled", "done"]
    enabled = allstop("accounts", "status", "Active", *at, "--json").json
    assert (enabled["receipt"], enabled["is_lifting"]) == (None, False)
    assert not Hold.objects.filter(account=committed_world.account, lifted_at=None).exists()
    shown = allstop("accounts", "as-of", "2999-01-01", *at)
    assert shown.out.startswith("Northgate Dental was Active (active), since ")
    assert allstop("accounts", "as-of", "2020-01-01", *at).code == 4
    ends = allstop("accounts", "status", "Suspended", "--reason", "Past due", "--period-end", *at, "--json").json
    assert (ends["state"], ends["at"][8:10]) == ("coming", "01")
    assert allstop("accounts", "delete-reason", "past due").code == 0
    assert StatusChange.objects.count() == 5


def test_types_are_listed_added_and_deleted_by_commands(committed_world: World, tmp_path: Path) -> None:
    added = allstop("accounts", "add-type", "Vacation", "--status", "suspended", "--uncounted", "--json").json
    assert (added["name"], added["is_counted"]) == ("Vacation", False)
    listed = {one["name"]: one["accounts"] for one in allstop("accounts", "types", "--json").json}
    assert listed == {"Active": 2, "Cancelled": 0, "Suspended": 0, "Vacation": 0, "Prospect": 0}
    picture = tmp_path / "sun.png"
    picture.write_bytes(PNG)
    assert allstop("accounts", "type-image", "Vacation").code == 2
    assert allstop("accounts", "type-image", "Vacation", "--file", picture, "--json").json["has_image"] is True
    assert allstop("accounts", "type-image", "Vacation", "--remove").out == "Vacation has no uploaded image.\n"
    refused = allstop("accounts", "delete-type", "Vacation", "Active")
    assert (refused.code, "Active (2 accounts)" in refused.err) == (3, True)
    assert allstop("accounts", "delete-type", "Vacation", "--json").json == {"deleted": 1}
    made = allstop("accounts", "create", "Later", "--zone", "UTC", "--country", "GB", "--prospect", "--json").json
    assert Account.objects.get(pk=made["id"]).status_type.name == "Prospect"
