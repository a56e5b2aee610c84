"""Who has not paid is reminded: one email to the account's admins, some days after an invoice was due.

The rule that it guards: it is off until an operator turns it on, an invoice is told once, and one that is paid is not
told at all. The emails are messages of the account, of the purpose service, and pass the gate; of an account whose
lanes are closed they go by the road of Allstop's own notices, as those of tickets do. So there is one email, never two.
"""

from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from allstop.actions.notices import notify
from allstop.actions.tickets import KEEPS, admins_of
from allstop.rules.facts import Channel, Purpose
from allstop.rules.lifecycle import AccountStatus, Area, does, service_emails_leave
from allstop.rules.money import Money, rounded, total
from allstop.rules.packages import day_words
from allstop.rules.roles import Act, roles_that_may
from allstop.store import ledger, queue
from allstop.store.lists.billing import paid_of
from allstop.store.models import Account, BillingSetup, Invoice, InvoiceState, NoticeKind

NAME = "Allstop, past due"
AT_ONCE = 100


def remind_past_due(now: datetime) -> bool:
    """True: there are more. By a worker, once a day."""
    setup = BillingSetup.objects.filter(pk=1).first()
    if setup is None or setup.remind_after_days is None:
        return False
    last = now.astimezone(UTC).date() - timedelta(days=setup.remind_after_days)
    late = Invoice.objects.filter(state=InvoiceState.OPEN, due_on__lt=last, reminded_on=None)  # invoice_unpaid
    ids = list(late.order_by("account").values_list("account", flat=True).distinct()[: AT_ONCE + 1])
    for account_id in ids[:AT_ONCE]:
        _remind(account_id, last, setup.issuer, now)
    return len(ids) > AT_ONCE


@transaction.atomic
def _remind(account_id: int, last: date, issuer: str, now: datetime) -> None:
    mine = Invoice.objects.select_for_update().filter(account_id=account_id, state=InvoiceState.OPEN, due_on__lt=last)
    late = list(mine.filter(reminded_on=None).order_by("pk"))
    if not late:  # another worker was faster, or it was paid
        return
    Invoice.objects.filter(pk__in=[one.pk for one in late]).update(reminded_on=now.astimezone(UTC).date())
    account = Account.objects.select_related("status_type").get(pk=account_id)
    owed = [(one, rounded(one.total, one.currency) - paid_of(one)) for one in late]
    numbers = ", ".join(str(one.pk) for one in late)
    subject = f"Not paid yet: invoice{'s' if len(late) > 1 else ''} {numbers}"[:200]
    words = "\n".join(_words(one, left) for one, left in owed)
    status = AccountStatus(account.status_type.status)
    through_gate = service_emails_leave(status)
    notify(
        NoticeKind.PAST_DUE,
        subject,
        words,
        now,
        account_id=account_id,
        about=f"invoice:{late[0].pk}",
        url="/help/tickets",
        roles=roles_that_may(Act.HANDLE_TICKETS),
        by_mail=does(status, Area.TICKET_EMAILS) and not through_gate,
    )
    if through_gate:
        text = _text(account, words, total([left for _, left in owed], late[0].currency), issuer)
        queue.enqueue([_email(account_id, subject, text, to, now) for to in admins_of(account)], now)
    after = {"invoices": [one.pk for one in late], "via": "rule"}
    ledger.append(account_id=account_id, at=now, by=NAME, act="remind_past_due", subject="account", after=after)


def _words(one: Invoice, left: Money) -> str:
    return f"Invoice {one.pk} of {day_words(one.day)}, to be paid by {day_words(one.due_on)}: {left} not paid."


def _text(account: Account, words: str, owed: Money, issuer: str) -> str:
    lines = (
        f"{account.name}:",
        "",
        words,
        f"Together: {owed}.",
        "",
        "If you have paid in the last days, thank you: nothing is to be done. Questions to the operators:",
        f"{settings.URL}/help/tickets",
        *(["", issuer] if issuer else []),
        "",
        "You get this email because you are an admin of the account.",
    )
    return "\n".join(lines)


def _email(account_id: int, subject: str, text: str, to: str, now: datetime) -> queue.NewMessage:
    return queue.NewMessage(
        account_id=account_id,
        channel=Channel.EMAIL,
        purpose=Purpose.SERVICE,
        address=to,
        subject=subject,
        body=text,
        due_at=now,
        use_by=now + KEEPS,
    )
