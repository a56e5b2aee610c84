"""Who is called: what a call depends on beside its words."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg


class Callee(NamedTuple):
    language: str  # BCP 47; "" = not known
    rung: int  # attempts that the trunk took and nobody answered


_CALLEES = (
    "SELECT m.id, COALESCE(contact.language, ''), (SELECT count(*) FROM attempt"
    " WHERE attempt.account_id = m.account_id AND message_id = m.id AND outcome = 'rejected')"
    " FROM unnest(%s::bigint[], %s::bigint[]) AS m(account_id, id) JOIN message USING (account_id, id)"
    " LEFT JOIN contact ON contact.id = message.contact_id"
)


async def find_callees(
    connection: psycopg.AsyncConnection[Any], messages: Sequence[tuple[int, int]]
) -> dict[int, Callee]:
    """Of these messages, (account, id) each; by id."""
    accounts, ids = [account_id for account_id, _ in messages], [id_ for _, id_ in messages]
    cursor = await connection.execute(_CALLEES, (accounts, ids))
    return {id_: Callee(language, rung) for id_, language, rung in await cursor.fetchall()}
