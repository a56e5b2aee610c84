"""What leaves when: the whole queue of the account by channel, and what a changed window or pace would move.

/forecast           the page; of a long queue its figures come a moment later
/forecast/figures   the figures by themselves
/forecast/rehearse  a changed window or pace, tried on what waits: for console/parts/rehearse.html, changes nothing
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from allstop.actions.actor import Invalid
from allstop.actions.own_windows import Proposal, read_every, read_sessions
from allstop.actions.rehearsing import rehearse
from allstop.console.access import Desk, screen
from allstop.console.forecast_plot import THINGS, plot_of, rehearsal_plot
from allstop.console.frame import is_htmx, page
from allstop.rules.facts import Channel
from allstop.rules.reasons import in_words
from allstop.store import lists

MANY = 20_000  # messages; to count more takes longer than a page may


@screen("GET")
def forecast(request: HttpRequest, desk: Desk) -> HttpResponse:
    now = datetime.now(UTC)
    waiting = lists.totals(desk.account_id).messages
    context: dict[str, Any] = {"waiting": waiting, "is_deferred": waiting > MANY and "all" not in request.GET}
    if not context["is_deferred"]:
        context |= _figures(desk, now)
    return page(request, desk, "console/forecast/page.html", context, at="home")


@screen("GET")
def figures(request: HttpRequest, desk: Desk) -> HttpResponse:
    if not is_htmx(request):
        return redirect("forecast")
    return render(request, "console/forecast/figures.html", _figures(desk, datetime.now(UTC)))


@screen("POST")
def try_out(request: HttpRequest, desk: Desk) -> HttpResponse:
    try:
        channel, proposal = proposal_of(request.POST)
        found = rehearse(desk.actor, {channel: proposal}, datetime.now(UTC))
    except Invalid as wrong:
        return render(request, "console/forecast/rehearsal.html", {"problems": list(wrong.problems.values())})
    context = {
        "seen": found,
        "rehearsal": found.found,
        "things": THINGS[channel],
        "a_week": found.a_week[channel],
        "plotted": rehearsal_plot(found.found, f"rehearsal-{channel}"),
    }
    return render(request, "console/forecast/rehearsal.html", context)


def proposal_of(said: QueryDict) -> tuple[Channel, Proposal]:
    """The whole of one channel, as the head of console/parts/rehearse.html says."""
    prefix = said.get("rehearse.prefix", "")
    name = said.get("rehearse.channel", "")
    if name not in set(Channel):
        raise Invalid(channel="Say which channel: text, call or email.")
    if said.get(f"{prefix}immediate"):
        return Channel(name), Proposal(sessions=(), every=timedelta(0))
    every = read_every(_number(said, f"{prefix}every_minutes"), _number(said, f"{prefix}per_minute"))
    sessions = read_sessions(said.getlist(f"{prefix}session"))
    return Channel(name), Proposal(sessions=sessions, every=every or timedelta(0))


def _number(said: QueryDict, name: str) -> float | None:
    words = said.get(name, "").strip()
    if not words:
        return None
    try:
        return float(words)
    except ValueError as wrong:
        raise Invalid(every_minutes=f"{words!r} is no number.") from wrong


def _figures(desk: Desk, now: datetime) -> dict[str, Any]:
    found = lists.account_forecast(desk.account_id, now)
    shown = [
        {
            "of": one,
            "things": THINGS[one.channel],
            "closed": in_words(one.closed) if one.closed else "",
            "plotted": plot_of(one.forecast, now, desk.place.zone, f"forecast-{one.channel}", THINGS[one.channel])
            if one.forecast.messages
            else None,
        }
        for one in found.channels
        if one.forecast.messages or one.stuck or one.refused or one.forecast.late
    ]
    return {"found": found, "shown": shown}
