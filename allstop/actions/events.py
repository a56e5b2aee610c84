"""What webhooks hear of, written in the transaction of what happened: `record_event`.

The rule that it guards: an event is told if and only if what it tells of was committed. It costs nothing where no
webhook wants it, delays nobody (a process of its own delivers), and is no message: STOPPED does not hold it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from allstop.rules.leads import Title
from allstop.rules.webhooks import EventKind
from allstop.store import events
from allstop.store.models import Lead

# What of a lead's history is told as a kind of its own, beside lead_activity.
OF_TITLES = {
    Title.CREATED: EventKind.LEAD_CREATED,
    Title.QUALIFIED: EventKind.LEAD_QUALIFY,
    Title.UNQUALIFIED: EventKind.LEAD_UNQUALIFY,
}


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


def tell_of_lead(  # noqa: PLR0913 - a line of its history, each part by its name
    lead: Lead,
    title: Title,
    by: str,
    now: datetime,
    *,
    detail: str = "",
    message: int | None = None,
    inbound: int | None = None,
) -> None:
    """A line of a lead's history, as `lead` is then. Mass end writes its lines past this: it tells nobody (001-13)."""
    said = {"title": title.value, "by": by, "detail": detail, "lead": {"status": lead.status, "reason": lead.reason}}
    for kind in filter(None, (OF_TITLES.get(title), EventKind.LEAD_ACTIVITY)):
        record_event(
            lead.account_id,
            kind,
            said,
            now,
            lead=lead.pk,
            contact=lead.contact_id,
            message=message,
            inbound=inbound,
        )
