"""Bills before they are made, as pages show them: each line with its words and its amount, and the total."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django import forms

from allstop.actions.billing import period_end, preview_change
from allstop.rules.invoicing import Bill
from allstop.rules.lifecycle import AccountStatus
from allstop.rules.packages import Kind
from allstop.rules.proration import Charge, When


@dataclass(frozen=True, slots=True)
class Preview:
    title: str
    is_chosen: bool
    lines: list[tuple[str, str]]  # words, amount
    total: str


def preview_of(bill: Bill, title: str = "", *, is_chosen: bool = False) -> Preview:
    fees = [(line.words, str(line.amount)) for line in bill.fees if line.kind is not Kind.WAIVED]
    waived = [(line.words, "") for line in bill.fees if line.kind is Kind.WAIVED]
    used = [(line.words, str(line.amount)) for line in bill.usage]
    return Preview(title, is_chosen, [*fees, *used, *waived], str(bill.total))


def change_previews(
    account_id: int, new: AccountStatus, form: forms.Form, titles: Mapping[Charge, str]
) -> list[Preview]:
    """What each option would bill, on the day that the form says (002-25). None: the account is not billed."""
    now = datetime.now(UTC)
    said = form.cleaned_data if form.is_bound and form.is_valid() else {}
    on = said.get("on") if said.get("when") == When.DATE else None
    if said.get("when") == When.PERIOD_END:
        on = period_end(account_id, now)
    found = []
    for charge, title in titles.items():
        bill = preview_change(account_id, new, charge, on, now)
        if bill is not None:
            found.append(preview_of(bill, title, is_chosen=said.get("charge") == charge))
    return found
