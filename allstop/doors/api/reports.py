"""Reports: what came of the jobs of some days."""

from datetime import date

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from allstop.actions.reports import MEDIA, Report, ReportFormat, as_file, make_report
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Asked, Call, Day
from allstop.store.lists import ReportBy, ReportLine

router = Router(tags=["reports"])
BINARY = {"schema": {"type": "string", "format": "binary"}}


class ReportAsked(Asked):
    by: ReportBy = Field(ReportBy.DAY, description="day, location, channel or purpose.")
    since: Day | None = Field(None, description="The first day on which jobs were made; else two weeks ago.")
    until: Day | None = Field(None, description="The last day; else today.")


class ReportExportAsked(ReportAsked):
    format: ReportFormat = ReportFormat.CSV


class ReportLineOut(Schema):
    key: str = Field(description="The day, location, channel or purpose.")
    notifications: int = Field(description="sent + waiting + refused + canceled + errors + removed")
    sent: int
    waiting: int
    refused: int
    canceled: int = Field(description="By rules.")
    errors: int = Field(description="Failed, unknown, and rows of files that became no message.")
    removed: int
    confirmed: int = Field(description="Of the sent ones, as are the next three.")
    cancelled: int
    wrong: int
    other: int


class ReportOut(Schema):
    by: ReportBy
    since: date
    until: date
    items: list[ReportLineOut]


def line_shape(line: ReportLine) -> ReportLineOut:
    return ReportLineOut(key=line.key, notifications=line.total, **line.counts)


def report_shape(found: Report) -> ReportOut:
    lines = [line_shape(line) for line in found.lines]
    return ReportOut(by=found.by, since=found.since, until=found.until, items=lines)


@router.get("/report", response={200: ReportOut, **refusals()}, operation_id="get_report")
def get(request: Call, asked: Query[ReportAsked]) -> ReportOut:
    """What came of the jobs that were made on these days. Each line adds up, and all groupings to the same."""
    return report_shape(make_report(request.auth, asked.by, asked.since, asked.until, request.now))


@router.get(
    "/report/file",
    response={200: bytes, **refusals()},
    operation_id="export_report",
    openapi_extra={"responses": {200: {"description": "OK", "content": dict.fromkeys(MEDIA.values(), BINARY)}}},
)
def export(request: Call, asked: Query[ReportExportAsked]) -> HttpResponse:
    """The same as CSV or as an Excel workbook."""
    found = make_report(request.auth, asked.by, asked.since, asked.until, request.now)
    answer = HttpResponse(as_file(found, asked.format), content_type=MEDIA[asked.format])
    answer["Content-Disposition"] = f'attachment; filename="report.{asked.format}"'
    return answer
