"""A request with a key is carried out once: whoever asks again after a broken connection gets what the first one made.

The rule that it guards: the key is written first, and in the transaction that makes what it was for. So of two that
come at the same time the second waits here until the first has committed, and what failed leaves no key behind.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar, cast

from django.db import transaction
from django.db.models import Model

from allstop.actions.actor import Conflict, Invalid
from allstop.store.models import CreditEntry, Invoice, Payment, RequestKey

LONGEST_KEY = 200
KEYS_KEPT = timedelta(days=7)  # a program that asks again does so within minutes

Made = TypeVar("Made", bound=Payment | Invoice | CreditEntry)
_COLUMNS: dict[type[Model], str] = {
    Payment: "payment_id",
    Invoice: "invoice_id",
    CreditEntry: "credit_entry_id",
}


class UsedKey(Conflict):
    """The key belongs to another request."""


@dataclass(frozen=True, slots=True)
class Once(Generic[Made]):
    made: Made
    is_repeat: bool = False  # the key was used before: nothing new was made


def check_key(key: str) -> None:
    if len(key) > LONGEST_KEY:
        raise Invalid(idempotency_key=f"Use a key of at most {LONGEST_KEY} characters.")


def take_key(account_id: int, key: str, said: tuple[object, ...], now: datetime) -> tuple[RequestKey, bool]:
    """In a transaction. `said`: all that was asked. The second is whether nobody has asked it before."""
    check_key(key)
    RequestKey.objects.filter(account=account_id, at__lt=now - KEYS_KEPT).delete()
    digest = hashlib.sha256(repr(said).encode()).hexdigest()
    asked, is_new = RequestKey.objects.get_or_create(
        account_id=account_id, key=key, defaults={"digest": digest, "at": now}
    )
    if asked.digest != digest:
        raise UsedKey("This key was used for another request. Use a new key for each.")
    return asked, is_new


@transaction.atomic
def once(account_id: int, key: str, said: tuple[object, ...], now: datetime, make: Callable[[], Made]) -> Once[Made]:
    """What `make` books. Without a key each request is one of its own."""
    if not key:
        return Once(make())
    asked, is_new = take_key(account_id, key, said, now)
    if not is_new:
        return Once(cast(Made, _made_with(asked)), is_repeat=True)  # the digest stands for its kind too
    made = make()
    RequestKey.objects.filter(pk=asked.pk).update(**{_COLUMNS[type(made)]: made.pk})
    return Once(made)


def _made_with(asked: RequestKey) -> Model:
    """What is booked is never deleted."""
    ids = {model: getattr(asked, column) for model, column in _COLUMNS.items()}
    ((model, pk),) = ((model, pk) for model, pk in ids.items() if pk is not None)
    return model._default_manager.get(pk=pk)
