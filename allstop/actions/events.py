"""What webhooks hear of, written in the transaction of what happened: `record_event`.

The rule that it guards: an event is told if and only if what it tells of was committed. It costs nothing where no
webhook wants it, delays nobody (a process of its own delivers), and is no message: STOPPED does not hold it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from allstop.rules.webhooks import EventKind
from allstop.store import events


def record_event(  # noqa: PLR0913 - what it is about, each by its name
    account_id: int,
    kind: EventKind,
    payload: Mapping[str, Any] | None,
    now: datetime,
    *,
    lead: int | None = None,
    contact: int | None = None,
    message: int | None = None,
    inbound: int | None = None,
) -> None:
    """`payload`: what to say beside the ids, as JSON. Name the contact wherever it can be read out of the payload:
    erasing the person takes the event away by it."""
    events.record(account_id, kind.value, now, [(contact, lead, payload)], message_id=message, inbound_id=inbound)


def record_events(
    account_id: int,
    kind: EventKind,
    about: Iterable[tuple[int | None, int | None, Mapping[str, Any] | None]],
    now: datetime,
) -> int:
    """The same for many, each (contact, lead, payload); how many were written."""
    return events.record(account_id, kind.value, now, about)
