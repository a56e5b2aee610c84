"""`allstop import`: a file of reminders, from its guess to its job, in one go.

The rule that it guards: it shows what will be sent before it asks, and without --yes nobody but a person at a terminal
can say yes.
"""

import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from allstop.actions.actor import Invalid
from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import Exit, JsonOption, count
from allstop.rules.words import Channel, Purpose

if TYPE_CHECKING:
    from allstop.doors.api.import_choices import ImportChoices
    from allstop.doors.api.imports import ImportOut

commands = typer.Typer()

ROWS_SHOWN = 5
PROBLEMS_SHOWN = 10
LOOK_EVERY = 0.1  # seconds


@commands.command("import")
def import_file(  # noqa: PLR0913 - each is an option that a person types
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV, XLSX, .ics or FHIR.")],
    name: Annotated[str | None, typer.Option("--name", help="Of the job; else the file's.")] = None,
    purpose: Annotated[Purpose | None, typer.Option("--purpose", help="Else guessed.")] = None,
    channel: Annotated[
        list[Channel] | None, typer.Option("--channel", help="May be given several times, in the order to try.")
    ] = None,
    template: Annotated[
        str | None, typer.Option("--template", help="Saved wording of this name, on each channel that has one.")
    ] = None,
    plan: Annotated[
        str | None, typer.Option("--plan", help="A message plan by its name, in place of channels and wording.")
    ] = None,
    options: Annotated[
        Path | None,
        typer.Option("--options", exists=True, dir_okay=False, help="JSON with anything else, as docs/api.md says."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import a file of reminders. Shows what was guessed and the first messages, then asks."""
    with desk(account, as_json) as at:
        from allstop.actions.imports import confirm, discard
        from allstop.doors.api.imports import import_shape, take_in
        from allstop.store.models import JobSource

        said = {"name": name, "purpose": purpose, "channels": channel or None, "plan_id": _plan(at, plan)}
        choices = _choices(at, {key: value for key, value in said.items() if value is not None}, options, template)
        taken = take_in(at.actor, (file.name, file.read_bytes()), choices, JobSource.COMMAND, at.now)
        shape = import_shape(at.actor, taken.pk, at.now)
        if not as_json:
            _print_preview(at, shape)
        try:
            _agree(shape, yes)
            confirm(at.actor, taken.pk, at.now)
        except BaseException:  # Ctrl-C at the question as well: a file that nobody confirmed is not kept
            discard(at.actor, taken.pk, at.now)
            raise
        _run(at, taken.pk)
        done = import_shape(at.actor, taken.pk, at.now)
        at.out.show(done, lambda: _print_result(at, done))
        if done.state != "done":
            raise typer.Exit(Exit.ERROR)
        if done.rows_refused:
            raise typer.Exit(Exit.PARTLY)


def _choices(at: Desk, said: dict[str, Any], options: Path | None, template: str | None) -> "ImportChoices":
    from pydantic import ValidationError

    from allstop.doors.api.import_choices import ImportChoices
    from allstop.doors.api.shape_words import WrongShape, shape_problems

    try:
        read = ImportChoices.model_validate_json(options.read_bytes() if options else b"{}")
        if template is not None:
            said["wording"] = _saved_wording(at, template)
        return ImportChoices.model_validate({**read.model_dump(include=read.model_fields_set), **said})
    except ValidationError as wrong:
        raise WrongShape(**shape_problems(wrong.errors(), "options")) from wrong


def _plan(at: Desk, name: str | None) -> int | None:
    from allstop.store import lists

    if name is None:
        return None
    known = {one.name: one.pk for one in lists.message_plans(at.actor.account_id)}
    found = next((number for one, number in known.items() if one.casefold() == name.casefold()), None)
    if found is None:
        raise Invalid(plan=f"There is no message plan {name}. Known are: {', '.join(known) or 'none yet'}.")
    return found


def _saved_wording(at: Desk, name: str) -> dict[str, dict[str, Any]]:
    from allstop.actions.attachments import ids_in
    from allstop.store.models import Template

    found = list(Template.objects.filter(account=at.account, name__iexact=name))
    if not found:
        known = ", ".join(sorted(set(Template.objects.filter(account=at.account).values_list("name", flat=True))))
        raise Invalid(template=f"There is no saved wording {name}. Known are: {known or 'none yet'}.")
    return {
        one.channel: {
            "subject": one.subject,
            "body": one.body,
            "attachments": list(ids_in(one.account_id, one.attachment_set_id)),
        }
        for one in found
    }


def _agree(shape: "ImportOut", yes: bool) -> None:
    assert shape.preview is not None  # it was taken in just now
    if shape.preview.blockers:
        raise Invalid(**shape.preview.blockers)
    if yes:
        return
    if not sys.stdin.isatty():
        raise Invalid(yes="Nobody is there to ask. Look at the preview, and say --yes to import it.")
    if not typer.confirm("Import it?", err=True):
        raise typer.Exit(Exit.ERROR)


def _run(at: Desk, import_id: int) -> None:
    """Here, unless a worker was quicker; then it is waited for."""
    from django.db import connections

    from allstop.actions.import_run import run_import

    def run() -> None:
        try:
            run_import(import_id, at.now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        _watch(at, import_id, pool.submit(run))


def _watch(at: Desk, import_id: int, running: "Future[None]") -> None:
    from allstop.store.models import Import, ImportState

    move, finish = progress_bar(at)
    while True:
        taken = Import.objects.only("state", "rows_done", "rows_total").get(pk=import_id)
        move(taken.rows_done, taken.rows_total or 0)
        if running.done():
            running.result()  # a fault of ours is raised here
            if taken.state in (ImportState.DONE, ImportState.FAILED):
                break
        time.sleep(LOOK_EVERY)
    finish()


def progress_bar(at: Desk) -> tuple[Callable[[int, int], None], Callable[[], None]]:
    if not at.out.draws:
        return lambda done, total: None, lambda: None
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    progress = Progress(TextColumn("Importing"), BarColumn(), MofNCompleteColumn(), TextColumn("rows"))
    task = progress.add_task("rows")
    progress.start()
    return lambda done, total: progress.update(task, completed=done, total=total), progress.stop


def _print_preview(at: Desk, shape: "ImportOut") -> None:
    seen = shape.preview
    assert seen is not None
    chosen = shape.options
    print(f"{shape.file_name}: {count(shape.rows_total or 0, 'row')}, purpose {chosen['purpose']}.")
    columns = [f"{field} = {seen.columns[index]}" for field, index in chosen["columns"].items()]
    print(f"Columns: {', '.join(columns)}.")
    for assumption in seen.assumptions:
        print(f"Assumed: {assumption}")
    rows = [
        (str(row.row), row.name, one.channel, one.to, at.out.time(one.leaves_at) or one.words, one.body)
        for row in seen.rows[:ROWS_SHOWN]
        for one in row.messages
    ]
    if rows:
        print("\nThe first messages as they will be sent:")
        at.out.table(("Row", "Name", "Channel", "To", "Leaves", "Message"), rows)
    if seen.problems:
        print(f"\nProblems in the first {seen.rows_looked_at:,} rows: {len(seen.problems):,}.")
        _print_problems(at, [(one.row, one.column, one.value, one.problem) for one in seen.problems[:PROBLEMS_SHOWN]])
    print()


def _print_result(at: Desk, shape: "ImportOut") -> None:
    if shape.state != "done":
        print(shape.failure)
        return
    print(f"Job {shape.job_id}: {count(shape.messages_made, 'message')} of {count(shape.rows_done, 'row')}.")
    if shape.rows_refused:
        from allstop.store.models import ImportProblem

        print(f"{count(shape.rows_refused, 'row')} could not be used:")
        found = ImportProblem.objects.filter(source_id=shape.id).order_by("row", "pk")[:PROBLEMS_SHOWN]
        _print_problems(at, list(found.values_list("row", "column", "value", "problem")))
        if shape.rows_refused > PROBLEMS_SHOWN:
            print(f"The whole list is at /import/{shape.id}/problems.csv in the console.")


def _print_problems(at: Desk, problems: list[tuple[int, str, str, str]]) -> None:
    at.out.table(("Row", "Column", "Value", "Problem"), [(str(row), *rest) for row, *rest in problems])
