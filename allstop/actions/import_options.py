"""What a person chooses for a file: which column is what, which channels, what they say and when.

Kept as JSON with the import, read back strictly: a word that is not understood is an error with its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Any

from allstop.actions.actor import Invalid
from allstop.actions.own_windows import Proposal, as_json, from_json
from allstop.actions.templates import Wording
from allstop.formats.dates import Order
from allstop.formats.mapping import Basis, ColumnMapping, Field
from allstop.rules.facts import Channel, Purpose

MOST_DAYS_BEFORE = 365


class Route(StrEnum):
    FIRST = "first"  # one message a row: the first chosen channel that the person can be reached on
    ALL = "all"  # one message on every chosen channel that the person can be reached on


class Start(StrEnum):
    NOW = "now"
    AT = "at"
    BEFORE = "before"  # days before the appointment (a bill: before the due date), at a time of the account's clock


@dataclass(frozen=True, slots=True)
class Timing:
    start: Start = Start.NOW
    at: datetime | None = None  # for AT, aware
    days: int = 1  # for BEFORE
    clock: time = time(10)  # for BEFORE


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    name: str  # of the job
    purpose: Purpose
    mapping: ColumnMapping
    channels: tuple[Channel, ...]  # the chosen ones, in the order in which they are tried
    wording: Mapping[Channel, Wording]  # of all channels, so that what was written survives a change of mind
    route: Route = Route.FIRST
    timing: Timing = Timing()
    location_id: int | None = None  # for rows that name none, or one that is not known
    order: Order | None = None  # of day and month; None = as the file shows it
    encoding: str | None = None  # None = guessed; so are the next two
    delimiter: str | None = None
    sheet: str | None = None
    window: Proposal | None = None  # of this list alone; None = the account's
    plan_id: int | None = None  # a message plan: it says channels, wording and times, in place of the above


def options_to_json(options: ImportOptions) -> dict[str, Any]:
    timing = options.timing
    return {
        "name": options.name,
        "purpose": options.purpose.value,
        "columns": {field.value: index for field, index in options.mapping.columns.items()},
        "basis": {field.value: basis.value for field, basis in options.mapping.basis.items()},
        "channels": [channel.value for channel in options.channels],
        "wording": {
            channel.value: {
                "subject": words.subject,
                "body": words.body,
                "new_subject": words.new_subject,
                "new_body": words.new_body,
                "attachments": list(words.attachments),
            }
            for channel, words in options.wording.items()
        },
        "route": options.route.value,
        "timing": {
            "start": timing.start.value,
            "at": timing.at.astimezone(UTC).isoformat() if timing.at else None,
            "days": timing.days,
            "clock": timing.clock.strftime("%H:%M"),
        },
        "location_id": options.location_id,
        "order": options.order.value if options.order else None,
        "encoding": options.encoding,
        "delimiter": options.delimiter,
        "sheet": options.sheet,
        "window": as_json(options.window),
        "plan_id": options.plan_id,
    }


def options_from_json(said: Mapping[str, Any]) -> ImportOptions:
    """Raises Invalid naming what is not understood. `columns` may come without `basis`: then a person chose them."""
    try:
        return _options(said)
    except KeyError as missing:
        raise Invalid(options=f"The options lack {missing}.") from missing
    except (ValueError, TypeError, AttributeError) as wrong:
        raise Invalid(options=f"The options cannot be read: {wrong}.") from wrong


def _options(said: Mapping[str, Any]) -> ImportOptions:
    timing = said["timing"]
    columns = {Field(field): int(index) for field, index in said["columns"].items()}
    basis = said.get("basis") or dict.fromkeys(said["columns"], Basis.CHOSEN.value)
    at = datetime.fromisoformat(timing["at"]) if timing.get("at") else None
    if at is not None and at.tzinfo is None:
        raise ValueError(f"the time {timing['at']} lacks its offset from UTC")
    return ImportOptions(
        name=str(said["name"]),
        purpose=Purpose(said["purpose"]),
        mapping=ColumnMapping(columns, {Field(field): Basis(word) for field, word in basis.items()}),
        channels=tuple(dict.fromkeys(Channel(word) for word in said["channels"])),
        wording={Channel(word): _wording(words) for word, words in said["wording"].items()},
        route=Route(said["route"]),
        timing=Timing(Start(timing["start"]), at, int(timing["days"]), time.fromisoformat(timing["clock"])),
        location_id=said["location_id"],
        order=Order(said["order"]) if said["order"] else None,
        encoding=said["encoding"],
        delimiter=said["delimiter"],
        sheet=said["sheet"],
        window=from_json(said.get("window")),
        plan_id=None if said.get("plan_id") is None else int(said["plan_id"]),
    )


def _wording(said: Mapping[str, Any]) -> Wording:
    return Wording(**{**said, "attachments": tuple(int(one) for one in said.get("attachments", ()))})
