"""Pages behind a key in their address, for whoever got the link: nobody logs in, the key is the whole permission."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from allstop.console.guesses import wrong_keys


def keyed_page(
    request: HttpRequest, template: str, context: Mapping[str, object], *, is_known: bool, status: int = 200
) -> HttpResponse:
    """`is_known`: the key is one of ours. It is told to no other site, kept in no cache, and found by no search."""
    if not is_known:
        status = 429 if wrong_keys.are_too_many(request.META.get("REMOTE_ADDR", "")) else 404
    answer = render(request, template, context, status=status)
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
