"""The Messenger: TO: with everybody's markers in sight, the message, Send now or later, and what became of it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from allstop.actions import messenger_drafts as drafts
from allstop.actions import to_line
from allstop.actions.actor import Conflict, Invalid
from allstop.actions.attachments import ids_in
from allstop.actions.bulk import count_selected
from allstop.actions.messenger import AT_ONCE, MOST_ONES, Letter, Pressed, send_of
from allstop.actions.messenger import send as send_letter
from allstop.actions.messenger_forecast import forecast_send
from allstop.actions.messenger_people import PLACEHOLDERS, parsed
from allstop.actions.messenger_preview import preview_series
from allstop.actions.messenger_setup import set_ownership, takes_ownership
from allstop.actions.messenger_steps import Series, series_of
from allstop.console import own_window_form
from allstop.console.access import Desk, screen
from allstop.console.attaching import attached, taken, with_files
from allstop.console.contact_choice import press_of
from allstop.console.forecast_plot import list_shown
from allstop.console.frame import ask, is_htmx, leads_on, page
from allstop.console.messenger_form import LetterForm, Posted, initial, letter_of, posted
from allstop.console.messenger_words import parts_words, sent_words, state_words
from allstop.console.paging import ROWS, position
from allstop.console.setup_tabs import setup_tabs
from allstop.rules.facts import Channel
from allstop.rules.reasons import in_words
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.lists.phonebook import newest_contact
from allstop.store.models import ContactList, LeftBehind, MessengerSend, Template

ASK_FROM = 50  # people: for more a person is asked first
ONE_BY_ONE = 100  # of a selection in the Phonebook: up to so many become tokens of their own


@screen("GET", "POST")
def messenger(request: HttpRequest, desk: Desk) -> HttpResponse:
    """POST sends."""
    now = datetime.now(UTC)
    if request.method == "POST":
        return _send(request, desk, now)
    draft = drafts.draft_of(desk.actor, now)
    return _page(request, desk, draft, LetterForm(initial=initial(draft)), now)


def _page(
    request: HttpRequest,
    desk: Desk,
    draft: drafts.Draft,
    form: LetterForm,
    now: datetime,
    sent: Posted | None = None,
) -> HttpResponse:
    context = _to_context(desk, sent, draft, now) | {
        "form": form,
        "key": draft.key,
        "templates": with_files(desk.account_id, _templates(desk)),
        "placeholders": PLACEHOLDERS,
        "why_not": desk.why_not(Act.SEND_MESSAGE),
        "latest": _latest(desk),
        "recall": (recall := _recall(desk, request)),
        "for_family": _series(request).for_family
        if request.method == "POST"
        else recall is not None and recall.for_family,
        "ticks": request.POST.get("ticks") == "on",
        "own": own_window_form.shown(
            desk.account_id, draft.channel, sent.window if sent else None, request.POST or None, {}
        ),
        **attached(desk.account_id, draft.attachments, sent.refused_files if sent else ()),
    }
    return page(
        request, desk, "console/messenger/page.html", context, at="messenger", status=422 if form.errors else 200
    )


def _recall(desk: Desk, request: HttpRequest) -> ContactList | None:
    """The recall list from which this send began, on which those who get it may be ticked."""
    said = request.POST.get("list") or request.GET.get("list", "")
    if not (said.isdecimal() and len(said) < 19):
        return None
    return ContactList.objects.filter(account_id=desk.account_id, pk=int(said)).first()


def _series(request: HttpRequest) -> Series:
    """A box beside the recall list from which the send began."""
    return Series(for_family=request.POST.get("for_family") == "on")


def _to_context(desk: Desk, sent: Posted | None, draft: drafts.Draft, now: datetime) -> dict[str, Any]:
    letter = sent.letter if sent else letter_of(draft)
    tokens = sent.tokens if sent else draft.tokens
    line = to_line.line(desk.actor, tokens, letter, now)
    by_email = letter.channel is Channel.EMAIL or any(token.channel is Channel.EMAIL for token in tokens)
    return {
        "line": line,
        "parts": parts_words(letter, by_text=letter.channel is Channel.TEXT),
        "despite": letter.despite_stop_promotions,
        "reason": letter.reason,
        "by_email": by_email or any("@" in one.value for one in tokens if one.kind is to_line.TokenKind.ADDRESS),
        "people": [one for one in line.shown if one.ways],
        "channels": list(Channel),
    }


def _templates(desk: Desk) -> list[Template]:
    """Saved wording that can be filled in for somebody without an appointment."""
    return [one for one in lists.templates(desk.account_id) if not isinstance(parsed(one.subject, one.body), dict)]


def _latest(desk: Desk) -> list[dict[str, Any]]:
    newest = MessengerSend.objects.filter(account_id=desk.account_id).order_by("-id")[:5]
    return [{"send": one, "words": state_words(one)} for one in newest]


@screen("POST")
def to(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Somebody changed TO: or the message: kept, and drawn as it stands now. Without scripts: the page again."""
    now = datetime.now(UTC)
    said = posted(request.POST, taken(desk, request, now))
    tokens = list(to_line.tokens_there(desk.actor, said.tokens))
    if "clear" in request.POST:
        tokens = []
    if gone := request.POST.get("remove"):
        tokens = [token for token in tokens if str(token) != gone]
    if picked := request.POST.get("pick"):
        tokens = to_line.added(tokens, to_line.tokens_there(desk.actor, [to_line.read_token(picked)]))
    if words := request.POST.get("add", "").strip():
        tokens = to_line.added(tokens, to_line.look_up(desk.actor, words))
    too_many = len(tokens) > MOST_ONES
    said = replace(said, tokens=tuple(tokens[:MOST_ONES]))
    if request.POST.get("use"):  # without scripts: saved wording takes the place of the message
        said = replace(said, letter=_in_the_words_of(desk, request.POST.get("template", ""), said.letter))
    drafts.keep_draft(desk.actor, said.draft, now)
    if request.headers.get("X-Messenger") != "1":
        for words in said.refused_files:
            notes.error(request, words)
        return redirect("messenger")
    context = _to_context(desk, said, said.draft, now) | {"most": MOST_ONES if too_many else 0}
    return render(request, "console/messenger/answer.html", context)


def _in_the_words_of(desk: Desk, template: str, letter: Letter) -> Letter:
    found = next((one for one in _templates(desk) if str(one.pk) == template), None)
    if found is None:
        return letter
    files = dict.fromkeys((*letter.attachments, *ids_in(desk.account_id, found.attachment_set_id)))
    return replace(letter, subject=found.subject, body=found.body, attachments=tuple(files))


@screen("POST")
def forecast(request: HttpRequest, desk: Desk) -> HttpResponse:
    """When it would leave, if it were sent as the form says. Sends nothing."""
    now = datetime.now(UTC)
    said = posted(request.POST)
    try:
        is_later = request.POST.get("when") == "later"
        letter = replace(said.letter, due_at=said.later_at if is_later else None, window=said.window)
        letter = replace(letter, series=_series(request))
        asked = to_line.recipients(said.tokens)
        together = preview_series(desk.actor, asked, letter, now) if letter.series.for_family else None
        found = forecast_send(desk.actor, asked, letter, now)
    except Invalid as invalid:
        return render(request, "console/forecast/list.html", {"problems": list(invalid.problems.values())})
    context = {"seen": list_shown(found, now, desk.place.zone), "together": together}
    if not is_htmx(request):
        return page(request, desk, "console/forecast/list_page.html", context, at="messenger")
    return render(request, "console/forecast/list.html", context)


@screen("GET")
def suggest(request: HttpRequest, desk: Desk) -> HttpResponse:
    found = to_line.suggest(desk.actor, request.GET.get("q", ""))
    return render(request, "console/messenger/options.html", {"found": found})


@screen("POST")
def start(request: HttpRequest, desk: Desk) -> HttpResponse:
    """From the Phonebook: the selection, or a group, is put into TO:."""
    now = datetime.now(UTC)
    drafts.add_to_draft(desk.actor, _chosen(desk, request), now)
    recall = _recall(desk, request)
    address = reverse("messenger") + (f"?list={recall.pk}" if recall is not None else "")
    if request.headers.get("HX-Request") != "true":
        return redirect(address)
    answer = HttpResponse()
    answer["HX-Redirect"] = address
    return answer


def _chosen(desk: Desk, request: HttpRequest) -> list[to_line.Token]:
    said = request.POST.copy()
    if group := said.get("group", ""):
        return to_line.tokens_there(desk.actor, [to_line.read_token(f"group||{group}")])
    said["kind"] = "flag"  # press_of asks for a button; which one does not matter here
    selection = press_of(desk.account_id, said).selection
    if selection.filter is not None:
        number = count_selected(desk.actor, selection)
        if number > ONE_BY_ONE:
            return [to_line.token_of_filter(selection.filter, selection.without)]
        newest = newest_contact(desk.account_id)
        many = [lists.Many(filter=selection.filter, without=tuple(selection.without))]
        ids = lists.next_in_to(desk.account_id, [], many, beyond=0, until=newest, limit=ONE_BY_ONE)
    else:
        ids = list(selection.ids)[:MOST_ONES]
    return to_line.tokens_there(desk.actor, [to_line.Token(to_line.TokenKind.CONTACT, str(pk)) for pk in ids])


def _send(request: HttpRequest, desk: Desk, now: datetime) -> HttpResponse:
    said = posted(request.POST, taken(desk, request, now))
    if words := request.POST.get("add", "").strip():  # typed, and not yet taken over
        said = replace(said, tokens=tuple(to_line.added(said.tokens, to_line.look_up(desk.actor, words))))
    is_later = request.POST.get("when") == "later"
    if is_later and said.later_at is None and not said.form.errors.get("later_at"):
        said.form.add_error("later_at", "Choose a day and a time.")
    if not is_later:
        said.form.errors.pop("later_at", None)
    if said.form.errors or said.refused_files:
        return _page(request, desk, said.draft, said.form, now, said)
    recall = _recall(desk, request) if request.POST.get("ticks") == "on" else None
    ticks = recall.pk if recall is not None else None
    letter = replace(said.letter, due_at=said.later_at if is_later else None, window=said.window, ticks=ticks)
    letter = replace(letter, series=_series(request))
    asked = to_line.recipients(said.tokens)
    try:
        number = to_line.line(desk.actor, said.tokens, letter, now).counted.people
        if number > ASK_FROM and request.POST.get("confirmed") != "1":
            return _question(request, desk, said, number, is_later)
        pressed = send_letter(desk.actor, asked, letter, now, said.key)
    except Invalid as invalid:
        for field, words in invalid.problems.items():
            said.form.add_error(
                field if field in said.form.fields else "later_at" if field == "due_at" else None, words
            )
        return _page(request, desk, said.draft, said.form, now, said)
    except Conflict:
        said.form.add_error(None, "Another window has sent this meanwhile. Look at TO: again, then press Send.")
        fresh = drafts.with_new_key(desk.actor, said.draft, now)
        return _page(request, desk, fresh, said.form, now, said)
    return _sent(request, desk, said, pressed, now)


def _question(request: HttpRequest, desk: Desk, said: Posted, number: int, is_later: bool) -> HttpResponse:
    skipped = ("csrfmiddlewaretoken", "confirmed", "attachment")
    fields = [(name, value) for name in request.POST if name not in skipped for value in request.POST.getlist(name)]
    context = {
        "heading": f"Send this to {number:,} people?",
        "kind": "",
        "number": number,
        "is_later": is_later,
        "is_long": number > AT_ONCE,
        "fields": [*fields, *(("attachment", pk) for pk in said.letter.attachments), ("confirmed", "1")],
        "body": request.POST.get("body", ""),
        "action_url": reverse("messenger"),
        "back": reverse("messenger"),
        "why_not": desk.why_not(Act.SEND_MESSAGE),
    }
    return ask(request, desk, "console/messenger/ask.html", context)


def _sent(request: HttpRequest, desk: Desk, said: Posted, pressed: Pressed, now: datetime) -> HttpResponse:
    send = pressed.send
    if pressed.is_repeat:
        notes.warning(request, f"This was sent already: nothing more was sent. {state_words(send)}")
        return redirect("messenger")
    drafts.after_send(desk.actor, said.draft, send, now)
    words, is_good = sent_words(send, now)
    (notes.success if is_good else notes.warning)(request, words)
    return redirect("messenger") if send.finished_at else redirect("messenger-send", send.pk)


@screen("GET")
def send(request: HttpRequest, desk: Desk, send_id: int) -> HttpResponse:
    """What became of one: how far it is, and everybody who was left behind."""
    found = send_of(desk.actor, send_id)
    left = LeftBehind.objects.filter(send=found).select_related("contact").order_by("id")
    if after := position(request):
        left = left.filter(id__gt=after)
    rows = list(left[: ROWS + 1])
    context = {
        "send": found,
        "series": series_of(found.recipients),
        "words": state_words(found),
        "rows": [{"contact": one.contact, "words": in_words(one.reason)} for one in rows[:ROWS]],
        "job_url": reverse("job", args=[found.job_id])
        if found.job_id and found.job and not found.job.removed_at
        else "",
        "pager": {
            "newer": "?" if after else "",
            "older": f"?{urlencode({'after': rows[ROWS - 1].pk})}" if len(rows) > ROWS else "",
            "shown": len(rows[:ROWS]),
            "total": found.stayed,
            "things": "left behind",
        },
    }
    return page(request, desk, "console/messenger/send.html", context, at="messenger")


@screen("GET", "POST")
def setup(request: HttpRequest, desk: Desk) -> HttpResponse:
    if request.method == "POST":
        is_on = set_ownership(desk.actor, request.POST.get("takes_ownership") == "on", datetime.now(UTC))
        words = "Whoever sends to five or fewer takes ownership." if is_on else "Sending changes no owner."
        return leads_on(request, f"Saved. {words}", reverse("messenger-setup"))
    context = {
        "is_on": takes_ownership(desk.actor),
        "tabs": setup_tabs("messenger-setup"),
        "why_not": desk.why_not(Act.EDIT_SETUP),
    }
    return page(request, desk, "console/messenger/setup.html", context, at="tokens")
