"""The page behind the unsubscribe link of an email: it asks nobody to log in, and its only button ends the emails.

The rules that it guards: GET changes nothing, since mail programs open links by themselves. POST is taken without a
cookie and without a CSRF token: mail providers send it for whoever pressed their own button (RFC 8058), and the tag in
the address is the whole permission. Nothing is told but the account's name.
"""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from allstop.actions.unsubscribing import Subscription, look_up
from allstop.actions.unsubscribing import unsubscribe as end_emails
from allstop.console.keyed_page import keyed_page


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
    context = {"found": found, "is_done": is_done and found is not None}
    return keyed_page(request, "console/unsubscribe.html", context, is_known=found is not None)
