"""What is answered when an answer fails: a page, or for a program JSON.

The database that is away is no error of Allstop's: it says 503 and in words what holds meanwhile. Django has logged it.
"""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from allstop.doors.api.errors import error_shape

API = "/api/"
AGAIN_IN = 5  # seconds
AWAY = (
    "The database cannot be reached at the moment, or has ended what was asked. Try again in a moment, and look first "
    "whether it was done."
)
FAILED = "Allstop failed while doing this. The error is in the log of the web process."


def failed(request: HttpRequest) -> HttpResponse:
    """Called while the exception is handled."""
    is_away = isinstance(sys.exc_info()[1], (OperationalError, InterfaceError))
    status = 503 if is_away else 500
    if request.path.startswith(API):
        words = AWAY if is_away else FAILED
        answer: HttpResponse = JsonResponse(error_shape("database" if is_away else "failed", words), status=status)
    else:
        answer = HttpResponse(render_to_string(f"{status}.html"), status=status)
    if is_away:
        answer["Retry-After"] = str(AGAIN_IN)
    return answer
