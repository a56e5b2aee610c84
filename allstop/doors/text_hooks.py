"""The way in for callbacks of text providers. No log-in and no token of ours: the signature is the whole permission.

Whatever is not signed is refused in the same words, whether or not there is such an account.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from allstop.actions.text_hooks import Form, provider_of, take_status, take_text
from allstop.store.models import ChannelSetup
from allstop.store.sealing import CannotOpen

Take = Callable[[ChannelSetup, Form, datetime], bool]
NOTHING_TO_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
LARGEST_ID = 2**63 - 1

log = logging.getLogger(__name__)


def _taken(request: HttpRequest, account_id: int, take: Take) -> HttpResponse:
    form = {name: [str(value) for value in values] for name, values in request.POST.lists()}
    signed = request.headers.get("X-Twilio-Signature", "")
    try:
        setup = provider_of(account_id, request.get_full_path(), form, signed) if account_id <= LARGEST_ID else None
    except CannotOpen as problem:
        log.error("A callback of a text provider, account %s: %s", account_id, problem)
        return HttpResponse("Not now. Say it again later.", status=503, content_type="text/plain")
    if setup is None:
        return HttpResponse("The signature is missing or wrong.", status=403, content_type="text/plain")
    if not take(setup, form, datetime.now(UTC)):
        return HttpResponse("It does not say what it is about.", status=422, content_type="text/plain")
    return HttpResponse(NOTHING_TO_ANSWER, content_type="text/xml")


@csrf_exempt
@require_POST
def status(request: HttpRequest, account_id: int) -> HttpResponse:
    """How a text ended."""
    return _taken(request, account_id, take_status)


@csrf_exempt
@require_POST
def reply(request: HttpRequest, account_id: int) -> HttpResponse:
    """What somebody wrote. A no is in force when this has answered."""
    return _taken(request, account_id, take_text)


urlpatterns: list[URLPattern] = [
    path("texts/<int:account_id>/status", status, name="text-status"),
    path("texts/<int:account_id>/reply", reply, name="text-reply"),
]
