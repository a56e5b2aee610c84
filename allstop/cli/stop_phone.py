"""`allstop members phone` and `no-phone`: whose text may stop the account; and a text to try it with."""

from typing import TYPE_CHECKING, Annotated

import typer

from allstop.actions.actor import Conflict, Invalid, NotThere
from allstop.cli.accounts import members
from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import JsonOption

if TYPE_CHECKING:
    from allstop.store.models import Member

commands = typer.Typer()


@members.command()
def phone(
    email: Annotated[str, typer.Argument(help="With which the member logs in.")],
    number: Annotated[str, typer.Argument(help="Of the phone.")],
    code_stdin: Annotated[
        bool, typer.Option("--code-stdin", help="Read the code from standard input; else one is made.")
    ] = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """List a member's phone: a text from it with the code stops the account."""
    with desk(account, as_json) as at:
        from allstop.actions.stop_phones import set_phone
        from allstop.doors.api.emergency import NewPhone, phone_shape

        code = typer.get_text_stream("stdin").readline().strip() if code_stdin else ""
        listed, said = set_phone(at.actor, member_of(at, email).pk, number, code, at.now)
        shape = NewPhone(**phone_shape(listed).model_dump(), code=said)
        words = f"{shape.phone} may stop {at.account.name}, by a text that says only: ALLSTOP {said}"
        at.out.show(shape, lambda: print(words))


@members.command("no-phone")
def no_phone(
    email: Annotated[str, typer.Argument(help="With which the member logs in.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Texts from the member's phone stop nothing from now on."""
    with desk(account, as_json) as at:
        from allstop.actions.stop_phones import remove_phone
        from allstop.doors.api.emergency import phone_shape
        from allstop.store.models import StopPhone

        listed = StopPhone.objects.select_related("member__user").filter(member=member_of(at, email)).first()
        if listed is None:
            raise NotThere(f"No phone of {email} is listed.")
        shape = phone_shape(listed)
        remove_phone(at.actor, listed.pk, at.now)
        at.out.show(shape, lambda: print(f"Texts from {shape.phone} stop nothing any more."))


@commands.command("sandbox-text")
def sandbox_text(
    words: Annotated[str, typer.Argument(help="What the text says.")],
    sender: Annotated[str, typer.Option("--from", help="The number that it comes from.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Act as if the sandbox had received a text. Refused where texts leave by a real provider."""
    with desk(account, as_json) as at:
        import secrets

        from allstop.actions.replies import Written, take_reply
        from allstop.doors.api.account import account_shape
        from allstop.rules.addresses import parse_phone
        from allstop.rules.facts import Channel
        from allstop.rules.words import Problem
        from allstop.store.models import ChannelSetup

        number = parse_phone(sender, at.account.country)
        if isinstance(number, Problem):
            raise Invalid(sender=number.text)
        setup = ChannelSetup.objects.get(account=at.account, channel=Channel.TEXT)
        if setup.provider != "sandbox":
            raise Conflict("Texts of this account leave by a real provider: send a real one.")
        text = Written(
            adapter="sandbox",
            provider_id=f"typed-{secrets.token_hex(8)}",
            channel=Channel.TEXT,
            sender=number.e164,
            recipient=setup.sender,
            text=words,
            in_reply_to="",
            at=at.now,
            account_id=at.account.pk,  # another account may know the number as well
        )
        take_reply(text)
        shape = account_shape(at.actor.account_id)
        at.out.show(shape, lambda: print(f"Received. {shape.name} is {shape.state.upper()}."))


def member_of(at: Desk, email: str) -> "Member":
    from allstop.store.models import Member

    found = Member.objects.filter(account_id=at.actor.account_id, user__email__iexact=email).first()
    if found is None:
        raise NotThere(f"{email} is no member of {at.account.name}.")
    return found
