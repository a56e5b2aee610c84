"""The acknowledgement of a yes or a no to an appointment: by which words, in which language.

The rule that it guards: only a clear yes or no is acknowledged, and nothing is said that the plan does not say.

    {account}   your organisation
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from allstop.rules.wording import Template, fill, parse_template
from allstop.rules.words import Problem

FIELDS = ("account",)
MOST_LANGUAGES = 20
LONGEST = 600  # letters
_PARTS = ("language", "confirmed", "cancelled")


@dataclass(frozen=True, slots=True)
class Thanks:
    """Of one language; "" is every other. An empty text says nothing."""

    confirmed: str = ""
    cancelled: str = ""
    language: str = ""


USUAL = Thanks(
    "{account}: Thank you. We look forward to seeing you.",
    "{account}: Thank you for telling us. Please call us for another time.",
)


def text_for(thanks: Sequence[Thanks], answer: str, language: str, account: str) -> str:
    """ "" = nothing is said. `answer`: confirmed or cancelled; to anything else nothing is ever said."""
    spoken = _tongue(language)
    fitting = [one for one in thanks if one.language and _tongue(one.language) == spoken]
    fitting = fitting or [one for one in thanks if not one.language]
    if not fitting or answer not in ("confirmed", "cancelled"):
        return ""
    wording = fitting[0].confirmed if answer == "confirmed" else fitting[0].cancelled
    template = parse_template(wording, FIELDS)
    assert isinstance(template, Template), "it was checked when it was saved"
    said = fill(template, {"account": account})
    return said.strip() if isinstance(said, str) else ""


def faults_of(thanks: Sequence[Thanks]) -> dict[str, str]:
    """Field -> what is wrong with it, in words. None at all: answers are not acknowledged."""
    if not thanks:
        return {}
    if len(thanks) > MOST_LANGUAGES:
        return {"thanks": f"There are at most {MOST_LANGUAGES} languages."}
    if thanks[0].language:
        return {"thanks": "The first words are for every language that has none of its own."}
    if len({_tongue(one.language) for one in thanks}) < len(thanks):
        return {"thanks": "There are two wordings for the same language. Remove one."}
    faults: dict[str, str] = {}
    for number, one in enumerate(thanks, start=1):
        faults |= {f"thanks{number}_{field}": words for field, words in _faults_of_one(one, number == 1).items()}
    return faults


def _faults_of_one(one: Thanks, is_first: bool) -> dict[str, str]:
    faults: dict[str, str] = {}
    if not is_first and not one.language.strip():
        faults["language"] = "Say for which language these words are."
    if not one.confirmed.strip() and not one.cancelled.strip():
        faults["confirmed"] = "Write what is said to a yes, or to a no."
    for field in ("confirmed", "cancelled"):
        text = getattr(one, field)
        parsed = parse_template(text, FIELDS)
        if isinstance(parsed, Problem):
            faults[field] = parsed.text
        elif len(text) > LONGEST:
            faults[field] = f"At most {LONGEST} letters."
    return faults


def as_data(thanks: Sequence[Thanks]) -> list[dict[str, str]]:
    return [{part: getattr(one, part) for part in _PARTS} for one in thanks]


def read_thanks(said: Sequence[Mapping[str, Any]]) -> tuple[Thanks, ...]:
    return tuple(Thanks(**{part: str(one.get(part, "")) for part in _PARTS}) for one in said)


def _tongue(language: str) -> str:
    return language.strip().casefold().replace("_", "-").split("-")[0]
