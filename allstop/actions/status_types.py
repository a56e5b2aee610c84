"""What operators call the states of accounts: types over the four back-end statuses, and reasons for a change.

The rule that it guards: a type that an account has, or will have, is not deleted and keeps its back-end status, so that
nothing stops or starts by an edit in a list. There is always a type for new accounts.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Count

from allstop.actions.actor import Conflict, Invalid, NotThere, Operator
from allstop.channels.configuration import is_host
from allstop.rules.lifecycle import STATUS_WORDS, AccountStatus
from allstop.store import ledger
from allstop.store.models import BillingSetup, ChangeOf, StatusChange, StatusReason, StatusType

LONGEST_NAME = 60
LONGEST_REASON = 120
LONGEST_URL = 500


def type_of_new_accounts(status: AccountStatus = AccountStatus.ACTIVE) -> StatusType:
    """The oldest of this back-end status. In a new installation the four defaults are made with the first account."""
    of_status = StatusType.objects.filter(status=status).order_by("pk")
    if not StatusType.objects.exists():
        made = [StatusType(name=STATUS_WORDS[one], status=one.value) for one in AccountStatus]
        StatusType.objects.bulk_create(made, ignore_conflicts=True)  # two first accounts at once
    found = of_status.first()
    if found is None:
        raise Conflict(f"There is no status type with the status {STATUS_WORDS[status]}. Make one first.")
    return found


def type_of(type_id: int) -> StatusType:
    found = StatusType.objects.filter(pk=type_id).first()
    if found is None:
        raise NotThere("There is no such status type.")
    return found


@transaction.atomic
def save_type(  # noqa: PLR0913 - what a type is
    by: Operator, type_id: int | None, name: str, status: str, image_url: str, is_counted: bool, now: datetime
) -> StatusType:
    """Without `type_id` a new one."""
    old = None if type_id is None else _locked(type_id)
    said = {"name": " ".join(name.split()), "status": status, "image_url": image_url.strip(), "is_counted": is_counted}
    if faults := _faults(said, old):
        raise Invalid(**faults)
    before = {key: getattr(old, key) for key in said} if old is not None else None
    if before == said and old is not None:
        return old
    if old is not None and old.status != status and (uses := _uses([old.pk])[old.pk]):
        raise Conflict(
            f"{old.name} is in use by {uses}: its status cannot be changed. Make another type, and change the accounts."
        )
    made = old or StatusType()
    for key, value in said.items():
        setattr(made, key, value)
    made.save()
    _tell(by, "save_status_type", f"status_type:{made.pk}", before, said, now)
    return made


@transaction.atomic
def delete_types(by: Operator, type_ids: Sequence[int], now: datetime) -> int:
    """All of them, or none: a type in use refuses with how many accounts have it."""
    found = list(StatusType.objects.select_for_update().filter(pk__in=type_ids).order_by("pk"))
    if not found:
        raise Invalid(types="Tick the status types to delete.")
    uses = _uses([one.pk for one in found])
    if in_use := [f"{one.name} ({uses[one.pk]})" for one in found if uses[one.pk]]:
        raise Conflict(f"In use, so nothing was deleted: {', '.join(in_use)}.")
    left = StatusType.objects.filter(status=AccountStatus.ACTIVE).exclude(pk__in=[one.pk for one in found])
    if not left.exists():
        raise Conflict("New accounts need a type with the status Active: keep one. Nothing was deleted.")
    for one in found:
        before = {"name": one.name, "status": one.status}
        one_id = one.pk
        one.delete()
        _tell(by, "delete_status_type", f"status_type:{one_id}", before, None, now)
    return len(found)


@transaction.atomic
def add_reason(by: Operator, text: str, now: datetime) -> StatusReason:
    said = " ".join(text.split())
    if not said:
        raise Invalid(text="Give the reason in a few words.")
    if len(said) > LONGEST_REASON:
        raise Invalid(text=f"Give the reason in at most {LONGEST_REASON} characters.")
    if StatusReason.objects.filter(text__iexact=said).exists():
        raise Invalid(text=f"The list has {said!r} already.")
    made = StatusReason.objects.create(text=said)
    _tell(by, "add_status_reason", f"status_reason:{made.pk}", None, {"text": said}, now)
    return made


@transaction.atomic
def delete_reasons(by: Operator, reason_ids: Sequence[int], now: datetime) -> int:
    """What was recorded with a reason keeps its words. The one under which accounts are suspended as past due stays."""
    found = list(StatusReason.objects.select_for_update().filter(pk__in=reason_ids).order_by("pk"))
    if not found:
        raise Invalid(reasons="Tick the reasons to delete.")
    by_itself = BillingSetup.objects.filter(suspend_after_days__isnull=False).values_list("suspend_reason", flat=True)
    if in_use := {one.text for one in found} & set(by_itself):
        raise Conflict(
            f"Accounts that are past due are suspended for {in_use.pop()!r}. Choose another reason under Billing setup,"
            " or turn that off. Nothing was deleted."
        )
    for one in found:
        one_id, text = one.pk, one.text
        one.delete()
        _tell(by, "delete_status_reason", f"status_reason:{one_id}", {"text": text}, None, now)
    return len(found)


def _locked(type_id: int) -> StatusType:
    found = StatusType.objects.select_for_update().filter(pk=type_id).first()
    if found is None:
        raise NotThere("There is no such status type.")
    return found


def _faults(said: dict[str, object], old: StatusType | None) -> dict[str, str]:
    faults = {}
    name, url = str(said["name"]), str(said["image_url"])
    others = StatusType.objects.filter(name__iexact=name).exclude(pk=old.pk if old else 0)
    if not name:
        faults["name"] = "Give the type a name."
    elif len(name) > LONGEST_NAME:
        faults["name"] = f"Give the name in at most {LONGEST_NAME} characters."
    elif others.exists():
        faults["name"] = f"There is a type called {name} already."
    if said["status"] not in list(AccountStatus):
        faults["status"] = f"Choose one of {', '.join(STATUS_WORDS[one] for one in AccountStatus)}."
    if url and (problem := _problem_of_url(url)):
        faults["image_url"] = problem
    return faults


def _problem_of_url(url: str) -> str:
    """Pages load it from the browser of whoever looks, never from here. Its host stands in their security policy."""
    if len(url) > LONGEST_URL:
        return f"Give the address in at most {LONGEST_URL} characters."
    try:
        parts = urlsplit(url)
        is_plain = (parts.port is None or parts.port > 0) and is_host(parts.hostname or "")
    except ValueError:
        return "This is not an address. Write it like https://example.org/vacation.png."
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    host = parts.hostname or ""
    if parts.scheme != "https" or not is_plain or "." not in host or not set(host) <= allowed or parts.username:
        return "Write an address that begins with https://, like https://example.org/vacation.png."
    return ""


def _uses(type_ids: Sequence[int]) -> dict[int, str]:
    """How many accounts have each type, and how many will: "3 accounts", "" for none."""
    have = StatusType.objects.filter(pk__in=type_ids).annotate(n=Count("accounts")).values_list("pk", "n")
    coming = StatusChange.objects.filter(type__in=type_ids, state=ChangeOf.COMING).values_list("type")
    planned = dict(coming.annotate(n=Count("pk")).values_list("type", "n"))
    return {one: _use_words(count, planned.get(one, 0)) for one, count in have}


def _use_words(accounts: int, planned: int) -> str:
    words = [f"{accounts:,} account{'s' if accounts != 1 else ''}"] if accounts else []
    if planned:
        words.append(f"{planned:,} planned change{'s' if planned != 1 else ''}")
    return " and ".join(words)


def _tell(
    by: Operator,
    act: str,
    subject: str,
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
    now: datetime,
) -> None:
    ledger.append(
        account_id=None,
        at=now,
        by=by.name,
        act=act,
        subject=subject,
        before=dict(before) if before is not None else None,
        after={**(after or {}), "via": by.via},
    )
