"""`allstop stop`: of the account, one channel, one location or everything, as in the console. start.py starts again."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from allstop.cli.desk import AccountOption
from allstop.cli.lever import (
    ChannelOption,
    EverywhereOption,
    Lever,
    LocationOption,
    ReasonOption,
    check_reason,
    lever,
)
from allstop.cli.printing import Exit, JsonOption, count, exactly
from allstop.cli.rope import FileOption, rope, stop_by_file

if TYPE_CHECKING:
    from allstop.doors.api.account import ReceiptOut
    from allstop.rules.holds import Reach

commands = typer.Typer()


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
        from allstop.actions import confirming, switch

        if line is not None:
            line.answered()
        check_reason(reason)
        made = switch.stop(at.by, at.reach, reason, at.now)
        if line is not None:
            line.effective()

        with counting_down(at) as tell:
            obeyed = confirming.wait_until_confirmed(made, meanwhile=tell)

        from allstop.doors.api.account import receipt_shape  # takes longer than the stop: not before it is confirmed

        receipt = receipt_shape(obeyed)
        at.out.show(receipt, lambda: _print(at, receipt))
        if receipt.confirmed_at is None:
            raise typer.Exit(Exit.ERROR)


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
