"""`allstop inbox ...`: conversations: the list, one of them, read, answer, assign, close; and playing who writes."""

from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import Exit, JsonOption

if TYPE_CHECKING:
    from allstop.doors.api.inbox import ConversationOut, ConversationPage, ThreadOut

inbox = typer.Typer(no_args_is_help=True, help="Conversations: what people write, and what is done about it.")
commands = typer.Typer()
commands.add_typer(inbox, name="inbox")

ConversationId = Annotated[int, typer.Argument(min=1, metavar="ID", help="As `allstop inbox list` shows it.")]


@inbox.command("list")
def list_(  # noqa: PLR0913 - the options of the command
    unread: Annotated[bool, typer.Option("--unread", help="Those that nobody has looked at.")] = False,
    closed: Annotated[bool, typer.Option("--closed", help="Those that wait for nothing.")] = False,
    unassigned: Annotated[bool, typer.Option("--unassigned", help="Those that are nobody's.")] = False,
    search: Annotated[str, typer.Option("--search", help="Part of a name, number or email.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many to show.")] = 50,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the conversations that are open, newest first."""
    with desk(account, as_json) as at:
        from allstop.actions.actor import Invalid
        from allstop.doors.api.inbox import conversation_page
        from allstop.store.lists import NOBODY, InboxFilter, Show

        if unread and closed:
            raise Invalid(unread="Choose --unread or --closed.")
        show = Show.UNREAD if unread else Show.CLOSED if closed else Show.OPEN
        wanted = InboxFilter(show=show, assigned_to=NOBODY if unassigned else None, q=search)
        page = conversation_page(at.actor.account_id, wanted, None, limit)
        at.out.show(page, lambda: _print(at, page))


def _print(at: Desk, page: "ConversationPage") -> None:
    if not page.items:
        print("There are no conversations like that.")
        return
    at.out.table(
        ("ID", "With", "State", "Unread", "Assigned to", "Last", "Says"),
        [
            (
                str(row.id),
                row.name or row.address,
                row.state,
                str(row.unread or ""),
                row.assigned_to or "nobody",
                at.out.time(row.last_at, with_zone=False),
                row.text[:60],
            )
            for row in page.items
        ],
    )
    if page.next is not None:
        print("There are more: show more of them with --limit, or search.")


@inbox.command()
def show(
    conversation: ConversationId,
    limit: Annotated[int, typer.Option(min=1, max=200, help="The newest events.")] = 50,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what was said, newest first. It stays unread."""
    with desk(account, as_json) as at:
        from allstop.doors.api.inbox import thread_shape

        thread = thread_shape(at.actor.account_id, conversation, limit)
        at.out.show(thread, lambda: _print_thread(at, thread))


def _print_thread(at: Desk, thread: "ThreadOut") -> None:
    at.out.facts(_facts(at, thread))
    print()
    at.out.table(
        ("At", "Kind", "Channel", "By", "Says"),
        [
            (at.out.time(one.at, with_zone=False), one.kind, one.channel, one.by, one.words or one.subject)
            for one in thread.events
        ],
    )


def _facts(at: Desk, row: "ConversationOut") -> tuple[tuple[str, str], ...]:
    return (
        ("With", row.name or row.address),
        ("Contact", str(row.contact_id or "not known")),
        ("State", row.state),
        ("Unread", str(row.unread or "")),
        ("Assigned to", row.assigned_to or "nobody"),
        ("Automatic reply", at.out.time(row.auto_reply_due_at) if row.auto_reply_due_at else ""),
    )


def _say(at: Desk, conversation: int) -> None:
    from allstop.doors.api.inbox import conversation_shape

    row = conversation_shape(at.actor.account_id, conversation)
    at.out.show(row, lambda: at.out.facts(_facts(at, row)))


@inbox.command()
def read(conversation: ConversationId, account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Mark as read for everybody: no automatic reply goes any more."""
    with desk(account, as_json) as at:
        from allstop.actions.conversations import read_conversation

        read_conversation(at.actor, conversation, at.now)
        _say(at, conversation)


@inbox.command()
def close(conversation: ConversationId, account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Nothing more to answer. It opens again when they write."""
    with desk(account, as_json) as at:
        from allstop.actions.conversations import close_conversation

        close_conversation(at.actor, conversation, at.now)
        _say(at, conversation)


@inbox.command()
def assign(
    conversation: ConversationId,
    to: Annotated[str, typer.Option("--to", help="A member's email; nobody without it.")] = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whose it is. With a contact it is the contact who is assigned."""
    with desk(account, as_json) as at:
        from allstop.actions.actor import NotThere
        from allstop.actions.conversations import assign_conversation
        from allstop.store import lists

        found = [one.pk for one in lists.members(at.actor.account_id) if one.user.email == to.strip().lower()]
        if to and not found:
            raise NotThere(f"There is no member {to} in this account.")
        assign_conversation(at.actor, conversation, found[0] if found else None, at.now)
        _say(at, conversation)


@inbox.command()
def answer(
    conversation: ConversationId,
    text: Annotated[str, typer.Argument(help="What the answer says.")],
    email: Annotated[bool, typer.Option("--email", help="By email, not by text.")] = False,
    subject: Annotated[str, typer.Option("--subject", help="Emails only, and they need one.")] = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer by a personal message. The gate judges it like any other; it also closes the conversation."""
    with desk(account, as_json) as at:
        from allstop.actions.conversations import Answer
        from allstop.actions.conversations import answer as send
        from allstop.doors.api.messages import accepted_shape
        from allstop.rules.facts import Channel

        said = Answer(channel=Channel.EMAIL if email else Channel.TEXT, body=text, subject=subject)
        shape = accepted_shape(send(at.actor, conversation, said, at.now))
        words = f"Message {shape.id} is {'refused' if shape.status == 'refused' else 'accepted'}. {shape.words}".strip()
        at.out.show(shape, lambda: print(words))
        if shape.status == "refused":
            raise typer.Exit(Exit.PARTLY)


@inbox.command()
def play(
    sender: Annotated[str, typer.Argument(metavar="FROM", help="Any number or email address, known or not.")],
    text: Annotated[str, typer.Argument(help="What they say.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play somebody who writes, where the channel delivers into the sandbox. It is obeyed like a real one."""
    with desk(account, as_json) as at:
        from allstop.actions.play import play_inbound
        from allstop.doors.api.inbox import PlayedOut
        from allstop.rules.facts import Channel

        play_inbound(at.actor, Channel.EMAIL if "@" in sender else Channel.TEXT, sender, text, at.now)
        at.out.show(PlayedOut(played=True), lambda: print("They wrote. allstop inbox list shows it."))
