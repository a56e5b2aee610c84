"""All that passed between the account and one contact: messages of every channel, replies, notes, and who set what."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from allstop.store.lists.reading import rows


class PastKind(StrEnum):
    MESSAGE = "message"
    REPLY = "reply"
    NOTE = "note"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands among the others; the page after it begins there."""

    at: datetime
    kind: PastKind
    id: int


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime  # a message: when it left or ended, else when it is due
    kind: PastKind
    id: int  # of the message, the reply or the note; a ledger entry's number
    channel: str  # "" for notes and the ledger
    by: str  # who wrote the note or made the change, where a reply came from; "" for messages
    subject: str  # of an email; of the ledger: its act
    words: str
    status: str  # a message's; of a reply: automatic, when a machine wrote it; "" otherwise
    receipt: str  # a message's, the provider's latest word

    @property
    def state(self) -> str:
        if self.status == "sent" and self.receipt in ("delivered", "read", "answered"):
            return "delivered"
        return self.status

    @property
    def place(self) -> Place:
        return Place(self.at, self.kind, self.id)


# message_by_contact, inbound_by_contact, note_by_contact, ledger_of_subject: all of one contact is read and put in
# order. Who has ten thousand messages waits some 30 ms.
_HISTORY = """
WITH event AS (
    SELECT COALESCE(finished_at, due_at) AS at, 'message' AS kind, id, channel, '' AS by, subject, body AS words,
           status, receipt
      FROM message WHERE account_id = %(account)s AND contact_id = %(contact)s
    UNION ALL
    SELECT at, 'reply', id, channel, sender, subject, text, CASE WHEN is_automatic THEN 'automatic' ELSE '' END, ''
      FROM inbound WHERE account_id = %(account)s AND contact_id = %(contact)s
    UNION ALL
    SELECT at, 'note', id, '', by, '', text, '', ''
      FROM note WHERE account_id = %(account)s AND contact_id = %(contact)s
    UNION ALL
    SELECT at, 'ledger', number, '', by, act, reason, '', ''
      FROM ledger_entry
     WHERE account_id = %(account)s AND subject = 'contact:' || %(contact)s AND act <> 'stop_confirmed')
SELECT at, kind, id, channel, by, subject, words, status, receipt FROM event
 WHERE %(at)s::timestamptz IS NULL OR (at, kind, id) < (%(at)s, %(kind)s, %(id)s)
 ORDER BY at DESC, kind DESC, id DESC LIMIT %(limit)s
"""


def history(account_id: int, contact_id: int, *, after: Place | None = None, limit: int = 50) -> list[Event]:
    """Newest first; what is still to come stands above."""
    return rows(
        _event,
        _HISTORY,
        {
            "account": account_id,
            "contact": contact_id,
            "at": after and after.at,
            "kind": after and after.kind.value,
            "id": after and after.id,
            "limit": limit,
        },
    )


def _event(at: datetime, kind: str, *rest: object) -> Event:
    return Event(at, PastKind(kind), *rest)  # type: ignore[arg-type]  # the columns in order
