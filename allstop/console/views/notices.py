"""Allstop's own notices to the person at the desk: the bell, the list, read or not, by mail or not."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from allstop.actions.actor import NotThere
from allstop.actions.member_news import Wishes, set_wishes, wishes_of
from allstop.actions.notices import mail_notices, mark_read
from allstop.console.access import Desk, screen
from allstop.console.frame import bell_of, is_htmx, leads_on, page
from allstop.console.paging import page_of, pager, position
from allstop.rules.member_news import Wish
from allstop.store import lists
from allstop.store.models import User

WISHES = ((Wish.AT_ONCE, "At once"), (Wish.DIGEST, "Once a day"), (Wish.NEVER, "Never"))


class MailForm(forms.Form):
    by_mail = forms.BooleanField(label="Mail me each notice", required=False)


class WhichForm(forms.Form):
    id = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class NewsForm(forms.Form):
    written = forms.ChoiceField(label="A contact or a lead has written", choices=WISHES, widget=forms.RadioSelect)
    assigned = forms.ChoiceField(
        label="A lead or a conversation is yours now", choices=WISHES, widget=forms.RadioSelect
    )
    digest_hour = forms.TypedChoiceField(
        label="The digest leaves at",
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        coerce=int,
        help_text="On the account's clock.",
    )


@screen("GET")
def notices(request: HttpRequest, desk: Desk) -> HttpResponse:
    return show(request, desk)


def vars_of(wishes: Wishes) -> dict[str, Any]:
    return {"written": wishes.written, "assigned": wishes.assigned, "digest_hour": wishes.digest_hour}


def show(request: HttpRequest, desk: Desk, *, news: NewsForm | None = None, status: int = 200) -> HttpResponse:
    shown = page_of(lambda limit: lists.notices(desk.user_id, desk.account_id, after=position(request), limit=limit))
    by_mail = User.objects.get(pk=desk.user_id).notices_by_mail
    context = {
        "rows": shown.rows,
        "pager": pager(request, shown, "notices", {}),
        "form": MailForm(initial={"by_mail": by_mail}),
        "mails": settings.NOTICE_MAILS,
        "news": None if desk.support else news or NewsForm(initial=vars_of(wishes_of(desk.actor))),
    }
    return page(request, desk, "console/notices.html", context, status=status)


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


@screen("POST")
def news(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What the person is told of by email in this account."""
    form = NewsForm(request.POST)
    if not form.is_valid():
        return show(request, desk, news=form, status=422)
    said = form.cleaned_data
    set_wishes(desk.actor, Wishes(Wish(said["written"]), Wish(said["assigned"]), said["digest_hour"]))
    return leads_on(request, "Saved: you are told as you wish.", reverse("notices"))
