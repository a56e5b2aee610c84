"""The process that looks into mailboxes: started by upkeep.py when one is due, it ends when none is.

Some are looked into beside one another, each with a time limit of its own: a server that does not answer delays nobody
else's mail. It may be killed at any moment: the place of a mailbox moves past a mail only after the mail was
understood, and a mail that was understood is known by its Message-ID.
"""

import logging
import os
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import django

from allstop.dispatch.process import POLITENESS

if TYPE_CHECKING:
    from allstop.channels.email.imap import Imap
    from allstop.channels.email.time_limit import Limit
    from allstop.store.models import Mailbox

AT_ONCE = 8  # mailboxes beside one another: each may have a mail of 25 MB in memory
DUE_AGAIN = 1.0  # seconds after which it is asked again whether one is due, while others are looked into
PATIENCE = timedelta(
    seconds=100
)  # from one mail to the next. Below HELD of actions/mailbox.py: then somebody else would look too

log = logging.getLogger(__name__)


def main() -> None:
    os.nice(POLITENESS)
    django.setup()
    look_into_all_due()


def look_into_all_due() -> None:
    """Until none is due and none is being looked into. Raises what is not a mailbox's fault: the database is gone."""
    from allstop.actions.mailbox import take_due

    with ThreadPoolExecutor(AT_ONCE) as lookers:
        looks: set[Future[int]] = set()
        while True:
            while len(looks) < AT_ONCE and (mailbox := take_due(datetime.now(UTC))) is not None:
                looks.add(lookers.submit(_look_aside, mailbox))
            if not looks:
                return
            over, looks = wait(looks, timeout=DUE_AGAIN, return_when=FIRST_COMPLETED)
            for one in over:
                one.result()


def _look_aside(mailbox: "Mailbox") -> int:
    """In a thread, whose connection to the database ends with the look."""
    from django.db import connection

    try:
        return look_into(mailbox)
    finally:
        connection.close()


def look_into(mailbox: "Mailbox") -> int:
    """Take what is new; how many mails it was. What goes wrong is written down for people to see."""
    from allstop.actions.mailbox import end_look
    from allstop.channels.configuration import ConfigError, read_config
    from allstop.channels.email.config import ImapConfig
    from allstop.channels.email.imap import MailboxFault, open_mailbox
    from allstop.channels.email.time_limit import Limit
    from allstop.store.sealing import CannotOpen, opened

    taken, failure = 0, ""
    limit = Limit(PATIENCE.total_seconds())
    try:
        with limit, open_mailbox(read_config(ImapConfig, opened(mailbox.config)), limit) as imap:
            taken, failure = _take_all(mailbox, imap, limit)
    except (CannotOpen, ConfigError) as problem:
        failure = str(problem)
    except MailboxFault as fault:
        failure = (str(fault) or "it did not answer") if not limit.is_over else "it is too slow to be read"
    end_look(mailbox, failure, datetime.now(UTC))
    return taken


def _take_all(mailbox: "Mailbox", opened: "Imap", limit: "Limit") -> tuple[int, str]:
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
        limit.again()
    return taken, failure


if __name__ == "__main__":
    main()
