"""Bills before they are made, as pages show them: each line with its words and its amount, and the total."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django import forms

from allstop.actions.billing import period_end, preview_change
from allstop.rules.invoicing import Bill
from allstop.rules.lifecycle import AccountStatus, may_become
from allstop.rules.money import Money, rounded
from allstop.rules.packages import Kind
from allstop.rules.proration import Charge, When
from allstop.store.lists import AccountRow
from allstop.store.models import StatusType


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
    return previews_on(account_id, new, _day(account_id, said, now), said.get("charge"), titles)


def previews_on(
    account_id: int,
    new: AccountStatus,
    on: date | None,
    chosen: str | None,
    titles: Mapping[Charge, str],
    not_this: int | None = None,
) -> list[Preview]:
    found = []
    for charge, title in titles.items():
        bill = preview_change(account_id, new, charge, on, datetime.now(UTC), not_this)
        if bill is not None:
            found.append(preview_of(bill, title, is_chosen=chosen == charge))
    return found


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What a change of one of several accounts bills. `total` None: it is not billed; `problem`: it is refused."""

    row: AccountRow
    total: Money | None
    problem: str = ""


def previews_of_many(
    rows: Sequence[AccountRow], new: StatusType, form: forms.Form
) -> tuple[list[PreviewRow], list[Money]]:
    """By the option and the day that the form says, else prorated and now; and the sum in each currency."""
    now = datetime.now(UTC)
    said = form.cleaned_data if form.is_bound and form.is_valid() else {}
    charge, status = Charge(said.get("charge", Charge.PRORATED)), AccountStatus(new.status)
    found, sums = [], dict[str, Money]()
    for row in rows:
        if not may_become(AccountStatus(row.type.status), status):
            found.append(PreviewRow(row, None, "No account becomes a prospect again."))
            continue
        bill = preview_change(row.id, status, charge, _day(row.id, said, now), now)
        found.append(PreviewRow(row, bill.total if bill is not None else None))
        if bill is not None:
            sums[bill.currency] = sums.get(bill.currency, rounded(0, bill.currency)) + bill.total
    return found, [sums[currency] for currency in sorted(sums)]


def _day(account_id: int, said: Mapping[str, Any], now: datetime) -> date | None:
    if said.get("when") == When.PERIOD_END:
        return period_end(account_id, now)
    return said.get("on") if said.get("when") == When.DATE else None
