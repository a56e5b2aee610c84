"""`allstop failed`: messages that have failed, reset or deleted."""

from typing import Annotated

import typer

from allstop.actions.actor import Invalid
from allstop.cli.desk import AccountOption, desk
from allstop.cli.printing import JsonOption, count

commands = typer.Typer()


@commands.command()
def failed(  # noqa: PLR0913 - each is an option that a person types
    ids: Annotated[list[int] | None, typer.Argument(help="Numbers of messages; without any, all are listed.")] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="They wait again with fresh attempts, and pass the gate as always.")
    ] = False,
    delete: Annotated[bool, typer.Option("--delete", help="They never leave.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Kept in the ledger with your name.")] = "",
    after: Annotated[int | None, typer.Option(min=1, help="List the messages that come after this one.")] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the newest messages that have failed, or reset or delete some."""
    with desk(account, as_json) as at:
        from allstop.actions.failed import FailedChoice, decide_failed
        from allstop.doors.api.messages import SettledOut, message_page
        from allstop.rules.reasons import in_words
        from allstop.store.lists import Filters
        from allstop.store.models import Status

        if not ids:
            page = message_page(at.actor.account_id, Filters(status=Status.FAILED), after, 50)
            rows = [(str(one.id), one.contact, one.address, one.channel, in_words(one.reason)) for one in page.items]
            at.out.show(page, lambda: at.out.table(("ID", "Name", "Address", "Channel", "Why"), rows))
            return
        if reset == delete:
            raise Invalid(choice="Say --reset or --delete.")
        choice = FailedChoice.RESET if reset else FailedChoice.DELETE
        done = decide_failed(at.actor, ids, choice, reason, at.now)
        words = f"{count(done, 'message')} {'will be tried again' if reset else 'deleted'}."
        at.out.show(SettledOut(count=done), lambda: print(words))
