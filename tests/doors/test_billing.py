"""Billing by the API: each operation for an operator's token, and none of it for anybody else's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from allstop.store.models import (
    BillRun,
    Component,
    CreditEntry,
    Invoice,
    InvoiceLine,
    LedgerEntry,
    Package,
    Payment,
    Rate,
    User,
)
from tests.doors.billing_operations import BILLING, Billed, billed
from tests.doors.caller import Caller, caller
from tests.doors.operations import make
from tests.doors.test_every_operation import OPERATIONS, undone
from tests.world import World


def snapshot() -> list[Any]:
    kept = (BillRun, Component, CreditEntry, Invoice, InvoiceLine, LedgerEntry, Package, Payment, Rate)
    return [list(model.objects.order_by("pk").values()) for model in kept]


@pytest.fixture
def mine(world: World) -> Billed:
    """The package is the account's since the first of the month, at least yesterday."""
    return billed(world.account, datetime.now(UTC) - timedelta(days=1))


@pytest.fixture
def operator(world: World) -> Caller:
    ask = caller(world, world.ada)
    User.objects.filter(pk=world.ada.user_id).update(is_operator=True)
    return ask


def test_each_works_for_an_operators_token(mine: Billed, operator: Caller) -> None:
    wrong = {}
    for name, call in BILLING.items():
        with undone():
            answer = make(operator, call(mine))
            if answer.status != 200 or "200" not in OPERATIONS[name][2]["responses"]:
                wrong[name] = answer
    assert wrong == {}


def test_who_is_no_operator_is_403_also_of_the_own_account(world: World, mine: Billed) -> None:
    ask, before = caller(world, world.ada), snapshot()
    for name, call in BILLING.items():
        answer = make(ask, call(mine))
        assert (answer.status, answer.code) == (403, "forbidden"), name
        assert "403" in OPERATIONS[name][2]["responses"], name
    for call in BILLING.values():
        assert make(Caller(""), call(mine)).status == 401
    assert snapshot() == before


def test_what_is_not_there_is_404_and_of_another_account_as_well(world: World, mine: Billed, operator: Caller) -> None:
    gone = Billed(*[99_999_999] * 6)
    before = snapshot()
    for name, call in BILLING.items():
        if "{" in OPERATIONS[name][1]:
            assert make(operator, call(gone)).status == 404, name
    theirs = replace(mine, account=world.rival.pk)
    for name in ("change_component", "end_component", "get_invoice", "get_invoice_pdf"):
        assert make(operator, BILLING[name](theirs)).status == 404, name
    assert snapshot() == before


def test_an_unknown_field_is_422_and_what_cannot_be_is_said(mine: Billed, operator: Caller) -> None:
    before = snapshot()
    for name, call in BILLING.items():
        method, path, body = call(mine)
        if isinstance(body, dict):
            assert operator(method, path, {**body, "surprise": 1}).fields == {"surprise": "There is no such field."}, (
                name
            )
    for day in ("1926-11-01", "2999-01-01"):
        slip = operator("POST", f"/operator/accounts/{mine.account}/payments", {"amount": "10", "day": day})
        assert "of the last ten years" in slip.fields["day"]
    wrong = operator("POST", f"/operator/accounts/{mine.account}/payments", {"amount": "ten"})
    assert (wrong.status, set(wrong.fields)) == (422, {"amount"})
    assert operator("POST", "/operator/bill-runs", {"day": "2999-01-01"}).status == 422
    assert snapshot() == before


def test_a_bill_is_shown_made_and_read(mine: Billed, operator: Caller) -> None:
    """What was shown is what is billed."""
    at = f"/operator/accounts/{mine.account}"
    added = operator("POST", f"{at}/components", {"package": mine.package, "quantity": 2, "starts_on": "2026-01-01"})
    said = {"since": "2026-01-01", "until": "2026-01-31"}
    shown = operator("POST", f"{at}/bill", {**said, "preview": True})
    assert (shown.body["total"], shown.body["invoice"]) == ("60.00", None)
    done = operator("POST", f"{at}/bill", said)
    assert done.body["lines"] == shown.body["lines"]
    invoice = operator("GET", f"{at}/invoices/{done.body['invoice']}").body
    assert (invoice["total"], [line["words"] for line in invoice["lines"]]) == (
        "60.00",
        ["2 x Basic, 1 Jan 2026 to 31 Jan 2026, 31 of 31 days"],
    )
    assert added.body["id"] in [one["id"] for one in operator("GET", f"{at}/billing").body["components"]]


def test_the_setup_and_an_own_price_are_set_and_read(mine: Billed, operator: Caller) -> None:
    at = f"/operator/accounts/{mine.account}"
    said = {"currency": "USD", "issuer": "Desk Ltd", "due_days": 30, "remind_after_days": 7}
    made = operator("PUT", "/operator/billing-setup", said).body
    assert made == operator("GET", "/operator/billing-setup").body
    assert (made["remind_after_days"], made["suspend_after_days"], made["issuer"]) == (7, None, "Desk Ltd")
    assert set(operator("PUT", "/operator/billing-setup", {**said, "suspend_after_days": 3}).fields) == {
        "suspend_reason"
    }
    operator("PUT", "/operator/rates", {"unit": "email", "price": "0.001", "account": mine.account})
    assert [one["price"] for one in operator("GET", f"{at}/billing").body["rates"]] == ["0.001"]
    for _ in range(2):
        assert operator("DELETE", f"{at}/rates/email").body["rates"] == []
    assert operator("DELETE", f"{at}/rates/fax").status == 422
    assert operator("GET", f"{at}/invoices/{mine.invoice}/pdf").status == 200


def test_a_payment_and_a_credit_with_a_key_are_booked_once(mine: Billed, operator: Caller) -> None:
    at = f"/operator/accounts/{mine.account}"
    for path, body in (
        (f"{at}/payments", {"amount": "3.50", "words": "bank, no. 7731"}),
        (f"{at}/credits", {"amount": "1.00", "words": "an outage"}),
        ("/credits/top-ups", {"credits": 500, "note": "Invoice 17"}),
    ):
        first = operator("POST", path, body, Idempotency_Key=path)
        before = snapshot()
        again = operator("POST", path, body, Idempotency_Key=path)
        assert (first.status, again.status) == (200, 200)
        assert (first.body.pop("is_repeat"), again.body.pop("is_repeat")) == (False, True)
        assert first.body == again.body
        more = {"credits": 501} if "credits" in body else {"amount": "9"}
        other = operator("POST", path, {**body, **more}, Idempotency_Key=path)
        assert (other.status, other.code) == (409, "conflict")
        assert operator("POST", path, body, Idempotency_Key="x" * 201).fields.keys() == {"idempotency_key"}
        assert snapshot() == before


@pytest.mark.parametrize("code", ["XXX", "xts", "XAU"])
def test_what_is_no_money_is_no_currency_of_anything(mine: Billed, operator: Caller, code: str) -> None:
    before = snapshot()
    for method, path, body in (
        ("POST", "/operator/packages", {"name": "Gold", "price": "30.00"}),
        ("PUT", f"/operator/accounts/{mine.account}/billing/terms", {"bill_day": 15}),
        ("PUT", "/operator/billing-setup", {}),
    ):
        answer = operator(method, path, {**body, "currency": code})
        assert (answer.status, answer.code) == (422, "invalid")
        assert answer.fields["currency"].startswith(f"{code.upper()} is no money that anybody can pay in. Give")
    assert snapshot() == before


def test_a_package_of_such_a_code_from_before_can_still_be_changed(mine: Billed, operator: Caller) -> None:
    Package.objects.filter(pk=mine.package).update(currency="XXX")
    answer = operator("PUT", f"/operator/packages/{mine.package}", {"name": "Old", "price": "9.00"})
    assert (answer.status, answer.body["name"]) == (200, "Old")
