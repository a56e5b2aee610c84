"""`allstop stop` and `allstop start`: of the account, one channel, one location or everything, as in the console."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, answering, desk, who
from allstop.cli.printing import Exit, JsonOption, Printer, count, exactly
from allstop.cli.rope import FileOption, rope, stop_by_file

if TYPE_CHECKING:
    from allstop.actions.actor import Actor, Operator
    from allstop.doors.api.account import ReceiptOut
    from allstop.rules.holds import Reach
    from allstop.store.models import Account

commands = typer.Typer()

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


@commands.command()
def stop(  # noqa: PLR0913 - what may be typed
    reason: ReasonOption = "",
    channel: ChannelOption = None,
    location: LocationOption = None,
    everywhere: EverywhereOption = False,
    file: FileOption = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """STOP: nothing new leaves. Waits until every worker obeys, and prints the receipt."""
    if file:
        stop_by_file(reason, as_json)
        return
    is_narrow = channel is not None or location is not None  # the file would stop far more than was asked for
    with (
        nullcontext() if is_narrow else rope(reason, as_json) as line,
        lever(channel, location, everywhere, account, as_json) as at,
    ):
        from allstop.actions import switch

        if line is not None:
            line.answered()
        _check(reason)
        made = switch.stop(at.by, at.reach, reason, at.now)
        if line is not None:
            line.effective()

        from allstop.doors.api.account import receipt_shape  # takes longer than all before

        with counting_down(at) as tell:
            receipt = receipt_shape(switch.wait_until_confirmed(made.number, meanwhile=tell))
        at.out.show(receipt, lambda: _print(at, receipt))
        if receipt.confirmed_at is None:
            raise typer.Exit(Exit.ERROR)


@commands.command()
def start(
    reason: ReasonOption = "",
    channel: ChannelOption = None,
    location: LocationOption = None,
    everywhere: EverywhereOption = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """START: whatever is due leaves again. Look at `allstop jobs` first and remove what should not."""
    with lever(channel, location, everywhere, account, as_json) as at:
        from allstop.actions import switch
        from allstop.doors.api.account import Started

        _check(reason)
        number = switch.start(at.by, at.reach, reason, at.now)
        at.out.show(Started(number=number), lambda: print(_started(at)))


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
            yield Lever(Operator(who(), "command"), INSTALLATION, "every account", out, datetime.now(UTC))
            return
    if not everywhere:
        with desk(account, as_json) as at:
            reach, name = _reach(at.account, channel, location)
            yield Lever(at.actor, reach, name, at.out, at.now)


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


@contextmanager
def counting_down(at: Lever) -> Iterator["Tell | None"]:
    """On a terminal, while a worker is silent: what is still in flight. Nothing else may stand in the answer."""
    if at.out.as_json or not sys.stderr.isatty():
        yield None
        return
    tell = Tell(at.reach)
    try:
        yield tell
    finally:
        tell.clear()


@dataclass(slots=True)
class Tell:
    reach: "Reach"
    shown: str = ""

    def __call__(self) -> None:
        from allstop.store.lists import in_flight

        line = f"STOPPING: {count(in_flight(self.reach), 'message')} in flight. Waiting for a worker that is silent."
        if line != self.shown:
            self.clear()
            print(line, end="", file=sys.stderr, flush=True)
            self.shown = line

    def clear(self) -> None:
        if self.shown:
            print("\r" + " " * len(self.shown) + "\r", end="", file=sys.stderr, flush=True)
            self.shown = ""


def _print(at: Lever, shown: "ReceiptOut") -> None:
    print("STOPPED." if shown.confirmed_at else "STOPPING: nothing new is taken up; a worker has not confirmed.")
    at.out.facts(
        (
            ("Receipt", str(shown.number)),
            ("Covers", at.name),
            ("By", shown.by),
            ("Reason", shown.reason),
            ("Effective", exactly(shown.effective_at)),
            ("Confirmed", exactly(shown.confirmed_at) if shown.confirmed_at else "not yet"),
            ("Workers", f"{shown.workers} had to confirm"),
            ("In flight", f"{count(shown.in_flight, 'message')} when it took effect"),
            ("Handed back", f"{shown.handed_back:,} of them, never started"),
            ("Still leaving", _still_leaving(at)),
        )
    )


def _still_leaving(at: Lever) -> str:
    """Calls in progress run to their end, also after the stop is confirmed."""
    from allstop.store.lists import in_flight

    held = in_flight(at.reach)
    return f"{count(held, 'message')}, handed over before the stop" if held else ""


def _started(at: Lever) -> str:
    from allstop.store.lists import standing_stops, totals_of

    waits = totals_of(at.reach)
    words = f"RUNNING. {count(waits.messages, 'message')} of {count(waits.jobs, 'job')} may leave when they are due."
    if at.reach.account_id is None:
        return words
    others = standing_stops([at.reach.account_id])[at.reach.account_id]
    still = [f"{one.words} (stop {one.number}, by {one.by})" for one in others]
    return f"{words}\nOther stops stand: {', '.join(still)}." if still else words


def _check(reason: str) -> None:
    from allstop.actions.actor import Invalid

    if len(reason) > LONGEST_REASON:
        raise Invalid(reason=f"Give the reason in at most {LONGEST_REASON} characters.")
