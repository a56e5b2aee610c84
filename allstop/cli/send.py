"""`allstop send`: one message to one person."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import Exit, JsonOption
from allstop.rules.words import Channel, Purpose

commands = typer.Typer()


@commands.command()
def send(  # noqa: PLR0913 - each is an option that a person types
    to: Annotated[str, typer.Option("--to", help="A phone number, an email address, or the number of a contact.")],
    channel: Annotated[Channel, typer.Option("--channel", help="How.")],
    text: Annotated[str, typer.Option("--text", help="What the message says; - reads it from standard input.")],
    subject: Annotated[str, typer.Option("--subject", help="Emails only, and they need one.")] = "",
    purpose: Annotated[Purpose, typer.Option("--purpose", help="Why.")] = Purpose.PERSONAL,
    at_time: Annotated[
        str, typer.Option("--at", help="When it should leave, like 2026-11-24T09:00, on the account's clock.")
    ] = "",
    use_by: Annotated[str, typer.Option("--use-by", help="It never leaves after this.")] = "",
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="Skip the account's window and pace. Recorded with your name.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why by hand.")] = "",
    key: Annotated[str, typer.Option("--key", help="The same key again sends no second message, for 7 days.")] = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send one message. It is accepted also while the account is STOPPED, and waits."""
    with desk(account, as_json) as at:
        from allstop.actions.messages import Draft, send_message
        from allstop.doors.api.messages import accepted_shape

        is_contact = to.isascii() and to.isdecimal() and _is_contact(at, int(to))
        draft = Draft(
            channel=channel,
            purpose=purpose,
            body=typer.get_text_stream("stdin").read() if text == "-" else text,
            subject=subject,
            contact_id=int(to) if is_contact else None,
            address="" if is_contact else to,
            due_at=_moment(at, "at", at_time),
            use_by=_moment(at, "use_by", use_by),
            by_hand=by_hand,
            reason=reason,
        )
        shape = accepted_shape(send_message(at.actor, draft, at.now, key))
        earliest = f"Earliest: {at.out.time(shape.earliest)}." if shape.earliest else ""
        done = "was accepted before" if shape.is_repeat else "is accepted"
        words = f"Message {shape.id} {'is refused' if shape.status == 'refused' else done}."
        at.out.show(shape, lambda: print(" ".join(filter(None, (words, shape.words, earliest)))))
        if shape.status == "refused":
            raise typer.Exit(Exit.PARTLY)


def _is_contact(at: Desk, number: int) -> bool:
    from allstop.store.lists import contact

    return number < 2**63 and contact(at.actor.account_id, number) is not None


def _moment(at: Desk, option: str, said: str) -> datetime | None:
    """An offset that is typed counts; without one it is the account's clock."""
    from allstop.actions.actor import Invalid

    if not said:
        return None
    try:
        moment = datetime.fromisoformat(said)
    except ValueError as wrong:
        raise Invalid(**{option: f"{said} is not a time. Write it like 2026-11-24T09:00."}) from wrong
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(at.account.zone))
