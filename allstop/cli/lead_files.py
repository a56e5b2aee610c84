"""`allstop leads import` and `allstop leads imports`: leads from files, and what became of their rows."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.leads import leads
from allstop.cli.printing import Exit, JsonOption, count

if TYPE_CHECKING:
    from allstop.doors.api.lead_imports import LeadImportOut

commands = typer.Typer()  # what is here belongs to the family of leads.py


@leads.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV, XLSX or vCard.")],
    kind: Annotated[str, typer.Option(help="Of all of them: your own word, such as buyer.")] = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Leads from a file, row by row. Handing it in again makes nothing twice."""
    with desk(account, as_json) as at:
        from allstop.actions.lead_import import import_leads

        with file.open("rb") as opened:
            chunks = iter(lambda: opened.read(1 << 20), b"")
            source = import_leads(at.actor, file.name, chunks, kind, at.now, wait=True)
        shape = _show(at, source.pk)
        if shape.refused or shape.failure:
            raise typer.Exit(Exit.PARTLY)


@leads.command("imports")
def imports(
    number: Annotated[int | None, typer.Argument(metavar="[NUMBER]", help="Of one file; left out: list them.")] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """The latest files of leads; of one, how far it is and which rows became no lead."""
    with desk(account, as_json) as at:
        if number is not None:
            _show(at, number)
            return
        from allstop.doors.api.lead_imports import lead_imports_page

        page = lead_imports_page(at.actor)
        rows = [
            (str(one.id), one.file_name, one.state, f"{one.created:,}", f"{sum(one.refused.values()):,}", one.by)
            for one in page.items
        ]
        headings = ("Number", "File", "State", "Leads", "Not taken", "By")
        at.out.show(page, lambda: at.out.table(headings, rows) if rows else print("There are no files yet."))


def _show(at: Desk, number: int) -> "LeadImportOut":
    from allstop.doors.api.lead_imports import RowsAsked, lead_import_rows_page, lead_import_shape

    shape = lead_import_shape(at.actor, number)

    def tell() -> None:
        after: int | None = None
        while True:
            page = lead_import_rows_page(at.actor, number, RowsAsked(after=after, limit=200, refused=True))
            for one in page.items:
                print(f"Row {one.row}: {one.name + ': ' if one.name else ''}{one.words}")
            if (after := page.next) is None:
                break
        left_out = sum(shape.refused.values())
        print(
            f"File {shape.id}, {shape.state}: {count(shape.created, 'lead')} created,"
            f" {count(left_out, 'row')} became none."
        )
        if shape.failure:
            print(shape.failure)

    at.out.show(shape, tell)
    return shape
