"""Setup, Connections, Webhooks: the programs that hear what happens.

/setup/connections/webhooks                     the list; POST adds one
/setup/connections/webhooks/ID                  one: how it does, its log; POST saves
/setup/connections/webhooks/ID/secret, /test, /switch, /remove, /resend, /deliveries/DELIVERY/resend     POST only
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from allstop.actions.actor import Invalid
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
from allstop.console.access import Desk, screen
from allstop.console.bars import bars
from allstop.console.day_fields import MomentField
from allstop.console.form_problems import add_problems
from allstop.console.frame import ask, leads_on, page
from allstop.console.meanwhile import remember, settle
from allstop.console.paging import page_of, pager, position
from allstop.console.setup_tabs import setup_tabs
from allstop.rules.roles import Act
from allstop.rules.webhooks import KIND_WORDS, PING, EventKind
from allstop.store import lists
from allstop.store.models import DeliveryState, Webhook, WebhookDelivery

TAB = "connections"
MOST_OF_ANSWER = 200  # characters in a row of the log
SHOWN = (("", "All"), ("failed", "Failed"), ("waiting", "Waiting"), ("delivered", "Delivered"))
KINDS = [(kind.value, KIND_WORDS[kind]) for kind in EventKind]


MINUTES = "%Y-%m-%dT%H:%M"


class WebhookForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120, help_text="The program that listens there, such as: our CRM.")
    url = forms.CharField(
        label="Address",
        max_length=500,
        help_text="Begins with https://",
        widget=forms.URLInput(attrs={"inputmode": "url"}),
    )
    kinds = forms.MultipleChoiceField(
        label="What it hears of",
        choices=KINDS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one kind of event."},
    )


class SpanForm(forms.Form):
    since = MomentField(
        label="From",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTES),
        input_formats=[MINUTES],
    )
    until = MomentField(
        label="Until",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTES),
        input_formats=[MINUTES],
    )


class FilterForm(forms.Form):
    state = forms.ChoiceField(required=False, choices=SHOWN)


@screen("GET", "POST")
def webhooks(request: HttpRequest, desk: Desk) -> HttpResponse:
    if request.method == "GET":
        return show_list(request, desk, WebhookForm(initial={"kinds": [kind for kind, _ in KINDS]}))
    form = WebhookForm(request.POST)
    if form.is_valid():
        try:
            made, secret = create_webhook(desk.actor, _details(form), datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            return show_one(request, desk, made, secret=secret)
    return show_list(request, desk, form, status=422)


@screen("GET", "POST")
def webhook(request: HttpRequest, desk: Desk, webhook_id: int) -> HttpResponse:
    found = webhook_of(desk.actor, webhook_id)
    if request.method == "GET":
        return show_one(request, desk, found)
    form = _form(desk, found, request.POST)
    if form.is_valid() and settle(form, _stands(desk, found)):
        try:
            update_webhook(desk.actor, webhook_id, _details(form), datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            return leads_on(request, "Saved.", _address(webhook_id))
    return show_one(request, desk, found, form=form, status=422)


@screen("POST")
def secret(request: HttpRequest, desk: Desk, webhook_id: int) -> HttpResponse:
    changed, new = rotate_secret(desk.actor, webhook_id, datetime.now(UTC))
    return show_one(request, desk, changed, secret=new)


@screen("POST")
def test(request: HttpRequest, desk: Desk, webhook_id: int) -> HttpResponse:
    ping_webhook(desk.actor, webhook_id, datetime.now(UTC))
    return leads_on(request, "A test is on its way: the log shows what came of it.", _address(webhook_id))


@screen("POST")
def switch(request: HttpRequest, desk: Desk, webhook_id: int) -> HttpResponse:
    on = request.POST.get("on") == "yes"
    switch_webhook(desk.actor, webhook_id, datetime.now(UTC), on=on)
    words = "On again: what waits is delivered now." if on else "Off: nothing more is told."
    return leads_on(request, words, _address(webhook_id))


@screen("GET", "POST")
def remove(request: HttpRequest, desk: Desk, webhook_id: int) -> HttpResponse:
    found = webhook_of(desk.actor, webhook_id)
    if request.method == "POST":
        remove_webhook(desk.actor, webhook_id, datetime.now(UTC))
        return leads_on(request, f"The webhook {found.name} is removed.", reverse("webhooks"))
    context = {
        "heading": f"Remove the webhook {found.name}?",
        "kind": "bad",
        "action_url": reverse("remove-webhook", args=[webhook_id]),
        "back": _address(webhook_id),
        "why_not": desk.why_not(Act.EDIT_SETUP),
    }
    return ask(request, desk, "console/webhooks/remove.html", context)


@screen("POST")
def resend_one(request: HttpRequest, desk: Desk, webhook_id: int, delivery_id: int) -> HttpResponse:
    resend_delivery(desk.actor, webhook_id, delivery_id, datetime.now(UTC))
    return leads_on(request, "It is delivered once more, under the same id.", _address(webhook_id))


@screen("POST")
def resend(request: HttpRequest, desk: Desk, webhook_id: int) -> HttpResponse:
    found = webhook_of(desk.actor, webhook_id)
    form = SpanForm(request.POST)
    if form.is_valid():
        since, until = form.cleaned_data["since"], form.cleaned_data["until"]
        try:
            count = resend_failed(desk.actor, webhook_id, since, until, datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            words = f"{count:,} are delivered once more." if count else "None has failed in that span."
            return leads_on(request, words, _address(webhook_id))
    return show_one(request, desk, found, span=form, status=422)


def show_list(request: HttpRequest, desk: Desk, form: WebhookForm, *, status: int = 200) -> HttpResponse:
    context = {"tabs": setup_tabs(TAB), "form": form, "section": section_of(desk)}
    return page(request, desk, "console/webhooks/list.html", context, at="tokens", status=status)


def section_of(desk: Desk) -> Mapping[str, Any]:
    """For console/webhooks/section.html, on this page and under Connections."""
    return {
        "rows": [_line(desk, one) for one in lists.webhooks(desk.account_id)],
        "why_not": desk.why_not(Act.EDIT_SETUP),
    }


def show_one(  # noqa: PLR0913 - what of the page has been sent
    request: HttpRequest,
    desk: Desk,
    found: Webhook,
    *,
    form: WebhookForm | None = None,
    span: SpanForm | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    now = datetime.now(UTC)
    chosen = FilterForm(request.GET)
    chosen.full_clean()
    state = chosen.cleaned_data.get("state") or ""
    only = DeliveryState(state) if state else None
    after = position(request)
    shown = page_of(lambda limit: lists.deliveries(found.pk, state=only, after=after, limit=limit))
    line = _line(desk, found)
    day = {"since": (now - timedelta(days=1)), "until": now}
    context = {
        "tabs": setup_tabs(TAB),
        "webhook": found,
        "line": line,
        "key": secret,
        "form": form or _form(desk, found),
        "span": span or SpanForm(initial=day),
        "plotted": _plot(found, desk, now),
        "rows": [_delivery(one) for one in shown.rows],
        "is_moving": any(one.state == DeliveryState.WAITING and one.tried_at is None for one in shown.rows),
        "filters": [
            {"name": name, "url": f"{_address(found.pk)}?state={value}", "current": value == state, "count": None}
            for value, name in SHOWN
        ],
        "pager": pager(request, shown, "deliveries", {"state": state}),
        "why_not": desk.why_not(Act.EDIT_SETUP),
    }
    answer = page(request, desk, "console/webhooks/one.html", context, at="tokens", status=status)
    if secret:
        answer["Cache-Control"] = "no-store"
    return answer


def _line(desk: Desk, one: Webhook) -> dict[str, Any]:
    """Some services put a secret into the path: who may not change it sees where it leads, and no more."""
    return {
        "webhook": one,
        "url": one.url if desk.may(Act.EDIT_SETUP) else f"{urlsplit(one.url).scheme}://{urlsplit(one.url).netloc}/...",
        "page": _address(one.pk),
        "hears": "everything" if len(one.kinds) == len(KINDS) else f"{len(one.kinds)} of {len(KINDS)} kinds",
        "how": "off" if not one.is_on else "failing" if one.failing_since else "on",
    }


def _form(desk: Desk, found: Webhook, typed: QueryDict | None = None) -> WebhookForm:
    form = WebhookForm(typed, initial=_stands(desk, found))
    remember(form, _stands(desk, found))
    return form


def _stands(desk: Desk, found: Webhook) -> dict[str, Any]:
    return {"name": found.name, "url": _line(desk, found)["url"], "kinds": found.kinds}


def _delivery(one: WebhookDelivery) -> dict[str, Any]:
    words = "Test" if one.kind == PING else dict(KINDS).get(one.kind, one.kind)
    about = (("message", one.message_id), ("inbound", one.inbound_id), ("lead", one.lead_id))
    return {
        "delivery": one,
        "words": words,
        "about": ", ".join(f"{name} {number}" for name, number in about if number is not None),
        "answer": one.answer[:MOST_OF_ANSWER],
        "id": f"evt_{one.key.hex}",
    }


def _plot(found: Webhook, desk: Desk, now: datetime) -> Any:
    zone = ZoneInfo(desk.place.zone)
    rows = [
        (f"{one.hour.astimezone(zone):%a %H:%M}", one.delivered, one.failed)
        for one in lists.webhook_health(found.pk, now)
    ]
    about = "Two bars for each of the last 24 hours: events delivered, and events that failed. The table has the same."
    return bars("webhook-health", "The last 24 hours", about, "an hour", rows, names=("Delivered", "Failed"))


def _details(form: WebhookForm) -> WebhookDetails:
    said = form.cleaned_data
    return WebhookDetails(name=said["name"], url=said["url"], kinds=said["kinds"])


def _address(webhook_id: int) -> str:
    return reverse("webhook", args=[webhook_id])
