"""`allstop email`: how emails are signed, where replies and bounces are read, and what the provider takes at most."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.actions.actor import Invalid
from allstop.cli.channels import PASSWORD
from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import JsonOption
from allstop.rules.limits import PRESETS, Limits

if TYPE_CHECKING:
    from allstop.doors.api.email import EmailOut

commands = typer.Typer()
emails = typer.Typer(no_args_is_help=True)
commands.add_typer(emails, name="email", help="Signatures, the mailbox for replies and bounces, and limits of emails.")


@emails.command("show")
def show(account: AccountOption = None, as_json: JsonOption = False) -> None:
    """How emails are set up, without passwords and keys."""
    with desk(account, as_json) as at:
        _show(at)


@emails.command("key")
def key(account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Make a key for signatures (DKIM) and show the DNS record to publish. Signing waits for `allstop email sign`."""
    with desk(account, as_json) as at:
        from allstop.actions.mail_server import make_signing_key

        made = make_signing_key(at.actor, at.now).signing
        if as_json:
            _show(at)
        elif made is not None:
            print(f"Publish this TXT record, then: allstop email sign --on\n\n{made.record_name}\n{made.record}")


@emails.command("sign")
def sign(
    is_on: Annotated[bool, typer.Option("--on/--off", help="On once the record is published.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Turn the signing of emails on or off."""
    with desk(account, as_json) as at:
        from allstop.actions.mail_server import sign_mails

        sign_mails(at.actor, is_on, at.now)
        if as_json:
            _show(at)
        else:
            print("Emails are signed from now on." if is_on else "Emails are not signed any more.")


@emails.command("mailbox")
def mailbox(  # noqa: PLR0913 - each is an option of the command
    host: Annotated[str, typer.Option("--host", help="The IMAP server.")] = "",
    user: Annotated[str, typer.Option("--user", help="The user name there.")] = "",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 993,
    encryption: Annotated[str, typer.Option("--encryption", help="tls, starttls or none.")] = "tls",
    folder: Annotated[str, typer.Option("--folder")] = "INBOX",
    is_off: Annotated[bool, typer.Option("--off", help="Look into it no more.")] = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read replies and bounces from a mailbox. The password is read from ALLSTOP_PROVIDER_PASSWORD."""
    with desk(account, as_json) as at:
        from allstop.actions.mailbox import drop_mailbox, set_mailbox

        if is_off:
            drop_mailbox(at.actor, at.now)
        else:
            said = {"host": host, "user": user, "port": port, "encryption": encryption, "folder": folder}
            set_mailbox(at.actor, {**said, "password": os.environ.get(PASSWORD, "")}, at.now)
        if as_json:
            _show(at)
        else:
            print("Nobody looks into the mailbox any more." if is_off else f"Replies and bounces are read from {user}.")


@emails.command("limits")
def limits(
    minute: Annotated[int | None, typer.Option("--minute", help="In a minute; leave it out for no limit.")] = None,
    hour: Annotated[int | None, typer.Option("--hour", help="In an hour.")] = None,
    day: Annotated[int | None, typer.Option("--day", help="In any 24 hours.")] = None,
    preset: Annotated[str, typer.Option("--preset", help=f"Of a provider: {', '.join(PRESETS)}.")] = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """What the provider takes at most. What finds no room waits; nothing fails."""
    with desk(account, as_json) as at:
        from allstop.actions.mail_server import set_limits
        from allstop.rules.facts import Channel

        said = Limits(minute, hour, day)
        if preset and (preset not in PRESETS or said != Limits()):
            raise Invalid(preset=f"Give one of {', '.join(PRESETS)}, and no numbers beside it.")
        set_limits(at.actor, Channel.EMAIL, PRESETS[preset][1] if preset else said, at.now)
        _show(at)


def _show(at: Desk) -> None:
    from allstop.doors.api.email import email_shape

    shape = email_shape(at.actor)
    at.out.show(shape, lambda: _print(at, shape))


def _print(at: Desk, shape: "EmailOut") -> None:
    signing, box, most = shape.signing, shape.mailbox, shape.limits
    signed = "no key" if signing is None else f"{'yes' if signing.is_on else 'not yet'}, {signing.record_name}"
    said = [f"{number:,} {words}" for number, words in _of(most.minute, most.hour, most.day) if number is not None]
    at.out.facts(
        (
            ("Provider", shape.provider or "none"),
            ("Sender", f"{shape.sender_name} <{shape.sender}>"),
            ("Signed", signed),
            ("Mailbox", "none" if box is None else f"{box.user} at {box.host}"),
            ("Problem", box.failure if box is not None else ""),
            ("Limits", ", ".join(said) or "none"),
        )
    )


def _of(minute: int | None, hour: int | None, day: int | None) -> list[tuple[int | None, str]]:
    return [(minute, "a minute"), (hour, "an hour"), (day, "in 24 hours")]
