"""The words of wrong shapes, without a database: what the reader says is told as what to send."""

from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from allstop.doors.api.shape_words import WrongShape, shape_problems

Checked = Annotated[str, AfterValidator(lambda said: said)]


class Inner(BaseModel):
    n: int = 0


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")
    needed: int
    whole: Annotated[int, Field(ge=1, le=200)] = 1
    word: Annotated[Checked, Field(max_length=3)] = ""
    names: Annotated[list[str], Field(min_length=1, max_length=2)] = ["a"]
    day: date = date(2026, 1, 1)
    clock: time = time(9)
    at: AwareDatetime = datetime.fromisoformat("2026-01-01T00:00:00Z")
    lead: UUID | None = None
    kind: Literal["text", "call"] = "text"
    on: bool = False
    within: Inner = Inner()
    config: dict[str, Checked | bool | int] = {}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, {"needed": "Give this; it is needed."}),
        ({"odd": 1}, {"needed": "Give this; it is needed.", "odd": "There is no such field."}),
        ({"needed": "x"}, {"needed": "Send a whole number."}),
        ({"needed": 1.5}, {"needed": "Send a whole number."}),
        ({"whole": 0}, {"whole": "Send 1 or more."}),
        ({"whole": 201}, {"whole": "Send 200 or less."}),
        ({"word": "abcd"}, {"word": "Write at most 3 characters."}),
        ({"word": 7}, {"word": "Send text, in quotation marks."}),
        ({"names": []}, {"names": "Send at least 1 of them."}),
        ({"names": "a"}, {"names": "Send a list, in [ ]."}),
        ({"names": ["a", 5]}, {"names.1": "Send text, in quotation marks."}),
        ({"day": "2026-02-30"}, {"day": "Send a day such as 2026-12-31, without a time."}),
        ({"day": "2026-02-03T04:00:00Z"}, {"day": "Send a day such as 2026-12-31, without a time."}),
        ({"clock": "25:00"}, {"clock": "Send a time of day such as 09:30."}),
        ({"at": "2026-02-03T04:00:00"}, {"at": "Send the time with its offset, such as 2026-11-24T09:00:00-05:00."}),
        ({"at": "soon"}, {"at": "Send a time such as 2026-11-24T09:00:00-05:00."}),
        ({"lead": "7"}, {"lead": "This is no id: send it as the answer that named it had it."}),
        ({"kind": "fax"}, {"kind": "Send 'text' or 'call'."}),
        ({"on": "perhaps"}, {"on": "Send true or false."}),
        ({"within": 3}, {"within": "Send an object, in { }."}),
        ({"config": {"host": []}}, {"config.host": "Send text, a number, true or false."}),
    ],
)
def test_what_is_wrong_is_told_as_what_to_send(said: dict[str, Any], words: dict[str, str]) -> None:
    whole = said if "needed" in said or "needed" in words else {"needed": 1, **said}
    with pytest.raises(ValidationError) as refused:
        Shape.model_validate(whole)
    assert shape_problems(refused.value.errors()) == words


def test_what_is_no_json_is_told_with_where_it_lies() -> None:
    with pytest.raises(ValidationError) as refused:
        Shape.model_validate_json("{")
    found = shape_problems(refused.value.errors(), "options")
    assert found == {"options": "This is no JSON."}
    assert str(WrongShape(**found)) == "options: This is no JSON."
