"""`allstop contacts import` and `allstop contacts export`: the Phonebook from a file and to a file.

The rule that it guards: it says what a file will do before it asks, and without --yes nobody but a person at a terminal
can say yes.
"""

import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from allstop.actions.actor import Invalid
from allstop.cli.contacts import Assigned, At, InGroup, Search, Which, With, commands, contacts
from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.import_ import LOOK_EVERY, progress_bar
from allstop.cli.printing import Exit, JsonOption, count

if TYPE_CHECKING:
    from allstop.doors.api.contact_imports import ContactImportOut

__all__ = ["commands"]  # of the whole family

PROBLEMS_SHOWN = 10
CHUNK = 1 << 20


class ExportAs(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    VCARD3 = "vcard3"
    VCARD4 = "vcard4"


@contacts.command("import")
def import_contacts(  # noqa: PLR0913 - each is an option of the command
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV, XLSX or vCard.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look at every row, say what would happen, stop.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Where both differ, the file is right.")] = False,
    column: Annotated[
        list[str] | None, typer.Option("--column", metavar="NAME=FIELD", help="What a column holds; more than once.")
    ] = None,
    refused: Annotated[Path | None, typer.Option("--refused", help="Write the refused rows there, as CSV.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import contacts from a file. Says what it will do, then asks. Blocks are never lifted by it."""
    with desk(account, as_json) as at:
        from allstop.actions.contact_imports import confirm, discard
        from allstop.doors.api.contact_imports import ContactChoices, contact_import_shape, take_contacts

        choices = ContactChoices.model_validate({"columns": _columns(column or []), "overwrite": overwrite})
        with file.open("rb") as opened:
            source = take_contacts(at.actor, file.name, iter(lambda: opened.read(CHUNK), b""), choices, at.now)
        try:
            shape = contact_import_shape(at.actor, source.pk, whole=dry_run)
            if dry_run or not as_json:
                at.out.show(shape, lambda: _print_preview(at, shape))
            if not dry_run:
                _agree(shape, yes)
                confirm(at.actor, source.pk, at.now)
        except BaseException:  # Ctrl-C at the question as well: a file that nobody confirmed is not kept
            discard(at.actor, source.pk, at.now)
            raise
        if dry_run:
            discard(at.actor, source.pk, at.now)
            return
        _run(at, source.pk)
        done = contact_import_shape(at.actor, source.pk)
        at.out.show(done, lambda: _print_result(at, done))
        _write_refused(at, done, refused)
        if done.state != "done":
            raise typer.Exit(Exit.ERROR)
        if done.refused:
            raise typer.Exit(Exit.PARTLY)


def _columns(said: list[str]) -> dict[str, Any]:
    from allstop.formats.person import PersonField

    found: dict[str, Any] = {}
    for one in said:
        name, equals, field = one.rpartition("=")
        if not equals or (field and field not in list(PersonField)):
            raise Invalid(column=f"Write --column NAME=FIELD with one of these fields: {', '.join(PersonField)}.")
        found[name] = PersonField(field) if field else None
    return found


def _agree(shape: "ContactImportOut", yes: bool) -> None:
    assert shape.preview is not None  # it was taken in just now
    if shape.preview.blocker:
        raise Invalid(columns=shape.preview.blocker)
    if yes:
        return
    if not sys.stdin.isatty():
        raise Invalid(yes="Nobody is there to ask. Look at it with --dry-run, and say --yes to import it.")
    if not typer.confirm("Import it?", err=True):
        raise typer.Exit(Exit.ERROR)


def _run(at: Desk, import_id: int) -> None:
    """Here, unless a worker was quicker; then it is waited for."""
    from django.db import connections

    from allstop.actions.contact_import_run import run_here

    def run() -> None:
        try:
            run_here(import_id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        _watch(at, import_id, pool.submit(run))


def _watch(at: Desk, import_id: int, running: "Future[None]") -> None:
    from allstop.actions.contact_import_run import OPEN
    from allstop.store.models import ContactImport

    move, finish = progress_bar(at)
    while True:
        source = ContactImport.objects.only("state", "position", "rows_total").get(pk=import_id)
        move(source.position, source.rows_total)
        if running.done():
            running.result()  # a fault of ours is raised here
            if source.state not in OPEN:
                break
        time.sleep(LOOK_EVERY)
    finish()


def _print_preview(at: Desk, shape: "ContactImportOut") -> None:
    seen = shape.preview
    assert seen is not None
    print(f"{shape.file_name}: about {count(shape.rows_total, 'row')}.")
    held = [f"{name} = {field}" for name, field in seen.columns.items() if field]
    if held:
        print(f"Columns: {', '.join(held)}.")
    for note in seen.notes:
        print(f"Assumed: {note}")
    print(
        f"Of {count(seen.rows_looked_at, 'row')}: {seen.added:,} new, {seen.completed:,} to be completed,"
        f" {seen.unchanged:,} there already, {seen.refused:,} refused."
    )
    _print_problems(at, [(one.row, one.column, one.value, one.problem) for one in seen.problems[:PROBLEMS_SHOWN]])


def _print_result(at: Desk, shape: "ContactImportOut") -> None:
    if shape.state != "done":
        print(shape.failure)
        return
    print(
        f"{count(shape.rows_done, 'row')}: {shape.added:,} new, {shape.completed:,} completed,"
        f" {shape.unchanged:,} there already, {shape.refused:,} refused."
    )
    if shape.undo_until is not None:
        print(f"To take it back within ten minutes: allstop contacts undo-import {shape.id}")


def _write_refused(at: Desk, shape: "ContactImportOut", to: Path | None) -> None:
    from allstop.actions.contact_imports import refused_csv

    if to is not None and shape.refused:
        to.write_bytes(b"".join(refused_csv(at.actor, shape.id)))


def _print_problems(at: Desk, problems: list[tuple[int, str, str, str]]) -> None:
    if problems:
        at.out.table(("Row", "Column", "Value", "Problem"), [(str(row), *rest) for row, *rest in problems])


@contacts.command("undo-import")
def undo_import(
    number: Annotated[int, typer.Argument(min=1, help="The number of the import.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take an import back within ten minutes, but for whom somebody has changed since."""
    with desk(account, as_json) as at:
        from allstop.actions.contact_import_undo import ask_for_undo, undo_here
        from allstop.doors.api.contact_imports import contact_import_shape

        ask_for_undo(at.actor, number, at.now)
        undo_here(number)
        shape = contact_import_shape(at.actor, number)
        words = f"{shape.removed:,} removed, {shape.restored:,} as they were, {shape.kept:,} left: changed since."
        at.out.show(shape, lambda: print(words))


@contacts.command("export")
def export(  # noqa: PLR0913 - each is an option of the command
    to: Annotated[Path, typer.Argument(dir_okay=False, writable=True, help="The file to write.")],
    kind: Annotated[ExportAs | None, typer.Option("--format", help="Else by the file's ending.")] = None,
    search: Search = "",
    shown: With = None,
    assigned_to: Assigned = "",
    group: InGroup = "",
    location: At = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Export all contacts that match as CSV, Excel or vCard. Who exported how many stands in the ledger."""
    with desk(account, as_json) as at:
        from allstop.actions.bulk import Selection
        from allstop.actions.contact_export import ExportFormat, export_contacts
        from allstop.doors.api.bulk import CountOut

        endings = {".csv": "csv", ".xlsx": "xlsx", ".vcf": "vcard3"}
        word = kind.value if kind else endings.get(to.suffix.lower())
        if word is None:
            raise Invalid(format="Say --format csv, xlsx, vcard3 or vcard4, or end the name in .csv, .xlsx or .vcf.")
        wanted = Which(search=search, shown=shown, assigned_to=assigned_to, group=group, location=location).filter(at)
        made = export_contacts(at.actor, Selection(filter=wanted), ExportFormat(word), at.now)
        with to.open("wb") as file:
            for piece in made.pieces:
                file.write(piece)
        at.out.show(CountOut(count=made.count), lambda: print(f"{count(made.count, 'contact')} in {to}."))
