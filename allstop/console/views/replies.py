"""Replies that may be a no, and the setup of replies: what opts out of this account, and what is answered by itself."""

import re
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from allstop.actions.actor import Invalid, NotThere
from allstop.actions.reply_matching import appointments_for, match_reply
from allstop.actions.reply_setup import AUTO_REPLY_MINUTES, LONGEST, Replies, change_replies, replies_of
from allstop.actions.unclear import CHOICES, settle_reply
from allstop.console import meanwhile
from allstop.console.access import Desk, screen
from allstop.console.frame import ask, leads_on, page
from allstop.console.paging import page_of, pager, position
from allstop.console.setup_tabs import setup_tabs
from allstop.console.views.message_plans import ANSWERED
from allstop.rules.calls_instead import LONGEST as MOST_SPOKEN
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import AnswerKind, Settlement

SAID = {
    Settlement.THIS_CHANNEL: "They get no more {what}. Only they can take that back.",
    Settlement.EVERY_CHANNEL: "They get nothing more from you. Only they can take that back.",
    Settlement.MEANT_NOTHING: "What waited for them leaves when the gate lets it.",
}
WHAT = {"text": "texts", "call": "calls", "email": "emails"}


class ReplyForm(forms.Form):
    words = forms.CharField(
        label="Words of your own",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line. A reply that is one of them, and nothing more, opts out as STOP does.",
    )
    stops_all = forms.BooleanField(
        label="A STOP counts for texts, calls and emails",
        required=False,
        help_text="Otherwise for the channel that it came on, unless its words say more.",
    )
    confirms = forms.BooleanField(
        label="Confirm an opt-out by one text",
        required=False,
        help_text="Within five minutes, once. Never while the account is STOPPED or in quiet hours.",
    )
    confirmation = forms.CharField(
        label="It says",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="No advertising: the law allows this one text and nothing else. {account} is your name,"
        " {what} what they get no more.",
    )
    answers_help = forms.BooleanField(label="Answer HELP by one text", required=False)
    help_answer = forms.CharField(
        label="The answer",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="With your name, {account}, and how to get no more texts: STOP.",
    )

    auto_reply = forms.CharField(
        label="Automatic reply to a text that nobody reads",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Once a day for each conversation, never to a contact with Stop All. Empty: none. {account} is your"
        " name.",
    )
    auto_reply_minutes = forms.IntegerField(
        label="After so many minutes",
        min_value=AUTO_REPLY_MINUTES[0],
        max_value=AUTO_REPLY_MINUTES[-1],
        help_text="Reading the conversation in the Inbox stops it.",
    )

    calls_instead = forms.BooleanField(
        label="Call those who have said no to texts",
        required=False,
        help_text="A reminder of an appointment that would be a text goes out as a call, to the same number, in the"
        " hours of your calls. Never to whoever has said no to calls or to everything.",
    )
    call_words = forms.CharField(
        label="The call says",
        required=False,
        max_length=MOST_SPOKEN,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="{account} is your name, {date} the day, {visits} who comes and when, {location} where. Empty: the"
        " words of the text.",
    )

    def replies(self) -> Replies:
        said = self.cleaned_data
        return Replies(**said | {"words": tuple(line for line in said["words"].splitlines() if line.strip())})


@screen("GET")
def replies(request: HttpRequest, desk: Desk) -> HttpResponse:
    shown = page_of(lambda limit: lists.unclear_replies(desk.account_id, after=position(request), limit=limit), rows=20)
    now = datetime.now(UTC)
    context = {
        "rows": [(row, appointments_for(desk.actor, row.inbound_id, now)) for row in shown.rows],
        "what": WHAT,
        "why_not": desk.why_not(Act.MARK_CONTACTS),
        "pager": pager(request, shown, "replies", {}),
    }
    return page(request, desk, "console/replies.html", context, at="home")


@screen("GET", "POST")
def settle(request: HttpRequest, desk: Desk, reply_id: int) -> HttpResponse:
    """GET asks, POST settles."""
    row = lists.unclear_reply(desk.account_id, reply_id)
    if row is None:
        raise NotThere("There is no such reply.")
    if request.method == "POST":
        choice = _choice(request.POST.get("choice", ""))
        settled = settle_reply(desk.actor, reply_id, choice, datetime.now(UTC))
        words = SAID[choice].format(what=WHAT[row.channel.value])
        return leads_on(request, words if settled.is_new else "This reply was settled already.", reverse("replies"))
    if request.GET.get("choice") not in CHOICES:
        return redirect("replies")
    choice = Settlement(request.GET["choice"])
    context: dict[str, Any] = {
        "heading": "No more of any kind?" if choice is Settlement.EVERY_CHANNEL else f"No more {WHAT[row.channel]}?",
        "kind": "stop",
        "row": row,
        "choice": choice.value,
        "what": WHAT[row.channel.value],
        "action_url": reverse("settle-reply", args=[reply_id]),
        "back": reverse("replies"),
        "why_not": desk.why_not(Act.MARK_CONTACTS),
    }
    if choice is Settlement.MEANT_NOTHING:
        context |= {"heading": "Did they mean no opt-out?", "kind": "wait"}
    return ask(request, desk, "console/settle_reply.html", context)


@screen("POST")
def match(request: HttpRequest, desk: Desk, inbound_id: int) -> HttpResponse:
    """Which appointment they mean, from the page of replies or from their conversation."""
    said, message = request.POST.get("answer", ""), request.POST.get("message", "")
    if said not in list(AnswerKind) or not (message.isascii() and message.isdecimal() and len(message) < 19):
        raise NotThere("Choose an appointment and what they say of it.")
    match_reply(desk.actor, inbound_id, int(message), AnswerKind(said), datetime.now(UTC))
    there = request.POST.get("conversation", "")
    back = reverse("conversation", args=[int(there)]) if re.fullmatch("[0-9]{1,18}", there) else reverse("replies")
    return leads_on(request, ANSWERED[AnswerKind(said)], back)


@screen("GET", "POST")
def setup(request: HttpRequest, desk: Desk) -> HttpResponse:
    kept = replies_of(desk.actor)
    stands = {name: getattr(kept, name) for name in ReplyForm.base_fields} | {"words": "\n".join(kept.words)}
    form = ReplyForm(request.POST if request.method == "POST" else None, initial=stands)
    meanwhile.remember(form, stands)
    if request.method == "GET":
        return _show(request, desk, form)
    if form.is_valid() and meanwhile.settle(form, stands):
        try:
            change_replies(desk.actor, form.replies(), datetime.now(UTC))
        except Invalid as invalid:
            for field, words in invalid.problems.items():
                form.add_error(field, words)
        else:
            return leads_on(request, "Saved. It counts from the next reply on.", reverse("reply-setup"))
    return _show(request, desk, form, status=422)


def _show(request: HttpRequest, desk: Desk, form: ReplyForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "tabs": setup_tabs("reply-setup"), "why_not": desk.why_not(Act.EDIT_SETUP)}
    return page(request, desk, "console/reply_setup.html", context, at="tokens", status=status)


def _choice(said: str) -> Settlement:
    if said not in CHOICES:
        raise NotThere("There are three choices: no more on this channel, no more of any kind, or nothing meant.")
    return Settlement(said)
