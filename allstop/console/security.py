"""The headers that keep a page from running anything that Allstop did not serve.

The rule: no inline script, no inline style, nothing from another host. A script or style block written into a page
needs `nonce="{{ request.csp_nonce }}"`. A view may set one of these headers itself, for example to show a received
email in a sandboxed frame; what the view has set is kept.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable
from typing import cast
from urllib.parse import urlsplit

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

# 128 bits: a nonce that cannot be guessed within the life of a page.
NONCE_BYTES = 16

FIXED_HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class NoncedRequest(HttpRequest):
    """What a view's request looks like behind ContentSecurityPolicy."""

    csp_nonce: str


def content_policy(nonce: str, images: Iterable[str] = ()) -> str:
    """`images`: other hosts that pictures of this page come from. Each was checked before it was saved."""
    pictures = " ".join(("'self'", "data:", *sorted(set(images))))  # data: for the QR code of the authenticator app
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            f"img-src {pictures}",
            "font-src 'self'",
            "media-src 'self'",  # how a call sounds
            "connect-src 'self'",
            "worker-src 'self'",  # the shared worker that holds the live stream
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def show_images(request: HttpRequest, response: HttpResponse, addresses: Iterable[str]) -> HttpResponse:
    """Let this page show pictures of these addresses, and nothing else of their hosts."""
    hosts = {f"https://{urlsplit(address).netloc}" for address in addresses if address.startswith("https://")}
    response["Content-Security-Policy"] = content_policy(cast(NoncedRequest, request).csp_nonce, hosts)
    return response


class ContentSecurityPolicy:
    """Works in the synchronous and the asynchronous chain. Only headers are set: a streamed body is never read here."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        cast(NoncedRequest, request).csp_nonce = nonce
        if self.is_async:
            return self._answer_later(request, nonce)
        return _with_headers(cast(HttpResponseBase, self.get_response(request)), nonce)

    async def _answer_later(self, request: HttpRequest, nonce: str) -> HttpResponseBase:
        return _with_headers(await cast(Awaitable[HttpResponseBase], self.get_response(request)), nonce)


def _with_headers(response: HttpResponseBase, nonce: str) -> HttpResponseBase:
    response.headers.setdefault("Content-Security-Policy", content_policy(nonce))
    for name, value in FIXED_HEADERS.items():
        response.headers.setdefault(name, value)
    return response
