"""The page behind the link of a reminder by email: it asks nobody to log in, and its buttons say whether they come.
Behind that of a plan for a list its buttons say whether they want to be contacted.

The rules that it guards: GET changes nothing, since mail programs open links by themselves. The tag in the address is
the whole permission, so there is no cookie to protect and no CSRF token. Of the account its name is told, and of the
appointment when and where it is; whose, only where the email tells of several, by the names that stand in it.
"""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from allstop.actions.plan_answers import PlanAsked, answer_plan_by_link, look_up_plan
from allstop.actions.visit_links import KINDS, Asked, answer_by_link, look_up, visit_of
from allstop.console.keyed_page import keyed_page


@csrf_exempt
def answer_link(request: HttpRequest, tag: str) -> HttpResponse:
    now = datetime.now(UTC)
    match request.method:
        case "GET" | "HEAD":
            return _page(request, look_up(tag, now) or look_up_plan(tag), 200)
        case "POST":
            return _answered(request, tag, now)
        case _:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])


def _answered(request: HttpRequest, tag: str, now: datetime) -> HttpResponse:
    said = request.POST.get("answer", "")
    asked, kind = look_up(tag, now), KINDS.get(said)
    if kind is None:
        return _page(request, asked or look_up_plan(tag), 400)
    if asked is None:
        return _page(request, answer_plan_by_link(tag, said, now), 200, done=0)
    visit = visit_of(asked, request.POST.get("visit", ""))
    if visit is None:
        return _page(request, asked, 400)
    return _page(request, answer_by_link(tag, kind, now, visit), 200, done=visit)


def _page(
    request: HttpRequest, asked: Asked | PlanAsked | None, status: int, *, done: int | None = None
) -> HttpResponse:
    """`done`: the visit that was answered; 0: a plan for a list, which has none."""
    visits = asked.visits if isinstance(asked, Asked) else ()
    if isinstance(asked, Asked) and asked.closed:
        status = 410
    context = {
        "asked": asked,
        "visit": visits[0] if len(visits) == 1 else None,
        "done": done,
        "is_done": done is not None,
        "is_plan": isinstance(asked, PlanAsked),
    }
    return keyed_page(request, "console/answer_link.html", context, is_known=asked is not None, status=status)
