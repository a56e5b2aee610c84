"""Pages for operators: packages, what an account has and owes, Bill Account, bill runs and invoices."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from allstop.actions.actor import Operator
from allstop.actions.components import add_component
from allstop.actions.packages import PackageSaid, save_package
from allstop.actions.status_types import add_reason
from allstop.store.models import (
    Account,
    BillingSetup,
    BillRun,
    Component,
    Invoice,
    LedgerEntry,
    Package,
    Payment,
    Rate,
    StatusType,
    User,
)
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.world import World

OPS = Operator("Olu (operator)", "console")
ODD = "Søren & Sønner, 北門 <b>"


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock. The package has been the account's for forty days."""
    now = timezone.now()
    made = the_cast(now)
    User.objects.filter(pk=made.dot.user_id).update(is_operator=True)  # of one account a viewer
    Account.objects.filter(pk=made.account.pk).update(name=ODD)
    add_reason(OPS, "Past due", now)
    basic = save_package(OPS, None, PackageSaid(name="Basic", price="30"), now)
    add_component(OPS, made.account.pk, basic.pk, 1, (now - timedelta(days=40)).date(), now)
    return made


@pytest.fixture
def operator(world: World) -> Client:
    return logged_in(world.dot)


def words(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return " ".join(answer.content.decode().split())


def test_only_operators_find_these_pages(world: World) -> None:
    """An account's own admin does not, of neither account; the same for what changes something."""
    admin = logged_in(world.ada)
    its, one = f"accounts/{world.account.pk}", Component.objects.get().pk
    package = Package.objects.get().pk
    for path in (
        "packages",
        "packages/new",
        f"packages/{package}",
        f"packages/{package}/retire",
        "billing-setup",
        "billing-setup/rate",
        "invoices",
        "invoices.csv",
        "bill-runs",
        "bill-runs/1",
        "missed",
        *(
            f"{its}/{of}"
            for of in (
                "billing",
                "billing/terms",
                "billing/transactions.csv",
                "components",
                "payments",
                "invoices/1/pdf",
            )
        ),
        *(f"{its}/{of}" for of in (f"components/{one}", "payments", "payments/1/undo", "credits", "bill")),
    ):
        assert admin.get(f"/operator/{path}").status_code in (404, 405), path
        assert admin.post(f"/operator/{path}", {"amount": "5", "words": "x"}).status_code in (404, 405), path
    assert not Invoice.objects.exists() and not Payment.objects.exists() and not BillRun.objects.exists()


def test_packages_and_the_setup_are_kept_on_their_pages(world: World, operator: Client) -> None:
    """002-10: what is billed while suspended is a choice that one sees."""
    said = {"name": "Texts", "price": "9.90", "frequency": "monthly", "mode": "arrears", "then": "new"}
    assert operator.post("/operator/packages/new", said)["Location"] == "/operator/packages/new"
    made = Package.objects.get(name="Texts")
    assert operator.post("/operator/packages/new", {**said, "name": "basic"}).status_code == 422
    assert operator.post(f"/operator/packages/{made.pk}", {**said, "price": "10", "then": ""}).status_code == 302
    assert operator.post(f"/operator/packages/{made.pk}/retire").status_code == 302
    listed = words(operator, "/operator/packages")
    assert "10.00 USD" in listed and "a month, in arrears" in listed and "retired" in listed
    assert "Texts, 10.00" not in words(operator, f"/operator/accounts/{world.account.pk}/billing")
    operator.post(f"/operator/packages/{made.pk}/retire", {"offer": "yes"})
    assert Package.objects.get(name="Texts").is_active
    assert operator.get("/operator/packages/0").status_code == 404
    assert "Bill the usage of suspended accounts" in words(operator, "/operator/billing-setup")
    setup = {"currency": "eur", "issuer": "Desk Ltd", "due_days": "30", "suspend_after_days": "5"}
    nothing = operator.post("/operator/billing-setup", {**setup, "currency": "XXX", "suspend_reason": "Past due"})
    assert nothing.status_code == 422 and "XXX is no money that anybody can pay in" in nothing.content.decode()
    assert operator.post("/operator/billing-setup", setup).status_code == 422  # no reason
    assert operator.post("/operator/billing-setup", {**setup, "suspend_reason": "Past due"}).status_code == 302
    kept = BillingSetup.objects.get()
    assert (kept.currency, kept.due_days, kept.usage_while_suspended) == ("EUR", 30, False)
    row = "Usage bills in a bill run</td>"
    after = words(operator, "/operator/status-types").split(row)[1]
    assert 'data-label="Suspended">no<' in after.split("</tr>")[0]  # and what each status does says so
    assert operator.post("/operator/billing-setup/rate", {"unit": "email", "price": "x"}).status_code == 422
    rate = {"unit": "email", "price": "0.0075", "included": "100"}
    assert operator.post("/operator/billing-setup/rate", rate).status_code == 302
    assert Rate.objects.get().included == 100
    assert "0.0075 EUR for each of the emails, 100 a month included" in words(operator, "/operator/billing-setup")


def test_a_run_is_started_and_its_invoice_explains_itself(world: World, operator: Client) -> None:
    at = f"/operator/accounts/{world.account.pk}"
    assert "Nothing was missed" not in words(operator, "/operator/missed")  # forty days, and no run yet
    assert operator.post("/operator/bill-runs", {"day": "2999-01-01"}).status_code == 422
    started = operator.post("/operator/bill-runs", {})
    run = BillRun.objects.get()
    assert started["Location"] == f"/operator/bill-runs/{run.pk}"
    shown = words(operator, f"/operator/bill-runs/{run.pk}")
    assert "It is done" in shown and "1 of 1" in shown and f'hx-get="/operator/bill-runs/{run.pk}"' not in shown
    invoice = Invoice.objects.get()
    page = words(operator, f"{at}/invoices/{invoice.pk}")
    assert "Søren &amp; Sønner, 北門 &lt;b&gt;" in page and "<b>北門" not in page
    assert page.count("Basic, ") == invoice.lines.count() and f"{invoice.total:.2f} USD" in page
    assert operator.get(f"/operator/accounts/{world.rival.pk}/invoices/{invoice.pk}").status_code == 404
    paper = operator.get(f"{at}/invoices/{invoice.pk}/pdf")
    assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert f"To be paid by {invoice.due_on:%-d %B %Y}" in page
    assert operator.get(f"/operator/accounts/{world.rival.pk}/invoices/{invoice.pk}/pdf").status_code == 404
    assert f"/invoices/{invoice.pk}" in words(operator, "/operator/invoices")
    day = invoice.day.isoformat()
    lines = operator.get(f"/operator/invoices.csv?since={day}&until={day}").getvalue().decode().splitlines()
    assert [lines[0].split(",")[0], lines[1].split(",")[0], len(lines)] == ["Number", str(invoice.pk), 2]
    assert len(operator.get("/operator/invoices.csv?since=2999-01-01").getvalue().splitlines()) == 1
    assert operator.get("/operator/invoices.csv?since=2999-01-01&until=2020-01-01").status_code == 422
    assert "Nothing was missed" in words(operator, "/operator/missed")
    assert "1 of 1" in words(operator, "/operator/bill-runs")
    assert operator.get("/operator/bill-runs/999").status_code == 404
    assert f"{invoice.total:.2f} USD" in words(operator, at)  # the balance on the Overview


def test_an_account_is_billed_by_hand_pays_and_is_let_off(world: World, operator: Client) -> None:
    """002-07: the preview first, the same to the cent."""
    at = f"/operator/accounts/{world.account.pk}"
    since = Component.objects.get().starts_on.isoformat()
    shown = words(operator, f"{at}/bill?since={since}")
    assert "Bill it" in shown
    done = operator.post(f"{at}/bill", {"since": since, "until": ""})
    invoice = Invoice.objects.get()
    assert done["Location"] == f"{at}/invoices/{invoice.pk}"
    assert f"<b>{invoice.total:.2f} USD</b>" in shown
    assert operator.post(f"{at}/bill", {"since": since})["Location"] == f"{at}/billing"  # nothing more
    assert operator.post(f"{at}/bill", {"until": "2999-01-01"}).status_code == 422
    assert operator.post(f"/operator/accounts/{world.rival.pk}/bill", {}).status_code == 409
    assert operator.post(f"{at}/payments", {"amount": "ten"}).status_code == 422
    assert operator.post(f"{at}/payments", {"amount": "10", "words": "=1+1"}).status_code == 302
    assert operator.post(f"{at}/credits", {"amount": "1", "words": ""}).status_code == 422
    assert operator.post(f"{at}/credits", {"amount": "1", "words": "an outage"}).status_code == 302
    page = words(operator, f"{at}/billing")
    assert f"{invoice.total - 11:.2f} USD</b>" in page and "an outage" in page
    file = operator.get(f"{at}/billing/transactions.csv")
    assert "'=1+1" in file.content.decode() and "attachment" in file["Content-Disposition"]
    payment = Payment.objects.get(kind="payment")
    assert operator.post(f"{at}/payments/{payment.pk}/undo").status_code == 302
    assert operator.post(f"/operator/accounts/{world.rival.pk}/payments/{payment.pk}/undo").status_code in (404, 409)
    assert "undone" in words(operator, f"{at}/billing")


def test_an_account_has_prices_of_its_own(world: World, operator: Client) -> None:
    at = f"/operator/accounts/{world.account.pk}"
    operator.post("/operator/billing-setup/rate", {"unit": "email", "price": "0.01", "included": "0"})
    before = words(operator, f"{at}/billing")
    assert "0.01 USD for each of the emails" in before and "its own" not in before.split("<form")[0]
    own = {"unit": "email", "price": "0.005", "included": "10"}
    assert operator.post(f"{at}/rates", {**own, "price": "cheap"}).status_code == 422
    assert operator.post(f"{at}/rates", own).status_code == 302
    assert "0.005 USD for each of the emails, 10 a month included" in words(operator, f"{at}/billing")
    assert Rate.objects.get(account=world.account).included == 10
    assert operator.post(f"{at}/rates", {"drop": "email"}).status_code == 302
    assert not Rate.objects.filter(account=world.account).exists()
    assert "0.01 USD for each" in words(operator, f"{at}/billing")
    acts = LedgerEntry.objects.filter(account=world.account, subject="rate:email").order_by("number")
    assert list(acts.values_list("act", flat=True)) == ["save_rate", "drop_rate"]
    assert "Drop rate" in words(operator, f"{at}/history")


def test_packages_of_an_account_are_added_changed_and_ended(world: World, operator: Client) -> None:
    at = f"/operator/accounts/{world.account.pk}"
    basic = Package.objects.get().pk
    assert operator.post(f"{at}/components", {"package": basic, "quantity": "0"}).status_code == 422
    assert operator.post(f"{at}/components", {"package": basic, "quantity": "2"}).status_code == 302
    two = Component.objects.get(quantity=2)
    assert operator.post(f"{at}/billing/terms", {"bill_day": "40", "currency": "USD"}).status_code == 422
    nothing = operator.post(f"{at}/billing/terms", {"bill_day": "15", "currency": "XXX"})
    assert nothing.status_code == 422 and "XXX is no money that anybody can pay in" in nothing.content.decode()
    assert operator.post(f"{at}/billing/terms", {"bill_day": "15", "currency": "USD"}).status_code == 302
    operator.post("/operator/bill-runs", {})
    one = Component.objects.get(quantity=1)
    page = f"{at}/components/{one.pk}"
    assert "Show the bill" in words(operator, page)
    assert "not used" in operator.post(page, {"then": "preview", "charge": "prorated"}).content.decode()
    assert "Nothing is billed" in operator.post(page, {"then": "preview", "charge": "full"}).content.decode()
    assert operator.post(page, {"then": "change", "quantity": "0"}).status_code == 422
    assert operator.post(page, {"then": "change", "quantity": "3"})["Location"] == f"{at}/billing"
    assert operator.post(page, {"then": "end", "charge": "none"}).status_code == 409  # it has ended by that
    assert operator.post(f"{at}/components/{two.pk}", {"then": "end", "charge": "none"}).status_code == 302
    assert operator.get(f"/operator/accounts/{world.rival.pk}/components/{one.pk}").status_code == 404
    assert "3 x Basic" in words(operator, f"{at}/billing")
    assert Component.objects.filter(ends_on=None).count() == 1


def test_a_change_of_status_shows_what_each_option_bills_before(world: World, operator: Client) -> None:
    """002-23, 002-25, TB8: now, at the end of the billing month, or on a date."""
    at = f"/operator/accounts/{world.account.pk}/status"
    operator.post("/operator/bill-runs", {})
    of = StatusType.objects.get(status="suspended").pk
    shown = words(operator, f"{at}?type={of}")
    assert shown.count("<h3>") == 3 and "not used" in shown
    said = {"type": of, "reason": "Past due", "charge": "prorated", "when": "period_end", "then": "preview"}
    asked = operator.post(at, said)
    assert (asked.status_code, "chosen" in asked.content.decode()) == (200, True)
    assert not Account.objects.get(pk=world.account.pk).status_changes.exists()
    assert operator.post(at, {**said, "then": ""}).status_code == 302
    planned = Account.objects.get(pk=world.account.pk).status_changes.get()
    assert (planned.state, planned.at.astimezone(timezone.get_default_timezone()) > timezone.now()) == ("coming", True)


def test_changes_of_several_accounts_and_planned_ones_show_their_bills(world: World, operator: Client) -> None:
    """By the option and the day that are chosen; nothing changes by it."""
    operator.post("/operator/bill-runs", {})
    of, both = StatusType.objects.get(status="suspended").pk, [world.account.pk, world.rival.pk]
    invoiced = Invoice.objects.get()
    whole = {"to": of, "id": both, "reason": "Past due", "when": "now", "then": "preview"}
    unasked = words(operator, f"/operator/tools/status?to={of}&id={both[0]}&id={both[1]}")
    assert "not billed" in unasked and "By the option prorated, for a change now" in unasked
    asked = operator.post("/operator/tools/status", {**whole, "charge": "full"})
    assert (asked.status_code, "By the option full, for a change when" in asked.content.decode()) == (200, True)
    credited = operator.post("/operator/tools/status", {**whole, "charge": "prorated"}).content.decode()
    [sums] = re.findall(r"<b>(-[0-9.]+) USD</b>", credited)
    assert -62 < float(sums) < 0 and f">{sums} USD</td>" in credited
    at = f"/operator/accounts/{world.account.pk}/planned/add"
    on = (timezone.now() + timedelta(days=400)).date().replace(day=15)
    said = {"type": of, "on": on.isoformat(), "reason": "Past due", "charge": "prorated", "then": "preview"}
    shown = operator.post(at, said)
    assert (shown.status_code, shown.content.decode().count("<h3>")) == (200, 3)
    assert on.strftime("%b %Y") in shown.content.decode()
    assert operator.post(at, {**said, "on": ""}).status_code == 422
    assert not Account.objects.filter(status_changes__isnull=False).exists()
    assert Invoice.objects.get() == invoiced


@pytest.mark.parametrize(("path", "also"), [("payments", {}), ("credits", {"words": "an outage"})])
def test_a_form_that_comes_twice_books_once(world: World, operator: Client, path: str, also: dict[str, str]) -> None:
    """A double click without the program's script, or Back and pressed again."""
    at = f"/operator/accounts/{world.account.pk}"

    def key_of(page: str) -> str:
        form = page.split(f'action="{at}/{path}"')[1].split("</form>", maxsplit=1)[0]
        (key,) = re.findall('name="key" value="([^"]+)"', form)
        return str(key)

    key = key_of(words(operator, f"{at}/billing"))
    said = {"amount": "10", **also, "key": key}
    wrong = operator.post(f"{at}/{path}", {**said, "amount": "ten"})
    assert (wrong.status_code, key_of(wrong.content.decode())) == (422, key), "what failed keeps its key"
    for told in ("</p>", "nothing more was booked"):
        assert operator.post(f"{at}/{path}", said).status_code == 302
        assert told in words(operator, f"{at}/billing")
    assert Payment.objects.count() == 1
    other = operator.post(f"{at}/{path}", {**said, "amount": "12"})
    assert other.status_code == 422 and "has booked something before" in other.content.decode()
    new = key_of(other.content.decode())
    assert new not in ("", key, key_of(words(operator, f"{at}/billing"))), "each form that is shown has its own"
    assert operator.post(f"{at}/{path}", {**said, "amount": "12", "key": new}).status_code == 302
    assert Payment.objects.count() == 2
