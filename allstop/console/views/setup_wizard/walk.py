"""From page to page of the setup wizard: each keeps what is chosen in the member's draft, and Finish applies it all.

The rule that it guards: whoever may not edit the setup sees none of it, and nothing takes effect before Finish.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from allstop.actions import setup_draft
from allstop.actions.actor import Conflict, Invalid, require
from allstop.actions.provider_tests import is_proven
from allstop.actions.sending_setup import check, read
from allstop.actions.setup_draft import Draft
from allstop.console.access import Desk, screen
from allstop.console.frame import is_htmx, leads_on, page
from allstop.console.views.setup_wizard.page import Look, SetupForm, SetupPage
from allstop.console.views.setup_wizard.pages import PAGES, after, page_named, page_of_place
from allstop.console.views.setup_wizard.provider import ProviderForm
from allstop.console.week import week_of
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.rules.sending import MINUTE, Settings
from allstop.rules.sending_capacity import Terms, capacity_of
from allstop.rules.sending_data import as_data
from allstop.rules.sending_words import changes, label_of
from allstop.rules.session_words import session_words
from allstop.rules.windows import WEEKDAYS, Session

CHANNELS = {Channel.EMAIL: "emails", Channel.TEXT: "texts", Channel.CALL: "calls"}


@screen("GET", "POST")
def wizard(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Welcome. A POST begins anew; with `at`, which another page of Setup leads to, a draft that is there goes on."""
    if looks_only(request, desk):
        return redirect("sending-setup")
    now = datetime.now(UTC)
    if request.method == "POST":
        wanted = request.POST.get("at")
        first = after(PAGES[0]) if wanted is None else page_named(wanted)
        if wanted is None or setup_draft.draft_of(desk.actor, now) is None:
            setup_draft.begin(desk.actor, now)
        return redirect(step_url(first))
    draft = setup_draft.draft_of(desk.actor, now)
    context = {"page": PAGES[0], "steps": steps(PAGES[0]), "draft": draft, "first_url": step_url(after(PAGES[0]))}
    return page(request, desk, PAGES[0].template, context, at="tokens")


@screen("GET", "POST")
def step(request: HttpRequest, desk: Desk, slug: str) -> HttpResponse:
    """One page. What was typed is kept, then: next, or the same again, drawn anew."""
    if looks_only(request, desk):
        return redirect("sending-setup")
    at, now = page_named(slug), datetime.now(UTC)
    draft = setup_draft.draft_of(desk.actor, now)
    if draft is None or at is PAGES[0]:
        return redirect("setup-wizard")
    if request.method == "GET":
        return show(request, desk, at, draft, form_of(at, draft.settings, desk), now)
    return take(request, desk, at, draft, now)


def take(request: HttpRequest, desk: Desk, at: SetupPage, draft: Draft, now: datetime) -> HttpResponse:
    form = form_of(at, draft.settings, desk, request.POST)
    if not form.is_valid():
        return show(request, desk, at, draft, form, now, status=200 if is_htmx(request) else 422)
    draft = kept(desk, draft, form, now)
    if request.POST.get("go") != "next":
        return show(request, desk, at, draft, form_of(at, draft.settings, desk, passing=form.passing()), now)
    if form.tell(check(desk.actor, draft.settings, draft.passwords).problems):
        return show(request, desk, at, draft, form, now, status=422)
    return redirect(step_url(after(at)))


@screen("POST")
def finish(request: HttpRequest, desk: Desk) -> HttpResponse:
    """From the last page, or from the one about texts where None is chosen: what it shows is kept first."""
    require(desk.actor, Act.EDIT_SETUP)
    now = datetime.now(UTC)
    draft = setup_draft.draft_of(desk.actor, now)
    if draft is None:
        return redirect("setup-wizard")
    at = page_named(request.POST.get("page", "finish"))
    form = form_of(at, draft.settings, desk, request.POST)
    if not form.is_valid():
        return show(request, desk, at, draft, form, now, status=422)
    draft = kept(desk, draft, form, now)
    if not may_finish(at, draft.settings):
        raise Conflict("Finish is on the last page. Nothing was saved yet.")
    try:
        applied = setup_draft.finish(desk.actor, now)
    except Invalid as invalid:
        last = PAGES[-1]
        return show(request, desk, last, draft, form_of(last, draft.settings, desk), now, invalid.problems, status=422)
    words = f"{len(applied.changes)} settings are in force from now on." if applied.changes else "Nothing was changed."
    if len(applied.changes) == 1:
        words = "1 setting is in force from now on."
    for one in applied.cautions:
        messages.warning(request, one.words)
    return leads_on(request, words, reverse("sending-setup"))


@screen("POST")
def leave(request: HttpRequest, desk: Desk) -> HttpResponse:
    setup_draft.discard(desk.actor)
    return leads_on(request, "You have left the setup. Nothing was changed.", reverse("sending-setup"))


def looks_only(request: HttpRequest, desk: Desk) -> bool:
    """Whoever may not edit is shown what is in force instead. Raises Forbidden for more than looking."""
    if request.method != "GET":
        require(desk.actor, Act.EDIT_SETUP)
    return not desk.may(Act.EDIT_SETUP)


def may_finish(at: SetupPage, settings: Settings) -> bool:
    """On the last page; with no provider of texts at once on the page that asks for it."""
    return at is PAGES[-1] or (at.slug == "provider" and not settings.text.way.provider)


def form_of(
    at: SetupPage, settings: Settings, desk: Desk, posted: Any = None, passing: Mapping[str, Any] | None = None
) -> SetupForm:
    form = at.form(posted, initial={**at.form.said(settings), **(passing or {})})
    if isinstance(form, ProviderForm) and is_proven(desk.actor, Channel.TEXT, settings.text.way):
        chosen = settings.text.way.provider if posted is None else posted.get("provider")
        if chosen == settings.text.way.provider:
            form.fix_user(settings.text.way)
    return form


def kept(desk: Desk, draft: Draft, form: SetupForm, now: datetime) -> Draft:
    settings = form.onto(draft.settings)
    passwords = {**draft.passwords, **form.passwords()}
    takes = {one for one in Channel if settings.of(one).way.provider not in ("", "sandbox")}
    passwords = {channel: words for channel, words in passwords.items() if channel in takes}
    setup_draft.keep(desk.actor, settings, passwords, now)
    return replace(draft, settings=settings, passwords=passwords)


def show(  # noqa: PLR0913 - what a page is drawn from
    request: HttpRequest,
    desk: Desk,
    at: SetupPage,
    draft: Draft,
    form: SetupForm,
    now: datetime,
    problems: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    setup = read(desk.actor)
    has_password = {one: bool(draft.passwords.get(one)) or setup.has_password[one] for one in Channel}
    look = Look(desk, draft.settings, form, setup.zone, now, has_password)
    found = check(desk.actor, draft.settings, draft.passwords)
    made = changes(as_data(setup.settings), as_data(draft.settings))
    typed = [label_of(f"{one.value}.password") for one in draft.passwords]
    context: dict[str, Any] = {
        "page": at,
        "form": form,
        "steps": steps(at),
        "cautions": [one for one in found.cautions if one.place.startswith(at.warns)],
        "may_finish": may_finish(at, draft.settings),
        "is_last": at is PAGES[-1],
        "is_stale": draft.is_stale,
        "is_changed": bool(made or typed),
        "made": [one for one in made if one.before_words != one.after_words],
        "typed": typed,
        "problems": problem_lines(problems or found.problems) if at is PAGES[-1] else [],
        "back_url": step_url(after(at, -1)) if after(at, -1) is not PAGES[0] else reverse("setup-wizard"),
        "here_url": step_url(at),
        **sessions_part(at.sessions, draft.settings, setup.zone, now, at.slug),
        **rehearsal_part(at.rehearses, draft.settings),
        **at.more(look),
    }
    if is_htmx(request):
        return render(request, "console/setup_wizard/fields.html", context | {"desk": desk}, status=status)
    return page(request, desk, "console/setup_wizard/step.html", context, at="tokens", status=status)


def sessions_part(channel: Channel | None, settings: Settings, zone: str, now: datetime, anchor: str) -> dict[str, Any]:
    """Days and times of a channel, as a calendar and as a list, and what they let out."""
    if channel is None:
        return {}
    of = settings.of(channel)
    lines = [
        {
            "id": f"{anchor}-{number}",
            "day": WEEKDAYS[one.weekday],
            "times": session_words(one).partition(" ")[2],
            "minutes": len(one.minutes_of_week()),
            "value": session_words(one),
        }
        for number, one in enumerate(of.sessions)
    ]
    return {
        "channel": channel.value,
        "channel_words": CHANNELS[channel],
        "week": week_of(of.sessions, settings.backup, anchor),
        "session_lines": lines,
        "capacity": capacity_words(channel, settings, zone, now),
    }


def rehearsal_part(channel: Channel | None, settings: Settings) -> dict[str, Any]:
    """The whole of a channel as the draft has it now, to be tried on what waits: a page shows only a part of it."""
    if channel is None:
        return {}
    of = settings.of(channel)
    is_text_at_once = channel is Channel.TEXT and of.immediate
    tried = {
        "channel": channel.value,
        "sessions": [session_words(one) for one in of.sessions],
        "every_minutes": of.every / MINUTE,
        "immediate": is_text_at_once,
        "by_hand": channel is Channel.EMAIL and not of.immediate and not of.sessions,
    }
    return {"tried": tried}


def capacity_words(channel: Channel, settings: Settings, zone: str, now: datetime) -> list[str]:
    """004-25: the foot of the page."""
    of = settings.of(channel)
    found = capacity_of(Terms.of(channel, of, zone, settings.checks), zone, settings.warn_after_days, now)
    what = CHANNELS[channel]
    if found.a_week is None:
        when = "at any time" if not of.sessions or (channel is Channel.TEXT and of.immediate) else "in these sessions"
        return [f"As many {what} as there are can be sent {when}."]
    days = [f"{WEEKDAYS[number][:3]} {count:,}" for number, count in enumerate(found.by_day) if count]
    words = [
        f"{found.a_week:,} {what} a week can be sent ({', '.join(days)})."
        if days
        else f"No {what} leave by themselves."
    ]
    if channel is Channel.TEXT:
        days_words = "day" if found.days == 1 else f"{found.days} days"
        words.append(f"{found.within_days:,} within the next {days_words}.")
    if of.every:
        words.append(f"100 {what} take {of.every * 100 / MINUTE:,.0f} minutes of session time.")
    return words


def problem_lines(problems: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"label": label_of(place), "words": words, "url": step_url(page_of_place(place))}
        for place, words in problems.items()
    ]


def steps(at: SetupPage) -> list[dict[str, str]]:
    here = PAGES.index(at)
    where = ["done" if number < here else "current" if number == here else "ahead" for number in range(len(PAGES))]
    return [{"name": one.name, "at": state} for one, state in zip(PAGES, where, strict=True)]


def step_url(at: SetupPage) -> str:
    return reverse("setup-step", args=[at.slug])


def with_sessions(settings: Settings, channel: Channel, sessions: tuple[Session, ...]) -> Settings:
    of = replace(settings.of(channel), sessions=sessions)
    match channel:
        case Channel.EMAIL:
            return replace(settings, email=of)
        case Channel.TEXT:
            return replace(settings, text=of)
        case Channel.CALL:
            return replace(settings, call=of)
