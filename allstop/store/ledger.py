"""Write to the ledger, and prove that nobody has touched it since.

What is personal of a contact never stands in the chain itself: it lies beside its entry, which has a salted digest of
it. An `erase` entry names the entries whose personal part was taken away; one that is missing otherwise breaks the
chain. docs/notes/0010-erasing.md.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from allstop.store.models import LedgerHead, LedgerPersonal, LedgerRow

ERASE = "erase"  # the act that accounts for personal parts that are gone: after["erased"] has the numbers


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
    personal: Mapping[str, Any] | None = None,
    contact: int | None = None,
) -> None:
    """Call it last in the transaction of the change: it locks the end of the account's chain.

    `personal`: what may name or quote a contact, as {"reason": "...", "before": {...}, "after": {...}}. Readers see it
    laid over the rest, until it is erased. `contact`: whose it is; None: of many, or of somebody else if at all.
    The installation's own chain is not about contacts: what its operators type stands in it.
    """
    said = {key: value for key, value in (personal or {}).items() if value}
    entry: tuple[Any, ...] = (account_id, at, by, act, subject, reason, _json(before), _json(after))
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, (*entry, new_salt(), _json(said or None), contact))


_APPEND = "SELECT ledger_append(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


def new_salt() -> str:
    """For the digest of what lies beside an entry: nobody can guess it from the digest."""
    return secrets.token_hex(32)


def _json(value: dict[str, Any] | None) -> Any:
    return None if value is None else Jsonb(value)


def newest(account_id: int) -> int:
    """The number of the account's newest entry; 0 = there is none."""
    return LedgerHead.objects.filter(chain=account_id).values_list("number", flat=True).first() or 0


def hand_over(account_id: int, of: int, to: int) -> None:
    """One contact was merged into another: what lies beside the entries of the first is the other's from now on."""
    LedgerPersonal.objects.filter(account_id=account_id, contact_id=of).update(contact_id=to)


def erase(account_id: int, entries: Sequence[int]) -> list[int]:
    """Take away what lies beside these entries (by their ids); the numbers, which the `erase` entry must name."""
    gone = LedgerPersonal.objects.filter(account_id=account_id, entry_id__in=entries)
    numbers = sorted(gone.values_list("entry__number", flat=True))
    gone.delete()
    return numbers


@dataclass(frozen=True, slots=True)
class Broken:
    number: int
    problem: str


_VERIFY = """
WITH erased AS (
  SELECT (gone.number)::bigint AS number, max(e.number) AS by_entry
    FROM ledger e, jsonb_array_elements_text(e.after->'erased') AS gone(number)
   WHERE e.account_id IS NOT DISTINCT FROM %(account)s AND e.act = 'erase' GROUP BY 1)
SELECT e.number, e.hash = ledger_hash(e),
       e.previous = COALESCE(lag(e.hash) OVER chain, '') AND e.number = row_number() OVER chain,
       CASE WHEN p.entry_id IS NOT NULL THEN e.personal = ledger_digest(p.salt, p.data) END,
       e.personal = '' OR p.entry_id IS NOT NULL OR COALESCE(erased.by_entry > e.number, false)
  FROM ledger e LEFT JOIN ledger_personal p ON p.entry_id = e.id LEFT JOIN erased ON erased.number = e.number
 WHERE e.account_id IS NOT DISTINCT FROM %(account)s
WINDOW chain AS (ORDER BY e.number) ORDER BY e.number
"""


def verify(account_id: int | None) -> Broken | int:
    """The number of good entries of a chain, or the first that is not what it was."""
    with connection.cursor() as cursor:
        cursor.execute(_VERIFY, {"account": account_id})
        count = 0
        for number, is_itself, follows, beside_is_itself, is_accounted_for in cursor:
            if not is_itself or beside_is_itself is False:
                return Broken(number, "This entry was changed after it was written.")
            if not follows:
                return Broken(number, "An entry before this one is missing or was changed.")
            if not is_accounted_for:
                return Broken(number, "The personal part of this entry is gone, and no erasing says so.")
            count += 1
        cursor.execute("SELECT number FROM ledger_head WHERE chain = %s", [account_id or 0])
        head = cursor.fetchone()
    if (head[0] if head else 0) != count:
        return Broken(count + 1, "The newest entries are missing.")
    return count


def erased(account_id: int | None) -> int:
    """Of how many entries the personal part was erased."""
    if account_id is None:
        return 0  # contacts belong to an account
    rows = LedgerRow.objects.filter(account_id=account_id).exclude(personal="")
    return rows.filter(beside__isnull=True).count()
