"""What a package costs, day by day: which lines a bill run, a change of status and Bill Account make of it.

The rule that it guards: no day is billed twice, and none that a hold makes free, but where a person chose so by name:
the option "full", a package that is only billed whole, or Bill Account. All is read off the lines that exist already,
so that a run which is done again adds nothing.

| option | stops (suspend, cancel) | starts (enable) |
|---|---|---|
| full | the rest of the period is billed, and what was billed of later ones credited | the whole period is billed |
| prorated | days in use are billed, days billed after them credited | in advance: the rest of the period is billed |
| none | what is not billed of the period is given up | the same |

Full-period packages know no parts: what would be prorated is billed whole, or not at all. A fee that is paid once is
billed whole, and never credited.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from allstop.rules.days import FOREVER, NONE, ONE, Days, Span, count, has, joined, within, without
from allstop.rules.money import Money, rounded
from allstop.rules.periods import MONTHS, Frequency, Grid, Mode, due_parts, grid
from allstop.rules.proration import Charge, at_least_a_day, fee, part_of_fee


class Kind(StrEnum):
    CHARGE = "charge"
    CREDIT = "credit"
    WAIVED = "waived"  # days that a person gave up: of no cost, and never billed later


class Turn(StrEnum):
    """What a change of status means for the fees of a package."""

    STOPS = "stops"
    STARTS = "starts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    id: int
    name: str
    price: Money  # of one period
    frequency: Frequency
    mode: Mode
    bill_day: int
    start: date
    end: date | None = None  # the day on which it was cancelled
    full_period: bool = False  # never prorated

    @property
    def term(self) -> Span:
        return Span(self.start, at_least_a_day(self.start, self.end) or FOREVER)

    @property
    def grid(self) -> Grid:
        return grid(self.start, MONTHS[self.frequency], self.bill_day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    kind: Kind
    package_id: int
    days: Span
    period: Span  # the whole one that the days are of
    price: Money  # of the whole period
    amount: Money
    words: str


def billed(lines: Iterable[Line]) -> Days:
    """Days that are charged or given up, and not credited since. Lines in the order in which they were made."""
    days = NONE
    for line in lines:
        days = without(days, [line.days]) if line.kind is Kind.CREDIT else joined(days, [line.days])
    return days


def paid(lines: Iterable[Line]) -> dict[tuple[Span, Money], Days]:
    """(period, its price) -> the days charged and not credited since."""
    found: dict[tuple[Span, Money], Days] = {}
    for line in lines:
        key = (line.period, line.price)
        if line.kind is Kind.CHARGE:
            found[key] = joined(found.get(key, NONE), [line.days])
        elif line.kind is Kind.CREDIT:
            found[key] = without(found.get(key, NONE), [line.days])
    return {key: days for key, days in found.items() if days}


def due(package: Package, lines: Sequence[Line], free: Days, target: date, since: date = date.min) -> list[Line]:
    """Of a bill run on `target`. `free`: days on which a hold keeps fees from being billed; Bill Account has none.

    `since`: bill dates before it are left out, as the report of missed periods has them.
    """
    if target < package.start or has(free, target):
        return []
    if package.frequency is Frequency.ONCE:
        return [] if billed(lines) else [_once(package)]
    done = billed(lines)
    found: list[Span] = []
    term = package.term
    settled = done[0].end if done and done[0].start <= term.start else term.start  # years of periods need no look
    if settled >= term.end:
        return []
    for part in due_parts(package.grid, package.mode, term.start, term.end, target, settled):
        if part.bill_date(package.mode) < since:
            continue
        open_days = without([part.days], joined(done, free))
        if package.full_period and open_days:
            open_days = without([part.days], done)
        found += open_days
    return _charges(package, lines, found, package.grid.period)


def missed(package: Package, lines: Sequence[Line], before: date) -> Days:
    """Days whose bill date has passed and that nobody billed, free or not: for an operator to look at."""
    if before <= package.start or package.frequency is Frequency.ONCE:
        return NONE
    parts = due_parts(package.grid, package.mode, package.term.start, package.term.end, before - ONE)
    return without([part.days for part in parts], billed(lines))


def settle(package: Package, lines: Sequence[Line], free: Days, turn: Turn, at: date, option: Charge) -> list[Line]:
    """When its account or the package itself stops or starts again on the day `at`.

    `free`: what the holds make free without the one that this change sets, or with that ended which it lifts.
    """
    if package.frequency is Frequency.ONCE:
        return _settle_once(package, lines, free, turn, at, option)
    by_itself = package.end == at  # it is this package that is cancelled, so at least a day of it is charged
    if at < package.start or (at >= package.term.end and not by_itself):
        return []
    if package.full_period and option is Charge.PRORATED:
        option = Charge.FULL
    period = package.grid.period(at)
    if turn is Turn.STARTS:
        return [] if has(free, at) else _starting(package, lines, free, period, at, option)
    return _stopping(package, lines, free, period, package.term.end if by_itself else at, option)


def _starting(
    package: Package, lines: Sequence[Line], free: Days, period: Span, at: date, option: Charge
) -> list[Line]:
    here = within([package.term], period)
    rest = without(within(here, Span(at, FOREVER)), joined(billed(lines), free))
    match option:
        case Charge.NONE:
            return [_waived(package, span, period) for span in rest]
        case Charge.FULL:
            return _charges(package, lines, without(here, billed(lines)), lambda _: period)
        case Charge.PRORATED:
            return _charges(package, lines, rest, lambda _: period) if package.mode is Mode.ADVANCE else []


def _stopping(
    package: Package, lines: Sequence[Line], free: Days, period: Span, at: date, option: Charge
) -> list[Line]:
    """`at`: the first day that is not used."""
    done = billed(lines)
    used = without([Span(package.start, at)], joined(done, free))
    if option is Charge.NONE:
        return [_waived(package, span, period) for span in within(used, period)]
    if option is Charge.FULL and not has(free, at):
        used = joined(used, without([Span(max(package.start, period.start), period.end)], done))
    pieces = [piece for span in used for piece in _by_period(package.grid, span)]
    charges = _charges(package, lines, pieces, package.grid.period)
    unused_from = period.end if option is Charge.FULL else at
    return [*charges, *_credits(package, lines, unused_from)]


def _by_period(of: Grid, span: Span) -> list[Span]:
    pieces = []
    while span.start < span.end:
        end = min(of.period(span.start).end, span.end)
        pieces.append(Span(span.start, end))
        span = Span(end, span.end)
    return pieces


def _credits(package: Package, lines: Sequence[Line], unused_from: date) -> list[Line]:
    made = []
    for (period, price), days in paid(lines).items():
        left = days
        for span in within(days, Span(unused_from, FOREVER)):
            before = count(left)
            amount = part_of_fee(price, before, -span.length, period.length)
            if package.full_period:
                amount = -price if before == span.length else rounded(0, price.currency)
            words = f"{_words(package, span)} not used, {span.length} of {period.length} days"
            made.append(_line(Kind.CREDIT, package, span, period, price, amount, words))
            left = without(left, [span])
    return made


def _charges(
    package: Package, lines: Sequence[Line], days: Iterable[Span], period_of: Callable[[date], Span]
) -> list[Line]:
    made: list[Line] = []
    of_period: defaultdict[Span, list[Line]] = defaultdict(list)
    for line in lines:
        of_period[line.period].append(line)
    for span in days:
        period = period_of(span.start)
        made.append(_charge(package, of_period[period], span, period))
        of_period[period].append(made[-1])
    return made


def _charge(package: Package, lines: Sequence[Line], span: Span, period: Span) -> Line:
    """`lines`: those of this period."""
    before = count(paid(lines).get((period, package.price), NONE))
    if package.full_period:
        amount = rounded(0, package.price.currency) if before else package.price
        words = f"{_words(package, span)}, a full period"
    else:
        amount = part_of_fee(package.price, before, span.length, period.length)
        words = f"{_words(package, span)}, {span.length} of {period.length} days"
    return _line(Kind.CHARGE, package, span, period, package.price, amount, words)


def _waived(package: Package, span: Span, period: Span) -> Line:
    words = f"{_words(package, span)}, not billed: the status was changed without a charge"
    return _line(Kind.WAIVED, package, span, period, package.price, rounded(0, package.price.currency), words)


def _once(package: Package) -> Line:
    day = Span(package.start, package.start + ONE)
    return _line(Kind.CHARGE, package, day, day, package.price, fee(package.price, 1, 1), f"{package.name}, once")


def _settle_once(
    package: Package, lines: Sequence[Line], free: Days, turn: Turn, at: date, option: Charge
) -> list[Line]:
    if turn is Turn.STARTS or billed(lines) or at < package.start or has(free, at):
        return []
    if option is Charge.NONE:
        return [_waived(package, (day := _once(package).days), day)]
    return [_once(package)]


def _line(  # noqa: PLR0913
    kind: Kind, package: Package, days: Span, period: Span, price: Money, amount: Money, words: str
) -> Line:
    return Line(kind=kind, package_id=package.id, days=days, period=period, price=price, amount=amount, words=words)


def _words(package: Package, days: Span) -> str:
    first, last = days.start, days.end - ONE
    return f"{package.name}, {day_words(first)}" + ("" if first == last else f" to {day_words(last)}")


@lru_cache(maxsize=4096)
def day_words(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
