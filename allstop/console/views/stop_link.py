"""The page behind an emergency link: it asks nobody to log in, and its only button stops.

The rules that it guards: GET changes nothing, since mail programs and chat previews open links by themselves. What is
shown is the account's name and nothing else of it. The key in the address is the whole permission, so there is no
cookie to protect and no CSRF token; it is told to no other site and kept in no cache.
"""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from allstop.actions.confirming import StopReceipt, wait_until_confirmed
from allstop.actions.stop_links import LinkSeen, look_up, use_link
from allstop.actions.switch import standing_stop
from allstop.console.guesses import wrong_keys


@csrf_exempt
def stop_link(request: HttpRequest, key: str) -> HttpResponse:
    now = datetime.now(UTC)
    match request.method:
        case "GET" | "HEAD":
            return _page(request, look_up(key, now), None)
        case "POST":
            seen, receipt = use_link(key, now)
            return _page(request, seen, wait_until_confirmed(receipt.number) if receipt is not None else None)
        case _:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])


def _page(request: HttpRequest, seen: LinkSeen | None, receipt: StopReceipt | None) -> HttpResponse:
    status = 200
    if seen is None:
        status = 429 if wrong_keys.are_too_many(request.META.get("REMOTE_ADDR", "")) else 404
    elif receipt is None and seen.state != "ready":
        status = 410
    context = {
        "seen": seen,
        "receipt": receipt,
        "is_stopped": seen is not None and standing_stop(seen.reach) is not None,
    }
    answer = render(request, "console/stop_link.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
