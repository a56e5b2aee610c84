"""Whom a row of a file of contacts is about: by the source's own id, then by phone numbers and emails.

| own id | phones | emails | then |
|---|---|---|---|
| of somebody | | | them |
| | of nobody | of nobody | somebody new |
| | of A | of A or of nobody | A |
| | of nobody | of B | B |
| | of A | of B | a clash: a person decides, the row is left alone |
| | of A and C | of C | C |
| | of A and C, who share it | of nobody | the one with that name; without one, a clash |

Somebody whose own id differs from the row's is somebody else who shares the address, as families do.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, TypeVar


class Candidate(Protocol):
    @property
    def external_id(self) -> str: ...

    @property
    def match_name(self) -> str: ...


class Clash(StrEnum):
    PHONE_AND_EMAIL = "phone_and_email"
    SHARED = "shared"


WORDS: dict[Clash, str] = {
    Clash.PHONE_AND_EMAIL: "The phone number belongs to one contact and the email to another. Merge them, or correct"
    " the row.",
    Clash.SHARED: "Several contacts have this number or email, and none of them has this name. Add the person by hand.",
}

Somebody = TypeVar("Somebody", bound=Candidate)


def who(
    external_id: str, name: str, by_phone: Sequence[Somebody], by_email: Sequence[Somebody]
) -> Somebody | Clash | None:
    """`name` as `match_name` has it. None: nobody, so it is somebody new."""
    phones, emails = _may_be(external_id, by_phone), _may_be(external_id, by_email)
    if not phones and not emails:
        return None
    both = [one for one in phones if one in emails]
    if phones and emails and not both:
        return Clash.PHONE_AND_EMAIL
    left = both or phones or emails
    if len(left) == 1:
        return left[0]
    named = [one for one in left if one.match_name == name]
    return named[0] if len(named) == 1 else Clash.SHARED


def _may_be(external_id: str, found: Sequence[Somebody]) -> list[Somebody]:
    distinct: list[Somebody] = []
    for one in found:
        if one not in distinct and not (external_id and one.external_id and external_id != one.external_id):
            distinct.append(one)
    return distinct
