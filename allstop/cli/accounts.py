"""`allstop accounts` and `allstop members`: who has an account here, and who works in it."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from allstop.actions.actor import Invalid
from allstop.cli.desk import AccountOption, answering, desk, who
from allstop.cli.printing import JsonOption
from allstop.rules.lifecycle import AccountStatus
from allstop.rules.roles import Role

commands = typer.Typer()
accounts = typer.Typer(no_args_is_help=True)
members = typer.Typer(no_args_is_help=True)
commands.add_typer(accounts, name="accounts", help="The accounts of this installation.")
commands.add_typer(members, name="members", help="The people of an account.")


@accounts.command("list")
def list_accounts(as_json: JsonOption = False) -> None:
    """List the accounts with their state."""
    with answering(as_json) as out:
        from django.db.models import Count

        from allstop.cli.shapes import account_shape
        from allstop.store.lists import switch_states
        from allstop.store.models import Account

        counted = list(Account.objects.order_by("pk").annotate(people=Count("members")))
        states = switch_states([account.pk for account in counted])
        shapes = [account_shape(one, states[one.pk].state, one.people) for one in counted]
        rows = [(str(one.id), one.name, one.state.upper(), one.zone, str(one.members)) for one in shapes]
        out.show(shapes, lambda: out.table(("ID", "Name", "State", "Zone", "Members"), rows))


@accounts.command("create")
def create_account_(
    name: Annotated[str, typer.Argument(help="Of the organisation.")],
    zone: Annotated[str, typer.Option("--zone", help="Time zone, like Europe/London.")],
    country: Annotated[str, typer.Option("--country", help="Two letters, like GB: how phone numbers are read.")],
    prospect: Annotated[bool, typer.Option("--prospect", help="Nothing leaves until its status is changed.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make an account. Its channels deliver into the sandbox until they are set up."""
    with answering(as_json) as out:
        from allstop.actions.accounts import create_account
        from allstop.cli.shapes import account_shape

        status = AccountStatus.PROSPECT if prospect else AccountStatus.ACTIVE
        made = create_account(name.strip(), zone, country, datetime.now(UTC), by=who(), status=status)
        words = f"Account {made.pk} ({made.name}) is made. Next: allstop members add EMAIL --account {made.pk}"
        out.show(account_shape(made, "running", 0), lambda: print(words))


@members.command("add")
def add_member_(
    email: Annotated[str, typer.Argument(help="With which the person logs in.")],
    name: Annotated[str, typer.Option("--name", help="As screens and the ledger show it.")],
    role: Annotated[Role, typer.Option("--role")] = Role.MEMBER,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input; else one is set by email.")
    ] = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a person a place in the account. Without a password they choose one by "Forgot password"."""
    with desk(account, as_json) as at:
        from allstop.actions.accounts import add_member
        from allstop.cli.shapes import member_shape
        from allstop.rules.addresses import parse_email
        from allstop.rules.words import Problem

        found = parse_email(email)
        if isinstance(found, Problem):
            raise Invalid(email=found.text)
        password = typer.get_text_stream("stdin").readline().rstrip("\r\n") if password_stdin else None
        _check_password(password)
        made = add_member(at.actor, found.address, name.strip(), role, password, at.now)
        at.out.show(member_shape(made), lambda: print(f"{made.user.name} is {made.role} of {at.account.name}."))


def _check_password(password: str | None) -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    if password is None:
        return
    try:
        validate_password(password)
    except ValidationError as weak:
        raise Invalid(password=" ".join(weak.messages)) from weak
