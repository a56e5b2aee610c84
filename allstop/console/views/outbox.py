"""The outbox: what the sandbox delivered instead of a provider, to be looked at like a mail catcher's mails."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions.actor import NotThere
from allstop.console.access import Desk, screen
from allstop.console.frame import page
from allstop.console.paging import page_of, pager, position
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.store import lists

TABS = (("", "All"), ("text", "Texts"), ("email", "Emails"), ("call", "Calls"))


class SearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=120)
    channel = forms.ChoiceField(required=False, choices=TABS)


@screen("GET")
def outbox(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = SearchForm(request.GET)
    form.full_clean()
    q, channel = form.cleaned_data.get("q", ""), form.cleaned_data.get("channel", "")
    shown = page_of(
        lambda limit: lists.outbox(
            desk.account_id, Channel(channel) if channel else None, q, after=position(request), limit=limit
        )
    )
    context: dict[str, Any] = {
        "rows": shown.rows,
        "q": q,
        "channel": channel,
        "tabs": [
            {"name": name, "url": f"{reverse('outbox')}?channel={value}", "current": value == channel, "count": None}
            for value, name in TABS
        ],
        "pager": pager(request, shown, "delivered", {"q": q, "channel": channel}),
        "here": request.get_full_path(),
        "may_play": desk.may(Act.EDIT_SETUP),
        "outbox_version": lists.outbox_version(desk.account_id),
    }
    return page(request, desk, "console/outbox.html", context, at="outbox")


@screen("GET")
def outbox_item(request: HttpRequest, desk: Desk, item_id: int) -> HttpResponse:
    item = lists.outbox_item(desk.account_id, item_id)
    if item is None:
        raise NotThere("There is no such delivery in the outbox.")
    files = lists.attachments_of(desk.account_id, [item.message_id]) if item.channel == Channel.EMAIL else {}
    context = {"item": item, "attachments": files.get(item.message_id, ())}
    return page(request, desk, "console/outbox_item.html", context, at="outbox")
