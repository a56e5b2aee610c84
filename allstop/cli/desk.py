"""What nearly every command shares: the account it is about, who acts, and one exit code for each way to be told no.

The rule that it guards: whoever may run this program on the machine of the database may do everything, as an admin of
the account; but it is written down with their name.
"""

import getpass
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.actions.actor import Actor, Conflict, Forbidden, Invalid, NotThere
from allstop.cli.printing import Exit, Printer
from allstop.cli.ready import ready
from allstop.rules.roles import Role

if TYPE_CHECKING:
    from allstop.store.models import Account

MOST_NAMED = 10  # accounts, in words about a choice
ENDING = "57P"  # SQLSTATEs of a server that ends or begins

AccountOption = Annotated[
    str | None,
    typer.Option(
        "--account", envvar="ALLSTOP_ACCOUNT", help="Number or name of the account; needed only if there are several."
    ),
]

KeyOption = Annotated[
    str, typer.Option("--key", help="The same again with the same key books nothing more; kept for 7 days.")
]


@dataclass(frozen=True, slots=True)
class Desk:
    actor: Actor
    account: "Account"
    out: Printer
    now: datetime


@contextmanager
def desk(account: str | None, as_json: bool) -> Iterator[Desk]:
    """For a command about one account."""
    with answering(as_json):
        chosen = chosen_account(account)
        actor = Actor(chosen.pk, who(), Role.ADMIN, via="command", is_operator=True)
        yield Desk(actor, chosen, Printer(as_json, chosen.zone), datetime.now(UTC))


@contextmanager
def answering(as_json: bool) -> Iterator[Printer]:
    """The database, Django, and errors in words with their exit codes."""
    out = Printer(as_json)
    with ready():
        import psycopg
        from django.db import OperationalError, ProgrammingError

        try:
            yield out
        except (Forbidden, Conflict) as refused:
            out.fail("forbidden" if isinstance(refused, Forbidden) else refused.code, str(refused), {})
            raise typer.Exit(Exit.REFUSED) from refused
        except NotThere as missing:
            out.fail("not_found", str(missing), {})
            raise typer.Exit(Exit.NOT_FOUND) from missing
        except Invalid as wrong:
            out.fail("invalid", str(wrong), wrong.problems)
            raise typer.Exit(Exit.USAGE) from wrong
        except (OperationalError, psycopg.OperationalError) as unreachable:  # the second: by a worker's own connection
            out.fail("database", trouble_words(unreachable), {})
            raise typer.Exit(Exit.ERROR) from unreachable
        except ProgrammingError as odd:
            if not _lacks_tables(odd):
                raise
            out.fail("schema", "The tables are missing or of another version: start allstop serve once.", {})
            raise typer.Exit(Exit.ERROR) from odd


def chosen_account(said: str | None) -> "Account":
    from allstop.store.models import Account

    accounts = list(Account.objects.order_by("pk"))
    if not accounts:
        raise NotThere("There is no account yet. Make one with: allstop accounts create NAME")
    known = _named(accounts)
    if said is None:
        if len(accounts) > 1:
            raise Invalid(account=f"There are several accounts: {known}. Name one with --account or ALLSTOP_ACCOUNT.")
        return accounts[0]
    found = [one for one in accounts if str(one.pk) == said] or [
        one for one in accounts if one.name.casefold() == said.casefold()
    ]
    if len(found) > 1:
        numbers = " and ".join(str(one.pk) for one in found)
        raise Invalid(account=f"The accounts {numbers} are all called {said}. Give the number.")
    if not found:
        raise NotThere(f"There is no account {said}. Known are: {known}.")
    return found[0]


def _named(accounts: Sequence["Account"]) -> str:
    """A thousand would drive what matters off the screen."""
    names = ", ".join(f"{account.pk} ({account.name})" for account in accounts[:MOST_NAMED])
    more = len(accounts) - MOST_NAMED
    return f"{names} and {more:,} more, which allstop accounts list shows" if more > 0 else names


def who() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user who has no name
        name = f"user {os.getuid()}"
    return f"{name[:80]} (command line)"


def trouble_words(trouble: Exception) -> str:
    """A server that answered says in one line why not, and in many more where in its functions."""
    from psycopg import Error

    said = trouble if isinstance(trouble, Error) else trouble.__cause__
    why = said.diag.message_primary if isinstance(said, Error) else None
    if why is None:
        return f"The database cannot be reached: {str(trouble).strip()}"
    is_ending = isinstance(said, Error) and (said.sqlstate or "").startswith(ENDING)
    return f"The database {'cannot be reached' if is_ending else 'refuses'}: {why}."


def _lacks_tables(odd: Exception) -> bool:
    from psycopg.errors import UndefinedColumn, UndefinedFunction, UndefinedTable

    return isinstance(odd.__cause__, UndefinedTable | UndefinedColumn | UndefinedFunction)
