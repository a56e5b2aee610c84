"""`allstop feeds ...`: which feeds there are, what came, and a file handed in by hand."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import Exit, JsonOption

if TYPE_CHECKING:
    from allstop.doors.api.feeds import FeedAnswerOut, FeedFileOut
    from allstop.store.lists import FeedRow

commands = typer.Typer()
feeds = typer.Typer(no_args_is_help=True, help="Files that come by themselves.")
commands.add_typer(feeds, name="feeds")

NumberArgument = Annotated[int, typer.Argument(help="Of the feed, as `allstop feeds list` shows it.", min=1)]


@feeds.command("list")
def list_feeds(account: AccountOption = None, as_json: JsonOption = False) -> None:
    """List the feeds with their newest file."""
    with desk(account, as_json) as at:
        from allstop.doors.api.feeds import feed_shape
        from allstop.store import lists

        rows = lists.feeds(at.actor.account_id)
        at.out.show([feed_shape(row.feed) for row in rows], lambda: _print_feeds(at, rows))


@feeds.command("files")
def files(number: NumberArgument, account: AccountOption = None, as_json: JsonOption = False) -> None:
    """List the newest files of a feed, with what became of their rows."""
    with desk(account, as_json) as at:
        from allstop.actions.feeds import feed_of
        from allstop.doors.api.feeds import file_shape
        from allstop.store import lists

        feed = feed_of(at.actor, number)
        shapes = [file_shape(one) for one in lists.feed_files(at.actor.account_id, feed.pk)]
        at.out.show(shapes, lambda: _print_files(at, shapes))


@feeds.command("answers")
def answers(number: NumberArgument, account: AccountOption = None, as_json: JsonOption = False) -> None:
    """List what contacts said of the appointments of a feed."""
    with desk(account, as_json) as at:
        from allstop.actions.feeds import feed_of
        from allstop.doors.api.feeds import told_shape
        from allstop.store import lists

        feed = feed_of(at.actor, number)
        shapes = [told_shape(one) for one in lists.feed_answers(at.actor.account_id, feed.pk)]
        at.out.show(shapes, lambda: _print_answers(at, shapes))


@feeds.command("look")
def look(number: NumberArgument, account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Let a worker look for files at once."""
    with desk(account, as_json) as at:
        from allstop.actions.feeds import feed_of, look_now
        from allstop.doors.api.feeds import feed_shape

        look_now(at.actor, number, at.now)
        at.out.show(feed_shape(feed_of(at.actor, number)), lambda: print("A worker looks at once."))


@feeds.command("push")
def push(
    number: NumberArgument,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hand a file in to a feed of the kind push. A worker imports it."""
    with desk(account, as_json) as at:
        from allstop.actions.feed_files import push_file
        from allstop.doors.api.feeds import file_shape

        shape = file_shape(push_file(at.actor, number, file.name, file.read_bytes(), at.now))
        words = {
            "taken": "It is taken, and will be imported.",
            "repeat": "The same content has come before: nothing is done.",
        }.get(shape.state, shape.failure)
        at.out.show(shape, lambda: print(words))
        if shape.state == "failed":
            raise typer.Exit(Exit.ERROR)


def _print_feeds(at: Desk, rows: "list[FeedRow]") -> None:
    if not rows:
        print("There are no feeds yet.")
        return
    lines = [
        (
            str(row.feed.pk),
            row.feed.name,
            row.feed.kind,
            row.feed.failure or ("late" if row.feed.is_late else "on" if row.feed.is_on else "off"),
            at.out.time(row.last.arrived_at) if row.last else "never",
            row.last.state if row.last else "",
        )
        for row in rows
    ]
    at.out.table(("No.", "Feed", "Kind", "State", "Last file", "It is"), lines)


def _print_files(at: Desk, shapes: "list[FeedFileOut]") -> None:
    if not shapes:
        print("No file has come yet.")
        return
    lines = [
        (
            at.out.time(one.arrived_at),
            one.file_name,
            one.state,
            *("" if count is None else str(count) for count in (one.rows, one.waiting, one.canceled)),
            *("" if count is None else str(count) for count in (one.refused, one.errors)),
            one.failure,
        )
        for one in shapes
    ]
    heads = ("Came", "File", "State", "Rows", "Waiting", "Canceled by rules", "Refused", "Errors", "Why")
    at.out.table(heads, lines)


def _print_answers(at: Desk, shapes: "list[FeedAnswerOut]") -> None:
    if not shapes:
        print("Nobody has answered yet.")
        return
    lines = [
        (
            one.appointment_id,
            one.answer.value,
            at.out.time(one.at),
            one.channel or "a member",
            at.out.time(one.told_at) if one.told_at else "",
        )
        for one in shapes
    ]
    at.out.table(("Appointment ID", "Answer", "When", "By", "Told"), lines)
