"""The page behind the unsubscribe link of an email: it asks nobody to log in, and its only button ends the emails.

The rules that it guards: GET changes nothing, since mail programs open links by themselves. POST is taken without a
cookie and without a CSRF token: mail providers send it for whoever pressed their own button (RFC 8058), and the tag in
the address is the whole permission. Nothing is told but the account's name.
"""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from allstop.actions.unsubscribing import Subscription, look_up
from allstop.actions.unsubscribing import unsubscribe as end_emails
from allstop.console.guesses import wrong_keys


@csrf_exempt
def unsubscribe(request: HttpRequest, tag: str) -> HttpResponse:
    match request.method:
        case "GET" | "HEAD":
            return _page(request, look_up(tag), is_done=False)
        case "POST":
            return _page(request, end_emails(tag, datetime.now(UTC)), is_done=True)
        case _:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])


def _page(request: HttpRequest, found: Subscription | None, *, is_done: bool) -> HttpResponse:
    status = 200
    if found is None:
        status = 429 if wrong_keys.are_too_many(request.META.get("REMOTE_ADDR", "")) else 404
    context = {"found": found, "is_done": is_done and found is not None}
    answer = render(request, "console/unsubscribe.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
