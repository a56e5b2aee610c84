"""`allstop members mails`: what a member is told by email, and when."""

from dataclasses import replace
from typing import Annotated

import typer

from allstop.cli.accounts import members
from allstop.cli.desk import AccountOption, desk
from allstop.cli.printing import JsonOption
from allstop.cli.stop_phone import member_of
from allstop.rules.member_news import Wish

commands = typer.Typer()  # what is here belongs to the family of accounts.py

WORDS = {Wish.AT_ONCE: "at once", Wish.DIGEST: "in the daily digest", Wish.NEVER: "never"}


@members.command("mails")
def mails(
    email: Annotated[str, typer.Argument(help="With which the member logs in.")],
    written: Annotated[Wish | None, typer.Option(help="A contact or a lead has written.")] = None,
    assigned: Annotated[Wish | None, typer.Option(help="A lead or a conversation is theirs now.")] = None,
    digest_hour: Annotated[
        int | None, typer.Option(min=0, max=23, help="When the digest goes, by the account's clock.")
    ] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a member is told by email, or change it. Options that are left out stay as they are."""
    with desk(account, as_json) as at:
        from allstop.actions.member_news import Wishes, set_wishes, wishes_of
        from allstop.doors.api.my_mails import wishes_shape

        actor = replace(at.actor, member_id=member_of(at, email).pk)
        wishes = wishes_of(actor)
        if (written, assigned, digest_hour) != (None, None, None):
            hour = wishes.digest_hour if digest_hour is None else digest_hour
            wishes = set_wishes(actor, Wishes(written or wishes.written, assigned or wishes.assigned, hour))

        def tell() -> None:
            at.out.facts(
                (
                    ("Somebody has written", WORDS[wishes.written]),
                    ("Something is theirs now", WORDS[wishes.assigned]),
                    ("The digest goes at", f"{wishes.digest_hour}:00"),
                )
            )

        at.out.show(wishes_shape(wishes), tell)
