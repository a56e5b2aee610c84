"""From rows to the facts of rules/invoicing.py: what accounts have, what was billed of it, and when nothing is.

Days on which a status makes fees free are read off the changes of the account's status, by the day from which each
counts, so that a change that a worker carried out late is billed by the day for which it was planned.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F, Q

from allstop.rules.days import FOREVER, Days, Span, held_days, without
from allstop.rules.holds import Effect, Scope, StandingHold, spells
from allstop.rules.invoicing import Facts
from allstop.rules.lifecycle import HOLD_OF, AccountStatus, blocks_of
from allstop.rules.money import Money
from allstop.rules.packages import Kind, Line, Package
from allstop.rules.periods import Frequency, Grid, Mode, grid
from allstop.rules.rating import Rate, Unit, UsageLine, Used
from allstop.store.models import Account, BillingTerms, ChangeOf, Component, StatusChange
from allstop.store.models import Rate as RateRow

ALWAYS = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Books:
    """An account that is billed, with all that its next bill depends on."""

    terms: BillingTerms
    account: Account
    components: Mapping[int, Component]
    facts: Facts

    @property
    def status(self) -> AccountStatus:
        return AccountStatus(self.account.status_type.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is to be read. A bill run needs neither lines nor usage that it has settled for good."""

    usage_to: date  # periods that begin later are left out
    is_run: bool = False
    not_this: int | None = None  # a change of status that is just being carried out
    enabled_at: datetime | None = None  # what the status holds now ends then


def books_of(account_ids: Sequence[int], reading: Reading) -> dict[int, Books]:
    """Of those that are billed."""
    terms = {one.account_id: one for one in BillingTerms.objects.filter(account__in=account_ids)}
    accounts = Account.objects.select_related("status_type").in_bulk(list(terms))
    components: dict[int, dict[int, Component]] = defaultdict(dict)
    for one in Component.objects.filter(account__in=list(terms)).order_by("pk"):
        components[one.account_id][one.pk] = one
    lines = _fee_lines([one for its in components.values() for one in its.values()], reading)
    status = statuses_of(accounts, reading)
    rates = _rates(terms)
    usage = _usage(terms, {pk: status[pk].free_of_usage for pk in terms}, reading)
    return {
        pk: Books(
            its,
            accounts[pk],
            components[pk],
            Facts(
                currency=its.currency,
                bill_day=its.bill_day,
                opened=its.since,
                packages=[package_of(one, its) for one in components[pk].values()],
                lines={
                    one.pk: [*_settled(one, its, reading), *lines.get(one.pk, ())] for one in components[pk].values()
                },
                free=status[pk].free,
                free_of_usage=status[pk].free_of_usage,
                rates=rates[pk],
                used=usage[pk].used,
                usage_lines=usage[pk].lines,
            ),
        )
        for pk, its in terms.items()
    }


def package_of(one: Component, terms: BillingTerms) -> Package:
    return Package(
        id=one.pk,
        name=one.name if one.quantity == 1 else f"{one.quantity} x {one.name}",
        price=Money(one.price * one.quantity, terms.currency),
        frequency=Frequency(one.frequency),
        mode=Mode(one.mode),
        bill_day=terms.bill_day,
        start=one.starts_on,
        end=one.ends_on,
        full_period=one.is_full_period,
    )


def months_of(terms: BillingTerms) -> Grid:
    return grid(terms.since, 1, terms.bill_day)


# --- fees


# For each component by the index invoice_line_of_component, whatever the statistics say: the first run fills an empty
# table, and a plan that reads all of it in each slice would take longer with each. Below likewise.
_FEES = """
SELECT c.id, l.kind, l.starts_on, l.ends_on, l.period_start, l.period_end, l.amount, l.currency, l.words
  FROM unnest(%s::bigint[], %s::date[]) AS c(id, settled_to),
       LATERAL (SELECT * FROM invoice_line WHERE component_id = c.id AND period_end > c.settled_to
                 ORDER BY id OFFSET 0) l"""
_USAGE_LINES = """
SELECT a.id, l.unit, l.starts_on, l.ends_on, l.period_start, l.period_end, l.quantity, l.amount, l.currency, l.words
  FROM unnest(%s::bigint[]) AS a(id),
       LATERAL (SELECT * FROM invoice_line WHERE account_id = a.id AND kind = 'usage' AND period_start >= %s
                 ORDER BY id OFFSET 0) l"""


def _fee_lines(components: Sequence[Component], reading: Reading) -> dict[int, list[Line]]:
    """Of each component in the order in which they were made."""
    prices = {one.pk: one.price * one.quantity for one in components}
    settled = [one.settled_to if reading.is_run else date.min for one in components]
    found: dict[int, list[Line]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_FEES, [list(prices), settled])
        for pk, kind, start, end, first, last, amount, currency, words in cursor.fetchall():
            found[pk].append(
                Line(
                    kind=Kind(kind),
                    package_id=pk,
                    days=Span(start, end),
                    period=Span(first, last),
                    price=Money(prices[pk], currency),
                    amount=Money(amount, currency),
                    words=words,
                )
            )
    return found


def _settled(one: Component, terms: BillingTerms, reading: Reading) -> list[Line]:
    """In the place of the lines that a run does not read: nothing is due of the days before."""
    if not reading.is_run or one.settled_to <= one.starts_on:
        return []
    days = Span(one.starts_on, one.settled_to)
    nothing = Money(Decimal(0), terms.currency)
    return [
        Line(
            kind=Kind.WAIVED, package_id=one.pk, days=days, period=days, price=nothing, amount=nothing, words="settled"
        )
    ]


# --- what a status makes free


@dataclass(frozen=True, slots=True)
class StatusDays:
    free: Days  # of recurring fees
    free_of_usage: Days
    changed_at: datetime  # the last change before: nothing counts from an earlier time


def statuses_of(accounts: Mapping[int, Account], reading: Reading) -> dict[int, StatusDays]:
    rows = StatusChange.objects.filter(account__in=list(accounts), state=ChangeOf.DONE).order_by("ended_at", "pk")
    changes: dict[int, list[StatusChange]] = defaultdict(list)
    for one in rows.exclude(pk=reading.not_this or 0):
        changes[one.account_id].append(one)
    return {pk: _status_days(account, changes[pk], reading) for pk, account in accounts.items()}


def _status_days(account: Account, changes: Sequence[StatusChange], reading: Reading) -> StatusDays:
    first = changes[0].old_status if changes else account.status_type.status
    holds: list[StandingHold] = []
    since, status, bills_usage = ALWAYS, AccountStatus(first or AccountStatus.ACTIVE), True
    for change in changes:
        at = max(change.at, since)  # one that was carried out late counts from its own time, but never backwards
        holds.append(_hold(status, since, at, bills_usage))
        since, status, bills_usage = at, AccountStatus(change.status), change.bills_usage
    end = max(reading.enabled_at, since) if reading.enabled_at is not None else None
    holds.append(_hold(status, since, end, bills_usage))
    zone = ZoneInfo(account.zone)
    return StatusDays(
        held_days(spells(holds, Effect.RECURRING_BILLING), zone),
        held_days(spells(holds, Effect.USAGE_BILLING), zone),
        since,
    )


def _hold(status: AccountStatus, at: datetime, until: datetime | None, bills_usage: bool) -> StandingHold:
    return StandingHold(
        name=HOLD_OF[status] or "",
        scope=Scope.ACCOUNT,
        blocks=blocks_of(status, usage_while_suspended=bills_usage),
        by="",
        at=at,
        until=until,
    )


# --- usage


@dataclass(slots=True)
class _Usage:
    lines: list[UsageLine] = field(default_factory=list)
    used: list[Used] = field(default_factory=list)


_SUMS = """
SELECT p.account_id, p.start, u.unit, sum(u.quantity), min(u.day), max(u.day)
  FROM unnest(%s::bigint[], %s::date[], %s::date[], %s::date[]) AS p(account_id, start, first, last)
  JOIN usage_day u ON u.account_id = p.account_id AND u.day >= p.first AND u.day < p.last
 GROUP BY 1, 2, 3"""


def _usage(terms: Mapping[int, BillingTerms], free: Mapping[int, Days], reading: Reading) -> dict[int, _Usage]:
    """What was used and not billed, as sums for each month of the account and each unit."""
    found = {pk: _Usage() for pk in terms}
    pieces = [piece for pk, its in terms.items() for piece in _pieces(its, free[pk], reading)]
    if not pieces:
        return found
    billed: dict[tuple[int, date, str], Decimal] = defaultdict(Decimal)
    for pk, line in _usage_lines(terms, min(piece.month for piece in pieces)):
        found[pk].lines.append(line)
        billed[pk, line.period.start, line.unit.value] += line.quantity
    with connection.cursor() as cursor:
        cursor.execute(
            _SUMS,
            [
                [one.account_id for one in pieces],
                [one.month for one in pieces],
                [one.span.start for one in pieces],
                [one.span.end for one in pieces],
            ],
        )
        for pk, month, unit, quantity, first, last in cursor.fetchall():
            left = quantity - billed[pk, month, unit]
            if left > 0:
                found[pk].used += [Used(Unit(unit), first, left), Used(Unit(unit), last, Decimal(0))]
    return found


@dataclass(frozen=True, slots=True)
class _Piece:
    account_id: int
    month: date  # on which it begins
    span: Span


def _pieces(terms: BillingTerms, free: Days, reading: Reading) -> Iterable[_Piece]:
    """The months to look at, without the days that are free. One month before the last that was billed is looked at
    again: what a worker told late is in it."""
    months = months_of(terms)
    at = months.index(max(terms.usage_to, terms.since)) - 1
    while months.edge(at) < reading.usage_to:
        month = Span(months.edge(at), months.edge(at + 1))
        gone = [*free, Span(date.min, terms.since), Span(reading.usage_to, FOREVER)]
        yield from (_Piece(terms.account_id, month.start, span) for span in without([month], gone))
        at += 1


def _usage_lines(terms: Mapping[int, BillingTerms], since: date) -> Iterable[tuple[int, UsageLine]]:
    with connection.cursor() as cursor:
        cursor.execute(_USAGE_LINES, [list(terms), since])
        for pk, unit, start, end, first, last, quantity, amount, currency, words in cursor.fetchall():
            yield (
                pk,
                UsageLine(
                    unit=Unit(unit),
                    days=Span(start, end),
                    period=Span(first, last),
                    quantity=quantity,
                    amount=Money(amount, currency),
                    words=words,
                ),
            )


def _rates(terms: Mapping[int, BillingTerms]) -> dict[int, dict[Unit, Rate]]:
    """An account's own comes before the one of all."""
    found: dict[int, dict[Unit, Rate]] = {pk: {} for pk in terms}
    rows = RateRow.objects.filter(Q(account=None) | Q(account__in=list(terms))).order_by(
        F("account").asc(nulls_first=True)
    )
    of_all: dict[str, dict[Unit, Rate]] = defaultdict(dict)
    own: dict[int, dict[Unit, Rate]] = defaultdict(dict)
    for one in rows:
        unit = Unit(one.unit)
        rate = Rate(unit=unit, price=one.price, currency=one.currency, included=one.included)
        if one.account_id is None:
            of_all[one.currency][unit] = rate
        elif one.currency == terms[one.account_id].currency:
            own[one.account_id][unit] = rate
    for pk, its in terms.items():
        found[pk] = {**of_all[its.currency], **own[pk]}
    return found


# --- when a run has to look again


def next_date(package: Package, day: date) -> date | None:
    """The first bill date after a run on `day` that has billed the component as far as it can; None: there is none."""
    if day < package.start:
        return package.start
    if package.frequency is Frequency.ONCE:
        return None
    end = package.grid.period(day).end
    if package.mode is Mode.ADVANCE:
        return end if end < package.term.end else None
    return min(end, package.term.end) if package.term.end > day else None


def settled_to(package: Package, before: date, day: date) -> date:
    """After the same: of the period in which the day is, something may still be billed."""
    if day < package.start:
        return before
    if package.frequency is Frequency.ONCE:
        return package.start + timedelta(days=1)
    return max(package.grid.period(day).start, before)


def keep_settled(components: Mapping[int, date], accounts: Mapping[int, tuple[date, date]]) -> None:
    """How far a run has settled components, and each account: its usage, and when it is looked at next."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE component SET settled_to = n.day FROM unnest(%s::bigint[], %s::date[]) AS n(id, day)"
            " WHERE component.id = n.id AND component.settled_to <> n.day",
            [list(components), list(components.values())],
        )
        cursor.execute(
            "UPDATE billing_terms SET usage_to = n.usage, next_on = n.next"
            " FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS n(id, usage, next) WHERE account_id = n.id",
            [list(accounts), [usage for usage, _ in accounts.values()], [at for _, at in accounts.values()]],
        )
