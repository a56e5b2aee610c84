"""The mails of Allstop's own notices, by the same road as a password reset.

The rule that it guards: at most one mail for each person and notice. A mail is marked as taken before it is handed
over, and tried again only when the mail server has surely not taken it; where nobody knows, the notice in the console
has to do.
"""

import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from allstop.store.models import Member, NoticeReader

# After the first, second, ... failure. A stop that stands is worth a day of trying.
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)


@dataclass(frozen=True, slots=True)
class Failure:
    words: str
    surely_not_taken: bool


def mail_next(now: datetime) -> bool:
    """Mail one notice that is due; False: none is."""
    reader = _take(now)
    if reader is None:
        return False
    if not _still_for(reader):
        return True
    failure = _hand_over(reader)
    mine = NoticeReader.objects.filter(pk=reader.pk)
    if failure is None:
        mine.update(mailed_at=now, mail_failure="")
        return True
    again = failure.surely_not_taken and reader.mail_tries <= len(BACK_OFF)
    mine.update(mail_failure=failure.words[:300], mail_due_at=now + BACK_OFF[reader.mail_tries - 1] if again else None)
    return True


@transaction.atomic
def _take(now: datetime) -> NoticeReader | None:
    due = NoticeReader.objects.select_for_update(of=("self",), skip_locked=True).filter(mail_due_at__lte=now)
    reader = due.select_related("user", "notice__account").order_by("mail_due_at", "pk").first()
    if reader is not None:
        reader.mail_due_at = None
        reader.mail_tries += 1
        reader.save(update_fields=["mail_due_at", "mail_tries"])
    return reader


def _still_for(reader: NoticeReader) -> bool:
    """Whoever has left the account, or wants no mails any more, gets none."""
    person = reader.user
    if not (person.is_active and person.notices_by_mail and settings.NOTICE_MAILS):
        return False
    if reader.account_id is None:
        return person.is_operator
    return Member.objects.filter(account_id=reader.account_id, user=person).exists()


def _hand_over(reader: NoticeReader) -> Failure | None:
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as refused:
        return Failure(str(refused) or type(refused).__name__, surely_not_taken=True)
    try:
        mail_of(reader, connection).send()
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as refused:
        return Failure(str(refused), surely_not_taken=True)
    except (OSError, smtplib.SMTPException) as lost:
        return Failure(f"It may have arrived: {str(lost) or type(lost).__name__}", surely_not_taken=False)
    finally:
        connection.close()
    return None


def mail_of(reader: NoticeReader, connection: BaseEmailBackend | None = None) -> EmailMessage:
    notice = reader.notice
    where = notice.account.name if notice.account else "this installation"
    why = f"an admin of {where}" if notice.account else "an operator of this installation"
    body = (
        f"{notice.body}\n\n{settings.URL}{notice.url or '/notices'}\n\n"
        f"You get this mail because you are {why}. Turn such mails off under {settings.URL}/notices\n"
    )
    return EmailMessage(f"[Allstop] {where}: {notice.subject}", body, to=[reader.user.email], connection=connection)
