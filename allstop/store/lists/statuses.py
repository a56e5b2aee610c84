"""For operators: accounts with their status, the Account Statistics, status types and reasons, changes of an account.

Served by account_status_type_id (a count for each type) and status_change_of_account.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db import connection
from django.db.models import Count, Q
from django.db.models.expressions import RawSQL

from allstop.rules.lifecycle import AccountStatus
from allstop.rules.roles import Role
from allstop.store.models import (
    Account,
    ChangeOf,
    Invoice,
    InvoiceState,
    Location,
    Member,
    Status,
    StatusChange,
    StatusImage,
    StatusReason,
    StatusType,
)

AT_ONCE = 100

# Only who has paid anything, or was credited, can have more than was billed.
_IN_CREDIT = """
SELECT a.id FROM (SELECT account_id FROM payment WHERE undone_at IS NULL
                  UNION SELECT account_id FROM invoice_line WHERE amount < 0) AS a(id)
 WHERE COALESCE((SELECT sum(amount) FROM invoice_line WHERE account_id = a.id), 0)
       < COALESCE((SELECT sum(amount) FROM payment WHERE account_id = a.id AND undone_at IS NULL), 0)"""


@dataclass(frozen=True, slots=True)
class CountedStatus:
    status: AccountStatus
    accounts: int


@dataclass(frozen=True, slots=True)
class AccountRow:
    id: int
    name: str
    zone: str
    type: StatusType
    members: int
    created_at: datetime


class BalanceIs(StrEnum):
    OWES = "owes"  # an invoice is open
    PAST_DUE = "past_due"  # and should have been paid
    CREDIT = "credit"  # more came in than was billed


@dataclass(frozen=True, slots=True)
class WantedAccounts:
    words: str = ""  # parts of the name
    type_id: int | None = None
    status: AccountStatus | None = None
    location: str = ""  # part of a location's name, or its code
    balance: BalanceIs | None = None
    today: date = date.min  # for BalanceIs.PAST_DUE


@dataclass(frozen=True, slots=True)
class TypeRow:
    type: StatusType
    accounts: int
    planned: int


def account_statistics() -> list[CountedStatus]:
    """Types that share a back-end status are added together, each only if it is to be counted (002-14, 002-15)."""
    counted = StatusType.objects.filter(is_counted=True).annotate(n=Count("accounts"))
    sums: dict[AccountStatus, int] = {}
    for one in counted:
        status = AccountStatus(one.status)
        sums[status] = sums.get(status, 0) + one.n
    return [CountedStatus(status, sums[status]) for status in AccountStatus if status in sums]


def find_accounts(wanted: WantedAccounts, after: str = "", limit: int = AT_ONCE) -> list[AccountRow]:
    """By name, from the one after `after`, which is a name and its number."""
    found = Account.objects.select_related("status_type").order_by("name", "pk")
    if wanted.type_id is not None:
        found = found.filter(status_type_id=wanted.type_id)
    if wanted.status is not None:
        found = found.filter(status_type__status=wanted.status.value)
    for word in wanted.words.split():
        found = found.filter(name__icontains=word)
    if where := wanted.location.strip():
        places = Location.objects.filter(Q(name__icontains=where) | Q(code__iexact=where))
        found = found.filter(pk__in=places.values("account_id"))
    if wanted.balance is not None:
        found = found.filter(_with_balance(wanted.balance, wanted.today))
    name, _, number = after.rpartition(":")
    if number.isascii() and number.isdigit():
        found = found.filter(Q(name__gt=name) | Q(name=name, pk__gt=int(number)))
    page = list(found[:limit])
    people = Member.objects.filter(account__in=[one.pk for one in page]).values_list("account")
    members = dict(people.annotate(n=Count("pk")).values_list("account", "n"))
    return [_row(one, members.get(one.pk, 0)) for one in page]


def _with_balance(balance: BalanceIs, today: date) -> Q:
    if balance is BalanceIs.CREDIT:
        return Q(pk__in=RawSQL(_IN_CREDIT, []))  # noqa: S611 - words of our own
    late = Invoice.objects.filter(state=InvoiceState.OPEN)  # invoice_unpaid
    if balance is BalanceIs.PAST_DUE:
        late = late.filter(due_on__lt=today)
    return Q(pk__in=late.values("account_id"))


def account_row(account_id: int) -> AccountRow | None:
    found = Account.objects.select_related("status_type").annotate(people=Count("members")).filter(pk=account_id)
    one = found.first()
    return _row(one, one.people) if one is not None else None


def account_people(account_id: int) -> list[Member]:
    """Whom to write to: its admins first."""
    found = Member.objects.filter(account_id=account_id).select_related("user")
    order = list(Role)
    return sorted(found, key=lambda one: (order.index(Role(one.role)), one.user.name.casefold()))


def account_messages(account_id: int) -> dict[str, int]:
    """How many have each status, exactly, by the tallies."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status, sum(count) FROM (SELECT account_id, status, count FROM tally"
            " UNION ALL SELECT account_id, status, count FROM tally_change) t"
            " WHERE account_id = %s GROUP BY status HAVING sum(count) <> 0",
            [account_id],
        )
        counts = {status: int(count) for status, count in cursor.fetchall()}
    return {one.value: counts[one.value] for one in Status if one.value in counts}


def status_types() -> list[TypeRow]:
    """By back-end status, then by name, with how many accounts have each and will have it."""
    coming = StatusChange.objects.filter(state=ChangeOf.COMING).values_list("type")
    planned = dict(coming.annotate(n=Count("pk")).values_list("type", "n"))
    order = list(AccountStatus)
    found = [TypeRow(one, one.n, planned.get(one.pk, 0)) for one in StatusType.objects.annotate(n=Count("accounts"))]
    return sorted(found, key=lambda row: (order.index(AccountStatus(row.type.status)), row.type.name.casefold()))


def status_images() -> dict[int, str]:
    """The digest of each type's uploaded picture: there are as many as types, a handful."""
    return dict(StatusImage.objects.values_list("type_id", "digest"))


def status_image(type_id: int) -> StatusImage | None:
    return StatusImage.objects.filter(type_id=type_id).first()


def status_reasons() -> list[StatusReason]:
    return list(StatusReason.objects.order_by("text"))


def planned_changes(account_id: int) -> list[StatusChange]:
    """In the order in which they will be carried out."""
    found = StatusChange.objects.filter(account_id=account_id, state=ChangeOf.COMING)
    return list(found.select_related("type").order_by("at", "pk"))


def past_changes(account_id: int, limit: int = AT_ONCE) -> list[StatusChange]:
    """What happened, the newest first; also what was taken back or refused."""
    found = StatusChange.objects.filter(account_id=account_id).exclude(state=ChangeOf.COMING)
    return list(found.order_by("-at", "-pk")[:limit])


def _row(one: Account, members: int) -> AccountRow:
    return AccountRow(one.pk, one.name, one.zone, one.status_type, members, one.created_at)
