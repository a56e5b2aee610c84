"""What comes in: payments that somebody writes down, and credits by which something is let off. Operators only.

They cover the account's invoices, the oldest first. A credit to a cancelled account opens an invoice of its own, since
no other will follow (TB15). What was entered by mistake is undone, never deleted.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from allstop.actions.actor import Invalid, NotThere, Operator
from allstop.actions.billing import lock, write_bill
from allstop.rules.invoicing import Bill
from allstop.rules.lifecycle import AccountStatus
from allstop.rules.money import Money, parsed
from allstop.store import bills, ledger
from allstop.store.billing import Reading, books_of
from allstop.store.models import Account, BillingTerms, Invoice, Payment, PaymentKind

LONGEST_WORDS = 120
LONGEST_AGO = timedelta(days=3653)  # an earlier day is a slip of the year


@dataclass(frozen=True, slots=True)
class PaymentSaid:
    amount: str
    words: str = ""  # how it came
    day: date | None = None  # None: today


@transaction.atomic
def record_payment(by: Operator, account_id: int, said: PaymentSaid, now: datetime) -> Payment:
    terms = lock(account_id)
    return _enter(by, terms, PaymentKind.PAYMENT, _amount(said.amount, terms), said.day, said.words, now)


@transaction.atomic
def give_credit(by: Operator, account_id: int, amount: str, words: str, now: datetime) -> Payment | Invoice:
    """`words`: why. Of a cancelled account the credit is an invoice."""
    terms = lock(account_id)
    if not words.strip():
        raise Invalid(words="Say in a few words why.")
    value = _amount(amount, terms)
    account = Account.objects.select_related("status_type").get(pk=account_id)
    if account.status_type.status != AccountStatus.CANCELLED:
        return _enter(by, terms, PaymentKind.CREDIT, value, None, words, now)
    today = now.astimezone(ZoneInfo(account.zone)).date()
    books = books_of([account_id], Reading(usage_to=date.min))[account_id]
    extra = bills.Extra(Money(-value, terms.currency), _words(words))
    nothing = Bill(terms.currency, (), ())
    invoice = write_bill(by, bills.ToWrite(books, nothing, extra), today, now)
    if invoice is None:  # lines that waited came to more than it
        raise Invalid(amount="What the account has not been billed yet is more than this credit. Bill it first.")
    _tell(by, account_id, "give_credit", f"invoice:{invoice.pk}", {"amount": str(value), "words": words}, now)
    return invoice


@transaction.atomic
def undo_payment(by: Operator, account_id: int, payment_id: int, now: datetime) -> Payment:
    """It was entered by mistake. Done again it changes nothing."""
    lock(account_id)
    mine = Payment.objects.filter(account_id=account_id, pk=payment_id)
    if not mine.exists():
        raise NotThere("There is no such payment.")
    if mine.filter(undone_at=None).update(undone_at=now, undone_by=by.name):
        bills.settle_invoices([account_id])
        _tell(by, account_id, "undo_payment", f"payment:{payment_id}", {"amount": str(mine.get().amount)}, now)
    return mine.get()


def _enter(  # noqa: PLR0913 - the columns of one row
    by: Operator, terms: BillingTerms, kind: PaymentKind, amount: Decimal, day: date | None, words: str, now: datetime
) -> Payment:
    account = Account.objects.get(pk=terms.account_id)
    today = now.astimezone(ZoneInfo(account.zone)).date()
    if day is not None and not today - LONGEST_AGO <= day <= today:
        raise Invalid(day="Give the day on which it came: today or an earlier one, of the last ten years.")
    made = Payment.objects.create(
        account=account,
        kind=kind.value,
        day=day or today,
        currency=terms.currency,
        amount=amount,
        words=_words(words),
        by=by.name,
        at=now,
    )
    bills.settle_invoices([account.pk])
    act = "record_payment" if kind is PaymentKind.PAYMENT else "give_credit"
    after: dict[str, object] = {"amount": str(amount), "day": made.day.isoformat(), "words": made.words}
    _tell(by, account.pk, act, f"payment:{made.pk}", after, now)
    return made


def _amount(said: str, terms: BillingTerms) -> Decimal:
    found = parsed(said, terms.currency)
    if isinstance(found, str):
        raise Invalid(amount=found)
    if not found:
        raise Invalid(amount="Give an amount above zero.")
    return found


def _words(said: str) -> str:
    words = " ".join(said.split())
    if len(words) > LONGEST_WORDS:
        raise Invalid(words=f"Give at most {LONGEST_WORDS} characters.")
    return words


def _tell(by: Operator, account_id: int, act: str, subject: str, after: dict[str, object], now: datetime) -> None:
    after = {**after, "via": by.via}
    ledger.append(account_id=account_id, at=now, by=by.name, act=act, subject=subject, after=after)
