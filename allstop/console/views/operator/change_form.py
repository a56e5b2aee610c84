"""The options of a change of status, which three pages ask for, and the words for what came of it."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from allstop.actions.confirming import confirm_aside, wait_until_confirmed
from allstop.actions.status_plans import Moment, Outcome
from allstop.actions.statuses import Wish
from allstop.console.day_fields import DayField
from allstop.console.views.reach import ANSWERED_WITHIN
from allstop.rules.proration import CHARGE_WORDS, Charge, When
from allstop.store import lists
from allstop.store.models import ChangeOf, StatusChange, StatusType

WHEN_WORDS = {
    When.NOW: "Now",
    When.PERIOD_END: "At the end of the billing period",
    When.DATE: "At the beginning of a day",
}
CHARGE_TITLES = {Charge.FULL: "Full", Charge.PRORATED: "Prorated", Charge.NONE: "None"}


class ReasonAndCharge(forms.Form):
    reason = forms.ChoiceField(label="Reason", required=False)
    charge = forms.ChoiceField(
        label="The period in which it changes",
        choices=[(one.value, f"{CHARGE_TITLES[one]}: {CHARGE_WORDS[one].lower()}") for one in Charge],
        initial=Charge.PRORATED.value,
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any, *, needs_reason: bool, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["reason"].required = needs_reason
        found = [(one.text, one.text) for one in lists.status_reasons()]
        self.fields["reason"].choices = [("", "Choose one" if needs_reason else "None"), *found]  # type: ignore[attr-defined]

    def wish(self, new: StatusType) -> Wish:
        return Wish(new.pk, self.cleaned_data["reason"], Charge(self.cleaned_data["charge"]))


class ChangeForm(ReasonAndCharge):
    """`period_ends`: the first day after the account's billing period; None: of many accounts, each with its own."""

    when = forms.ChoiceField(
        label="When",
        choices=[(one.value, words) for one, words in WHEN_WORDS.items()],
        initial=When.NOW.value,
        widget=forms.RadioSelect,
    )
    on = DayField(
        label="Date",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="In the account's time zone.",
    )

    def __init__(self, data: Any, *, needs_reason: bool, period_ends: date | None = None) -> None:
        super().__init__(data, needs_reason=needs_reason)
        if period_ends is not None:
            words = WHEN_WORDS | {When.PERIOD_END: f"{WHEN_WORDS[When.PERIOD_END]}: {period_ends:%-d %b %Y}"}
            self.fields["when"].choices = [(one.value, said) for one, said in words.items()]  # type: ignore[attr-defined]

    def moment(self) -> Moment:
        return Moment(When(self.cleaned_data["when"]), self.cleaned_data["on"])


class PlanForm(ReasonAndCharge):
    """Components, Add, Change User Status: with a day of its own."""

    type = forms.TypedChoiceField(label="User Status Type", coerce=int)
    on = DayField(
        label="Date",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="It takes effect when this day begins in the account's time zone.",
    )
    field_order = ("type", "on", "reason", "charge")

    def __init__(self, data: Any, types: list[StatusType], initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, needs_reason=False, initial=initial)
        self.fields["reason"].help_text = "Cancelling and suspending need one."
        self.fields["type"].choices = [("", "Choose one"), *((one.pk, one.name) for one in types)]  # type: ignore[attr-defined]


def outcome_words(told: Outcome) -> str:
    """What was done. Waits a moment for the workers where sending is held."""
    change = told.change
    if change is None:
        return told.problem
    if change.state == ChangeOf.COMING:
        return f"Planned: {told.account} becomes {change.name} on {local_day(change):%-d %b %Y}."
    words = f"{told.account} is {change.name}."
    if told.receipt is not None:
        words += f" Its sending is held, receipt no. {told.receipt.number}"
        if wait_until_confirmed(told.receipt, ANSWERED_WITHIN).confirmed_at is None:
            confirm_aside(told.receipt.number)
            return words + ": a worker has not answered yet, and nothing new is taken up."
        return words + ", and every worker obeys."
    return words + (" What the old status held is being let go." if change.is_lifting else "")


def local_day(change: StatusChange) -> date:
    """The day that was chosen, on the account's own calendar."""
    return change.at.astimezone(ZoneInfo(change.account.zone)).date()
