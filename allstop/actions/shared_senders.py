"""Two accounts that send texts from one number: whose reply is it?

The rule that it guards: nothing that somebody writes is lost, and the people of both accounts know why it may be in the
other one. A number of its own for each account is better, and each warning says so. No account learns the other's name.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from allstop.actions.notices import notify
from allstop.rules.facts import Channel
from allstop.store.models import Account, ChannelSetup, NoticeKind

NEWEST = 20_000  # messages of an account among which the last one to a stranger is looked for: there is no index

_WROTE_LAST = """
SELECT max(finished_at) FROM (
  SELECT address, channel, status, finished_at FROM message WHERE account_id = %s ORDER BY id DESC LIMIT %s) AS newest
 WHERE address = %s AND channel = %s AND status IN ('sent', 'unknown')"""

WARNING = (
    "Another account of this installation sends texts from {sender} too. What a person writes to it whom both or none "
    "of the accounts know goes to the account that wrote to them last, or else to the one that was there first. So "
    "replies may be missing here, a STOP among them. Give each account a number of its own."
)


def who_shares(account_id: int, channel: Channel, sender: str) -> list[int]:
    if channel is not Channel.TEXT or not sender:
        return []
    others = ChannelSetup.objects.filter(channel=channel.value, sender__iexact=sender).exclude(account_id=account_id)
    return list(others.order_by("account_id").values_list("account_id", flat=True))  # channel_setup_by_sender


def warn_of_shared_sender(account_id: int, sender: str, others: Sequence[int], now: datetime) -> None:
    """The admins of both accounts, and the operators, who alone are told the names."""
    subject = f"{sender} is the sender of two accounts"
    for one in (account_id, *others):
        notify(
            NoticeKind.SENDER,
            subject,
            WARNING.format(sender=sender),
            now,
            account_id=one,
            about="channel:text",
            url="/setup/text-provider",
        )
    names = " and ".join(Account.objects.filter(pk__in=[account_id, *others]).values_list("name", flat=True))
    body = f"{names} send texts from {sender}. Replies of people whom both or none of them know may go astray."
    notify(NoticeKind.SENDER, subject, body, now, account_id=None, about="channel:text")


def account_meant(accounts: Sequence[int], sender: str, channel: Channel) -> int:
    """Whichever wrote to this address last; else the first."""
    if len(accounts) == 1:
        return accounts[0]
    wrote: dict[int, datetime] = {}
    with connection.cursor() as cursor:
        for account in accounts:
            cursor.execute(_WROTE_LAST, [account, NEWEST, sender, channel.value])
            if (at := cursor.fetchone()[0]) is not None:
                wrote[account] = at
    return max(wrote, key=lambda account: wrote[account]) if wrote else accounts[0]
