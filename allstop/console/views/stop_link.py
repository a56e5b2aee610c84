"""The page behind an emergency link: it asks nobody to log in, and its only button stops.

The rules that it guards: GET changes nothing, since mail programs and chat previews open links by themselves. What is
shown is the account's name and nothing else of it. The key in the address is the whole permission, so there is no
cookie to protect and no CSRF token; it is told to no other site and kept in no cache.
"""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from allstop.actions.confirming import StopReceipt, wait_until_confirmed
from allstop.actions.stop_links import LinkSeen, look_up, use_link
from allstop.actions.switch import standing_stop
from allstop.console.keyed_page import keyed_page


@csrf_exempt
def stop_link(request: HttpRequest, key: str) -> HttpResponse:
    now = datetime.now(UTC)
    match request.method:
        case "GET" | "HEAD":
            return _page(request, look_up(key, now), None)
        case "POST":
            seen, receipt = use_link(key, now)
            return _page(request, seen, wait_until_confirmed(receipt) if receipt is not None else None)
        case _:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])


def _page(request: HttpRequest, seen: LinkSeen | None, receipt: StopReceipt | None) -> HttpResponse:
    is_gone = seen is not None and receipt is None and seen.state != "ready"
    context = {
        "seen": seen,
        "receipt": receipt,
        "is_stopped": seen is not None and standing_stop(seen.reach) is not None,
    }
    status = 410 if is_gone else 200
    return keyed_page(request, "console/stop_link.html", context, is_known=seen is not None, status=status)
