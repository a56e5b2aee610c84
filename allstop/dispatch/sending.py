"""One message at an adapter, and what its answer means for the message.

| answer | the message |
|---|---|
| accepted | sent |
| rejected, throttled | again later or failed, as rules/retry.py says |
| unknown | unknown: a person decides, it is never sent again by itself |
| withdrawn | handed back: it never started |
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType

from allstop.actions.mail_tags import answer_link_of, link_of, mail_tag
from allstop.channels.adapter import Adapter, Files, Outbound, SendResult, SendState, Unsupported
from allstop.rules import answer_link
from allstop.rules.facts import Channel
from allstop.rules.retry import USUAL_RINGS, Again, Attempted, Final, Outcome, Rings, what_next
from allstop.rules.unsubscribing import headers_for, offers_link
from allstop.store.callees import USUAL_THANKS, Callee
from allstop.store.claims import Claimed, Content, Finished, LaneKey, PutBack, Tried
from allstop.store.facts import LaneSetup
from allstop.store.models import Status

log = logging.getLogger(__name__)

NO_HEADERS: Mapping[str, str] = MappingProxyType({})

_OUTCOMES = {
    SendState.ACCEPTED: Outcome.ACCEPTED,
    SendState.REJECTED: Outcome.REJECTED,
    SendState.THROTTLED: Outcome.THROTTLED,
    SendState.UNKNOWN: Outcome.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """It did not leave, and its adapter knows it."""


Result = Finished | PutBack | Withdrawn


@dataclass(frozen=True, slots=True)
class Ringing:
    """What a call that nobody takes depends on."""

    rings: Rings = USUAL_RINGS
    rung: int = 0  # so far; an attempt at which the trunk did not work is none


async def send(
    adapter: Adapter,
    outbound: Outbound,
    claimed: Claimed,
    ringing: Ringing | None,
    may_leave: Callable[[], bool],
    now: Callable[[], datetime],
) -> Result:
    started_at = now()
    try:
        result = await adapter.send(outbound, may_leave)
    except Unsupported as why:
        result = SendResult(state=SendState.REJECTED, permanent=True, code="allstop:unsupported", text=str(why))
    except Exception as fault:  # the worker's boundary around one message: it may have left, the others go on
        log.exception("message %s of account %s at %s", outbound.message_id, outbound.account_id, adapter.name)
        result = SendResult(state=SendState.UNKNOWN, code="allstop:fault", text=f"{type(fault).__name__}: {fault}")
    return judge(adapter.name, outbound, claimed, result, ringing, (started_at, now()))


def judge(
    adapter: str,
    outbound: Outbound,
    claimed: Claimed,
    result: SendResult,
    ringing: Ringing | None,
    times: tuple[datetime, datetime],
) -> Result:
    """`ringing`: of calls. `times`: just before the hand-over, and just after the answer."""
    if result.state is SendState.WITHDRAWN:
        return Withdrawn()
    outcome = _OUTCOMES[result.state]
    started_at, ended_at = times
    ref = result.refs[0] if result.refs else ""
    parts = result.refs if len(result.refs) > 1 else ()
    tried = Tried(outcome, started_at, ended_at, adapter, ref, result.code, result.text, outbound.attempt, parts)
    account_id, message_id = outbound.account_id, outbound.message_id
    attempts, rings = outbound.attempt - claimed.before_reset, None
    if ringing is not None:
        rings = ringing.rings
        if outcome is Outcome.REJECTED:
            attempts = ringing.rung + 1
    after = _after(outbound.channel, outcome, attempts, result.permanent, result.retry_after, rings)
    if isinstance(after, timedelta):
        return PutBack(account_id, message_id, claimed.number, ended_at + after, None, "again", tried)
    status, reason = after
    return Finished(account_id, message_id, status, reason, tried)


@lru_cache(maxsize=1024)  # nearly every answer is one of a few
def _after(
    channel: Channel,
    outcome: Outcome,
    attempt: int,
    permanent: bool,
    retry_after: timedelta | None,
    rings: Rings | None,
) -> timedelta | tuple[Status, str]:
    """How long it waits until it is tried again, or how it ended and why."""
    match what_next(Attempted(channel, outcome, attempt, permanent, retry_after), rings or USUAL_RINGS):
        case Final(status, reason):
            return Status(status), "" if status == "sent" else reason
        case Again(wait):
            return wait


def outbound_of(
    lane: LaneKey,
    claimed: Claimed,
    content: Content,
    setup: LaneSetup,
    callee: Callee | None = None,
    files: Files | None = None,
) -> Outbound:
    channel, sender_name, domain = _envelope(lane.channel, setup.sender, setup.sender_name)
    key = key_of(lane.account_id, claimed.id)
    name, headers, body = f"allstop.{key}", NO_HEADERS, content.body
    if channel is Channel.EMAIL:
        name = mail_tag(lane.account_id, claimed.id)
        if offers_link(claimed.purpose, claimed.recipients):
            headers = headers_for(link_of(lane.account_id, claimed.id))
        if answer_link.TOKEN in body:
            body = body.replace(answer_link.TOKEN, answer_link_of(lane.account_id, claimed.id))
    return Outbound(
        account_id=lane.account_id,
        message_id=claimed.id,
        attempt=claimed.attempt + 1,
        channel=channel,
        to=content.address,
        sender=setup.sender,
        sender_name=sender_name,
        subject=content.subject,
        body=body,
        headers=headers,
        files=files,
        language="" if callee is None else callee.language,
        thanks=USUAL_THANKS if callee is None else callee.thanks,
        use_by=claimed.use_by,
        idempotency_key=key,
        message_ref=f"<{name}@{domain}>",
    )


@lru_cache(maxsize=1024)  # the same for all messages of a lane
def _envelope(channel: str, sender: str, sender_name: str) -> tuple[Channel, str, str]:
    """The channel, the sender's name where there is one, and the domain of our own names for messages."""
    of = Channel(channel)
    return of, sender_name if of is Channel.EMAIL else "", sender.rpartition("@")[2] or "allstop.invalid"


def key_of(account_id: int, message_id: int) -> str:
    """The idempotency key: the same for every attempt, and for asking afterwards what became of it."""
    return f"{account_id}.{message_id}"


def may_have_left(result: Result) -> bool:
    match result:
        case Withdrawn() | PutBack():
            return False
        case Finished(tried=tried):
            return tried is not None and tried.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN)
