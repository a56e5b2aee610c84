"""Submit a request: a mail to the admins of the account, who can do what the person's role cannot."""

from urllib.parse import quote

from allstop.console.access import Desk
from allstop.store.lists import admin_emails


def request_link(desk: Desk) -> str:
    subject = quote(f"{desk.place.account}: please remove jobs")
    return f"mailto:{quote(','.join(admin_emails(desk.account_id)), safe='@,')}?subject={subject}"
