"""What a call is answered when it cannot be done: one shape, and the one place where exceptions become statuses.

| exception | status | code |
|---|---|---|
| the body is no JSON | 400 | malformed |
| no token, an unknown or a revoked one | 401 | no_token |
| Forbidden | 403 | forbidden |
| NotThere, or no such address | 404 | not_found |
| the address has no such method | 405 | not_allowed |
| Conflict | 409 | conflict; a lead that is refused: paused, duplicate, repeated, closed |
| the body is larger than is read | 413 | too_large |
| Invalid, or the shape is wrong | 422 | invalid |
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere
from allstop.doors.api.shape_words import shape_problems, told

NO_TOKEN = "Send a token that is not revoked in the header Authorization: Bearer TOKEN."  # noqa: S105 - words


class ErrorBody(Schema):
    code: str = Field(description="A stable word for programs.")
    message: str = Field(description="What happened and what to do, for people.")
    fields: dict[str, str] = Field(description="Field -> what is wrong with it; empty unless the code is `invalid`.")


class ErrorOut(Schema):
    error: ErrorBody


def refusals(*statuses: int) -> dict[frozenset[int], type[ErrorOut]]:
    """For `response=`: every operation may also answer 401 and 422."""
    return {frozenset({401, 422, *statuses}): ErrorOut}


def error_shape(code: str, message: str, fields: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "fields": dict(fields or {})}}


def handle_errors(api: NinjaAPI) -> None:
    api.add_exception_handler(AuthenticationError, _no_token)
    api.add_exception_handler(HttpError, _unreadable)
    api.add_exception_handler(RequestDataTooBig, _too_large)
    api.add_exception_handler(Http404, lambda request, _: no_such_operation(request))
    api.add_exception_handler(Forbidden, lambda _, said: _answer(403, "forbidden", str(said)))
    api.add_exception_handler(NotThere, lambda _, said: _answer(404, "not_found", str(said)))
    api.add_exception_handler(Conflict, _conflict)
    api.add_exception_handler(Invalid, _invalid)
    api.add_exception_handler(ValidationError, _wrong_shape)


@csrf_exempt
def no_such_operation(request: HttpRequest) -> HttpResponse:
    return _answer(404, "not_found", f"There is nothing at {request.path}. /api/v1/docs lists what there is.")


Answering = Callable[..., HttpResponseBase]


def shaped(view: Answering) -> Answering:
    """The framework answers a wrong method with plain text before any handler of exceptions is asked."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answered = view(request, *args, **kwargs)
        if not isinstance(answered, HttpResponseNotAllowed):
            return answered
        may = ", ".join(sorted(answered["Allow"].split(", ")))
        refused = _answer(405, "not_allowed", f"{request.method} is not possible at {request.path}. Possible: {may}.")
        refused["Allow"] = may
        return refused

    return answer


def _answer(status: int, code: str, message: str, fields: Mapping[str, str] | None = None) -> HttpResponse:
    return JsonResponse(error_shape(code, message, fields), status=status)


def _no_token(request: HttpRequest, said: Any) -> HttpResponse:
    answer = _answer(401, "no_token", NO_TOKEN)
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def _unreadable(request: HttpRequest, said: Any) -> HttpResponse:
    return _answer(said.status_code, "malformed", "The body of the request cannot be read. Send JSON in UTF-8.")


def _too_large(request: HttpRequest, said: Any) -> HttpResponse:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1_000_000
    return _answer(413, "too_large", f"A body may have {most:.1f} MB. Send less at once; files go as uploads.")


def _conflict(request: HttpRequest, said: Any) -> HttpResponse:
    return _answer(409, said.code, str(said))


def _invalid(request: HttpRequest, said: Any) -> HttpResponse:
    return _answer(422, "invalid", str(said), said.problems)


def _wrong_shape(request: HttpRequest, said: Any) -> HttpResponse:
    fields = shape_problems({**one, "loc": _place(one["loc"])} for one in said.errors)
    return _answer(422, "invalid", told(fields), fields)


def _place(where: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """As the caller knows it, without our names: ("body", "message", "to", "contact_id") is to.contact_id."""
    source, *path = where
    ours = source == "body" or path == ["asked"]  # the parameter of the function
    return tuple(path[1 if ours else 0 :])
