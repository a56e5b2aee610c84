"""Accounts, status types, reasons and changes of status by an operator's token."""

import base64
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from allstop.actions.accounts import create_account
from allstop.actions.actor import Operator
from allstop.actions.billing import bill_by_hand
from allstop.actions.components import add_component
from allstop.actions.packages import PackageSaid, save_package
from allstop.actions.payments import PaymentSaid, record_payment
from allstop.store.models import Account, Hold, Invoice, StatusChange, StatusType, User
from tests.doors.caller import Caller, caller
from tests.rules.test_pictures import PNG
from tests.world import World

OPS = Operator("Olu (operator)", "console")


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


def test_accounts_are_found_by_their_balance(world: World, ask: Caller, now: datetime) -> None:
    """Northgate owes, and is past due later; the rival has paid more than was billed."""
    basic = save_package(OPS, None, PackageSaid(name="Basic", price="30"), now)
    long_ago = now - timedelta(days=40)
    for account in (world.account, world.rival):
        add_component(OPS, account.pk, basic.pk, 1, long_ago.date(), now)
        bill_by_hand(OPS, account.pk, long_ago.date(), long_ago.date(), now)
    record_payment(OPS, world.rival.pk, PaymentSaid("100"), now)
    create_account("Unbilled", "UTC", "GB", now)

    def found(asked: str) -> list[tuple[str, str | None]]:
        items = ask("GET", f"/operator/accounts?{asked}").body["items"]
        return [(one["name"], one["balance"]) for one in items]

    [(_, owed), (_, left), unbilled] = found("")
    assert owed is not None and left is not None and unbilled == ("Unbilled", None)
    assert Decimal(owed) > 0 > Decimal(left) == Decimal(owed) - 100
    assert found("balance=owes") == [("Northgate Dental", owed)] == found("balance=past_due")
    assert found("balance=credit") == [("Rival Motors", left)]
    Invoice.objects.update(due_on=date(2999, 1, 1))
    assert found("balance=past_due") == []
    assert ask("GET", "/operator/accounts?balance=much").status == 422


def test_the_image_of_a_type_is_uploaded_shown_and_removed(ask: Caller) -> None:
    at = f"/operator/status-types/{StatusType.objects.get(name='Suspended').pk}"
    assert ask("GET", f"{at}/image").status == 404
    for wrong in ("no base64!", "é", base64.b64encode(b"<svg/>").decode()):
        assert ask("PUT", f"{at}/image", {"content": wrong}).fields.keys() == {"content"}
    assert ask("PUT", f"{at}/image", {"content": base64.b64encode(PNG).decode()}).body["has_image"] is True
    assert ask("GET", f"{at}/image").status == 200
    for _ in range(2):
        assert ask("DELETE", f"{at}/image").body["has_image"] is False


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
