"""The page behind the link of a reminder by email: it asks nobody to log in, and its buttons say whether they come.

The rules that it guards: GET changes nothing, since mail programs open links by themselves. The tag in the address is
the whole permission, so there is no cookie to protect and no CSRF token. Of the account its name is told, and of the
appointment when and where it is: not whose.
"""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from allstop.actions.visit_links import KINDS, Asked, answer_by_link, look_up
from allstop.console.keyed_page import keyed_page


@csrf_exempt
def answer_link(request: HttpRequest, tag: str) -> HttpResponse:
    now = datetime.now(UTC)
    match request.method:
        case "GET" | "HEAD":
            return _page(request, look_up(tag, now), 200)
        case "POST":
            kind = KINDS.get(request.POST.get("answer", ""))
            if kind is None:
                return _page(request, look_up(tag, now), 400)
            return _page(request, answer_by_link(tag, kind, now), 200, is_done=True)
        case _:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])


def _page(request: HttpRequest, asked: Asked | None, status: int, *, is_done: bool = False) -> HttpResponse:
    if asked is not None and asked.closed:
        status = 410
    context = {"asked": asked, "is_done": is_done}
    return keyed_page(request, "console/answer_link.html", context, is_known=asked is not None, status=status)
