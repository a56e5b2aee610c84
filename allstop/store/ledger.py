"""Write to the ledger, and prove that nobody has touched it since."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from allstop.store.models import LedgerEntry, LedgerHead


def append(  # noqa: PLR0913 - the columns of one row, each by its name
    *,
    account_id: int | None,
    at: datetime,
    by: str,
    act: str,
    subject: str,
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Call it last in the transaction of the change: it locks the end of the account's chain."""
    LedgerEntry.objects.create(
        account_id=account_id,
        at=at,
        by=by,
        act=act,
        subject=subject,
        reason=reason,
        before=before,
        after=after,
    )


def newest(account_id: int) -> int:
    """The number of the account's newest entry; 0 = there is none."""
    return LedgerHead.objects.filter(chain=account_id).values_list("number", flat=True).first() or 0


@dataclass(frozen=True, slots=True)
class Broken:
    number: int
    problem: str


def verify(account_id: int | None) -> Broken | int:
    """The number of good entries of a chain, or the first that is not what it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, hash = ledger_hash(ledger),"
            " previous = COALESCE(lag(hash) OVER chain, '') AND number = row_number() OVER chain"
            " FROM ledger WHERE account_id IS NOT DISTINCT FROM %s"
            " WINDOW chain AS (ORDER BY number) ORDER BY number",
            [account_id],
        )
        count = 0
        for number, is_itself, follows in cursor:
            if not is_itself:
                return Broken(number, "This entry was changed after it was written.")
            if not follows:
                return Broken(number, "An entry before this one is missing or was changed.")
            count += 1
        cursor.execute("SELECT number FROM ledger_head WHERE chain = %s", [account_id or 0])
        head = cursor.fetchone()
    if (head[0] if head else 0) != count:
        return Broken(count + 1, "The newest entries are missing.")
    return count
