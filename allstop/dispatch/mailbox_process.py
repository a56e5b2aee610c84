"""The process that looks into mailboxes: started by upkeep.py when one is due, it ends when none is.

It may be killed at any moment: the place of a mailbox moves past a mail only after the mail was understood, and a mail
that was understood is known by its Message-ID.
"""

import logging
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from allstop.channels.email.imap import Imap
    from allstop.store.models import Mailbox

POLITENESS = 10  # sending comes first when both want the processor

log = logging.getLogger(__name__)


def main() -> None:
    os.nice(POLITENESS)
    django.setup()
    from allstop.actions.mailbox import take_due

    while (mailbox := take_due(datetime.now(UTC))) is not None:
        look_into(mailbox)


def look_into(mailbox: "Mailbox") -> int:
    """Take what is new; how many mails it was. What goes wrong is written down for people to see."""
    from allstop.actions.mailbox import end_look
    from allstop.channels.configuration import read_config
    from allstop.channels.email.config import ImapConfig
    from allstop.channels.email.imap import MailboxFault, open_mailbox
    from allstop.store.sealing import CannotOpen, opened

    taken, failure = 0, ""
    try:
        with open_mailbox(read_config(ImapConfig, opened(mailbox.config))) as imap:
            taken, failure = _take_all(mailbox, imap)
    except CannotOpen as problem:
        failure = str(problem)
    except MailboxFault as fault:
        failure = str(fault) or "it did not answer"
    end_look(mailbox, failure, datetime.now(UTC))
    return taken


def _take_all(mailbox: "Mailbox", opened: "Imap") -> tuple[int, str]:
    """How many, and what of them could not be understood."""
    from django.db import Error

    from allstop.actions.mail_in import take_mail
    from allstop.actions.mailbox import is_counted_anew, move_past, open_at

    anew = is_counted_anew(mailbox, opened.validity)
    if not open_at(mailbox, opened.validity, opened.next_uid):
        return 0, ""
    since = mailbox.since.date() - timedelta(days=1) if anew else None  # servers compare in their own zone
    taken, failure = 0, ""
    for mail in opened.mails(opened.new_since(mailbox.last_uid, since)):
        now = datetime.now(UTC)
        try:
            take_mail(mailbox.account_id, mail.raw, now, is_whole=mail.is_whole)
        except Error:  # the database: the same mail is fetched again
            raise
        except Exception:  # the boundary around one mail: those behind it must not wait for ever
            log.exception("mail %s in the mailbox of account %s", mail.uid, mailbox.account_id)
            failure = f"Mail no. {mail.uid} could not be understood. It stays in the mailbox: read it there."
        if not move_past(mailbox, mail.uid, datetime.now(UTC)):
            break
        taken += 1
    return taken, failure


if __name__ == "__main__":
    main()
