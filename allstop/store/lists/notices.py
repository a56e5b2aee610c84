"""Allstop's own notices as one person sees them, in one account: those of the account and of the installation."""

from dataclasses import dataclass
from datetime import datetime

from allstop.store.lists.reading import rows, scalar


@dataclass(frozen=True, slots=True)
class NoticeRow:
    id: int
    kind: str
    subject: str
    body: str
    url: str
    created_at: datetime
    read_at: datetime | None
    mail_due_at: datetime | None  # a mail is to go out then
    mailed_at: datetime | None
    mail_failure: str
    whole_installation: bool


# notice_list
_LIST = """
SELECT n.id, n.kind, n.subject, n.body, n.url, n.created_at, r.read_at, r.mail_due_at, r.mailed_at, r.mail_failure,
       n.account_id IS NULL
  FROM notice_reader r JOIN notice n ON n.id = r.notice_id
 WHERE r.user_id = %(user)s AND (r.account_id = %(account)s OR r.account_id IS NULL)
   AND (%(after)s::bigint IS NULL OR r.notice_id < %(after)s)
 ORDER BY r.notice_id DESC LIMIT %(limit)s
"""


def notices(user_id: int, account_id: int, *, after: int | None = None, limit: int = 50) -> list[NoticeRow]:
    """Newest first."""
    return rows(NoticeRow, _LIST, {"user": user_id, "account": account_id, "after": after, "limit": limit})


def unread_notices(user_id: int, account_id: int) -> int:
    """notice_unread"""
    sql = """
    SELECT count(*) FROM notice_reader
     WHERE user_id = %(user)s AND read_at IS NULL AND (account_id = %(account)s OR account_id IS NULL)
    """
    return int(scalar(sql, {"user": user_id, "account": account_id}))


def notices_version(account_id: int) -> str:
    """Differs whenever somebody of the account gets or reads a notice: notice_of_account, notice_unread_in."""
    sql = """
    SELECT concat_ws('.', (SELECT max(id) FROM notice WHERE account_id = %(account)s),
                     (SELECT max(id) FROM notice WHERE account_id IS NULL),
                     (SELECT count(*) FROM notice_reader WHERE account_id = %(account)s AND read_at IS NULL),
                     (SELECT count(*) FROM notice_reader WHERE account_id IS NULL AND read_at IS NULL))
    """
    return str(scalar(sql, {"account": account_id}))
