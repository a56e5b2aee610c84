"""What an account's bills will be on a day to come, if it is billed every day until then and its plans are carried out.

The rule that it guards: a preview of a planned change is what the change will bill, to the cent: it is made by the same
rules, from the lines that the runs until then will have made. Only usage is not known before it is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from allstop.rules.days import FOREVER, ONE, Days, Span, has, joined, without
from allstop.rules.invoicing import Bill, Facts, bill_run, status_changed
from allstop.rules.lifecycle import AccountStatus, Area, does
from allstop.rules.packages import Line
from allstop.rules.proration import Charge


@dataclass(frozen=True, slots=True)
class Change:
    """Of an account's status, as from the beginning of a day."""

    on: date
    to: AccountStatus
    charge: Charge
    bills_usage: bool = True  # while suspended


def foreseen(of: Facts, now: AccountStatus, today: date, plans: Sequence[Change], last: Change) -> Bill:
    """What `last` bills and credits. `plans`: what is carried out before it, in this order.

    Between two changes one run, on the last day, bills what daily ones would have billed: twenty years are 240 months
    then and not 7,300 days."""
    day, status = today, now
    for change in (*plans, last):
        if day < change.on:
            of, day = _kept(of, bill_run(of, change.on - ONE)), change.on
        of, status, bill = _changed(of, status, change)
    return bill


def _changed(of: Facts, old: AccountStatus, change: Change) -> tuple[Facts, AccountStatus, Bill]:
    """When it begins to bill again its days are free no more; when it stops, they are free after its bill."""
    rest = Span(change.on, FOREVER)
    is_billed = does(change.to, Area.RECURRING)
    if is_billed:
        of = replace(of, free=without(of.free, [rest]))
    bill = status_changed(of, old, change.to, change.on, change.charge)
    usage = does(change.to, Area.USAGE, change.bills_usage)
    of = replace(
        _kept(of, bill),
        free=of.free if is_billed else joined(of.free, [rest]),
        free_of_usage=_from(of.free_of_usage, rest, not usage),
    )
    return of, change.to, bill


def _from(days: Days, rest: Span, are_free: bool) -> Days:
    return joined(days, [rest]) if are_free else without(days, [rest])


def _kept(of: Facts, bill: Bill) -> Facts:
    """With its lines written down."""
    if not bill:
        return of
    lines: dict[int, Sequence[Line]] = dict(of.lines)
    for line in bill.fees:
        lines[line.package_id] = [*lines.get(line.package_id, ()), line]
    billed = {(line.unit, line.period) for line in bill.usage}
    left = [
        one for one in of.used if (one.unit, of.months.period(one.day)) not in billed or has(of.free_of_usage, one.day)
    ]
    return replace(of, lines=lines, usage_lines=[*of.usage_lines, *bill.usage], used=left)
