"""`allstop jobs` and `allstop remove`: what is to be sent, and taking it back."""

from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import MOST, JsonOption, count

if TYPE_CHECKING:
    from allstop.doors.api.jobs import JobPage

commands = typer.Typer()


@commands.command()
def jobs(
    removed: Annotated[bool, typer.Option("--removed", help="Removed jobs as well.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many to show.")] = 50,
    after: Annotated[int | None, typer.Option(min=1, max=MOST, help="Show the jobs that come after this one.")] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the jobs, newest first."""
    with desk(account, as_json) as at:
        from allstop.doors.api.jobs import JobsAsked, job_page

        page = job_page(at.actor.account_id, JobsAsked(include_removed=removed, limit=limit, after=after), at.now)
        at.out.show(page, lambda: _print(at, page))


def _print(at: Desk, page: "JobPage") -> None:
    if not page.items:
        print("There are no jobs.")
        return
    at.out.table(
        ("ID", "Job", "State", "Waiting", "Total", "Too late", "First due"),
        [
            (
                str(row.id),
                row.name,
                row.state,
                f"{row.waiting:,}",
                f"{row.total:,}",
                f"{row.past_use_by:,}",
                at.out.time(row.first_due_at, with_zone=False),
            )
            for row in page.items
        ],
    )
    if page.next is not None:
        print(f"There are more: allstop jobs --after {page.next}")


@commands.command()
def remove(
    ids: Annotated[list[int], typer.Argument(min=1, metavar="ID...", help="Numbers of jobs, as `allstop jobs` shows.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove jobs: their waiting messages never leave. If one of them does not exist, none is removed."""
    with desk(account, as_json) as at:
        from allstop.actions.jobs import remove_jobs
        from allstop.doors.api.jobs import RemovedOut

        removed = remove_jobs(at.actor, ids, at.now)
        words = f"Removed {count(removed.jobs, 'job')}. {count(removed.messages, 'message')} will never leave."
        at.out.show(RemovedOut(jobs=removed.jobs, messages=removed.messages), lambda: print(words))
