"""Which of the expected answers somebody has given, in words and without guessing.

The rule that it guards: an answer that fits two branches, or that says no to a phrase ("not sure" where "sure" is
expected), is unclear, and unclear goes to a person. Case, signs and accents do not matter; whole words do.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

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
    said = words_of(text)
    found = [
        _Found(number, start, start + len(phrase))
        for number, phrases in enumerate(branches)
        for phrase in map(words_of, phrases)
        for start in _places(said, phrase)
    ]
    # "not interested" has said nothing about "interested"
    longest = [one for one in found if not any(_within(one, other) for other in found)]
    if not longest:
        return None
    if len({one.branch for one in longest}) > 1 or any(_is_denied(one, said, longest) for one in longest):
        return UNCLEAR
    return longest[0].branch


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
