"""Files of leads that an account has handed in, and what became of their rows."""

from dataclasses import dataclass
from uuid import UUID

from allstop.store.lists.reading import rows
from allstop.store.models import LeadImport

SHOWN = 20


@dataclass(frozen=True, slots=True)
class LeadImportLine:
    id: int
    row: int  # of the file, from 1
    outcome: str
    words: str  # why not; "" = created
    lead_id: int | None  # created, or the one that stands
    lead: UUID | None  # the same, as programs have it
    name: str  # of the lead's contact


_LINES = """
SELECT r.id, r.row, r.outcome, r.words, r.lead_id, l.public_id,
       COALESCE(trim(c.given_name || ' ' || c.family_name), '')
  FROM lead_import_row r JOIN lead_import i ON i.id = r.lead_import_id
  LEFT JOIN lead l ON l.id = r.lead_id LEFT JOIN contact c ON c.id = l.contact_id
 WHERE i.account_id = %(account)s AND r.lead_import_id = %(import)s AND r.id > %(after)s
   AND (NOT %(refused)s OR r.outcome <> 'created')
 ORDER BY r.id LIMIT %(limit)s"""
_REASONS = """
SELECT r.outcome, CASE WHEN r.outcome = 'unusable' THEN '' ELSE min(r.words) END, count(*)
  FROM lead_import_row r JOIN lead_import i ON i.id = r.lead_import_id
 WHERE i.account_id = %(account)s AND r.lead_import_id = %(import)s AND r.outcome <> 'created'
 GROUP BY r.outcome ORDER BY count(*) DESC, r.outcome"""


def lead_imports(account_id: int) -> list[LeadImport]:
    """The newest first (lead_import_list)."""
    return list(LeadImport.objects.filter(account_id=account_id).defer("content").order_by("-pk")[:SHOWN])


def lead_import_rows(
    account_id: int, import_id: int, *, after: int = 0, limit: int = 200, refused: bool = False
) -> list[LeadImportLine]:
    """In the file's order (lead_import_row_list). `refused`: only those that became no lead."""
    values = {"account": account_id, "import": import_id, "after": after, "limit": limit, "refused": refused}
    return rows(LeadImportLine, _LINES, values)


def lead_import_reasons(account_id: int, import_id: int) -> list[tuple[str, str, int]]:
    """Outcome, its words ("" where each row has its own), how many rows: the most first."""
    return rows(_reason, _REASONS, {"account": account_id, "import": import_id})


def _reason(outcome: str, words: str, number: int) -> tuple[str, str, int]:
    return outcome, words, number
