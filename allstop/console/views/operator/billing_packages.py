"""Setup of billing: packages, the prices of usage, and how the installation bills."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from allstop.actions.actor import Invalid, Operator
from allstop.actions.packages import (
    LONGEST_ISSUER,
    MOST_DAYS,
    PackageSaid,
    SetupSaid,
    billing_setup,
    package_of_id,
    rate_words,
    retire_package,
    save_package,
    save_rate,
    save_setup,
)
from allstop.console.access import Desk, operator_screen
from allstop.console.form_problems import add_problems
from allstop.console.meanwhile import remember, settle
from allstop.console.views.operator.desk import operator_page
from allstop.rules.periods import Frequency, Mode
from allstop.rules.rating import UNIT_WORDS, Unit
from allstop.store import lists
from allstop.store.lists import billing
from allstop.store.lists.billing import FREQUENCY_WORDS, MODE_WORDS
from allstop.store.models import Rate


class PackageForm(forms.Form):
    name = forms.CharField(label="Name", max_length=60)
    price = forms.CharField(label="Price", max_length=20, help_text="Of one period, like 30.00.")
    frequency = forms.ChoiceField(
        label="Billed",
        choices=[(one.value, FREQUENCY_WORDS[one].removeprefix("a ").capitalize()) for one in Frequency],
        initial=Frequency.MONTHLY.value,
    )
    mode = forms.ChoiceField(
        label="When",
        choices=[(one.value, MODE_WORDS[one].capitalize()) for one in Mode],
        widget=forms.RadioSelect,
        initial=Mode.ADVANCE.value,
        help_text="In advance on the first day of a period, in arrears on the day after its last.",
    )
    is_full_period = forms.BooleanField(
        label="Full periods only", required=False, help_text="Never prorated: a period that is begun is billed whole."
    )


class SetupForm(forms.Form):
    currency = forms.CharField(label="Currency", max_length=3, help_text="Of what is made new, like USD.")
    issuer = forms.CharField(
        label="Who sends the invoices",
        max_length=LONGEST_ISSUER,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Name and address, as invoices show them.",
    )
    due_days = forms.IntegerField(label="Days to pay", min_value=0, max_value=MOST_DAYS)
    usage_while_suspended = forms.BooleanField(
        label="Bill the usage of suspended accounts",
        required=False,
        help_text="Their packages are not billed either way. Counts for suspensions from now on.",
    )
    suspend_after_days = forms.IntegerField(
        label="Suspend when so many days past due",
        required=False,
        min_value=0,
        max_value=MOST_DAYS,
        help_text="Empty: nobody is suspended by itself. The payment enables the account again.",
    )
    remind_after_days = forms.IntegerField(
        label="Remind when so many days past due",
        required=False,
        min_value=0,
        max_value=MOST_DAYS,
        help_text="One email to the account's admins for each invoice. Empty: nobody is reminded by itself.",
    )
    suspend_reason = forms.ChoiceField(label="Reason recorded then", required=False)

    def __init__(self, *said: Any, **named: Any) -> None:
        super().__init__(*said, **named)
        found = [(one.text, one.text) for one in lists.status_reasons()]
        self.fields["suspend_reason"].choices = [("", "Choose one"), *found]  # type: ignore[attr-defined]


class RateForm(forms.Form):
    unit = forms.ChoiceField(label="Of", choices=[(one.value, words) for one, words in UNIT_WORDS.items()])
    price = forms.CharField(label="Price of one", max_length=20, help_text="Like 0.0075.")
    included = forms.IntegerField(label="Included each month", min_value=0, initial=0)


@operator_screen("GET")
def packages(request: HttpRequest, desk: Desk, _by: Operator) -> HttpResponse:
    context = {"rows": billing.packages()}
    return operator_page(request, desk, "console/operator/billing/packages.html", context, at="packages")


@operator_screen("GET", "POST")
def new_package(request: HttpRequest, desk: Desk, by: Operator) -> HttpResponseBase:
    form = PackageForm(request.POST if request.method == "POST" else None)
    return _save(request, desk, by, None, form)


@operator_screen("GET", "POST")
def package(request: HttpRequest, desk: Desk, by: Operator, package_id: int) -> HttpResponseBase:
    found = package_of_id(package_id)
    now = {name: getattr(found, name) for name in PackageForm.base_fields} | {"price": f"{found.price.normalize():f}"}
    form = PackageForm(request.POST if request.method == "POST" else None, initial=now)
    return _save(request, desk, by, package_id, form)


@operator_screen("POST")
def retire(request: HttpRequest, _desk: Desk, by: Operator, package_id: int) -> HttpResponseBase:
    """Or, with `offer`, offered again."""
    again = "offer" in request.POST
    found = retire_package(by, package_id, datetime.now(UTC), retired=not again)
    messages.success(request, f"{found.name} is {'offered again' if again else 'retired: who has it keeps it'}.")
    return redirect("packages")


@operator_screen("GET", "POST")
def setup(request: HttpRequest, desk: Desk, by: Operator) -> HttpResponseBase:
    form, stands = _setup_form(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and settle(form, stands):
        try:
            save_setup(by, SetupSaid(**form.cleaned_data), datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, "Saved.")
            return redirect("billing-setup")
    return _setup(request, desk, form, rate_form(rates_in(billing_setup().currency)), 422 if form.is_bound else 200)


@operator_screen("POST")
def rate(request: HttpRequest, desk: Desk, by: Operator) -> HttpResponseBase:
    rates = rates_in(billing_setup().currency)
    form = rate_form(rates, request.POST)
    if form.is_valid() and settle_rate(form, rates):
        said = form.cleaned_data
        try:
            made = save_rate(by, None, said["unit"], said["price"], said["included"], datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, f"Saved: {rate_words(made)}.")
            return redirect("billing-setup")
    return _setup(request, desk, _setup_form()[0], form, 422)


def rates_in(currency: str, account_id: int | None = None) -> dict[Unit, Rate]:
    return {Unit(one.unit): one for one in billing.rates(account_id) if one.currency == currency}


def rate_form(rates: Mapping[Unit, Rate], typed: QueryDict | None = None) -> RateForm:
    """It remembers every price: only Save says of which kind of usage it is."""
    form = RateForm(typed)
    remember(form, {_at(unit) + name: now for unit in Unit for name, now in _rate_stands(rates.get(unit)).items()})
    return form


def settle_rate(form: RateForm, rates: Mapping[Unit, Rate]) -> bool:
    """A price is typed anew each time, so all of it is meant."""
    unit = Unit(form.cleaned_data["unit"])
    stands = _rate_stands(rates.get(unit))
    return settle(form, stands, stands, of=_at(unit))


def _at(unit: Unit) -> str:
    return f"{unit.value} "


def _rate_stands(one: Rate | None) -> dict[str, Any]:
    return {"price": f"{one.price.normalize():f}" if one else "", "included": one.included if one else 0}


def _setup_form(typed: QueryDict | None = None) -> tuple[SetupForm, dict[str, Any]]:
    """With what stands."""
    now = billing_setup()
    stands = {name: getattr(now, name) for name in SetupForm.base_fields}
    form = SetupForm(typed, initial=stands)
    remember(form, stands)
    return form, stands


def _setup(request: HttpRequest, desk: Desk, form: SetupForm, rate_form: RateForm, status: int) -> HttpResponse:
    rows = [(UNIT_WORDS[Unit(one.unit)].capitalize(), rate_words(one)) for one in billing.rates()]
    context = {"form": form, "rate_form": rate_form, "rates": rows}
    template = "console/operator/billing/setup.html"
    return operator_page(request, desk, template, context, at="billing-setup", status=status)


def _save(
    request: HttpRequest, desk: Desk, by: Operator, package_id: int | None, form: PackageForm
) -> HttpResponseBase:
    stands = form.initial
    remember(form, stands)
    if form.is_bound and form.is_valid() and settle(form, stands):
        try:
            made = save_package(by, package_id, PackageSaid(**form.cleaned_data), datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, f"Saved: {made.name}.")
            return redirect("new-package" if request.POST.get("then") == "new" else "packages")
    found = package_of_id(package_id) if package_id is not None else None
    context = {"form": form, "package": found, "currency": found.currency if found else billing_setup().currency}
    code = 422 if form.is_bound else 200
    return operator_page(request, desk, "console/operator/billing/package.html", context, at="packages", status=code)
