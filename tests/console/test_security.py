"""The headers of every answer, in the synchronous and in the asynchronous chain."""

from collections.abc import AsyncIterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from allstop.console.security import ContentSecurityPolicy


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.csp_nonce)  # type: ignore[attr-defined]


def answer(view: object = page) -> HttpResponse:
    response = ContentSecurityPolicy(view)(RequestFactory().get("/"))  # type: ignore[arg-type]
    assert isinstance(response, HttpResponse)
    return response


def test_a_page_may_run_nothing_but_our_own_files_and_what_carries_its_nonce() -> None:
    response = answer()
    policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    nonce = response.content.decode()
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == f"'self' 'nonce-{nonce}'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert not any(word in response["Content-Security-Policy"] for word in ("unsafe", "http", "*"))


def test_no_two_pages_have_the_same_nonce() -> None:
    assert len({answer().content for _ in range(50)}) == 50


def test_the_other_headers_are_there_too() -> None:
    response = answer()
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "microphone=()" in response["Permissions-Policy"]


def test_a_policy_that_a_view_has_set_is_kept() -> None:
    def framed(request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Content-Security-Policy": "sandbox"})

    assert answer(framed)["Content-Security-Policy"] == "sandbox"


async def test_an_asynchronous_view_gets_the_headers_and_its_stream_is_not_read() -> None:
    read: list[int] = []

    async def events() -> AsyncIterator[bytes]:
        read.append(1)
        yield b"data: {}\n\n"

    async def stream(request: HttpRequest) -> HttpResponseBase:
        return StreamingHttpResponse(events(), content_type="text/event-stream")

    pending = ContentSecurityPolicy(stream)(RequestFactory().get("/events"))
    assert not isinstance(pending, HttpResponseBase)
    response = await pending
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert read == []
