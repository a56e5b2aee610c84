"""`allstop report`: what came of the jobs of some days."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from allstop.actions.actor import Invalid
from allstop.cli.desk import AccountOption, desk
from allstop.cli.printing import JsonOption

commands = typer.Typer()


@commands.command("report")
def report(
    by: Annotated[str, typer.Option("--by", help="day, location, channel or purpose.")] = "day",
    since: Annotated[datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="The first day.")] = None,
    until: Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="The last day.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="Write it there; .xlsx or .csv by the name.")] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """What came of the jobs that were made on these days; of the last two weeks unless said otherwise."""
    with desk(account, as_json) as at:
        from allstop.actions.reports import HEADS, ReportFormat, as_file, make_report
        from allstop.doors.api.reports import report_shape
        from allstop.store.lists import ReportBy

        if by not in list(ReportBy):
            raise Invalid(by=f"Say {', '.join(ReportBy)}.")
        found = make_report(at.actor, ReportBy(by), _day(since), _day(until), at.now)
        if file is not None:
            file.write_bytes(as_file(found, ReportFormat.XLSX if file.suffix == ".xlsx" else ReportFormat.CSV))
        shape = report_shape(found)
        rows = [
            (line.key, str(line.total), *(str(line.counts[name]) for name in HEADS if name != "notifications"))
            for line in found.lines
        ]
        at.out.show(shape, lambda: at.out.table((by.capitalize(), *HEADS.values()), rows))


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None
