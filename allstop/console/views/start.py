"""START as a plan: what waits as groups, what shall become of each, and what that means, before anything leaves.

/start           the groups with their choices; while a plan is being applied, how far it is
/start/groups    the groups by themselves, where they take longer than the page
/start/preview   what the choices would do: in words, plotted, and in a table
/start/messages  the single messages of a group, to pick from
/start/cancel    the plan that is being applied ends, and the account stays STOPPED
/start/all-now   the ramp ends
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from allstop.actions.actor import Invalid, NotThere
from allstop.actions.carrying_on import Started, started
from allstop.actions.plan import Changed, cancel_plan, plan_under_way, start_as_planned
from allstop.actions.ramp import send_all_now
from allstop.actions.switch import reach_started
from allstop.console import start_form
from allstop.console.access import Desk, screen
from allstop.console.forecast_plot import plot_of
from allstop.console.frame import done, is_htmx, leads_on, page
from allstop.console.start_form import StartForm
from allstop.rules.holds import Scope
from allstop.rules.plan import AGE_WORDS, STALE_WORDS, Group, Rest, read_key
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import PlanState, StartPlan

PICKS = 200  # rows of one group that are shown at once
MANY = 20_000  # messages; the groups of more take longer than a page may


@screen("GET", "POST")
def start(request: HttpRequest, desk: Desk) -> HttpResponse:
    now = datetime.now(UTC)
    if request.method == "POST":
        return _start(request, desk, now)
    under_way = plan_under_way(desk.account_id)
    if under_way is not None:
        return progress(request, desk, under_way)
    if is_htmx(request):  # the page that shows how far a plan is: it is over
        answer = HttpResponse()
        answer["HX-Redirect"] = reverse("home")
        return answer
    if lists.switch_state(desk.account_id).is_running:
        return redirect("home")
    return _page(request, desk, StartForm(), now, defer="all" not in request.GET)


@screen("GET")
def groups(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Of a page that came before them."""
    if not is_htmx(request):
        return redirect("start-plan")
    return render(request, "console/start/groups.html", _groups(desk, StartForm(), datetime.now(UTC)))


@screen("POST")
def preview(request: HttpRequest, desk: Desk) -> HttpResponse:
    now = datetime.now(UTC)
    form = start_form.read(request.POST, desk.place.zone, now)
    if not is_htmx(request):
        return _page(request, desk, form, now)
    return render(request, "console/start/preview.html", _preview(desk, form, now))


@screen("GET")
def messages(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Rows of one group, as htmx asks for them."""
    if not is_htmx(request):
        return redirect("start-plan")
    group = read_key(request.GET.get("key", ""))
    if group is None:
        raise NotThere("There is no such group.")
    after = request.GET.get("after", "")
    if after and not (after.isascii() and after.isdecimal() and len(after) < 19):
        raise NotThere("There is no such group.")
    context = picks(desk, group, StartForm(), int(after) if after else None)
    return render(request, "console/start/picks.html", context)


@screen("POST")
def cancel(request: HttpRequest, desk: Desk) -> HttpResponse:
    cancelled = cancel_plan(desk.actor, datetime.now(UTC))
    words = f"The START was cancelled, and it stays STOPPED. {cancelled.done:,} had been dropped or re-dated."
    return leads_on(request, words, reverse("start-plan"))


@screen("POST")
def all_now(request: HttpRequest, desk: Desk) -> HttpResponse:
    send_all_now(desk.actor, datetime.now(UTC))
    return leads_on(request, "The slow start is over: what is due leaves now.", reverse("home"))


def _start(request: HttpRequest, desk: Desk, now: datetime) -> HttpResponse:
    form = start_form.read(request.POST, desk.place.zone, now)
    if form.errors:
        return _page(request, desk, form, now, status=422)
    try:
        outcome = start_as_planned(
            desk.actor,
            form.plan,
            now=now,
            ramp=form.ramp,
            expected=form.expected,
            patience=start_form.PATIENCE,
        )
    except Changed as changed:
        form.changed = str(changed)
        return _page(request, desk, form, now, status=409)
    except Invalid as wrong:
        form.errors.append(str(wrong))
        return _page(request, desk, form, now, status=422)
    return after_start(request, desk, outcome)


def after_start(
    request: HttpRequest, desk: Desk, outcome: Started, words: str = "", *, back: str = "home", more: str = ""
) -> HttpResponse:
    """Of every START. `words`: what may leave; `back`: where it was pressed."""
    match outcome.state:
        case PlanState.STARTED:
            lead = words or f"STARTED. What is due at {desk.place.account} leaves now."
            answer = leads_on if back == "stops" else done  # the others have a live topic that draws their rows anew
            return answer(request, f"{lead}{also(outcome)}{more}", reverse(back))
        case PlanState.APPLYING if plan_under_way(desk.account_id) is not None:
            words = "The plan is being applied. What it starts stays STOPPED until it is whole."
            return leads_on(request, words, reverse("start-plan"))
        case PlanState.APPLYING:  # of every account: it has no page of its own
            words = "What is stale is being dropped. It stays STOPPED until that is done; you need not wait here."
            return leads_on(request, words, reverse(back))
        case PlanState.CANCELLED:
            return leads_on(request, "The START was cancelled meanwhile: it is still STOPPED.", reverse(back))


def also(outcome: Started) -> str:
    """What became of the rest."""
    counts = outcome.counts
    words = ""
    if counts.drop:
        words += f" {counts.drop:,} {'was' if counts.drop == 1 else 'were'} dropped"
        stale = [
            f"{number:,} {what}"
            for number, what in (
                (counts.appointment_gone, "whose appointment is over"),
                (counts.past_use_by, "past the use-by"),
                (counts.duplicates, "that a newer one repeats"),
            )
            if number
        ]
        words += f" ({', '.join(stale)})." if stale else "."
    if counts.later:
        words += f" {counts.later:,} leave{'s' if counts.later == 1 else ''} on another day."
    if outcome.ramp:
        words += (
            f" {outcome.ramp.per_minute:,} a minute on each channel for {outcome.ramp.minutes:,} minutes, then all."
        )
    return words


def progress(request: HttpRequest, desk: Desk, under_way: StartPlan) -> HttpResponse:
    is_whole = reach_started(under_way).scope is Scope.ACCOUNT
    context = {
        "start": started(under_way.pk),
        "what": "The account" if is_whole else "What it starts",
        "why_not": desk.why_not(Act.START),
    }
    return page(request, desk, "console/start/progress.html", context, at="home")


def _page(
    request: HttpRequest, desk: Desk, form: StartForm, now: datetime, *, defer: bool = False, status: int = 200
) -> HttpResponse:
    """With `defer` and much that waits, the page comes at once; its groups and its preview follow by themselves."""
    waiting = lists.totals(desk.account_id).messages
    context = {
        "form": form,
        "waiting": waiting,
        "is_deferred": defer and waiting > MANY,
        "why_not": desk.why_not(Act.START),
    }
    if not context["is_deferred"]:
        context |= _groups(desk, form, now) | _preview(desk, form, now)
    return page(request, desk, "console/start/plan.html", context, at="home", status=status)


def _groups(desk: Desk, form: StartForm, now: datetime) -> dict[str, Any]:
    found = lists.backlog(desk.account_id, now)
    named = [one.group for one in found.groups if isinstance(one.group, Group)]
    return {
        "groups": [_line(desk, number, one, form, named) for number, one in enumerate(found.groups)],
        "soonest": timezone.localtime(now).strftime("%Y-%m-%dT%H:%M"),
    }


def _line(desk: Desk, number: int, one: lists.BacklogGroup, form: StartForm, named: list[Group]) -> dict[str, Any]:
    said = form.said(one.group)
    job = one.job or ("No job" if isinstance(one.group, Group) else f"{one.groups:,} smaller groups")
    return {
        "key": one.key,
        "number": number,
        "job": job,
        "location": one.location,
        "age": AGE_WORDS[one.group.age],
        "stale": STALE_WORDS[one.group.staleness],
        "is_stale": one.group.staleness != "fresh",
        "messages": one.messages,
        "first_due_at": one.first_due_at,
        "channels": [channel.value for channel, count in one.by_channel.items() if count],
        "said": said,
        "at": form.times.get(one.key, ""),
        "url": f"{reverse('start-messages')}?{urlencode({'key': one.key})}",
        "picks": picks(desk, one.group, form, None) if said == start_form.PICK else None,
    }


def picks(desk: Desk, group: Group | Rest, form: StartForm, after: int | None) -> dict[str, Any]:
    now = datetime.now(UTC)
    named: list[Group] = []
    if isinstance(group, Rest):
        named = [one.group for one in lists.backlog(desk.account_id, now).groups if isinstance(one.group, Group)]
    chosen = form.picked.get(group.key, [])
    most = max(PICKS, len(chosen))
    rows = lists.group_messages(desk.account_id, group, now, named=named, after=after, limit=most + 1)
    further = urlencode({"key": group.key, "after": rows[most - 1].id}) if rows[most:] else ""
    return {
        "key": group.key,
        "rows": rows[:most],
        "chosen": set(chosen),
        "more_url": f"{reverse('start-messages')}?{further}" if further else "",
        "is_more": after is not None,
    }


def _preview(desk: Desk, form: StartForm, now: datetime) -> dict[str, Any]:
    seen = lists.preview(desk.account_id, form.plan, form.ramp, now)
    return {
        "form": form,
        "seen": seen,
        "counts": seen.counts,
        "chosen_drop": seen.counts.chosen_drop,
        "finish": seen.forecast.finish,
        "staying": [row for row in lists.standing(desk.account_id) if row.scope is Scope.JOB and row.waiting],
        "plotted": plot_of(seen.forecast, now, desk.place.zone, "start-plot"),
        "may_start": desk.may(Act.START) and not form.errors,
    }
