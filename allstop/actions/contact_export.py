"""The Phonebook, or a part of it, as a file.

The rule that it guards: who takes how many contacts out of the house is known. The entry in the ledger is there before
the first row leaves, with numbers and no names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from allstop.actions.actor import Actor, require
from allstop.actions.bulk import Selection, check_filter, count_selected
from allstop.formats.delimited_writing import write_csv
from allstop.formats.person import Mark, Written
from allstop.formats.person_writing import COLUMNS, Outgoing, cells_of, write_vcards
from allstop.formats.workbook_writing import write_xlsx
from allstop.rules.roles import Act
from allstop.rules.wallclock import local_date
from allstop.store import ledger
from allstop.store.lists.contact_export import ExportRow, export_ids, export_matching
from allstop.store.lists.phonebook import newest_contact
from allstop.store.models import Account


class ExportFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    VCARD_3 = "vcard3"  # every phone takes it
    VCARD_4 = "vcard4"


_MEDIA = {
    ExportFormat.CSV: ("csv", "text/csv; charset=utf-8"),
    ExportFormat.XLSX: ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ExportFormat.VCARD_3: ("vcf", "text/vcard; charset=utf-8"),
    ExportFormat.VCARD_4: ("vcf", "text/vcard; charset=utf-8"),
}


@dataclass(frozen=True, slots=True)
class Export:
    count: int
    file_name: str
    media_type: str
    pieces: Iterator[bytes]  # made as they are taken


@transaction.atomic
def export_contacts(actor: Actor, selection: Selection, kind: ExportFormat, now: datetime) -> Export:
    """All that are selected, in the order in which they were written down. NotThere: one of the ids is not there."""
    require(actor, Act.EXPORT_CONTACTS)
    if selection.filter is not None:
        check_filter(actor.account_id, selection.filter)
        until = newest_contact(actor.account_id) if selection.until is None else selection.until
        selection = replace(selection, until=until)
    count = count_selected(actor, selection)
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="export_contacts",
        subject="contacts:export",
        after={"count": count, "format": kind.value, "filters": _filters(selection), "via": actor.via},
    )
    ending, media_type = _MEDIA[kind]
    zone = Account.objects.values_list("zone", flat=True).get(pk=actor.account_id)
    name = f"contacts-{local_date(now, zone)}.{ending}"
    return Export(count, name, media_type, _written(actor.account_id, selection, kind))


def _filters(selection: Selection) -> list[str]:
    """Which filters were on, without what was searched for: that may be a name."""
    return sorted(selection.filter.as_json()) if selection.filter is not None else ["ids"]


def _written(account_id: int, selection: Selection, kind: ExportFormat) -> Iterator[bytes]:
    if selection.filter is None:
        found = export_ids(account_id, selection.ids)
    else:
        until = selection.until or 0
        found = export_matching(account_id, selection.filter, until=until, without=selection.without)
    people = map(_outgoing, found)
    match kind:
        case ExportFormat.CSV:
            return write_csv(COLUMNS, map(cells_of, people))
        case ExportFormat.XLSX:
            return write_xlsx(COLUMNS, map(cells_of, people))
        case ExportFormat.VCARD_3:
            return write_vcards(people, "3.0")
        case ExportFormat.VCARD_4:
            return write_vcards(people, "4.0")


_OPT_OUTS = {
    "all": Mark.OPT_OUT,
    "text": Mark.OPT_OUT_TEXT,
    "call": Mark.OPT_OUT_CALL,
    "email": Mark.OPT_OUT_EMAIL,
}


def _outgoing(row: ExportRow) -> Outgoing:
    return Outgoing(
        row.given_name,
        row.family_name,
        tuple(Written(value, label) for kind, value, label in row.addresses if kind == "phone"),
        tuple(Written(value, label) for kind, value, label in row.addresses if kind == "email"),
        row.external_id,
        row.language,
        row.country,
        row.zone,
        row.location,
        row.assigned_to,
        tuple(row.groups),
        (*(Mark(kind) for kind in row.markers), *(_OPT_OUTS[channel] for channel in row.opted_out)),
    )
