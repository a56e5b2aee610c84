"""The process that mails Allstop's own notices: started by upkeep.py when some are due, it ends when none is left."""

import os
from datetime import UTC, datetime

import django

from allstop.dispatch.process import POLITENESS


def main() -> None:
    os.nice(POLITENESS)
    django.setup()
    from allstop.actions.notice_mail import mail_next

    while mail_next(datetime.now(UTC)):
        pass


if __name__ == "__main__":
    main()
