"""Reports over jobs: of which days, and as a file for a spreadsheet program."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from allstop.actions.actor import Actor, Invalid, require
from allstop.formats.delimited_writing import write_csv
from allstop.formats.workbook_writing import write_xlsx
from allstop.rules.roles import Act
from allstop.rules.wallclock import local_date, zone_clock
from allstop.store import lists
from allstop.store.models import Account

USUAL_DAYS = 14
MOST_DAYS = 366
FIRST_YEAR, LAST_YEAR = 2000, 2999  # a clock has no day before the year 1 nor after 9999, and a zone moves both
HEADS = {
    "notifications": "Notifications",
    "sent": "Sent",
    "waiting": "Waiting",
    "refused": "Refused",
    "canceled": "Canceled by rules",
    "errors": "Errors",
    "removed": "Removed",
    "confirmed": "Confirmed",
    "cancelled": "Cancelled (NO)",
    "wrong": "Wrong number",
    "other": "Replied",
}


class ReportFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


MEDIA = {
    ReportFormat.CSV: "text/csv; charset=utf-8",
    ReportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Report:
    by: lists.ReportBy
    since: date
    until: date  # the last day
    lines: Sequence[lists.ReportLine]

    @property
    def totals(self) -> dict[str, int]:
        return {
            "notifications": sum(line.total for line in self.lines),
            **{name: sum(line.counts[name] for line in self.lines) for name in HEADS if name != "notifications"},
        }


def make_report(actor: Actor, by: lists.ReportBy, since: date | None, until: date | None, now: datetime) -> Report:
    """Of the jobs that were made on these days of the account's calendar; else of the last two weeks."""
    require(actor, Act.VIEW)
    zone = Account.objects.values_list("zone", flat=True).get(pk=actor.account_id)
    last = until or local_date(now, zone)
    for name, day in (("since", since), ("until", until)):
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise Invalid(**{name: f"Choose a day of the years {FIRST_YEAR} to {LAST_YEAR}."})
    first = since or last - timedelta(days=USUAL_DAYS - 1)
    if last < first:
        raise Invalid(until="The last day is before the first one.")
    if (last - first).days >= MOST_DAYS:
        raise Invalid(since=f"Choose at most {MOST_DAYS} days.")
    clock = zone_clock(zone)
    begins = datetime(first.year, first.month, first.day, tzinfo=clock)
    following = last + timedelta(days=1)
    ends = datetime(following.year, following.month, following.day, tzinfo=clock)
    return Report(by, first, last, lists.report(actor.account_id, by, begins, ends, zone))


def as_file(report: Report, kind: ReportFormat) -> bytes:
    """Names of locations are the account's own; a cell that a spreadsheet program would run is made plain."""
    heads = (report.by.value.capitalize(), *HEADS.values())
    cells = [
        (line.key, str(line.total), *(str(line.counts[name]) for name in HEADS if name != "notifications"))
        for line in report.lines
    ]
    if kind is ReportFormat.XLSX:
        return b"".join(write_xlsx(heads, cells, "Report"))
    return b"".join(write_csv(heads, cells))
