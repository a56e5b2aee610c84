"""One message of a worker to its adapter, with its files if it has some."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.db import DatabaseError

from allstop.channels.adapter import Adapter, Files
from allstop.dispatch.lending import Lending
from allstop.dispatch.sending import Result, Ringing, Withdrawn, outbound_of, send
from allstop.rules.retry import Outcome
from allstop.store.callees import Callee
from allstop.store.claims import Claimed, Content, Finished, LaneKey, Tried
from allstop.store.facts import LaneSetup
from allstop.store.models import Status

log = logging.getLogger(__name__)


class Sending(NamedTuple):
    """A message on its way to its adapter."""

    lane: LaneKey
    claimed: Claimed
    content: Content
    setup: LaneSetup
    adapter: Adapter
    callee: Callee | None


class HandOver:
    def __init__(self, may_leave: Callable[[LaneKey, Claimed], bool], now: Callable[[], datetime]) -> None:
        self._may_leave = may_leave
        self._now = now
        self._lending = Lending()

    def __call__(self, message: Sending) -> Awaitable[Result]:
        set_id = message.content.attachment_set
        return self._send(message, None) if set_id is None else self._with_files(message, set_id)

    async def _with_files(self, message: Sending, set_id: int) -> Result:
        try:
            async with self._lending.lent(message.lane.account_id, set_id) as files:
                return self._gone(message) if files is None else await self._send(message, files)
        except DatabaseError:  # the files could not be read: it never started, and goes back as it was
            log.exception("files of message %s of account %s", message.claimed.id, message.lane.account_id)
            return Withdrawn()

    def _send(self, message: Sending, files: Files | None) -> Awaitable[Result]:
        lane, claimed, content, setup, adapter, callee = message
        outbound = outbound_of(lane, claimed, content, setup, callee, files)
        ringing = None if callee is None else Ringing(setup.rings, callee.rung)
        return send(adapter, outbound, claimed, ringing, partial(self._may_leave, lane, claimed), self._now)

    def _gone(self, message: Sending) -> Result:
        """Nothing leaves without what belongs to it."""
        at = self._now()
        number = message.claimed.attempt + 1
        tried = Tried(Outcome.REJECTED, at, at, message.adapter.name, "", "allstop:files_gone", "", number)
        return Finished(message.lane.account_id, message.claimed.id, Status.FAILED, "files_gone", tried)
