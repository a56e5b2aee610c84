"""What shuts a worker without the database: the stop file, and a database that is not the one that was confirmed.

    the file appears ──► shut, within LOOK_EVERY ──► a STOP of the whole installation ──► shut until the file is gone
                                                     as soon as the database answers      and that stop is obeyed

The rules that it guards: a worker that is shut starts nothing and claims nothing, whatever the database says; it opens
again only when what shut it stands in the database, or a person has confirmed the database.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from django.db import Error as DatabaseError

from allstop import stop_file, witness
from allstop.actions import identity
from allstop.actions.actor import Operator
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.switch import standing_stop, stop
from allstop.dispatch.threads import aside, in_store
from allstop.rules.holds import INSTALLATION
from allstop.store.models import Stop

LOOK_EVERY = 0.1  # seconds between two looks at the file: one lstat, some microseconds
ASK_EVERY = 2.0  # seconds between two looks whether the stop of a file that is still there stands
COMPARE_EVERY = 10.0  # seconds between two looks at the identity: a few statements, and a small file
TRY_AGAIN = 0.5  # seconds after the database did not answer

log = logging.getLogger(__name__)


class Outside:
    """One worker's view. Everything but the acts on threads runs on its event loop."""

    def __init__(self, home: Path, host: str) -> None:
        self._home = home
        self._host = host
        self._has_file = stop_file.is_there(home)
        self._unsettled = self._has_file or stop_file.is_unsettled(home)
        self._number = 0  # of the stop that the file became
        self._told = False  # that the database does not know of the file
        self.strange = ""  # why the database is not the one that was confirmed
        self.appeared = asyncio.Event()
        self.moved = asyncio.Event()  # the newest stop number has changed: the witness shall know it
        if self._unsettled:
            self._seen()

    def is_shut(self, obeyed: int) -> bool:
        """`obeyed`: every stop up to this number is. Asked before each start: it must cost nothing."""
        return self._has_file or self._unsettled or bool(self.strange) or obeyed < self._number

    async def compare(self) -> None:
        """Is it the database that was confirmed? The worker waits for this before it claims anything."""
        until = "an operator confirms the database"
        try:
            wrong = await in_store(identity.look, self._home, self._host, datetime.now(UTC))
        except OSError as full:  # or read-only: what it has seen could not be told from an older copy later
            until = "its folder can be written to"
            wrong = (f"{witness.path(self._home)}: {full.strerror}.",)
        if wrong and not self.strange:
            log.warning("This worker starts nothing until %s: %s", until, " ".join(wrong))
        self.strange = " ".join(wrong)

    async def compare_for_ever(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.moved.wait(), COMPARE_EVERY)
            self.moved.clear()
            await self.compare()

    async def watch(self) -> None:
        """Until cancelled."""
        settling = asyncio.create_task(self._settle_for_ever())
        try:
            while True:
                self._has_file = stop_file.is_there(self._home)
                if self._has_file and not self.appeared.is_set():
                    self._seen()
                await asyncio.sleep(LOOK_EVERY)
        finally:
            settling.cancel()
            await asyncio.gather(settling, return_exceptions=True)

    def _seen(self) -> None:
        self._unsettled = True
        stop_file.remember(self._home)
        self.appeared.set()

    async def _settle_for_ever(self) -> None:
        """As long as the file is there its stop stands, also after somebody on another machine has pressed START."""
        while True:
            await self.appeared.wait()
            if not (stop_file.is_there(self._home) or self._unsettled):
                self.appeared.clear()  # whoever presses START from now on is believed
            elif await self._tried(self._settle):
                await asyncio.sleep(ASK_EVERY)
            else:
                await asyncio.sleep(TRY_AGAIN)

    async def _settle(self) -> None:
        self._number = max(self._number, await aside(settle, self._home, self._host))
        self._unsettled = False

    async def _tried(self, act: Callable[[], Awaitable[None]]) -> bool:
        try:
            await act()
        except (DatabaseError, psycopg.Error) as unreachable:
            if not self._told:
                why = str(unreachable).partition("\n")[0]
                log.warning("The stop file stops this machine; the database does not know it yet: %s", why)
            self._told = True
            return False
        self._told = False
        return True


def settle(home: Path, host: str) -> int:
    """The file becomes a STOP of the whole installation, if none stands; returns the number that is to be obeyed."""
    if (hold := standing_stop(INSTALLATION)) is not None:
        stop_file.settled(home)
        return Stop.objects.get(hold_id=hold.pk, is_lift=False).number
    receipt = stop(Operator(f"stop file on {host}", "file"), INSTALLATION, stop_file.reason(home), datetime.now(UTC))
    stop_file.settled(home)
    return wait_until_confirmed(receipt).number
