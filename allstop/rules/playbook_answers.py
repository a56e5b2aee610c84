"""Which of the expected answers somebody has given, in words and without guessing.

The rule that it guards: an answer that fits two branches, that says no to a phrase ("not sure" where "sure" is
expected) or that hedges is unclear, and unclear goes to a person. Case, signs and accents do not matter; whole words
do.

A branch that expects a yes or a no takes every plain yes or no ("yep", "nein danke"), and no answer that says more than
that: yes_no.py. Other phrases ("tomorrow") are found anywhere in what was said.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from allstop.rules import yes_no

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile("['`\u2019\u00b4]")  # typed, and as phones set them
# Before a phrase, and not part of it: the phrase is denied. Of the languages that the opt-out words know best.
_DENIALS = """
no not never dont doesnt didnt isnt arent wasnt cant cannot couldnt wont wouldnt havent hasnt without neither nor
nicht kein keine nie non pas jamais nunca nao niet geen inte ikke
"""
DENIALS = frozenset(_DENIALS.split())
REACH = 2  # words before a phrase that may deny it: "not really interested"


class Unclear:
    """More than one branch fits, or none can be told for sure."""


UNCLEAR = Unclear()


@dataclass(frozen=True, slots=True)
class _Found:
    branch: int
    start: int
    end: int


def words_of(text: str) -> tuple[str, ...]:
    """Small letters without accents; "I'm" is one word."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text).casefold())
    return tuple(_WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign))))


def chosen(text: str, branches: Sequence[Sequence[str]]) -> int | Unclear | None:
    """The index of the branch whose phrase was said; None: none of them was."""
    said = words_of(yes_no.with_signs(text))
    expected = [[words_of(phrase) for phrase in phrases] for phrases in branches]
    found = [
        _Found(number, start, start + len(phrase))
        for number, phrases in enumerate(expected)
        for phrase in phrases
        for start in _places(said, phrase)
    ]
    # "not interested" has said nothing about "interested"
    longest = [one for one in found if not any(_within(one, other) for other in found)]
    own = [one for one in longest if not yes_no.is_generic(said[one.start : one.end])]
    if yes_no.hedges(_without(said, own)):
        return UNCLEAR if longest or _takes_yes_or_no(expected) else None
    if "?" not in text and (plain := _plain_answer(said, expected)) is not None:
        return plain
    if len(own) < len(longest):  # a yes or a no, and more
        return UNCLEAR
    if not own:
        return None
    if len({one.branch for one in own}) > 1 or any(_is_denied(one, said, own) for one in own):
        return UNCLEAR
    return own[0].branch


def _without(said: tuple[str, ...], own: Sequence[_Found]) -> tuple[str, ...]:
    """A "not now" that the playbook itself looks for is no hedge."""
    meant = {place for one in own for place in range(one.start, one.end)}
    return tuple("" if place in meant else word for place, word in enumerate(said))


def _plain_answer(said: tuple[str, ...], expected: Sequence[Sequence[tuple[str, ...]]]) -> int | None:
    """The one branch that takes this yes or no. What else the branch expects may be said with it."""
    takes = {kind: [n for n, phrases in enumerate(expected) if _takes(phrases, kind)] for kind in ("yes", "no")}
    own = [
        (phrase, kind)
        for kind, numbers in takes.items()
        if len(numbers) == 1
        for phrase in expected[numbers[0]]
        if not yes_no.is_generic(phrase)
    ]
    kind = yes_no.read(said, own)
    return takes[kind][0] if kind and len(takes[kind]) == 1 else None


def _takes(phrases: Sequence[tuple[str, ...]], kind: str) -> bool:
    return any(yes_no.is_generic(phrase) == kind for phrase in phrases)


def _takes_yes_or_no(expected: Sequence[Sequence[tuple[str, ...]]]) -> bool:
    return any(_takes(phrases, kind) for phrases in expected for kind in ("yes", "no"))


def _places(said: Sequence[str], phrase: Sequence[str]) -> list[int]:
    if not phrase:
        return []
    return [at for at in range(len(said) - len(phrase) + 1) if tuple(said[at : at + len(phrase)]) == tuple(phrase)]


def _within(one: _Found, other: _Found) -> bool:
    longer = other.end - other.start > one.end - one.start
    return longer and other.start <= one.start and one.end <= other.end


def _is_denied(one: _Found, said: Sequence[str], longest: Sequence[_Found]) -> bool:
    meant = {place for other in longest for place in range(other.start, other.end)}
    before = range(max(0, one.start - REACH), one.start)
    return any(said[place] in DENIALS and place not in meant for place in before)
