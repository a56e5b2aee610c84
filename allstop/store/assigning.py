"""Contacts are given to a member, or to nobody.

The rule that it guards: the database checks no foreign key of an assignment, so whoever assigns has locked the contacts
(then nobody deletes them meanwhile) and holds the members until the end of the transaction.
"""

from collections.abc import Iterable, Mapping

from django.db import connection

_HOLD = "SELECT id FROM member WHERE id = ANY (%s::bigint[]) ORDER BY id FOR KEY SHARE"
_ASSIGN = """
UPDATE contact_assignment SET member_id = to_member.id
  FROM unnest(%(ids)s::bigint[], %(members)s::bigint[]) AS said(contact_id, member_id)
  LEFT JOIN member to_member ON to_member.id = said.member_id
 WHERE contact_assignment.contact_id = said.contact_id
"""


def hold_members(ids: Iterable[int | None]) -> None:
    wanted = sorted({one for one in ids if one is not None})
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(_HOLD, [wanted])


def assign(of: Mapping[int, int | None]) -> None:
    """Contacts to members of their account; a member who is gone is nobody. Conversations follow (conversation.sql)."""
    if of:
        hold_members(of.values())
        with connection.cursor() as cursor:
            cursor.execute(_ASSIGN, {"ids": list(of), "members": list(of.values())})
