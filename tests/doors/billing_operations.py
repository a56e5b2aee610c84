"""Every operation of billing with a call that works for an operator's token, and what it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from allstop.actions.actor import Operator
from allstop.actions.bill_runs import bill_run
from allstop.actions.components import add_component
from allstop.actions.packages import PackageSaid, save_package
from allstop.actions.payments import PaymentSaid, record_payment
from allstop.store.models import Account, Invoice
from tests.doors.operations import Call

OPS = Operator("Olu (operator)", "console")


@dataclass(frozen=True)
class Billed:
    account: int
    package: int
    component: int
    run: int
    invoice: int
    payment: int


def billed(account: Account, now: datetime) -> Billed:
    package = save_package(OPS, None, PackageSaid(name="Basic", price="30"), now)
    component = add_component(OPS, account.pk, package.pk, 1, now.date().replace(day=1), now)
    run = bill_run(OPS, None, now)
    payment = record_payment(OPS, account.pk, PaymentSaid("5", "bank"), now)
    invoice = Invoice.objects.get(account=account).pk
    return Billed(account.pk, package.pk, component.pk, run.pk, invoice, payment.pk)


PACKAGE = {"name": "Gold", "price": "99.00", "frequency": "yearly", "mode": "arrears"}


def of(t: Billed) -> str:
    return f"/operator/accounts/{t.account}"


BILLING: dict[str, Callable[[Billed], Call]] = {
    "list_packages": lambda t: ("GET", "/operator/packages", None),
    "create_package": lambda t: ("POST", "/operator/packages", PACKAGE),
    "change_package": lambda t: ("PUT", f"/operator/packages/{t.package}", PACKAGE),
    "retire_package": lambda t: ("POST", f"/operator/packages/{t.package}/retire", {}),
    "list_rates": lambda t: ("GET", "/operator/rates", None),
    "set_rate": lambda t: ("PUT", "/operator/rates", {"unit": "email", "price": "0.001", "account": t.account}),
    "get_billing_setup": lambda t: ("GET", "/operator/billing-setup", None),
    "set_billing_setup": lambda t: ("PUT", "/operator/billing-setup", {"currency": "EUR", "remind_after_days": 7}),
    "drop_rate": lambda t: ("DELETE", f"{of(t)}/rates/email", None),
    "get_account_billing": lambda t: ("GET", f"{of(t)}/billing", None),
    "set_billing_terms": lambda t: ("PUT", f"{of(t)}/billing/terms", {"bill_day": 1, "currency": "USD"}),
    "add_component": lambda t: ("POST", f"{of(t)}/components", {"package": t.package, "quantity": 2}),
    "change_component": lambda t: ("POST", f"{of(t)}/components/{t.component}/quantity", {"quantity": 3}),
    "end_component": lambda t: ("POST", f"{of(t)}/components/{t.component}/end", {"charge": "none"}),
    "bill_account": lambda t: ("POST", f"{of(t)}/bill", {"preview": True}),
    "preview_status_bill": lambda t: ("GET", f"{of(t)}/status/bill?status=suspended&charge=full&when=period_end", None),
    "list_transactions": lambda t: ("GET", f"{of(t)}/transactions", None),
    "record_payment": lambda t: ("POST", f"{of(t)}/payments", {"amount": "3.50"}),
    "undo_payment": lambda t: ("POST", f"{of(t)}/payments/{t.payment}/undo", None),
    "give_credit": lambda t: ("POST", f"{of(t)}/credits", {"amount": "1", "words": "an outage"}),
    "list_invoices": lambda t: ("GET", "/operator/invoices", None),
    "get_invoice": lambda t: ("GET", f"{of(t)}/invoices/{t.invoice}", None),
    "get_invoice_pdf": lambda t: ("GET", f"{of(t)}/invoices/{t.invoice}/pdf", None),
    "export_invoices": lambda t: ("GET", "/operator/invoices/file?since=2020-01-01", None),
    "start_bill_run": lambda t: ("POST", "/operator/bill-runs", {}),
    "list_bill_runs": lambda t: ("GET", "/operator/bill-runs", None),
    "get_bill_run": lambda t: ("GET", f"/operator/bill-runs/{t.run}", None),
    "list_missed": lambda t: ("GET", "/operator/missed", None),
}
