"""What an account is billed: a pure function of its packages, its usage, and the spells of its holds.

Three things make lines: a bill run, a change of status, and Bill Account by an operator. An invoice is its lines: its
total is their sum and nothing else, and each line says in words which days or how many pieces it is for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from allstop.rules.days import NONE, Days
from allstop.rules.lifecycle import AccountStatus, Area, does
from allstop.rules.money import Money, total
from allstop.rules.packages import Line, Package, Turn, due, missed, settle
from allstop.rules.periods import Grid, grid
from allstop.rules.proration import Charge
from allstop.rules.rating import Ends, Rate, Scope, Unit, UsageLine, Used, billed_out, rate_usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a bill depends on. Days are of the account's own calendar."""

    currency: str
    bill_day: int
    opened: date  # usage is billed in months from the bill day, whatever the packages' periods are
    packages: Sequence[Package] = ()
    lines: Mapping[int, Sequence[Line]] = field(default_factory=dict)  # package -> what was made, in order
    free: Days = NONE  # no recurring fees
    free_of_usage: Days = NONE
    rates: Mapping[Unit, Rate] = field(default_factory=dict)
    used: Sequence[Used] = ()  # not billed yet
    usage_lines: Sequence[UsageLine] = ()

    @property
    def months(self) -> Grid:
        return grid(self.opened, 1, self.bill_day)


@dataclass(frozen=True, slots=True)
class Bill:
    currency: str
    fees: tuple[Line, ...]
    usage: tuple[UsageLine, ...]

    @property
    def total(self) -> Money:
        return total([*(line.amount for line in self.fees), *(line.amount for line in self.usage)], self.currency)

    def __bool__(self) -> bool:
        return bool(self.fees or self.usage)


@dataclass(frozen=True, slots=True)
class Missed:
    package: Package
    days: Days


def bill_run(of: Facts, target: date) -> Bill:
    """On the day `target`: done again, it bills nothing more."""
    fees = [line for one in of.packages for line in due(one, of.lines.get(one.id, ()), of.free, target)]
    return _bill(of, fees, _usage(of, Scope.PAST, target))


def bill_account(of: Facts, status: AccountStatus, target: date, since: date) -> Bill:
    """By hand: what has a bill date from `since` to `target`, also on days that a hold made free (002-07)."""
    if not does(status, Area.BILL_ACCOUNT):
        return _bill(of, [], [])
    fees = [line for one in of.packages for line in due(one, of.lines.get(one.id, ()), NONE, target, since)]
    return _bill(of, fees, _usage(of, Scope.PAST, target))


def status_changed(of: Facts, old: AccountStatus, new: AccountStatus, at: date, option: Charge) -> Bill:
    """What the change itself bills and credits: the preview before it, and the lines once it is done."""
    turn = turn_of(old, new)
    if turn is None:
        return _bill(of, [], [])
    fees = [line for one in of.packages for line in settle(one, of.lines.get(one.id, ()), of.free, turn, at, option)]
    running = any(one.term.holds(at) for one in of.packages)
    scope = Scope.NOTHING
    if new is AccountStatus.CANCELLED and running:
        scope = billed_out(Ends.ACCOUNT, option)
    return _bill(of, fees, _usage(of, scope, at))


def package_cancelled(of: Facts, package: Package, at: date, option: Charge) -> Bill:
    """`package` as it is in the facts, without its end."""
    ended = replace(package, end=at)
    fees = settle(ended, of.lines.get(package.id, ()), of.free, Turn.STOPS, at, option)
    others = any(one.term.holds(at) for one in of.packages if one.id != package.id)
    scope = billed_out(Ends.PACKAGE if others else Ends.LAST_PACKAGE, option)
    return _bill(of, fees, _usage(of, scope, at))


def turn_of(old: AccountStatus, new: AccountStatus) -> Turn | None:
    """Whether fees stop or start by a change; from one status without fees to another they do neither."""
    before, after = does(old, Area.RECURRING), does(new, Area.RECURRING)
    if before == after:
        return None
    return Turn.STARTS if after else Turn.STOPS


def missed_days(of: Facts, before: date) -> list[Missed]:
    """For the report of missed periods: enabling bills none of them by itself (TB14)."""
    found = (Missed(one, missed(one, of.lines.get(one.id, ()), before)) for one in of.packages)
    return [one for one in found if one.days]


def opens_invoice(amount_due: Money, status: AccountStatus) -> bool:
    """Debits open an invoice or join the open one; credits only wait for the next, but of a cancelled account."""
    return amount_due.amount > 0 or (status is AccountStatus.CANCELLED and amount_due.amount < 0)


def _usage(of: Facts, scope: Scope, target: date) -> list[UsageLine]:
    return rate_usage(of.rates, of.used, of.usage_lines, of.free_of_usage, of.months, scope, target)


def _bill(of: Facts, fees: Sequence[Line], usage: Sequence[UsageLine]) -> Bill:
    return Bill(of.currency, tuple(fees), tuple(usage))
