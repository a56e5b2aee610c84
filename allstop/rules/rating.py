"""What usage costs: text parts, call minutes and emails, each at a price of its own, some of them included.

Rated by what was used in a billing period so far, less what was billed of it: a bill in the middle of a period, as a
cancellation makes one, gives the included quantity once and rounds once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from allstop.rules.days import FOREVER, ONE, Days, Span, has
from allstop.rules.money import Money, rounded
from allstop.rules.periods import Grid
from allstop.rules.proration import Charge

MINUTE = 60


class Unit(StrEnum):
    TEXT_PART = "text_part"
    CALL_MINUTE = "call_minute"
    EMAIL = "email"


UNIT_WORDS = {Unit.TEXT_PART: "parts of texts", Unit.CALL_MINUTE: "minutes of calls", Unit.EMAIL: "emails"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    unit: Unit
    price: Decimal  # of one; finer than coins
    currency: str
    included: int = 0  # in each billing period

    def cost(self, quantity: Decimal) -> Money:
        return rounded(self.price * max(quantity - self.included, Decimal(0)), self.currency)


@dataclass(frozen=True, slots=True)
class Used:
    """Of one unit on one day, in the account's calendar."""

    unit: Unit
    day: date
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageLine:
    unit: Unit
    days: Span  # from the first day used to the last
    period: Span
    quantity: Decimal
    amount: Money
    words: str


def minutes(seconds: int, step: int = MINUTE) -> Decimal:
    """What a call of this length counts: in steps of so many seconds, each begun one whole. No answer is nothing."""
    return Decimal(-(-max(seconds, 0) // step) * step) / MINUTE


class Scope(StrEnum):
    """Which unbilled usage a change bills."""

    NOTHING = "nothing"
    PAST = "past"  # of periods that are over
    ALL = "all"


class Ends(StrEnum):
    ACCOUNT = "account"
    LAST_PACKAGE = "last_package"
    PACKAGE = "package"  # others go on


def billed_out(ends: Ends, option: Charge) -> Scope:
    """What a cancellation bills of usage (TB12): an account's past periods, with its last package all of it."""
    if option is Charge.NONE or ends is Ends.PACKAGE:
        return Scope.NOTHING
    return Scope.PAST if ends is Ends.ACCOUNT else Scope.ALL


def rate_usage(  # noqa: PLR0913 - all that is known of an account's usage
    rates: Mapping[Unit, Rate],
    used: Iterable[Used],
    before: Sequence[UsageLine],
    free: Days,
    of: Grid,
    scope: Scope,
    target: date,
) -> list[UsageLine]:
    """Lines for `used`, which is what nobody has billed yet; `before` are the lines of what somebody has.

    `free`: days on which a hold keeps usage from being billed. Scope.PAST takes periods that are over on `target`.
    """
    if scope is Scope.NOTHING:
        return []
    sums: dict[tuple[Span, Unit], tuple[Decimal, date, date]] = {}
    for one in used:
        if one.unit not in rates or has(free, one.day):
            continue
        period = of.period(one.day)
        if scope is Scope.PAST and period.end > target:
            continue
        quantity, first, last = sums.get((period, one.unit), (Decimal(0), FOREVER, date.min))
        sums[period, one.unit] = quantity + one.quantity, min(first, one.day), max(last, one.day)
    return [_line(rates[unit], period, *found, before) for (period, unit), found in sorted(sums.items())]


def _line(
    rate: Rate, period: Span, quantity: Decimal, first: date, last: date, before: Sequence[UsageLine]
) -> UsageLine:
    earlier = sum((line.quantity for line in before if (line.unit, line.period) == (rate.unit, period)), Decimal(0))
    included = min(max(rate.included - earlier, Decimal(0)), quantity)
    words = f"{quantity.normalize():,f} {UNIT_WORDS[rate.unit]} at {rate.price.normalize():f} {rate.currency} each"
    if included:
        words += f", {included.normalize():,f} of them included"
    amount = rate.cost(earlier + quantity) - rate.cost(earlier)
    return UsageLine(
        unit=rate.unit, days=Span(first, last + ONE), period=period, quantity=quantity, amount=amount, words=words
    )
