"""What is wrong with the shape of what a program sent, in words for people.

The rule that it guards: each answer says what to send, and shows none of our own names or types. What reads the shapes
says it in words of its own, such as "Input should be a valid integer, unable to parse string as an integer".
"""

from collections.abc import Iterable, Mapping
from typing import Any

from allstop.actions.actor import Invalid

_CHOICES = frozenset({"str", "bool", "int", "float"})  # names of types, where a field may have one of several
_WORDS = {  # the reader's type of an error, or how that begins -> our words
    "extra_forbidden": "There is no such field.",
    "missing": "Give this; it is needed.",
    "json_": "This is no JSON.",
    "string_unicode": "There is a broken character in this. Send UTF-8.",
    "string_too_short": "Write at least {min_length} characters.",
    "string_too_long": "Write at most {max_length} characters.",
    "string_": "Send text, in quotation marks.",
    "bool_": "Send true or false.",
    "int_parsing_size": "This number is too large.",
    "int_": "Send a whole number.",
    "float_": "Send a number.",
    "finite_number": "Send a number.",
    "decimal_": "Send an amount such as 12.50.",
    "bytes_invalid_encoding": "This is no Base64.",
    "bytes_": "Send text, in quotation marks.",
    "list_type": "Send a list, in [ ].",
    "set_type": "Send a list, in [ ].",
    "tuple_type": "Send a list, in [ ].",
    "dict_type": "Send an object, in {{ }}.",
    "model_type": "Send an object, in {{ }}.",
    "model_attributes_type": "Send an object, in {{ }}.",
    "date_": "Send a day such as 2026-12-31, without a time.",
    "time_": "Send a time of day such as 09:30.",
    "timezone_aware": "Send the time with its offset, such as 2026-11-24T09:00:00-05:00.",
    "datetime_": "Send a time such as 2026-11-24T09:00:00-05:00.",
    "uuid_": "This is no id: send it as the answer that named it had it.",
    "greater_than_equal": "Send {ge} or more.",
    "greater_than": "Send more than {gt}.",
    "less_than_equal": "Send {le} or less.",
    "less_than": "Send less than {lt}.",
    "literal_error": "Send {expected}.",
    "enum": "Send {expected}.",
}


_SIZES = {"too_short": "at least {min_length}", "too_long": "at most {max_length}"}


class WrongShape(Invalid):
    """Its words name the fields: whoever wrote the file or the body has no form with labels before them."""

    def __str__(self) -> str:
        return told(self.problems)


def told(fields: Mapping[str, str]) -> str:
    return "; ".join(f"{field}: {words}" if field else words for field, words in fields.items())


def problem_words(one: Mapping[str, Any]) -> str:
    """Of one error of the reader's. What our own checks say passes as it is."""
    kind = str(one["type"])
    if kind in _SIZES:
        counted = "Write {} characters." if one["ctx"]["field_type"] == "Value" else "Send {} of them."
        return counted.format(_SIZES[kind].format(**one["ctx"]))
    for begins, words in _WORDS.items():
        if kind == begins or (begins.endswith("_") and kind.startswith(begins)):
            return words.format(**one.get("ctx", {}))
    return str(one["msg"]).removeprefix("Value error, ")


def shape_problems(errors: Iterable[Mapping[str, Any]], *above: str) -> dict[str, str]:
    """Field -> what is wrong with it. `above` names where the whole that was read lies, such as "options"."""
    found: dict[str, str] = {}
    for one in errors:
        where = [*above, *one["loc"]]
        is_choice = len(where) > 1 and (where[-1] in _CHOICES or str(where[-1]).startswith("function-"))
        field = ".".join(str(part) for part in (where[:-1] if is_choice else where))
        found[field] = "Send text, a number, true or false." if is_choice else problem_words(one)
    return found
