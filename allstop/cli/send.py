"""`allstop send`: one message to one person, or to each of many. `allstop sends`, and `allstop ownership`."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import Exit, JsonOption, count
from allstop.rules.wallclock import typed_moment
from allstop.rules.words import Channel, Purpose

if TYPE_CHECKING:
    from allstop.actions.messages import Draft
    from allstop.actions.messenger import Letter, To
    from allstop.doors.api.sends import SendOut

commands = typer.Typer()


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed about one message or many."""

    to: list[str]
    groups: list[str]
    channel: Channel
    text: str
    template: str
    subject: str
    purpose: Purpose
    at: str
    use_by: str
    by_hand: bool
    reason: str
    despite: bool
    files: list[Path]

    @property
    def is_many(self) -> bool:
        return len(self.to) > 1 or bool(self.groups or self.template or self.despite)

    @property
    def body(self) -> str:
        return typer.get_text_stream("stdin").read() if self.text == "-" else self.text


@commands.command()
def send(  # noqa: PLR0913 - each is an option that a person types
    channel: Annotated[Channel, typer.Option("--channel", help="How.")],
    to: Annotated[
        list[str] | None,
        typer.Option("--to", help="A phone number, an email address, or the number of a contact; also several times."),
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option("--group", metavar="NAME", help="Everybody in this group; also several times.")
    ] = None,
    text: Annotated[str, typer.Option("--text", help="What the message says; - reads it from standard input.")] = "",
    template: Annotated[str, typer.Option("--template", metavar="NAME", help="Saved wording instead of a text.")] = "",
    subject: Annotated[str, typer.Option("--subject", help="Emails only, and they need one.")] = "",
    purpose: Annotated[Purpose, typer.Option("--purpose", help="Why.")] = Purpose.PERSONAL,
    at_time: Annotated[
        str, typer.Option("--at", help="When it should leave, like 2026-11-24T09:00, on the account's clock.")
    ] = "",
    use_by: Annotated[str, typer.Option("--use-by", help="It never leaves after this.")] = "",
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="Skip the account's window and pace. Recorded with your name.")
    ] = False,
    despite: Annotated[
        bool,
        typer.Option("--despite-stop-promotions", help="Also to those with Stop Promotions. Needs a reason."),
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why by hand, or why despite Stop Promotions.")] = "",
    attach: Annotated[
        list[Path] | None,
        typer.Option("--attach", metavar="FILE", help="A file that the email takes along; also several times."),
    ] = None,
    key: Annotated[str, typer.Option("--key", help="The same key again sends nothing more.")] = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a message to one, or one to each of many. It is accepted also while the account is STOPPED, and waits."""
    typed = Typed(
        to or [],
        group or [],
        channel,
        text,
        template,
        subject,
        purpose,
        at_time,
        use_by,
        by_hand,
        reason,
        despite,
        attach or [],
    )
    with desk(account, as_json) as at:
        if typed.is_many:
            _send_many(at, typed, key)
        else:
            _send_one(at, typed, key)


def _send_one(at: Desk, typed: Typed, key: str) -> None:
    from allstop.actions.messages import send_message
    from allstop.doors.api.messages import accepted_shape

    shape = accepted_shape(send_message(at.actor, _draft(at, typed), at.now, key))
    earliest = f"Earliest: {at.out.time(shape.earliest)}." if shape.earliest else ""
    done = "was accepted before" if shape.is_repeat else "is accepted"
    words = f"Message {shape.id} {'is refused' if shape.status == 'refused' else done}."
    at.out.show(shape, lambda: print(" ".join(filter(None, (words, shape.words, earliest)))))
    if shape.status == "refused":
        raise typer.Exit(Exit.PARTLY)


def _draft(at: Desk, typed: Typed) -> "Draft":
    from allstop.actions.messages import Draft

    to = typed.to[0] if typed.to else ""
    is_contact = _is_contact(at, to)
    return Draft(
        channel=typed.channel,
        purpose=typed.purpose,
        body=typed.body,
        subject=typed.subject,
        contact_id=int(to) if is_contact else None,
        address="" if is_contact else to,
        due_at=_moment(at, "at", typed.at),
        use_by=_moment(at, "use_by", typed.use_by),
        by_hand=typed.by_hand,
        reason=typed.reason,
        attachments=_attachments(at, typed),
    )


def _attachments(at: Desk, typed: Typed) -> tuple[int, ...]:
    """Read and kept, all or none."""
    from django.db import transaction

    from allstop.actions.actor import Invalid
    from allstop.actions.attachments import ONLY_EMAILS, upload

    if typed.files and typed.channel is not Channel.EMAIL:
        raise Invalid(attach=ONLY_EMAILS)
    try:
        read = [(path.name, path.read_bytes()) for path in typed.files]
    except OSError as wrong:
        raise Invalid(attach=f"{wrong.filename} cannot be read: {wrong.strerror}.") from wrong
    with transaction.atomic():
        return tuple(upload(at.actor, name, content, at.now).id for name, content in read)


def _send_many(at: Desk, typed: Typed, key: str) -> None:
    from allstop.actions import messenger
    from allstop.actions.actor import Invalid
    from allstop.doors.api.sends import send_shape

    if typed.by_hand or typed.use_by:
        raise Invalid(to="--by-hand and --use-by are for one message to one person.")
    pressed = messenger.send(at.actor, _to(at, typed), _letter(at, typed), at.now, key)
    shape = send_shape(pressed.send, is_repeat=pressed.is_repeat)
    at.out.show(shape, lambda: print(_became(shape)))
    if shape.left_behind:
        raise typer.Exit(Exit.PARTLY)


def _to(at: Desk, typed: Typed) -> "To":
    from allstop.actions.actor import NotThere
    from allstop.actions.messenger import One, To
    from allstop.store.lists import groups

    known = {one.name.casefold(): one.id for one in groups(at.account.pk)}
    if missing := [name for name in typed.groups if name.casefold() not in known]:
        raise NotThere(f"There is no group {missing[0]}.")
    ones = tuple(One(contact_id=int(to)) if _is_contact(at, to) else One(address=to) for to in typed.to)
    return To(ones=ones, groups=tuple(known[name.casefold()] for name in typed.groups))


def _letter(at: Desk, typed: Typed) -> "Letter":
    from allstop.actions.actor import Invalid, NotThere
    from allstop.actions.messenger import Letter, in_the_words_of
    from allstop.store.lists import templates

    letter = Letter(
        channel=typed.channel,
        purpose=typed.purpose,
        body=typed.body,
        subject=typed.subject,
        due_at=_moment(at, "at", typed.at),
        despite_stop_promotions=typed.despite,
        reason=typed.reason,
        attachments=_attachments(at, typed),
    )
    if not typed.template:
        return letter
    if typed.text or typed.subject:
        raise Invalid(template="Give a text or saved wording, not both.")
    for one in templates(at.account.pk):
        if one.name.casefold() == typed.template.casefold() and one.channel == typed.channel:
            return in_the_words_of(at.actor, one.pk, letter)
    raise NotThere(f"There is no saved wording {typed.template} for this channel.")


def _became(shape: "SendOut") -> str:
    if shape.is_repeat:
        return f"Send {shape.id} was made before: nothing more was sent."
    if shape.state in ("queued", "running"):
        return f"Send {shape.id} to {count(shape.total, 'contact')} is under way: allstop sends {shape.id} tells more."
    words = f"Send {shape.id}: {count(shape.accepted, 'message')} of {count(shape.total, 'contact')}."
    if shape.left_behind:
        words += f" {shape.left_behind:,} left behind: allstop sends {shape.id} says why."
    return f"{words} {shape.failure}".rstrip()


@commands.command()
def sends(
    number: Annotated[
        int | None, typer.Argument(metavar="[ID]", min=1, help="One of them, and who got nothing.")
    ] = None,
    after: Annotated[int | None, typer.Option(min=1, help="Show those that come after this one.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many to show.")] = 50,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """What was sent to many, newest first; with a number, who was left behind and why."""
    with desk(account, as_json) as at:
        if number is None:
            _list(at, after, limit)
        else:
            _one(at, number, after, limit)


def _list(at: Desk, after: int | None, limit: int) -> None:
    from allstop.doors.api.sends import send_page

    page = send_page(at.actor, after, limit)
    rows = [
        (
            str(one.id),
            at.out.time(one.created_at),
            one.state,
            str(one.total),
            str(one.accepted),
            str(one.left_behind),
            one.by,
        )
        for one in page.items
    ]

    def words() -> None:
        if not rows:
            print("Nothing was sent to many yet.")
            return
        at.out.table(("ID", "At", "State", "Contacts", "Messages", "Left behind", "By"), rows)
        if page.next is not None:
            print(f"There are more: --after {page.next}")

    at.out.show(page, words)


def _one(at: Desk, number: int, after: int | None, limit: int) -> None:
    from allstop.actions.messenger import send_of
    from allstop.doors.api.sends import left_page, send_shape

    shape = send_shape(send_of(at.actor, number))
    page = left_page(at.actor, number, after, limit)
    rows = [(str(one.contact_id), one.name, one.words) for one in page.items]

    def words() -> None:
        print(_became(shape) if shape.finished_at else f"{count(shape.done, 'contact')} of {shape.total:,} so far.")
        if rows:
            at.out.table(("Contact", "Name", "Why"), rows)
        if page.next is not None:
            print(f"There are more: --after {page.next}")

    at.out.show([shape, *page.items], words)


@commands.command()
def ownership(
    is_on: Annotated[
        bool | None, typer.Option("--on/--off", help="Whether sending to five or fewer takes ownership.")
    ] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show or change whether whoever sends to five contacts or fewer becomes their owner."""
    with desk(account, as_json) as at:
        from allstop.actions.messenger_setup import set_ownership, takes_ownership
        from allstop.doors.api.sends import MessengerSetup

        stands = takes_ownership(at.actor) if is_on is None else set_ownership(at.actor, is_on, at.now)
        words = "Whoever sends to five contacts or fewer takes ownership." if stands else "Sending changes no owner."
        at.out.show(MessengerSetup(takes_ownership=stands), lambda: print(words))


def _is_contact(at: Desk, said: str) -> bool:
    from allstop.store.lists import contact

    number = int(said) if said.isascii() and said.isdecimal() else 2**63
    return number < 2**63 and contact(at.actor.account_id, number) is not None


def _moment(at: Desk, option: str, said: str) -> datetime | None:
    """An offset that is typed counts; without one it is the account's clock."""
    from allstop.actions.actor import Invalid

    if not said:
        return None
    try:
        moment = typed_moment(said)
    except ValueError as wrong:
        raise Invalid(**{option: f"{said} is not a time. Write it like 2026-11-24T09:00."}) from wrong
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(at.account.zone))
