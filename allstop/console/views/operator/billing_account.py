"""What one account has and owes: its packages, its transactions and invoices, payments and credits."""

import csv
import secrets
from datetime import UTC, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.text import slugify

from allstop.actions.actor import Conflict, Invalid, NotThere, Operator
from allstop.actions.billing import missed_of
from allstop.actions.components import (
    MOST,
    add_component,
    change_component,
    end_component,
    preview_end,
    set_terms,
)
from allstop.actions.packages import billing_setup, drop_rate, rate_words, save_rate
from allstop.actions.past_due import credit, pay
from allstop.actions.payments import LONGEST_WORDS, PaymentSaid, undo_payment
from allstop.actions.request_keys import LONGEST_KEY, UsedKey
from allstop.console.access import Desk, operator_screen
from allstop.console.day_fields import DayField
from allstop.console.form_problems import add_problems
from allstop.console.meanwhile import remember, settle
from allstop.console.views.operator.billing_packages import rate_form, rates_in, settle_rate
from allstop.console.views.operator.billing_preview import preview_of
from allstop.console.views.operator.desk import badge, operator_page
from allstop.formats.delimited_writing import guarded
from allstop.rules.money import rounded
from allstop.rules.packages import day_words
from allstop.rules.proration import CHARGE_WORDS, Charge
from allstop.rules.rating import UNIT_WORDS, Unit
from allstop.store import lists
from allstop.store.bills import balance_of
from allstop.store.lists import billing
from allstop.store.models import BillingTerms, Component, Payment

DATE = {"type": "date"}
AT = "operator-accounts"


class ComponentForm(forms.Form):
    package = forms.TypedChoiceField(label="Package", coerce=int)
    quantity = forms.IntegerField(label="How many", min_value=1, max_value=MOST, initial=1)
    starts_on = DayField(
        label="From", required=False, widget=forms.DateInput(attrs=DATE), help_text="Empty: from today."
    )

    def __init__(self, *said: Any) -> None:
        super().__init__(*said)
        found = [(row.package.pk, f"{row.package.name}, {row.price} {row.words}") for row in _offered()]
        self.fields["package"].choices = [("", "Choose one"), *found]  # type: ignore[attr-defined]


class TermsForm(forms.Form):
    bill_day = forms.IntegerField(label="Bill day", min_value=1, max_value=31, help_text="Of the month.")
    currency = forms.CharField(label="Currency", max_length=3)


def _new_key() -> str:
    return f"form {secrets.token_urlsafe(12)}"


class BookingForm(forms.Form):
    """Each that is shown has a key of its own: pressed twice, or again after Back, it books once."""

    key = forms.CharField(required=False, max_length=LONGEST_KEY, widget=forms.HiddenInput, initial=_new_key)

    def asked_again(self) -> Self:
        """Filled in as before, for something else: Back, other words, and pressed."""
        again = type(self)({**dict(self.data.items()), "key": _new_key()})
        again.add_error(None, "This page has booked something before: see Balance. Press again to book this as well.")
        return again


class PaymentForm(BookingForm):
    amount = forms.CharField(label="Amount", max_length=20)
    day = DayField(label="Came on", required=False, widget=forms.DateInput(attrs=DATE), help_text="Empty: today.")
    words = forms.CharField(label="How", max_length=LONGEST_WORDS, required=False, help_text="Like: bank, no. 7731.")


class CreditForm(BookingForm):
    amount = forms.CharField(label="Amount", max_length=20)
    words = forms.CharField(label="Why", max_length=LONGEST_WORDS)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="credit_%s")  # the form of payments has fields of these names too


class EndForm(forms.Form):
    on = DayField(
        label="First day not used any more",
        required=False,
        widget=forms.DateInput(attrs=DATE),
        help_text="Empty: today.",
    )
    charge = forms.ChoiceField(
        label="The period in which it ends",
        choices=[(one.value, f"{one.value.capitalize()}: {CHARGE_WORDS[one].lower()}") for one in Charge],
        initial=Charge.PRORATED.value,
        widget=forms.RadioSelect,
    )


class QuantityForm(forms.Form):
    quantity = forms.IntegerField(label="How many", min_value=1, max_value=MOST)
    on = DayField(label="From", required=False, widget=forms.DateInput(attrs=DATE), help_text="Empty: from today.")

    def __init__(self, data: Any, initial: dict[str, Any]) -> None:
        super().__init__(data, auto_id="change_%s", initial=initial)  # the form above it has a field `on` too


@operator_screen("GET")
def account_billing(request: HttpRequest, desk: Desk, _by: Operator, any_account_id: int) -> HttpResponse:
    return _page(request, desk, _row(any_account_id))


@operator_screen("POST")
def add(request: HttpRequest, desk: Desk, by: Operator, any_account_id: int) -> HttpResponseBase:
    row, form = _row(any_account_id), ComponentForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = add_component(by, row.id, said["package"], said["quantity"], said["starts_on"], datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, f"{row.name} has {made.name} from {day_words(made.starts_on)}.")
            return redirect("account-billing", row.id)
    return _page(request, desk, row, component_form=form)


@operator_screen("POST")
def terms(request: HttpRequest, desk: Desk, by: Operator, any_account_id: int) -> HttpResponseBase:
    row = _row(any_account_id)
    form = _terms_form(_terms_of(row.id), request.POST)
    if form.is_valid() and settle(form, form.initial):
        try:
            set_terms(by, row.id, form.cleaned_data["bill_day"], form.cleaned_data["currency"], datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, "Saved.")
            return redirect("account-billing", row.id)
    return _page(request, desk, row, terms_form=form)


@operator_screen("GET", "POST")
def component(
    request: HttpRequest, desk: Desk, by: Operator, any_account_id: int, component_id: int
) -> HttpResponseBase:
    """One package of the account: what its end would bill, its end, or another quantity."""
    row, now = _row(any_account_id), datetime.now(UTC)
    one = Component.objects.filter(account_id=row.id, pk=component_id).first()
    if one is None:
        raise NotThere("The account has no such package.")
    then = request.POST.get("then", "")
    form = EndForm(request.POST if request.method == "POST" and then != "change" else None)
    quantity = QuantityForm(request.POST if then == "change" else None, initial={"quantity": one.quantity})
    asked = quantity if then == "change" else form
    shown, problem = None, ""
    try:
        if asked.is_bound and asked.is_valid():
            said = asked.cleaned_data
            if then == "change":
                made = change_component(by, row.id, one.pk, said["quantity"], said["on"], now)
                messages.success(request, f"{made.quantity} x {made.name} from {day_words(made.starts_on)}.")
                return redirect("account-billing", row.id)
            if then == "end":
                done = end_component(by, row.id, one.pk, said["on"], Charge(said["charge"]), now)
                messages.success(request, f"{one.name} ends. Billed for it: {done.bill.total}.")
                return redirect("account-billing", row.id)
            shown = preview_of(preview_end(row.id, one.pk, said["on"], Charge(said["charge"]), now))
        elif one.ends_on is None and not asked.is_bound:
            shown = preview_of(preview_end(row.id, one.pk, None, Charge.PRORATED, now))
    except Invalid as invalid:
        add_problems(asked, invalid)
    except Conflict as conflict:
        problem = str(conflict)
    context = {"row": row, "one": one, "form": form, "quantity_form": quantity, "bill": shown, "problem": problem}
    code = 409 if problem else 422 if asked.is_bound and asked.errors else 200
    template = "console/operator/billing/component.html"
    return operator_page(request, desk, template, context, at=AT, status=code)


@operator_screen("POST")
def rate(request: HttpRequest, desk: Desk, by: Operator, any_account_id: int) -> HttpResponseBase:
    """A price of usage that is this account's alone; with `drop`, no more."""
    row, now = _row(any_account_id), datetime.now(UTC)
    if "drop" in request.POST:
        if drop_rate(by, row.id, request.POST["drop"], now):
            messages.success(request, f"{row.name} pays the price of all again.")
        return redirect("account-billing", row.id)
    rates = rates_in(_currency(_terms_of(row.id)), row.id)
    form = rate_form(rates, request.POST)
    if form.is_valid() and settle_rate(form, rates):
        said = form.cleaned_data
        try:
            made = save_rate(by, row.id, said["unit"], said["price"], said["included"], now)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, f"Saved for {row.name}: {rate_words(made)}.")
            return redirect("account-billing", row.id)
    return _page(request, desk, row, rate_form=form)


@operator_screen("POST")
def payment(request: HttpRequest, desk: Desk, by: Operator, any_account_id: int) -> HttpResponseBase:
    row, form = _row(any_account_id), PaymentForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            paid = PaymentSaid(said["amount"], said["words"], said["day"])
            done = pay(by, row.id, paid, datetime.now(UTC), said["key"])
        except Invalid as invalid:
            add_problems(form, invalid)
        except UsedKey:
            form = form.asked_again()
        else:
            _tell(request, f"Recorded: {rounded(done.made.amount, done.made.currency)}.", is_repeat=done.is_repeat)
            return redirect("account-billing", row.id)
    return _page(request, desk, row, payment_form=form)


@operator_screen("POST")
def credited(request: HttpRequest, desk: Desk, by: Operator, any_account_id: int) -> HttpResponseBase:
    row, form = _row(any_account_id), CreditForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            done = credit(by, row.id, said["amount"], said["words"], datetime.now(UTC), said["key"])
        except Invalid as invalid:
            add_problems(form, invalid)
        except UsedKey:
            form = form.asked_again()
        else:
            made = done.made
            its = "" if isinstance(made, Payment) else f" The account is cancelled: it is invoice no. {made.pk}."
            _tell(request, f"Let off.{its}", is_repeat=done.is_repeat)
            return redirect("account-billing", row.id)
    return _page(request, desk, row, credit_form=form)


def _tell(request: HttpRequest, words: str, *, is_repeat: bool) -> None:
    if is_repeat:
        messages.warning(request, f"{words} That was done before: nothing more was booked.")
    else:
        messages.success(request, words)


@operator_screen("POST")
def undo(request: HttpRequest, _desk: Desk, by: Operator, any_account_id: int, payment_id: int) -> HttpResponseBase:
    undo_payment(by, any_account_id, payment_id, datetime.now(UTC))
    messages.success(request, "Undone: it counts no more.")
    return redirect("account-billing", any_account_id)


@operator_screen("GET")
def transactions_file(_request: HttpRequest, _desk: Desk, _by: Operator, any_account_id: int) -> HttpResponse:
    """CSV. What begins like a formula is no formula in a table program."""
    row = _row(any_account_id)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    name = slugify(row.name) or "account"
    answer["Content-Disposition"] = f'attachment; filename="transactions-{name}-{row.id}.csv"'
    writer = csv.writer(answer)
    writer.writerow(("Day", "What", "Words", "Invoice", "Amount", "Currency", "Undone"))
    for one in billing.transactions(row.id, None):
        undone = "yes" if one.is_undone else ""
        amount = one.amount
        writer.writerow(
            (one.day, one.what, guarded(one.words), one.invoice or "", amount.amount, amount.currency, undone)
        )
    return answer


def _page(request: HttpRequest, desk: Desk, row: lists.AccountRow, **forms_said: forms.Form) -> HttpResponse:
    found = _terms_of(row.id)
    currency = _currency(found)
    now = datetime.now(UTC)
    context: dict[str, Any] = {
        "row": row,
        "badge": badge(row.type),
        "terms": found,
        "balance": balance_of(row.id),
        "components": billing.components(row.id, currency),
        "invoices": [(one, rounded(one.total, one.currency)) for one in billing.invoices(row.id, limit=20)],
        "waiting": billing.waiting_lines(row.id),
        "transactions": billing.transactions(row.id),
        "missed": [(one.package.name, one.days) for one in missed_of(row.id, now)],
        "rates": _rates(row.id, currency),
        "rate_form": rate_form(rates_in(currency, row.id)),
        "component_form": ComponentForm(),
        "terms_form": _terms_form(found),
        "payment_form": PaymentForm(),
        "credit_form": CreditForm(),
        "today": now.astimezone(ZoneInfo(row.zone)).date(),
        **forms_said,
    }
    status = 422 if forms_said else 200
    template = "console/operator/billing/account.html"
    return operator_page(request, desk, template, context, at=AT, images=[row.type.image_url], status=status)


def _terms_of(account_id: int) -> BillingTerms | None:
    return BillingTerms.objects.filter(pk=account_id).first()


def _terms_form(found: BillingTerms | None, typed: QueryDict | None = None) -> TermsForm:
    form = TermsForm(typed, initial={"bill_day": found.bill_day if found else 1, "currency": _currency(found)})
    remember(form, form.initial)
    return form


def _currency(found: BillingTerms | None) -> str:
    return found.currency if found else billing_setup().currency


def _rates(account_id: int, currency: str) -> list[dict[str, object]]:
    """What each kind of usage costs it: its own price, else that of all."""
    of_all, own = rates_in(currency), rates_in(currency, account_id)
    return [
        {
            "unit": unit.value,
            "what": UNIT_WORDS[unit].capitalize(),
            "words": rate_words(found) if (found := own.get(unit) or of_all.get(unit)) else "counted, not billed",
            "is_own": unit in own,
        }
        for unit in Unit
    ]


def _row(account_id: int) -> lists.AccountRow:
    found = lists.account_row(account_id)
    if found is None:
        raise NotThere("There is no such account.")
    return found


def _offered() -> list[billing.PackageRow]:
    return billing.packages(retired=False)
