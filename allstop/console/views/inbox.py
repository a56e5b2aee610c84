"""The Inbox: the list of conversations beside one of them, and what is done with it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from allstop.actions.actor import Conflict, Invalid, NotThere
from allstop.actions.contacts import ContactDetails
from allstop.actions.conversations import (
    Answer,
    add_sender,
    answer,
    assign_conversation,
    attach_sender,
    close_conversation,
    read_conversation,
    reopen_conversation,
    take_unassigned,
)
from allstop.actions.play import LONGEST as LONGEST_PLAYED
from allstop.actions.play import play_inbound
from allstop.console.access import Desk, screen
from allstop.console.attaching import NOTHING, Taken, attached, taken
from allstop.console.frame import inbox_place, is_htmx, leads_on, page
from allstop.console.inbox_lines import (
    Asked,
    answer_verdict,
    asked_of,
    channels_of,
    list_context,
    thread_context,
)
from allstop.console.views.talks import talk_of
from allstop.console.wordings import usable_wordings, wording_for
from allstop.rules.facts import Channel
from allstop.rules.reasons import in_words
from allstop.rules.roles import Act
from allstop.rules.segments import segments
from allstop.store import lists
from allstop.store.lists import ConversationRow
from allstop.store.models import Status

LONGEST_ANSWER = 5000
CANDIDATES = 8  # contacts that a search offers to attach a sender to
WORDS = {Channel.TEXT: "Text", Channel.EMAIL: "Email"}


class AnswerForm(forms.Form):
    channel = forms.ChoiceField(choices=[(channel.value, words) for channel, words in WORDS.items()])
    subject = forms.CharField(required=False, max_length=300)
    body = forms.CharField(max_length=LONGEST_ANSWER, widget=forms.Textarea(attrs={"rows": 3}))

    def answer(self, attachments: tuple[int, ...]) -> Answer:
        said = self.cleaned_data
        channel = Channel(said["channel"])
        subject = said["subject"] if channel is Channel.EMAIL else ""
        return Answer(channel=channel, body=said["body"], subject=subject, attachments=attachments)


class SenderForm(forms.Form):
    given_name = forms.CharField(label="Given name", max_length=120, required=False)
    family_name = forms.CharField(label="Family name", max_length=120, required=False)


class PlayForm(forms.Form):
    channel = forms.ChoiceField(choices=[(channel.value, words) for channel, words in WORDS.items()])
    sender = forms.CharField(max_length=254)
    text = forms.CharField(max_length=LONGEST_PLAYED)


@screen("GET")
def inbox(request: HttpRequest, desk: Desk) -> HttpResponse:
    return page(
        request, desk, "console/inbox/page.html", list_context(request, desk, asked_of(request), None), at="inbox"
    )


@screen("GET")
def conversation(request: HttpRequest, desk: Desk, conversation_id: int) -> HttpResponse:
    return _show(request, desk, conversation_id, None)


def _show(
    request: HttpRequest,
    desk: Desk,
    conversation_id: int,
    form: AnswerForm | None,
    files: Taken = NOTHING,
    *,
    status: int = 200,
) -> HttpResponse:
    row = _found(desk, conversation_id)
    asked = asked_of(request)
    channels = channels_of(desk.account_id, row)
    context = list_context(request, desk, asked, row.id) | thread_context(request, desk.account_id, row)
    seen = lists.newest_inbound(desk.account_id, row)
    wrote = lists.inbound_of(desk.account_id, seen)
    context |= {
        "conversation": row,
        "query": asked.query(),
        "seen": seen,
        "appointments": lists.appointments_of_reply(wrote, datetime.now(UTC)) if wrote else [],
        "members": lists.members(desk.account_id),
        "may_handle": desk.may(Act.HANDLE_INBOX),
        "why_not": desk.why_not(Act.SEND_MESSAGE),
        "talk": talk_of(desk.account_id, row.contact_id),
        "to_read": lists.unclear_of_contact(desk.account_id, row.contact_id) if row.contact_id else 0,
        "channels": [{"value": one.value, "words": WORDS[one]} for one in channels],
        "form": form or AnswerForm(initial={"channel": channels[0].value if channels else ""}),
        "wordings": usable_wordings(desk.account_id, channels),
    }
    if Channel.EMAIL in channels:
        context |= attached(desk.account_id, files.ids, files.problems) | {"takes_files": True}
    if channels:
        said = context["form"]["channel"].value()  # refused or not, it is shown again
        first = Channel(said) if said in WORDS else channels[0]
        context |= _verdict(desk, row, first, context["form"]["body"].value() or "")
    return page(request, desk, "console/inbox/conversation.html", context, at="inbox", status=status)


def _verdict(desk: Desk, row: ConversationRow, channel: Channel, body: str) -> dict[str, Any]:
    return {
        "verdict": answer_verdict(desk.account_id, row, channel, datetime.now(UTC)),
        "body": body,
        "parts": segments(body) if channel is Channel.TEXT else None,
    }


@screen("POST")
def check(request: HttpRequest, desk: Desk, conversation_id: int) -> HttpResponse:
    """What the answer would cost and whether it may leave. Changes nothing; by POST since it holds personal words."""
    row = _found(desk, conversation_id)
    channel = Channel.EMAIL if request.POST.get("channel") == "email" else Channel.TEXT
    body = request.POST.get("body", "")[:LONGEST_ANSWER]
    return render(request, "console/inbox/check.html", _verdict(desk, row, channel, body))


@screen("GET")
def wording(request: HttpRequest, desk: Desk, conversation_id: int) -> HttpResponse:
    """Saved wording with this contact's name in it, for the box."""
    row = _found(desk, conversation_id)
    chosen = request.GET.get("wording", "")
    said = wording_for(desk.account_id, row.contact_id, int(chosen) if chosen.isdecimal() and len(chosen) < 19 else 0)
    return render(request, "console/inbox/body.html", {"body": said})


@screen("POST")
def send(request: HttpRequest, desk: Desk, conversation_id: int) -> HttpResponse:
    _found(desk, conversation_id)
    form, now = AnswerForm(request.POST), datetime.now(UTC)
    files = taken(desk, request, now)
    if not form.is_valid() or files.problems or "detach" in request.POST:
        return _show(request, desk, conversation_id, form, files, status=422)
    try:
        accepted = answer(desk.actor, conversation_id, form.answer(files.ids), now)
    except Invalid as invalid:
        for field, words in invalid.problems.items():
            form.add_error(field if field in form.fields else None, words)
        return _show(request, desk, conversation_id, form, files, status=422)
    if accepted.status is Status.REFUSED:
        words = f"It does not leave. {in_words(accepted.reason)}"
    elif accepted.reason:
        words = f"It waits. {in_words(accepted.reason)}"
    else:
        words = "Sent on its way."
    return _back(request, words, _now_at(desk, conversation_id), asked_of(request))


def _now_at(desk: Desk, conversation_id: int) -> int:
    """An answer to a stranger may have joined the conversation with a contact's."""
    found = lists.conversation(desk.account_id, conversation_id)
    return found.id if found else 0


@screen("POST")
def read(request: HttpRequest, desk: Desk, conversation_id: int) -> HttpResponse:
    seen = request.POST.get("seen", "")
    newest = int(seen) if seen.isdecimal() and len(seen) < 19 else None
    read_conversation(desk.actor, conversation_id, datetime.now(UTC), newest)
    if is_htmx(request):
        return HttpResponse(status=204)  # open pages hear of it by the live stream, this one among them
    return _back(request, "", conversation_id, asked_of(request))


@screen("POST")
def close(request: HttpRequest, desk: Desk, conversation_id: int) -> HttpResponse:
    close_conversation(desk.actor, conversation_id, datetime.now(UTC))
    return _back(request, "Closed. It opens again when they write.", conversation_id, asked_of(request))


@screen("POST")
def reopen(request: HttpRequest, desk: Desk, conversation_id: int) -> HttpResponse:
    reopen_conversation(desk.actor, conversation_id)
    return _back(request, "Open again.", conversation_id, asked_of(request))


@screen("POST")
def assign(request: HttpRequest, desk: Desk, conversation_id: int) -> HttpResponse:
    said = request.POST.get("member", "")
    member = int(said) if said.isdecimal() and len(said) < 19 else 0
    try:
        row = assign_conversation(desk.actor, conversation_id, member or None, datetime.now(UTC))
    except Invalid as invalid:
        raise Conflict(str(invalid)) from invalid
    name = next((one.user.name for one in lists.members(desk.account_id) if one.pk == row.assigned_to_id), "nobody")
    return _back(request, f"Assigned to {name}.", conversation_id, asked_of(request))


@screen("GET", "POST")
def sender(request: HttpRequest, desk: Desk, conversation_id: int) -> HttpResponse:
    """Who a sender is whom nobody knows: a new contact, or one that a search finds."""
    row = _found(desk, conversation_id)
    if row.contact_id is not None:
        return redirect("conversation", conversation_id=conversation_id)
    form = SenderForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        now = datetime.now(UTC)
        chosen = request.POST.get("contact", "")
        try:
            if chosen.isdecimal() and len(chosen) < 19:
                made = attach_sender(desk.actor, row.id, int(chosen), now)
            else:
                made = add_sender(desk.actor, row.id, ContactDetails(**form.cleaned_data), now)
        except Invalid as invalid:
            form.add_error(None, str(invalid))
        else:
            return _back(request, "Saved. What they wrote is in their record.", made.pk, asked_of(request))
    q = request.GET.get("q", "").strip()[:120]
    context = {
        "row": row,
        "form": form,
        "q": q,
        "found": lists.phonebook(desk.account_id, lists.ContactFilter(q=q), limit=CANDIDATES).rows if q else [],
        "why_not": desk.why_not(Act.EDIT_CONTACTS),
    }
    return page(request, desk, "console/inbox/sender.html", context, at="inbox", status=422 if form.errors else 200)


@screen("POST")
def unassigned(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Whether what is nobody's counts for this member."""
    take_unassigned(desk.actor, desk.place.member_id, takes=request.POST.get("takes") == "on")
    return redirect("inbox")


@screen("GET")
def count(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The place in the navigation alone, with its badge."""
    if not is_htmx(request):
        return redirect("inbox")
    return render(request, "parts/inbox_place.html", {"place": inbox_place(desk, current="current" in request.GET)})


@screen("POST")
def play(request: HttpRequest, desk: Desk) -> HttpResponse:
    """On the Outbox: somebody writes to the account, as in the sandbox anybody can."""
    form = PlayForm(request.POST)
    if not form.is_valid():
        raise Conflict("Say who writes and what: a number or an email address, and some words.")
    said = form.cleaned_data
    try:
        play_inbound(desk.actor, Channel(said["channel"]), said["sender"], said["text"], datetime.now(UTC))
    except Invalid as invalid:
        raise Conflict(str(invalid)) from invalid
    return leads_on(request, "They wrote. It is in the Inbox, unless it was a word like STOP.", reverse("outbox"))


def _back(request: HttpRequest, words: str, conversation_id: int, asked: Asked) -> HttpResponse:
    to = reverse("conversation", args=[conversation_id]) if conversation_id else reverse("inbox")
    return leads_on(request, words, to + replace(asked, q="").query())


def _found(desk: Desk, conversation_id: int) -> ConversationRow:
    row = lists.conversation(desk.account_id, conversation_id)
    if row is None:
        raise NotThere("There is no such conversation.")
    return row
