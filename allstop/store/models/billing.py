"""What accounts are billed: packages and the components that accounts have of them, usage, invoices, and what was paid.

| Table | One row is |
|---|---|
| billing_setup | the installation's: its currency, the last number of an invoice, what is billed while suspended |
| package | what can be sold, with its price today |
| billing_terms | an account that is billed: in which currency, and from which day on |
| component | a package that an account has, at the price of the day on which it got it; it is ended, never changed |
| rate | the price of a part of a text, a minute of a call or an email; of all accounts, or of one |
| usage_day | what an account has used on one day of its calendar: gathered from its attempts |
| bill_run | one run over all accounts that are due on a day |
| invoice | its number, without gaps, and its total, which is the sum of its lines |
| invoice_line | what was charged, credited or given up; without an invoice it waits for the next |
| payment | what came in, or was let off as a credit |

The rule that it guards: who bills an account locks its billing_terms first, so that nothing is billed twice at once.
"""

from enum import StrEnum

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from allstop.rules.periods import Frequency, Mode
from allstop.rules.rating import Unit
from allstop.store.models.account import Account
from allstop.store.models.closed_sets import one_of

LAST_BILL_DAY = 31


class BillingSetup(models.Model):
    """One row. Whoever needs numbers of invoices takes them under its lock, so none is left out."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    currency = models.CharField(max_length=3, default="USD", db_default="USD")  # of what is made new
    issuer = models.CharField(max_length=500, default="", db_default="")  # name and address, as invoices show them
    due_days = models.SmallIntegerField(default=14, db_default=14)  # from an invoice's day until it should be paid
    usage_while_suspended = models.BooleanField(default=True, db_default=True)  # of suspensions from now on
    suspend_after_days = models.SmallIntegerField(null=True)  # past due; NULL: nobody is suspended by itself
    suspend_reason = models.CharField(max_length=120, default="", db_default="")  # one of the list
    remind_after_days = models.SmallIntegerField(null=True)  # past due; NULL: nobody is reminded by itself
    looked_on = models.DateField(null=True)  # when past-due accounts were last looked for
    last_invoice = models.BigIntegerField(default=0, db_default=0)
    usage_until = models.DateTimeField(null=True)  # attempts that began before it are counted in usage_day

    class Meta:
        db_table = "billing_setup"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="billing_setup_one")]


class Package(models.Model):
    name = models.CharField(max_length=60)
    frequency = models.CharField(max_length=9)
    mode = models.CharField(max_length=7)
    is_full_period = models.BooleanField(default=False)  # never prorated
    price = models.DecimalField(max_digits=14, decimal_places=3)  # of one period
    currency = models.CharField(max_length=3)
    is_active = models.BooleanField(default=True, db_default=True)  # False: retired; who has it keeps it

    class Meta:
        db_table = "package"
        constraints = [
            models.UniqueConstraint(Lower("name"), name="package_name_once"),
            one_of("frequency", Frequency, "package_frequency"),
            one_of("mode", Mode, "package_mode"),
            models.CheckConstraint(condition=Q(price__gte=0), name="package_price"),
        ]

    def __str__(self) -> str:
        return self.name


class BillingTerms(models.Model):
    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="billing_terms")
    currency = models.CharField(max_length=3)
    bill_day = models.SmallIntegerField()  # of the month; past its end the month's last day
    since = models.DateField()  # usage counts from here
    usage_to = models.DateField()  # bill runs have billed the usage of all months before
    next_on = models.DateField(null=True)  # a bill run passes over the account before it

    class Meta:
        db_table = "billing_terms"
        constraints = [
            models.CheckConstraint(
                condition=Q(bill_day__gte=1, bill_day__lte=LAST_BILL_DAY), name="billing_terms_bill_day"
            )
        ]
        indexes = [models.Index(fields=["next_on", "account"], name="billing_terms_next")]  # a bill run's


class Component(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="components")
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="components")
    name = models.CharField(max_length=60)  # of the package as it was then, and so below
    frequency = models.CharField(max_length=9)
    mode = models.CharField(max_length=7)
    is_full_period = models.BooleanField()
    quantity = models.IntegerField()
    price = models.DecimalField(max_digits=14, decimal_places=3)  # of one
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)  # the first day that is not used; NULL: it goes on
    settled_to = models.DateField()  # a bill run need not look at days before it again
    by = models.CharField(max_length=120)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "component"
        constraints = [
            one_of("frequency", Frequency, "component_frequency"),
            one_of("mode", Mode, "component_mode"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="component_quantity"),
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="component_days"),
        ]


class Rate(models.Model):
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, null=True
    )  # NULL: of all that have none of their own
    unit = models.CharField(max_length=11)
    currency = models.CharField(max_length=3)
    price = models.DecimalField(max_digits=12, decimal_places=6)  # of one
    included = models.IntegerField(default=0)  # in each month from the bill day

    class Meta:
        db_table = "rate"
        constraints = [
            models.UniqueConstraint(fields=["account", "unit", "currency"], nulls_distinct=False, name="rate_once"),
            one_of("unit", Unit, "rate_unit"),
            models.CheckConstraint(condition=Q(price__gte=0, included__gte=0), name="rate_not_negative"),
        ]


class UsageDay(models.Model):
    """What stands here is the sum of the day's attempts, counted again as often as one likes. It never falls."""

    pk = models.CompositePrimaryKey("account_id", "day", "unit")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    day = models.DateField()
    unit = models.CharField(max_length=11)
    quantity = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        db_table = "usage_day"
        constraints = [one_of("unit", Unit, "usage_day_unit")]


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class BillRun(models.Model):
    day = models.DateField()
    state = models.CharField(max_length=7)
    total = models.IntegerField()  # accounts that were due when it was asked for
    position = models.BigIntegerField(default=0)  # the last account that it has come to
    done = models.IntegerField(default=0)
    invoices = models.IntegerField(default=0)
    amounts = models.JSONField(default=dict)  # currency -> the sum of its invoices
    failure = models.TextField(default="")
    by = models.CharField(max_length=120)
    via = models.CharField(max_length=10)
    created_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bill_run"
        constraints = [
            one_of("state", RunState, "bill_run_state"),
            models.UniqueConstraint(  # one at a time; also what a worker looks for
                models.Value(1), condition=Q(state__in=["queued", "running"]), name="bill_run_one_open"
            ),
        ]


class InvoiceState(StrEnum):
    OPEN = "open"
    PAID = "paid"  # payments and credits cover it, the oldest invoice first


class Invoice(models.Model):
    id = models.BigIntegerField(primary_key=True)  # its number: 1, 2, 3 ... without gaps
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="invoices", db_index=False)
    account_name = models.CharField(max_length=120)  # as it was then
    day = models.DateField()
    due_on = models.DateField()
    currency = models.CharField(max_length=3)
    total = models.DecimalField(max_digits=20, decimal_places=3)
    state = models.CharField(max_length=4)
    reminded_on = models.DateField(null=True)  # the email that it is past due; NULL: none was sent
    bill_run = models.ForeignKey(BillRun, on_delete=models.PROTECT, null=True, db_index=False)
    by = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        db_table = "invoice"
        constraints = [
            one_of("state", InvoiceState, "invoice_state"),
            models.UniqueConstraint(fields=["bill_run", "account"], name="invoice_once_a_run"),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="invoice_list"),
            models.Index(fields=["due_on"], condition=Q(state="open"), name="invoice_unpaid"),  # who is past due
        ]


class LineKind(StrEnum):
    """The first three as allstop/rules/packages.py has them."""

    CHARGE = "charge"
    CREDIT = "credit"
    WAIVED = "waived"  # days that were given up: on no invoice
    USAGE = "usage"
    LET_OFF = "let_off"  # a credit by a person, to a cancelled account


class InvoiceLine(models.Model):
    """Never changed, but that one which waits gets its invoice."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, related_name="lines")
    component = models.ForeignKey(Component, on_delete=models.PROTECT, null=True, db_index=False)
    kind = models.CharField(max_length=7)
    unit = models.CharField(max_length=11, null=True)  # of usage
    starts_on = models.DateField()
    ends_on = models.DateField()  # not in it
    period_start = models.DateField()
    period_end = models.DateField()
    quantity = models.DecimalField(max_digits=14, decimal_places=2)
    price = models.DecimalField(max_digits=20, decimal_places=6)  # of one
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=20, decimal_places=3)  # of years of the dearest component
    words = models.CharField(max_length=300)
    day = models.DateField()  # when it was made
    at = models.DateTimeField()

    class Meta:
        db_table = "invoice_line"
        constraints = [
            one_of("kind", LineKind, "invoice_line_kind"),
            one_of("unit", Unit, "invoice_line_unit"),
        ]
        indexes = [
            models.Index(fields=["component", "id"], name="invoice_line_of_component"),  # which days are billed
            models.Index(
                fields=["account", "unit", "period_start"], condition=Q(kind="usage"), name="invoice_line_usage"
            ),
            models.Index(fields=["account", "-id"], name="invoice_line_list"),  # transactions, balance
            models.Index(
                fields=["account"], condition=Q(invoice=None) & ~Q(kind="waived"), name="invoice_line_waiting"
            ),
        ]


class PaymentKind(StrEnum):
    PAYMENT = "payment"
    CREDIT = "credit"  # let off by a person


class Payment(models.Model):
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payments", db_index=False)
    kind = models.CharField(max_length=7)
    day = models.DateField()
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=14, decimal_places=3)
    words = models.CharField(max_length=120)  # how it came, a number of the bank; why it was let off
    by = models.CharField(max_length=120)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)  # entered by mistake: it counts no more
    undone_by = models.CharField(max_length=120, default="", db_default="")

    class Meta:
        db_table = "payment"
        constraints = [
            one_of("kind", PaymentKind, "payment_kind"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount"),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="payment_list")]
