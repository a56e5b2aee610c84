"""Webhooks: who hears of what, the secret, a test, and sending again what did not arrive.

The rule that it guards: a secret is shown once, to an admin or a leader who made it, and stands nowhere in the clear.
A webhook tells, it never sends to a contact: STOPPED does not hold it, and it is delivered by a process of its own.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Invalid, NotThere, require
from allstop.actions.notices import notify
from allstop.channels.guard import PrivateAddress, check_literal
from allstop.rules.roles import Act, Role
from allstop.rules.webhooks import BOTH_SIGN, PING, SECRET_BYTES, EventKind, fault_of_url, secret_of
from allstop.store import ledger
from allstop.store.models import DeliveryState, NoticeKind, Webhook, WebhookDelivery

MOST = 10  # webhooks of an account
ALLSTOP = "Allstop"
WELL: dict[str, Any] = {"failing_since": None, "failures": 0, "rest_until": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDetails:
    name: str
    url: str
    kinds: Collection[str]


@transaction.atomic
def create_webhook(actor: Actor, details: WebhookDetails, now: datetime) -> tuple[Webhook, str]:
    """The webhook and its secret, which nobody can be told again."""
    require(actor, Act.EDIT_SETUP)
    columns = _checked(details)
    if Webhook.objects.filter(account_id=actor.account_id).count() >= MOST:
        raise Conflict(f"An account has at most {MOST} webhooks. Remove one that is not needed.")
    secret = _new_secret()
    webhook = Webhook.objects.create(
        account_id=actor.account_id, secrets={"webhook_secret": secret}, created_at=now, **columns
    )
    _write(actor, "create_webhook", webhook.pk, now, after=columns)
    return webhook, secret


@transaction.atomic
def update_webhook(actor: Actor, webhook_id: int, details: WebhookDetails, now: datetime) -> Webhook:
    require(actor, Act.EDIT_SETUP)
    webhook = _locked(actor, webhook_id)
    columns = _checked(details)
    before = {name: getattr(webhook, name) for name in columns}
    if before == columns:
        return webhook
    if before["url"] != columns["url"]:
        columns |= WELL  # what the old address did says nothing of the new one
    Webhook.objects.filter(pk=webhook.pk).update(**columns)
    shown = {name: columns[name] for name in before}
    _write(actor, "update_webhook", webhook.pk, now, before=before, after=shown)
    return _again(webhook)


@transaction.atomic
def rotate_secret(actor: Actor, webhook_id: int, now: datetime) -> tuple[Webhook, str]:
    """A new secret, shown once. For a day both sign, so that the other side can change over without a gap."""
    require(actor, Act.EDIT_SETUP)
    webhook = _locked(actor, webhook_id)
    secret = _new_secret()
    webhook.secrets = {"webhook_secret": secret, "webhook_secret_before": webhook.secrets["webhook_secret"]}
    webhook.both_until = now + BOTH_SIGN
    webhook.save(update_fields=["secrets", "both_until"])
    _write(actor, "rotate_webhook_secret", webhook.pk, now)
    return webhook, secret


@transaction.atomic
def switch_webhook(actor: Actor, webhook_id: int, now: datetime, *, on: bool) -> Webhook:
    """Off: nothing more is written down for it, and what waits stays. On: what waits is tried again at once."""
    require(actor, Act.EDIT_SETUP)
    webhook = _locked(actor, webhook_id)
    if webhook.is_on == on:
        return webhook
    Webhook.objects.filter(pk=webhook.pk).update(is_on=on, off_why="", **(WELL if on else {}))
    if on:
        waiting = WebhookDelivery.objects.filter(webhook=webhook, state=DeliveryState.WAITING.value)
        waiting.update(next_at=now, tries=0)
    _write(actor, "turn_webhook_on" if on else "turn_webhook_off", webhook.pk, now)
    return _again(webhook)


@transaction.atomic
def remove_webhook(actor: Actor, webhook_id: int, now: datetime) -> None:
    """With its log. What waits for it is not delivered."""
    require(actor, Act.EDIT_SETUP)
    webhook = _locked(actor, webhook_id)
    _write(actor, "remove_webhook", webhook.pk, now, before={"name": webhook.name, "url": webhook.url})
    webhook.delete()


@transaction.atomic
def ping_webhook(actor: Actor, webhook_id: int, now: datetime) -> WebhookDelivery:
    """A test event, delivered as any other: the log shows what came of it."""
    require(actor, Act.EDIT_SETUP)
    webhook = _locked(actor, webhook_id)
    if not webhook.is_on:
        raise Conflict("This webhook is off. Turn it on first, then test it.")
    Webhook.objects.filter(pk=webhook.pk).update(rest_until=None)
    made = WebhookDelivery.objects.create(
        account_id=actor.account_id,
        webhook=webhook,
        kind=PING,
        at=now,
        next_at=now,
        payload={"words": f"A test, asked for by {actor.name}."},
    )
    made.refresh_from_db()
    return made


@transaction.atomic
def resend_delivery(actor: Actor, webhook_id: int, delivery_id: int, now: datetime) -> WebhookDelivery:
    """Once more, whatever became of it, under the same webhook-id: whoever has it already knows it."""
    require(actor, Act.EDIT_SETUP)
    webhook = _locked(actor, webhook_id)
    found = WebhookDelivery.objects.filter(webhook=webhook, pk=delivery_id)
    if not found.exists():
        raise NotThere("There is no such delivery.")
    _refuse_off(webhook)
    found.update(state=DeliveryState.WAITING.value, tries=0, next_at=now)
    Webhook.objects.filter(pk=webhook.pk).update(rest_until=None)
    _write(actor, "resend_webhook", webhook.pk, now, after={"delivery": delivery_id})
    return found.get()


@transaction.atomic
def resend_failed(actor: Actor, webhook_id: int, since: datetime, until: datetime, now: datetime) -> int:
    """All that failed of what happened in this span; how many they are."""
    require(actor, Act.EDIT_SETUP)
    webhook = _locked(actor, webhook_id)
    if since >= until:
        raise Invalid(until="The end must be after the beginning.")
    _refuse_off(webhook)
    failed = WebhookDelivery.objects.filter(
        webhook=webhook, state=DeliveryState.FAILED.value
    )  # webhook_delivery_failed
    count = failed.filter(at__gte=since, at__lt=until).update(state=DeliveryState.WAITING.value, tries=0, next_at=now)
    Webhook.objects.filter(pk=webhook.pk).update(rest_until=None)
    span = {"since": since.isoformat(), "until": until.isoformat(), "count": count}
    _write(actor, "resend_webhook", webhook.pk, now, after=span)
    return count


@transaction.atomic
def turn_off_failing(webhook_id: int, why: str, now: datetime) -> bool:
    """By Allstop itself; the admins are told. False: it is off or gone."""
    webhook = Webhook.objects.select_for_update().filter(pk=webhook_id, is_on=True).first()
    if webhook is None:
        return False
    Webhook.objects.filter(pk=webhook.pk).update(is_on=False, off_why=why[:300])
    ledger.append(
        account_id=webhook.account_id,
        at=now,
        by=ALLSTOP,
        act="turn_webhook_off",
        subject=f"webhook:{webhook.pk}",
        after={"why": why},
    )
    notify(
        NoticeKind.WEBHOOK,
        f"The webhook {webhook.name} is off",
        f"{why} What happens from now on is not kept for it. What waits is delivered when somebody turns it on again "
        "within seven days of it.",
        now,
        account_id=webhook.account_id,
        about=f"webhook:{webhook.pk}",
        url=f"/setup/connections/webhooks/{webhook.pk}",
        roles=(Role.ADMIN, Role.LEADER),
    )
    return True


def webhook_of(actor: Actor, webhook_id: int) -> Webhook:
    require(actor, Act.VIEW)
    found = Webhook.objects.filter(account_id=actor.account_id, pk=webhook_id).first()
    if found is None:
        raise NotThere("There is no such webhook.")
    return found


def _locked(actor: Actor, webhook_id: int) -> Webhook:
    mine = Webhook.objects.select_for_update(no_key=True).filter(account_id=actor.account_id, pk=webhook_id)
    found = mine.first()
    if found is None:
        raise NotThere("There is no such webhook.")
    return found


def _again(webhook: Webhook) -> Webhook:
    webhook.refresh_from_db()
    return webhook


def _refuse_off(webhook: Webhook) -> None:
    if not webhook.is_on:
        raise Conflict("This webhook is off: nothing is delivered. Turn it on first.")


def _checked(details: WebhookDetails) -> dict[str, Any]:
    problems: dict[str, str] = {}
    name, url = details.name.strip(), details.url.strip()
    if not name or len(name) > 120:
        problems["name"] = "Give it a name of at most 120 characters: the program that listens there."
    if fault := _fault_of_url(url):
        problems["url"] = fault
    known = {kind.value for kind in EventKind}
    if strange := sorted(set(details.kinds) - known):
        problems["kinds"] = f"There is no kind of event named {', '.join(strange)}."
    elif not details.kinds:
        problems["kinds"] = "Choose at least one kind of event."
    if problems:
        raise Invalid(**problems)
    return {"name": name, "url": url, "kinds": [kind.value for kind in EventKind if kind.value in details.kinds]}


def _fault_of_url(url: str) -> str:
    if len(url) > 500:
        return "Use at most 500 characters."
    if fault := fault_of_url(url):
        return fault
    if settings.WEBHOOKS_PRIVATE:
        return ""
    if not url.startswith("https://"):
        return "Enter the whole address, beginning with https://"
    try:
        check_literal(urlsplit(url).hostname)
    except PrivateAddress as private:
        return f"{private}."
    return ""


def _new_secret() -> str:
    return secret_of(secrets.token_bytes(SECRET_BYTES))


def _write(actor: Actor, act: str, webhook_id: int, now: datetime, **shown: Any) -> None:
    after = {**shown.pop("after", {}), "via": actor.via}
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act=act,
        subject=f"webhook:{webhook_id}",
        after=after,
        **shown,
    )
