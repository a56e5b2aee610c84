"""Accounts, status types, reasons and changes of status by an operator's token."""

from typing import Any

import pytest

from allstop.store.models import Account, Hold, StatusChange, StatusType, User
from tests.doors.caller import Caller, caller
from tests.world import World


@pytest.fixture
def ask(world: World) -> Caller:
    User.objects.filter(pk=world.ada.user_id).update(is_operator=True)
    return caller(world, world.ada)


def test_an_account_is_found_suspended_planned_and_enabled(world: World, ask: Caller) -> None:
    """002-15, 002-21 to 002-24, TB3, TB8."""
    types = {one["name"]: one["id"] for one in ask("GET", "/operator/status-types").body}
    said: dict[str, Any] = {"account_ids": [world.account.pk], "type_id": types["Suspended"]}
    assert ask("POST", "/operator/status-changes", said).status == 409  # no list of reasons
    reason = ask("POST", "/operator/status-reasons", {"text": "Past due"}).body
    for wrong in ({}, {"reason": "Past due", "when": "date"}, {"reason": "Other"}):
        assert ask("POST", "/operator/status-changes", {**said, **wrong}).status == 422
    assert not StatusChange.objects.exists()

    (done,) = ask("POST", "/operator/status-changes", {**said, "reason": "Past due"}).body
    assert (done["outcome"], done["change"]["old_type"], done["receipt"]["scope"]) == ("changed", "Active", "account")
    assert Hold.objects.filter(account=world.account, lifted_at=None, name="suspended").exists()
    both = {**said, "account_ids": [world.account.pk, world.rival.pk], "reason": "Past due", "when": "period_end"}
    told = ask("POST", "/operator/status-changes", {**both, "when": "now"}).body
    assert [one["outcome"] for one in told] == ["refused", "changed"]
    assert told[0]["problem"] == "The account is Suspended already."
    later = ask("POST", "/operator/status-changes", {**both, "type_id": types["Active"]}).body
    assert [one["outcome"] for one in later] == ["planned", "planned"]
    prospect = ask("POST", "/operator/status-changes", {**both, "type_id": types["Prospect"], "when": "now"}).body
    assert all("cannot become a prospect again" in one["problem"] for one in prospect)

    at = f"/operator/accounts/{world.account.pk}"
    shown = ask("GET", at).body
    assert (shown["type"], [one["state"] for one in shown["planned"]]) == ("Suspended", ["coming"])
    planned = shown["planned"][0]["id"]
    put_off = {"type_id": types["Cancelled"], "on": "2999-01-01", "reason": "Past due", "charge": "none"}
    assert ask("PUT", f"{at}/planned/{planned}", put_off).body["type"] == "Cancelled"
    theirs = f"/operator/accounts/{world.rival.pk}/planned/{planned}"
    assert ask("PUT", theirs, put_off).status == 404
    assert ask("DELETE", theirs).status == 404
    assert ask("DELETE", f"{at}/planned/{planned}").body["state"] == "cancelled"
    assert ask("PUT", f"{at}/planned/{planned}", put_off).status == 409
    then = ask("GET", f"{at}/as-of?at=2999-01-01T00:00:00Z").body
    assert (then["type"], [one["name"] for one in then["holds"]]) == ("Suspended", ["suspended"])
    assert ask("GET", f"{at}/as-of?at=2020-01-01T00:00:00Z").status == 404
    for wrong_time in ("2020-01-01T00:00:00", "soon"):
        assert ask("GET", f"{at}/as-of?at={wrong_time}").status == 422
    assert ask("DELETE", f"/operator/status-reasons/{reason['id']}").body == {"deleted": 1}
    assert ask("DELETE", f"/operator/status-reasons/{reason['id']}").status == 404


def test_accounts_are_listed_by_name_status_and_location_page_by_page(world: World, ask: Caller) -> None:
    first = ask("GET", "/operator/accounts?limit=1").body
    assert ([one["name"] for one in first["items"]], first["next"] is None) == (["Northgate Dental"], False)
    rest = ask("GET", f"/operator/accounts?limit=1&after={first['next']}").body
    assert ([one["name"] for one in rest["items"]], rest["next"]) == (["Rival Motors"], None)
    cancelled = StatusType.objects.get(status="cancelled")
    Account.objects.filter(pk=world.rival.pk).update(status_type=cancelled)
    for asked, names in (
        ("status=cancelled", ["Rival Motors"]),
        (f"type_id={cancelled.pk}&words=north", []),
        ("location=southg", ["Northgate Dental"]),
        ("location=sg", ["Northgate Dental"]),
        ("location=moon", []),
    ):
        found = ask("GET", f"/operator/accounts?{asked}").body["items"]
        assert [one["name"] for one in found] == names, asked
    assert ask("GET", "/operator/accounts?status=gone").status == 422


def test_a_type_in_use_stays_and_a_spare_one_goes(world: World, ask: Caller) -> None:
    """002-16 to 002-20, TB2."""
    made = ask("POST", "/operator/status-types", {"name": "Vacation", "status": "suspended", "is_counted": False}).body
    assert (made["accounts"], made["is_counted"]) == (0, False)
    assert ask("POST", "/operator/status-types", {"name": " vacation", "status": "active"}).fields.keys() == {"name"}
    Account.objects.filter(pk=world.account.pk).update(status_type=made["id"])
    at = f"/operator/status-types/{made['id']}"
    assert ask("PUT", at, {"name": "Vacation", "status": "active"}).status == 409
    assert ask("PUT", at, {"name": "Away", "status": "suspended"}).body["accounts"] == 1
    assert "Away (1 account)" in ask("DELETE", at).body["error"]["message"]
    Account.objects.update(status_type=StatusType.objects.get(name="Active"))
    assert ask("DELETE", at).body == {"deleted": 1}
    assert ask("DELETE", at).status == 404
