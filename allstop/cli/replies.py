"""`allstop replies ...`: replies that may be a no, what a person decides, and how replies are taken."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import JsonOption

if TYPE_CHECKING:
    from allstop.actions.reply_setup import Replies
    from allstop.doors.api.replies import ReplyAppointmentOut, UnclearPage

replies = typer.Typer(no_args_is_help=True, help="Replies that may be a no, and how replies are taken.")
commands = typer.Typer()
commands.add_typer(replies, name="replies")


@replies.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many to show.")] = 50,
    after: Annotated[int | None, typer.Option(min=1, help="Show the replies that come after this one.")] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the replies that a person has to read, oldest first. Until then nothing leaves to these contacts."""
    with desk(account, as_json) as at:
        from allstop.doors.api.replies import unclear_page

        page = unclear_page(at.actor.account_id, after, limit)
        at.out.show(page, lambda: _print(at, page))


def _print(at: Desk, page: "UnclearPage") -> None:
    if not page.items:
        print("There are no replies to read.")
        return
    at.out.table(
        ("ID", "Reply", "Name", "From", "Channel", "At", "Message"),
        [
            (
                str(row.id),
                str(row.inbound_id),
                row.name,
                row.sender,
                row.channel,
                at.out.time(row.at, with_zone=False),
                row.text,
            )
            for row in page.items
        ],
    )
    if page.next is not None:
        print(f"There are more: allstop replies list --after {page.next}")


@replies.command()
def settle(
    reply: Annotated[int, typer.Argument(min=1, metavar="ID", help="As `allstop replies list` shows it.")],
    this_channel: Annotated[
        bool, typer.Option("--this-channel", help="They want no more on the channel that it came on.")
    ] = False,
    every_channel: Annotated[bool, typer.Option("--every-channel", help="They want no more of any kind.")] = False,
    meant_nothing: Annotated[bool, typer.Option("--meant-nothing", help="No opt-out was meant.")] = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a reply means. A no is the contact's own: only they can take it back."""
    with desk(account, as_json) as at:
        from allstop.actions.actor import Invalid
        from allstop.actions.unclear import settle_reply
        from allstop.doors.api.replies import SettlementOut
        from allstop.store.models import Settlement

        chosen = [
            choice
            for choice, said in (
                (Settlement.THIS_CHANNEL, this_channel),
                (Settlement.EVERY_CHANNEL, every_channel),
                (Settlement.MEANT_NOTHING, meant_nothing),
            )
            if said
        ]
        if len(chosen) != 1:
            raise Invalid(choice="Say what it means: --this-channel, --every-channel or --meant-nothing.")
        settled = settle_reply(at.actor, reply, chosen[0], at.now)
        shape = SettlementOut(choice=settled.settlement.value, is_new=settled.is_new)
        words = {
            Settlement.THIS_CHANNEL: "They get no more on this channel.",
            Settlement.EVERY_CHANNEL: "They get no more of any kind.",
            Settlement.MEANT_NOTHING: "What waited for them leaves when the gate lets it.",
            Settlement.OWN_WORD: "The contact has said it clearly since.",
        }[settled.settlement]
        at.out.show(shape, lambda: print(words if settled.is_new else f"It was settled before. {words}"))


@replies.command()
def appointments(
    inbound: Annotated[int, typer.Argument(min=1, metavar="REPLY", help="The number of what they wrote.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the appointments ahead that a reply may be about."""
    with desk(account, as_json) as at:
        from allstop.actions.reply_matching import appointments_for
        from allstop.doors.api.replies import ReplyAppointmentOut, ReplyAppointments

        found = [ReplyAppointmentOut.from_orm(one) for one in appointments_for(at.actor, inbound, at.now)]
        at.out.show(ReplyAppointments(items=found), lambda: _print_appointments(at, found))


def _print_appointments(at: Desk, found: "list[ReplyAppointmentOut]") -> None:
    if not found:
        print("They have no appointment ahead.")
        return
    rows = [
        (str(one.message_id), one.name, at.out.time(one.at, with_zone=False), one.location, one.said or "")
        for one in found
    ]
    at.out.table(("Message", "Name", "Appointment", "Location", "So far"), rows)


@replies.command()
def match(
    inbound: Annotated[int, typer.Argument(min=1, metavar="REPLY", help="The number of what they wrote.")],
    message: Annotated[int, typer.Argument(min=1, help="As `allstop replies appointments` shows it.")],
    said: Annotated[str, typer.Argument(help="confirmed, cancelled, wrong or other.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which appointment a reply is about, and what it says of it."""
    with desk(account, as_json) as at:
        from allstop.actions.actor import Invalid
        from allstop.actions.reply_matching import match_reply
        from allstop.doors.api.message_plans import answer_shape
        from allstop.store.models import AnswerKind

        if said not in list(AnswerKind):
            raise Invalid(said=f"Say {', '.join(AnswerKind)}.")
        shape = answer_shape(match_reply(at.actor, inbound, message, AnswerKind(said), at.now))
        at.out.show(shape, lambda: print(f"Message {shape.message_id}: {shape.answer.value}."))


@replies.command()
def setup(  # noqa: PLR0913 - the options of the command
    add_word: Annotated[
        list[str] | None, typer.Option("--add-word", help="A reply that opts out as STOP does.")
    ] = None,
    remove_word: Annotated[list[str] | None, typer.Option("--remove-word", help="One that no longer does.")] = None,
    stops_all: Annotated[
        bool | None, typer.Option("--stops-all/--stops-channel", help="Whether a STOP counts on every channel.")
    ] = None,
    confirm: Annotated[
        bool | None, typer.Option("--confirm/--no-confirm", help="Whether an opt-out by text is confirmed.")
    ] = None,
    confirmation: Annotated[str | None, typer.Option(help="Its words, with {account} and {what}.")] = None,
    answer_help: Annotated[
        bool | None, typer.Option("--answer-help/--no-answer-help", help="Whether HELP is answered.")
    ] = None,
    help_answer: Annotated[str | None, typer.Option(help="Its words, with {account}.")] = None,
    auto_reply: Annotated[
        str | None, typer.Option(help="A text when nobody has read what somebody wrote, with {account}; '' = none.")
    ] = None,
    auto_reply_minutes: Annotated[int | None, typer.Option(help="After so many minutes, 1 to 120.")] = None,
    call_instead: Annotated[
        bool | None,
        typer.Option(
            "--call-instead/--no-call-instead", help="Whether whoever has said no to texts is reminded by a call."
        ),
    ] = None,
    call_words: Annotated[
        str | None, typer.Option(help="What it says, with {account}, {date}, {visits}, {location}; '' = the text's.")
    ] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how replies are taken, and change what is said. It counts from the next reply on."""
    with desk(account, as_json) as at:
        from dataclasses import asdict, replace

        from allstop.actions.reply_setup import change_replies, replies_of
        from allstop.doors.api.replies import ReplySetupOut
        from allstop.rules.optout import fold

        stands = replies_of(at.actor)
        gone = {fold(word) for word in remove_word or ()}
        said: dict[str, Any] = {
            "stops_all": stops_all,
            "confirms": confirm,
            "confirmation": confirmation,
            "answers_help": answer_help,
            "help_answer": help_answer,
            "auto_reply": auto_reply,
            "auto_reply_minutes": auto_reply_minutes,
            "calls_instead": call_instead,
            "call_words": call_words,
        }
        words = (*(word for word in stands.words if fold(word) not in gone), *(add_word or ()))
        wanted = replace(stands, words=words, **{name: value for name, value in said.items() if value is not None})
        now_stands = change_replies(at.actor, wanted, at.now)
        at.out.show(ReplySetupOut(**asdict(now_stands)), lambda: _print_setup(at, now_stands))


def _print_setup(at: Desk, of: "Replies") -> None:
    at.out.facts(
        (
            ("Own words", ", ".join(of.words) or "none"),
            ("A STOP counts", "on every channel" if of.stops_all else "on the channel that it came on"),
            ("Confirms an opt-out", "yes" if of.confirms else "no"),
            ("Confirmation", of.confirmation),
            ("Answers HELP", "yes" if of.answers_help else "no"),
            ("Answer", of.help_answer),
            ("Automatic reply", of.auto_reply or "none"),
            ("When nobody reads", f"for {of.auto_reply_minutes} minutes" if of.auto_reply else ""),
            ("Calls instead", "yes" if of.calls_instead else "no"),
            ("The call says", of.call_words or "what the text says"),
        )
    )
