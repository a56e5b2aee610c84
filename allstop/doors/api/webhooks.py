"""Webhooks: who hears of what, their log, sending again."""

from datetime import datetime
from typing import Any

from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from allstop.actions.actor import require
from allstop.actions.webhooks import (
    WebhookDetails,
    create_webhook,
    ping_webhook,
    remove_webhook,
    resend_delivery,
    resend_failed,
    rotate_secret,
    switch_webhook,
    update_webhook,
    webhook_of,
)
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Paged, Strict, Text, Timestamp
from allstop.rules.roles import Act
from allstop.rules.webhooks import EventKind
from allstop.store import lists
from allstop.store.models import DeliveryState, Webhook, WebhookDelivery

router = Router(tags=["webhooks"])


class WebhookIn(Strict):
    name: Text = Field(description="The program that listens there.")
    url: Text = Field(description="Begins with https://. Redirects are not followed, private addresses not reached.")
    kinds: list[EventKind] = Field(description="The kinds of events that it hears of.")


class WebhookOut(Schema):
    id: int
    name: str
    url: str
    kinds: list[str]
    is_on: bool
    off_why: str = Field(description="Why Allstop has turned it off; empty when a person did, or it is on.")
    failing_since: datetime | None = Field(description="Nothing has arrived since; null: the last one did.")
    both_until: datetime | None = Field(description="Until when the secret before the newest signs as well.")
    created_at: datetime


class NewWebhook(WebhookOut):
    secret: str = Field(description="Shown now and never again. The bytes behind whsec_ are the key, in base64.")


class WebhookList(Schema):
    items: list[WebhookOut]


class DeliveryOut(Schema):
    id: int
    webhook_id: str = Field(description="The header webhook-id, the same at every try.")
    kind: str
    at: datetime = Field(description="When it happened.")
    state: str = Field(description="waiting, delivered or failed.")
    tries: int
    next_at: datetime | None
    tried_at: datetime | None
    took_ms: int | None
    code: int | None = Field(description="The status of HTTP; null: no answer came.")
    answer: str = Field(description="The first bytes of the answer, or why there was none.")
    message_id: int | None
    inbound_id: int | None
    contact_id: int | None


class DeliveryPage(Schema):
    items: list[DeliveryOut]
    next: int | None


class DeliveriesAsked(Paged):
    state: DeliveryState | None = Field(None, description="waiting, delivered or failed; leave out for all.")


class SwitchIn(Strict):
    on: bool


class SpanIn(Strict):
    since: Timestamp
    until: Timestamp


class Resent(Schema):
    count: int


class HourOut(Schema):
    hour: datetime
    delivered: int
    failed: int = Field(description="Also those that are tried again.")
    waiting: int = Field(description="Not tried yet.")


class HealthOut(Schema):
    hours: list[HourOut]


def webhook_shape(one: Webhook) -> WebhookOut:
    return WebhookOut(**_columns(one))


def _columns(one: Webhook) -> dict[str, Any]:
    return {name: getattr(one, "pk" if name == "id" else name) for name in WebhookOut.model_fields}


def delivery_shape(one: WebhookDelivery) -> DeliveryOut:
    said = {name: getattr(one, name) for name in DeliveryOut.model_fields if name != "webhook_id"}
    return DeliveryOut(webhook_id=f"evt_{one.key.hex}", **said)


def _details(said: WebhookIn) -> WebhookDetails:
    return WebhookDetails(name=said.name, url=said.url, kinds=[kind.value for kind in said.kinds])


def _mine(request: Call, webhook_id: int) -> Webhook:
    require(request.auth, Act.EDIT_SETUP)  # an address may have a secret in its path
    return webhook_of(request.auth, webhook_id)


@router.get("/webhooks", response={200: WebhookList, **refusals(403)}, operation_id="list_webhooks")
def list_webhooks(request: Call) -> WebhookList:
    """All on one page. Roles: admin, leader."""
    require(request.auth, Act.EDIT_SETUP)
    return WebhookList(items=[webhook_shape(one) for one in lists.webhooks(request.auth.account_id)])


@router.post("/webhooks", response={201: NewWebhook, **refusals(400, 403, 409)}, operation_id="create_webhook")
def create(request: Call, said: WebhookIn) -> Status[NewWebhook]:
    """Its secret is in the answer, and nowhere else. An account has at most 10. Roles: admin, leader."""
    made, secret = create_webhook(request.auth, _details(said), request.now)
    return Status(201, NewWebhook(**_columns(made), secret=secret))


@router.get("/webhooks/{int:webhook_id}", response={200: WebhookOut, **refusals(403, 404)}, operation_id="show_webhook")
def show(request: Call, webhook_id: Path[Id]) -> WebhookOut:
    """Roles: admin, leader."""
    return webhook_shape(_mine(request, webhook_id))


@router.put(
    "/webhooks/{int:webhook_id}", response={200: WebhookOut, **refusals(400, 403, 404)}, operation_id="update_webhook"
)
def update(request: Call, webhook_id: Path[Id], said: WebhookIn) -> WebhookOut:
    """Sets all of it but the secret. Roles: admin, leader."""
    return webhook_shape(update_webhook(request.auth, webhook_id, _details(said), request.now))


@router.delete(
    "/webhooks/{int:webhook_id}", response={200: WebhookOut, **refusals(403, 404)}, operation_id="remove_webhook"
)
def remove(request: Call, webhook_id: Path[Id]) -> WebhookOut:
    """With its log; answers what was removed. Roles: admin, leader."""
    gone = webhook_shape(_mine(request, webhook_id))
    remove_webhook(request.auth, webhook_id, request.now)
    return gone


@router.post(
    "/webhooks/{int:webhook_id}/secret",
    response={200: NewWebhook, **refusals(403, 404)},
    operation_id="rotate_webhook_secret",
)
def rotate(request: Call, webhook_id: Path[Id]) -> NewWebhook:
    """A new secret. For a day both sign. Roles: admin, leader."""
    changed, secret = rotate_secret(request.auth, webhook_id, request.now)
    return NewWebhook(**_columns(changed), secret=secret)


@router.post(
    "/webhooks/{int:webhook_id}/switch",
    response={200: WebhookOut, **refusals(400, 403, 404)},
    operation_id="switch_webhook",
)
def switch(request: Call, webhook_id: Path[Id], said: SwitchIn) -> WebhookOut:
    """Off: nothing more is kept for it. On: what waits is delivered at once. Roles: admin, leader."""
    return webhook_shape(switch_webhook(request.auth, webhook_id, request.now, on=said.on))


@router.post(
    "/webhooks/{int:webhook_id}/test",
    response={201: DeliveryOut, **refusals(403, 404, 409)},
    operation_id="test_webhook",
)
def test(request: Call, webhook_id: Path[Id]) -> Status[DeliveryOut]:
    """An event of the kind ping. What came of it is in the log. 409 while it is off. Roles: admin, leader."""
    return Status(201, delivery_shape(ping_webhook(request.auth, webhook_id, request.now)))


@router.get(
    "/webhooks/{int:webhook_id}/deliveries",
    response={200: DeliveryPage, **refusals(403, 404)},
    operation_id="list_deliveries",
)
def list_deliveries(request: Call, webhook_id: Path[Id], asked: Query[DeliveriesAsked]) -> DeliveryPage:
    """The log, the newest first, of 30 days. Roles: admin, leader."""
    found = _mine(request, webhook_id)
    rows = lists.deliveries(found.pk, state=asked.state, after=asked.after, limit=asked.limit + 1)
    shown = rows[: asked.limit]
    following = shown[-1].pk if len(rows) > asked.limit else None
    return DeliveryPage(items=[delivery_shape(one) for one in shown], next=following)


@router.get(
    "/webhooks/{int:webhook_id}/health",
    response={200: HealthOut, **refusals(403, 404)},
    operation_id="webhook_health",
)
def health(request: Call, webhook_id: Path[Id]) -> HealthOut:
    """The last 24 hours, hour by hour. Roles: admin, leader."""
    found = lists.webhook_health(_mine(request, webhook_id).pk, request.now)
    return HealthOut(hours=[HourOut.from_orm(one) for one in found])


@router.post(
    "/webhooks/{int:webhook_id}/deliveries/{int:delivery_id}/resend",
    response={200: DeliveryOut, **refusals(403, 404, 409)},
    operation_id="resend_delivery",
)
def resend_one(request: Call, webhook_id: Path[Id], delivery_id: Path[Id]) -> DeliveryOut:
    """Once more, under the same webhook-id. 409 while it is off. Roles: admin, leader."""
    return delivery_shape(resend_delivery(request.auth, webhook_id, delivery_id, request.now))


@router.post(
    "/webhooks/{int:webhook_id}/resend",
    response={200: Resent, **refusals(400, 403, 404, 409)},
    operation_id="resend_failed",
)
def resend(request: Call, webhook_id: Path[Id], said: SpanIn) -> Resent:
    """All that were given up, of what happened in the span. 409 while it is off. Roles: admin, leader."""
    return Resent(count=resend_failed(request.auth, webhook_id, said.since, said.until, request.now))
