"""What an installation sells, and at which price: packages, the prices of usage, and how it bills.

The rule that it guards: a change of a package or a rate changes no bill that was made, and no component that an account
has: each keeps the price of its day. Operators only.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from allstop.actions.actor import Invalid, NotThere, Operator
from allstop.rules.money import currency_fault, parsed
from allstop.rules.periods import Frequency, Mode
from allstop.rules.rating import UNIT_WORDS, Unit
from allstop.store import ledger
from allstop.store.models import Account, BillingSetup, BillingTerms, Package, Rate, StatusReason

LONGEST_NAME = 60
LONGEST_ISSUER = 500
MOST_DAYS = 365
MOST_INCLUDED = 1_000_000_000
DIGITS_OF_A_RATE = 6
DEAREST_RATE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSaid:
    name: str
    price: str
    frequency: str = Frequency.MONTHLY
    mode: str = Mode.ADVANCE
    is_full_period: bool = False
    currency: str = ""  # "" = the installation's


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupSaid:
    currency: str
    issuer: str
    due_days: int
    usage_while_suspended: bool
    suspend_after_days: int | None
    suspend_reason: str
    remind_after_days: int | None = None


def billing_setup() -> BillingSetup:
    return BillingSetup.objects.get_or_create(pk=1)[0]


def bills_usage_while_suspended() -> bool:
    """What the table of effects shows, and what a suspension takes along (002-10)."""
    setup = BillingSetup.objects.filter(pk=1).first()
    return setup is None or setup.usage_while_suspended


@transaction.atomic
def save_setup(by: Operator, said: SetupSaid, now: datetime) -> BillingSetup:
    """The setting for suspended accounts counts for suspensions from now on (002-10)."""
    billing_setup()
    setup = BillingSetup.objects.select_for_update().get(pk=1)
    currency = said.currency.strip().upper()
    faults = {
        "currency": currency_fault(currency),
        "issuer": f"Give at most {LONGEST_ISSUER} characters." if len(said.issuer) > LONGEST_ISSUER else "",
        "due_days": "" if 0 <= said.due_days <= MOST_DAYS else f"Give 0 to {MOST_DAYS} days.",
        "suspend_after_days": _fault_of_days(said.suspend_after_days),
        "suspend_reason": _fault_of_reason(said),
        "remind_after_days": _fault_of_days(said.remind_after_days),
    }
    if wrong := {name: words for name, words in faults.items() if words}:
        raise Invalid(**wrong)
    new = {
        "currency": currency,
        "issuer": said.issuer.strip(),
        "due_days": said.due_days,
        "usage_while_suspended": said.usage_while_suspended,
        "suspend_after_days": said.suspend_after_days,
        "suspend_reason": said.suspend_reason if said.suspend_after_days is not None else "",
        "remind_after_days": said.remind_after_days,
    }
    before = {name: getattr(setup, name) for name in new}
    if before != new:
        BillingSetup.objects.filter(pk=1).update(**new)
        _tell(by, "change_billing_setup", "billing_setup", before, new, now)
    return BillingSetup.objects.get(pk=1)


@transaction.atomic
def save_package(by: Operator, package_id: int | None, said: PackageSaid, now: datetime) -> Package:
    """Without `package_id` a new one. Accounts that have it keep what they have."""
    old = None if package_id is None else _locked(package_id)
    name = " ".join(said.name.split())
    currency = old.currency if old is not None else (said.currency or billing_setup().currency).strip().upper()
    others = Package.objects.filter(name__iexact=name).exclude(pk=package_id or 0)
    amount = parsed(said.price, currency)
    faults = {
        "name": _fault_of_name(name, others.exists()),
        "currency": currency_fault(currency) if old is None else "",
        "price": amount if isinstance(amount, str) else "",
        "frequency": "" if said.frequency in list(Frequency) else f"Choose one of {', '.join(Frequency)}.",
        "mode": "" if said.mode in list(Mode) else f"Choose one of {', '.join(Mode)}.",
    }
    if wrong := {field: words for field, words in faults.items() if words}:
        raise Invalid(**wrong)
    assert isinstance(amount, Decimal)
    made = old or Package(currency=currency)
    before = _facts(old) if old is not None else None
    made.name, made.frequency, made.mode, made.price = name, said.frequency, said.mode, amount
    made.is_full_period = said.is_full_period
    if before == _facts(made):
        return made
    made.save()
    _tell(by, "save_package", f"package:{made.pk}", before, _facts(made), now)
    return made


@transaction.atomic
def retire_package(by: Operator, package_id: int, now: datetime, *, retired: bool = True) -> Package:
    """No account gets it any more; who has it keeps it. Done again it changes nothing."""
    found = _locked(package_id)
    if found.is_active is retired:
        Package.objects.filter(pk=found.pk).update(is_active=not retired)
        act = "retire_package" if retired else "offer_package"
        _tell(by, act, f"package:{found.pk}", {"is_active": retired}, {"is_active": not retired}, now)
        found.refresh_from_db()
    return found


@transaction.atomic
def save_rate(by: Operator, account_id: int | None, unit: str, price: str, included: int, now: datetime) -> Rate:
    """Of every account, or of one, which then comes first. From the next bill on."""
    if unit not in list(Unit):
        raise Invalid(unit=f"Choose one of {', '.join(Unit)}.")
    currency = billing_setup().currency
    if account_id is not None:
        if not Account.objects.filter(pk=account_id).exists():
            raise NotThere("There is no such account.")
        terms = BillingTerms.objects.filter(account_id=account_id).first()
        currency = terms.currency if terms is not None else currency
    amount = parsed(price, currency, DIGITS_OF_A_RATE)
    if isinstance(amount, str):
        raise Invalid(price=amount)
    if amount >= DEAREST_RATE:
        raise Invalid(price=f"Give the price of one, below {DEAREST_RATE:,}.")
    if not 0 <= included <= MOST_INCLUDED:
        raise Invalid(included=f"Give 0 to {MOST_INCLUDED:,}.")
    mine = Rate.objects.select_for_update().filter(account=account_id, unit=unit, currency=currency)
    old = mine.first()
    before = {"price": str(old.price), "included": old.included} if old is not None else None
    made = old or Rate(account_id=account_id, unit=unit, currency=currency)
    made.price, made.included = amount, included
    made.save()
    after = {"unit": unit, "currency": currency, "price": str(amount), "included": included, "via": by.via}
    ledger.append(
        account_id=account_id, at=now, by=by.name, act="save_rate", subject=f"rate:{unit}", before=before, after=after
    )
    return made


@transaction.atomic
def drop_rate(by: Operator, account_id: int, unit: str, now: datetime) -> bool:
    """The account pays the price of all again. False: it had none of its own."""
    if not Account.objects.filter(pk=account_id).exists():
        raise NotThere("There is no such account.")
    gone = list(Rate.objects.select_for_update().filter(account=account_id, unit=unit))
    Rate.objects.filter(pk__in=[one.pk for one in gone]).delete()
    for one in gone:
        before = {"price": str(one.price), "currency": one.currency, "included": one.included}
        ledger.append(
            account_id=account_id,
            at=now,
            by=by.name,
            act="drop_rate",
            subject=f"rate:{unit}",
            before=before,
            after={"via": by.via},
        )
    return bool(gone)


def package_named(name: str) -> Package:
    found = Package.objects.filter(name__iexact=" ".join(name.split())).first()
    if found is None:
        known = ", ".join(Package.objects.filter(is_active=True).order_by("name").values_list("name", flat=True))
        raise NotThere(f"There is no package {name}. Known are: {known or 'none'}.")
    return found


def package_of_id(package_id: int) -> Package:
    found = Package.objects.filter(pk=package_id).first()
    if found is None:
        raise NotThere("There is no such package.")
    return found


def rate_words(rate: Rate) -> str:
    words = f"{rate.price.normalize():f} {rate.currency} for each of the {UNIT_WORDS[Unit(rate.unit)]}"
    return f"{words}, {rate.included:,} a month included" if rate.included else words


def _fault_of_name(name: str, is_taken: bool) -> str:
    if not name:
        return "Give the package a name."
    if len(name) > LONGEST_NAME:
        return f"Give the name in at most {LONGEST_NAME} characters."
    return f"There is a package called {name} already." if is_taken else ""


def _fault_of_days(days: int | None) -> str:
    return "" if days is None or 0 <= days <= MOST_DAYS else f"Give 0 to {MOST_DAYS} days, or leave it empty."


def _fault_of_reason(said: SetupSaid) -> str:
    if said.suspend_after_days is None or StatusReason.objects.filter(text=said.suspend_reason).exists():
        return ""
    return "Choose the reason under which accounts are suspended. Account Status Reasons has the list."


def _locked(package_id: int) -> Package:
    found = Package.objects.select_for_update().filter(pk=package_id).first()
    if found is None:
        raise NotThere("There is no such package.")
    return found


def _facts(one: Package) -> dict[str, object]:
    return {
        "name": one.name,
        "price": f"{one.price.normalize():f}",
        "currency": one.currency,
        "frequency": one.frequency,
        "mode": one.mode,
        "is_full_period": one.is_full_period,
    }


def _tell(
    by: Operator, act: str, subject: str, before: dict[str, object] | None, after: dict[str, object], now: datetime
) -> None:
    ledger.append(
        account_id=None, at=now, by=by.name, act=act, subject=subject, before=before, after={**after, "via": by.via}
    )
