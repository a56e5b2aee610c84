"""Allstop's own notices to the person at the desk: the bell, the list, read or not, by mail or not."""

from datetime import UTC, datetime

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from allstop.actions.actor import NotThere
from allstop.actions.notices import mail_notices, mark_read
from allstop.console.access import Desk, screen
from allstop.console.frame import bell_of, is_htmx, leads_on, page
from allstop.console.paging import page_of, pager, position
from allstop.store import lists
from allstop.store.models import User


class MailForm(forms.Form):
    by_mail = forms.BooleanField(label="Mail me each notice", required=False)


class WhichForm(forms.Form):
    id = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


@screen("GET")
def notices(request: HttpRequest, desk: Desk) -> HttpResponse:
    shown = page_of(lambda limit: lists.notices(desk.user_id, desk.account_id, after=position(request), limit=limit))
    by_mail = User.objects.get(pk=desk.user_id).notices_by_mail
    context = {
        "rows": shown.rows,
        "pager": pager(request, shown, "notices", {}),
        "form": MailForm(initial={"by_mail": by_mail}),
        "mails": settings.NOTICE_MAILS,
    }
    return page(request, desk, "console/notices.html", context)


@screen("GET")
def bell(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The bell alone, as the live stream asks for it."""
    if not is_htmx(request):
        return redirect("notices")
    return render(request, "parts/bell.html", {"bell": bell_of(desk)})


@screen("POST")
def read(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One notice, or without an id all of them."""
    form = WhichForm(request.POST)
    if not form.is_valid():
        raise NotThere("There is no such notice.")
    mark_read(desk.actor, desk.user_id, form.cleaned_data["id"], datetime.now(UTC))
    return redirect("notices")


@screen("POST")
def by_mail(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = MailForm(request.POST)
    form.full_clean()
    wanted = form.cleaned_data["by_mail"]
    mail_notices(desk.actor, desk.user_id, by_mail=wanted)
    words = "Each notice is mailed to you from now on." if wanted else "No notice is mailed to you any more."
    return leads_on(request, words, reverse("notices"))
