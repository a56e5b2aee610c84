"""What `allstop stop` and `allstop start` share: who pulls, and what it moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import answering, desk, who
from allstop.cli.printing import Printer

if TYPE_CHECKING:
    from allstop.actions.actor import Actor, Operator
    from allstop.rules.holds import Reach
    from allstop.store.models import Account

LONGEST_REASON = 300
ReasonOption = Annotated[str, typer.Option("--reason", help="Shown to everybody who looks at the switch.")]
ChannelOption = Annotated[str | None, typer.Option("--channel", help="Only text, call or email.")]
LocationOption = Annotated[
    str | None, typer.Option("--location", metavar="CODE", help="Only this location, by its code or name.")
]
EverywhereOption = Annotated[bool, typer.Option("--everywhere", help="Every account of the installation.")]


@dataclass(frozen=True, slots=True)
class Lever:
    """Who pulls, and what it moves."""

    by: "Actor | Operator"
    reach: "Reach"
    name: str  # for people: "Northgate Dental", "texts of Northgate Dental"
    out: Printer
    now: datetime


@contextmanager
def lever(
    channel: str | None, location: str | None, everywhere: bool, account: str | None, as_json: bool
) -> Iterator[Lever]:
    """`--everywhere` needs no account, also when there are several, and no one account may be meant with it."""
    with answering(as_json) as out:
        from allstop.actions.actor import Invalid, Operator
        from allstop.rules.holds import INSTALLATION

        if sum((channel is not None, location is not None, everywhere)) > 1:
            raise Invalid(scope="Choose one of --channel, --location and --everywhere.")
        if everywhere:
            load_levers()
            yield Lever(Operator(who(), "command"), INSTALLATION, "every account", out, datetime.now(UTC))
            return
    if not everywhere:
        with desk(account, as_json) as at:
            reach, name = _reach(at.account, channel, location)
            load_levers()
            yield Lever(at.actor, reach, name, at.out, datetime.now(UTC))


def load_levers() -> None:
    """Before a clock is read or the database is waited for: it takes this machine far longer than a stop takes."""
    import allstop.actions.switch  # noqa: F401


def _reach(account: "Account", channel: str | None, location: str | None) -> tuple["Reach", str]:
    from allstop.actions.actor import Invalid, NotThere
    from allstop.rules.facts import Channel
    from allstop.rules.holds import one_channel, one_location, whole_account
    from allstop.store.models import Location

    if channel is not None:
        if channel.lower() not in list(Channel):
            raise Invalid(channel=f"There is no channel {channel}: choose {', '.join(Channel)}.")
        chosen = Channel(channel.lower())
        return one_channel(account.pk, chosen), f"{chosen}s of {account.name}"
    if location is not None:
        every = list(Location.objects.filter(account=account).order_by("name"))
        wanted = location.casefold()
        found = [one for one in every if wanted == one.code.casefold()] or [
            one for one in every if wanted == one.name.casefold()
        ]
        if len(found) != 1:
            known = ", ".join(f"{one.code} ({one.name})" for one in every) or "none"
            raise NotThere(f"There is no one location {location} in {account.name}. Known are: {known}.")
        return one_location(account.pk, found[0].pk), f"the location {found[0].name} of {account.name}"
    return whole_account(account.pk), account.name


def check_reason(reason: str) -> None:
    from allstop.actions.actor import Invalid

    if len(reason) > LONGEST_REASON:
        raise Invalid(reason=f"Give the reason in at most {LONGEST_REASON} characters.")
