"""Who calls, when, and in which shape: what every operation has in common.

The rule that it guards: a caller is known by the token in the Authorization header and by nothing else. Cookies are
not looked at, so a web page elsewhere can make nobody's browser act here.
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, cast, get_origin

from django.http import HttpRequest
from ninja import Header, Schema
from ninja.security import HttpBearer
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, ValidationInfo, WithJsonSchema, model_validator

from allstop.actions.actor import Actor
from allstop.actions.request_keys import LONGEST_KEY
from allstop.actions.tokens import actor_of
from allstop.rules.wallclock import of_our_time

LARGEST_ID = 2**63 - 1


class Call(HttpRequest):
    """A request behind the token: who calls, and the time at which the call counts."""

    auth: Actor
    now: datetime


class Token(HttpBearer):
    """Make one with `allstop token create NAME` or in the console under Setup."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        call = cast(Call, request)
        call.now = datetime.now(UTC)
        return actor_of(token, call.now)


def _keepable(text: str) -> str:
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("It contains a character that is no text: NUL, or half of a pair.")
    return text


def _clock(text: str) -> str:
    if not _CLOCK.fullmatch(text):
        raise ValueError("Send a time of day such as 09:30.")
    return text


_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
Text = Annotated[str, AfterValidator(_keepable)]
Clock = Annotated[str, AfterValidator(_clock), WithJsonSchema({"type": "string", "pattern": f"^{_CLOCK.pattern}$"})]
Line = Annotated[Text, Field(max_length=300)]
Timestamp = Annotated[AwareDatetime, AfterValidator(of_our_time)]
Day = Annotated[date, AfterValidator(of_our_time)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Key = Annotated[
    Line,
    Header(
        "",
        alias="Idempotency-Key",
        description=f"Of your choice, up to {LONGEST_KEY} characters, kept for 7 days: the same request with the same"
        " key is carried out once.",
    ),
]


class Strict(Schema):
    """What a caller sends. A field that is not known is refused: it was meant to do something."""

    model_config = ConfigDict(extra="forbid")


class Asked(Strict):
    """What stands after the question mark in an address. A misspelt filter must not show everything."""

    @model_validator(mode="before")
    @classmethod
    def _know_every_name(cls, said: Any, info: ValidationInfo) -> Any:
        request = (info.context or {}).get("request")
        unknown = sorted(set(request.GET) - set(cls.model_fields)) if request is not None else []
        if unknown:
            raise ValueError(f"There is no parameter {unknown[0]}. Known are: {', '.join(cls.model_fields)}.")
        for name, values in request.GET.lists() if request is not None else ():
            if len(values) > 1 and get_origin(cls.model_fields[name].annotation) is not list:
                raise ValueError(f"{name} stands there {len(values)} times. Give it once.")
        return said


class Paged(Asked):
    after: Id | None = Field(None, description="The `next` of the page before; leave out for the first page.")
    limit: int = Field(50, ge=1, le=200, description="Rows of one page, 1 to 200.")
