"""`allstop send-now`: what waits on a channel for its time leaves by hand; of emails, new mail is fetched too."""

from typing import Annotated

import typer

from allstop.cli.desk import AccountOption, desk
from allstop.cli.printing import JsonOption, count
from allstop.rules.words import Channel

commands = typer.Typer()


@commands.command("send-now")
def send_now(
    channel: Annotated[Channel, typer.Option("--channel", help="Of which channel.")] = Channel.EMAIL,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send what waits for its window, pace or a regular check, past these alone. Emails: fetch new mail as well."""
    with desk(account, as_json) as at:
        from allstop.actions.send_now import MOST
        from allstop.actions.send_now import send_now as send
        from allstop.doors.api.sending import sent_now_out

        shape = sent_now_out(send(at.actor, channel, at.now))
        words = f"{count(shape.messages, channel.value)} by hand now."
        if shape.messages >= MOST:
            words += " More wait: say it again."
        if shape.fetches:
            words += " New mail is being fetched."
        at.out.show(shape, lambda: print(words))
