"""The files that emails take along, without their contents."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allstop.store.lists.reading import rows
from allstop.store.models import Attachment


@dataclass(frozen=True, slots=True)
class AttachedFile:
    id: int
    name: str
    type: str
    size: int


_COLUMNS = "a.id, a.name, a.type, a.size"


def attachments(account_id: int, ids: Sequence[int]) -> list[AttachedFile]:
    """In the order of `ids`; those that are not there are left out."""
    found = Attachment.objects.filter(account_id=account_id, pk__in=ids).values_list("pk", "name", "type", "size")
    known = {row[0]: AttachedFile(*row) for row in found}
    return [known[pk] for pk in ids if pk in known]


def attachments_in(account_id: int, set_id: int | None) -> list[AttachedFile]:
    if set_id is None:
        return []
    sql = f"""SELECT {_COLUMNS} FROM attachment_in_set i JOIN attachment a ON a.id = i.attachment_id
               WHERE i.set_id = %(set)s AND a.account_id = %(account)s ORDER BY i.number"""  # noqa: S608 - fixed text
    return rows(AttachedFile, sql, {"set": set_id, "account": account_id})


def attachments_in_sets(account_id: int, set_ids: Sequence[int | None]) -> Mapping[int | None, list[int]]:
    """Ids of files, by set; without a question where no set is named."""
    sets = [one for one in set_ids if one is not None]
    found: defaultdict[int | None, list[int]] = defaultdict(list)
    if sets:
        sql = """SELECT i.set_id, i.attachment_id FROM attachment_in_set i
                   JOIN attachment_set s ON s.id = i.set_id
                  WHERE i.set_id = ANY (%(sets)s::bigint[]) AND s.account_id = %(account)s
                  ORDER BY i.set_id, i.number"""
        for set_id, pk in rows(lambda *columns: columns, sql, {"sets": sets, "account": account_id}):
            found[set_id].append(pk)
    return found


def attachments_of(account_id: int, message_ids: Sequence[int]) -> Mapping[int, list[AttachedFile]]:
    """By message; those without are not in it."""
    sql = f"""SELECT m.id, {_COLUMNS} FROM message m JOIN attachment_in_set i ON i.set_id = m.attachment_set_id
                JOIN attachment a ON a.id = i.attachment_id
               WHERE m.account_id = %(account)s AND m.id = ANY (%(ids)s::bigint[])
               ORDER BY m.id, i.number"""  # noqa: S608 - fixed text
    found: defaultdict[int, list[AttachedFile]] = defaultdict(list)
    values = {"account": account_id, "ids": list(message_ids)}
    for message_id, *file in rows(lambda *columns: columns, sql, values):
        found[message_id].append(AttachedFile(*file))
    return found
