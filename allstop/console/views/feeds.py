"""Setup, feeds: files that come by themselves. The list, one feed with what came, and the form."""

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from allstop.actions import feeds as actions
from allstop.actions.actor import Invalid, require
from allstop.actions.feed_answers import answers_file
from allstop.actions.feed_places import test_place
from allstop.console.access import Desk, screen
from allstop.console.feed_form import FeedForm, grid, initial_of
from allstop.console.feed_settings import KINDS, SETTINGS
from allstop.console.form_problems import add_problems
from allstop.console.frame import ask, done, leads_on, page
from allstop.console.meanwhile import remember, settle
from allstop.console.password_field import meant
from allstop.console.setup_tabs import setup_tabs
from allstop.rules.rhythm import Rhythm, in_words, read_rhythm
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import Feed, FeedKind, Location
from allstop.store.sealing import SECRETS

TOKENS = "tokens"  # the place of the navigation that Setup is


@screen("GET")
def feeds(request: HttpRequest, desk: Desk) -> HttpResponse:
    rows = [{"row": row, "kind": KINDS[FeedKind(row.feed.kind)][0]} for row in lists.feeds(desk.account_id)]
    kinds = [
        {"kind": kind.value, "name": name, "words": words, "icon": picture}
        for kind, (name, words, picture) in KINDS.items()
    ]
    context = {"rows": rows, "kinds": kinds, "tabs": setup_tabs("feeds"), "why_not": desk.why_not(Act.EDIT_SETUP)}
    return page(request, desk, "console/feeds/list.html", context, at=TOKENS)


@screen("GET", "POST")
def add(request: HttpRequest, desk: Desk) -> HttpResponse:
    said = request.POST.get("kind") or request.GET.get("kind") or FeedKind.FOLDER.value
    if said not in [kind.value for kind in KINDS]:
        raise Http404("There is no such kind of feed.")
    return _form(request, desk, actions.USUAL, FeedKind(said), None)


@screen("GET", "POST")
def edit(request: HttpRequest, desk: Desk, feed_id: int) -> HttpResponse:
    feed = actions.feed_of(desk.actor, feed_id)
    return _form(request, desk, actions.choice_of(feed), FeedKind(feed.kind), feed)


def _form(
    request: HttpRequest, desk: Desk, choice: actions.FeedChoice, kind: FeedKind, feed: Feed | None
) -> HttpResponse:
    form = _the_form(desk, kind, feed, request.POST if request.method == "POST" else None, initial_of(choice))
    stands = form.stands()
    remember(form, stands)
    if request.method == "GET":
        return _show_form(request, desk, form, feed)
    require(desk.actor, Act.EDIT_SETUP)  # before what is typed is looked at
    if form.is_valid() and settle(form, stands, meant(form)):
        try:
            saved = actions.save_feed(desk.actor, form.choice(), datetime.now(UTC), feed.pk if feed else None)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            return leads_on(request, f"The feed {saved.name} is saved.", reverse("feed", args=[saved.pk]))
    return _show_form(request, desk, form, feed, status=422)


def _the_form(
    desk: Desk, kind: FeedKind, feed: Feed | None, typed: QueryDict | None, initial: dict[str, Any]
) -> FeedForm:
    locations = list(Location.objects.filter(account_id=desk.account_id).order_by("name"))
    imports = lists.imports_to_read_like(desk.account_id)
    return FeedForm(kind, imports, locations, typed, initial, is_new=feed is None)


def _show_form(
    request: HttpRequest, desk: Desk, form: FeedForm, feed: Feed | None, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "feed": feed,
        "kind": {"kind": form.kind.value, "name": KINDS[form.kind][0], "words": KINDS[form.kind][1]},
        "grid": grid(form),
        "tell_back": actions.TELL_BACK,
        "zone": desk.place.zone,
        "tabs": setup_tabs("feeds"),
        "why_not": desk.why_not(Act.EDIT_SETUP),
    }
    return page(request, desk, "console/feeds/form.html", context, at=TOKENS, status=status)


@screen("GET")
def one(request: HttpRequest, desk: Desk, feed_id: int) -> HttpResponse:
    feed = actions.feed_of(desk.actor, feed_id)
    rhythm = read_rhythm(feed.rhythm)
    files = lists.feed_files(desk.account_id, feed.pk)
    context = {
        "feed": feed,
        "kind": KINDS[FeedKind(feed.kind)][0],
        "is_push": feed.kind == FeedKind.PUSH,
        "push_url": request.build_absolute_uri(f"/api/v1/feeds/{feed.pk}/files"),
        "settings": _told(feed),
        "rhythm": in_words(rhythm) if isinstance(rhythm, Rhythm) and rhythm.sends else "",
        "files": files,
        "answers": lists.feed_answers(desk.account_id, feed.pk),
        "can_tell": feed.kind in actions.TELL_BACK,
        "missing": lists.missing_appointments(feed, datetime.now(UTC)),
        "tabs": setup_tabs("feeds"),
        "why_not": desk.why_not(Act.EDIT_SETUP),
        "why_not_look": desk.why_not(Act.IMPORT_REMINDERS),
    }
    return page(request, desk, "console/feeds/one.html", context, at=TOKENS)


def _told(feed: Feed) -> list[tuple[str, Any]]:
    """What its place was told, with words; not what is secret."""
    asked = SETTINGS[FeedKind(feed.kind)].items()
    shown = ((label, feed.settings.get(name)) for name, (label, _) in asked if name not in SECRETS)
    return [(label, value) for label, value in shown if value not in (None, "")]


@screen("GET")
def answers(request: HttpRequest, desk: Desk, feed_id: int) -> HttpResponse:
    content = answers_file(desk.actor, feed_id)
    heads = {"Content-Disposition": f'attachment; filename="answers-{feed_id}.csv"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=heads)


@screen("POST")
def look(request: HttpRequest, desk: Desk, feed_id: int) -> HttpResponse:
    actions.look_now(desk.actor, feed_id, datetime.now(UTC))
    return leads_on(request, "A look is on its way. Reload the page in a moment.", reverse("feed", args=[feed_id]))


@screen("POST")
def test(request: HttpRequest, desk: Desk, feed_id: int) -> HttpResponse:
    trouble = test_place(desk.actor, feed_id, datetime.now(UTC))
    words = trouble or "The place of this feed can be used."
    return done(request, words, reverse("feed", args=[feed_id]), kind="warn" if trouble else "good")


@screen("GET", "POST")
def delete(request: HttpRequest, desk: Desk, feed_id: int) -> HttpResponse:
    feed = actions.feed_of(desk.actor, feed_id)
    if request.method == "GET":
        context = {
            "heading": f"Delete the feed {feed.name}?",
            "kind": "stop",
            "action_url": reverse("delete-feed", args=[feed_id]),
            "back": reverse("feed", args=[feed_id]),
            "feed": feed,
            "why_not": desk.why_not(Act.EDIT_SETUP),
        }
        return ask(request, desk, "console/feeds/delete.html", context)
    actions.delete_feed(desk.actor, feed_id, datetime.now(UTC))
    return leads_on(request, f"The feed {feed.name} is deleted. Its jobs stay.", reverse("feeds"))
