"""`allstop unknown` and `allstop settle`: messages whose outcome nobody knows, and what a person decides."""

from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import JsonOption, count

if TYPE_CHECKING:
    from allstop.doors.api.messages import MessagePage

commands = typer.Typer()


@commands.command()
def unknown(
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many to show.")] = 50,
    after: Annotated[int | None, typer.Option(min=1, help="Show the messages that come after this one.")] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the messages whose outcome is unknown, newest first. They may have arrived."""
    with desk(account, as_json) as at:
        from allstop.doors.api.messages import message_page
        from allstop.store.lists import Filters
        from allstop.store.models import Status

        page = message_page(at.actor.account_id, Filters(status=Status.UNKNOWN), after, limit)
        at.out.show(page, lambda: _print(at, page))


def _print(at: Desk, page: "MessagePage") -> None:
    if not page.items:
        print("There are no messages whose outcome is unknown.")
        return
    from allstop.rules.reasons import in_words

    at.out.table(
        ("ID", "Name", "Address", "Channel", "Job", "Since", "Why", "Provider"),
        [
            (
                str(row.id),
                row.contact,
                row.address,
                row.channel,
                row.job,
                at.out.time(row.finished_at, with_zone=False),
                in_words(row.reason),
                {"cannot_tell": "cannot tell", "not_there": "does not have it"}.get(row.answer, ""),
            )
            for row in page.items
        ],
    )
    if page.next is not None:
        print(f"There are more: allstop unknown --after {page.next}")


@commands.command()
def settle(
    ids: Annotated[list[int], typer.Argument(min=1, metavar="ID...", help="Numbers, as `allstop unknown` shows.")],
    again: Annotated[bool, typer.Option("--again", help="They wait once more and pass the gate as always.")] = False,
    leave: Annotated[bool, typer.Option("--leave", help="They are failed; nothing is sent.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Kept in the ledger with your name.")] = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide on messages whose outcome is unknown. If one of them does not exist, nothing changes."""
    with desk(account, as_json) as at:
        from allstop.actions.actor import Invalid
        from allstop.actions.unknown import Choice
        from allstop.actions.unknown import settle as decide
        from allstop.doors.api.messages import SettledOut

        if again == leave:
            raise Invalid(choice="Say what shall become of them: --again or --leave.")
        settled = decide(at.actor, ids, Choice.SEND_AGAIN if again else Choice.LEAVE, reason, at.now)
        end = "will be sent again when the gate lets them." if again else "left. Nothing was sent."
        words = f"{count(settled.count, 'message')} {end}"
        at.out.show(SettledOut(count=settled.count), lambda: print(words))
