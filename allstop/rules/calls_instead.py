"""A reminder by call instead of the text to which its contact has said no: what it says.

The rule that it guards: it names what the text named, and nothing that only a text can do ("reply YES").
"""

from collections.abc import Sequence

from allstop.rules import answer_link
from allstop.rules.family import FIELDS as FAMILY_FIELDS
from allstop.rules.family import Said, values_of
from allstop.rules.wording import Template, fill, parse_template
from allstop.rules.words import Problem

FIELDS = tuple(name for name in FAMILY_FIELDS if name != answer_link.NAME)
USUAL = "This is {account}. We remind you of an appointment on {date}: {visits}."
LONGEST = 600  # letters


def fault_of(words: str) -> str:
    """ "" = nothing is wrong with them, or there are none: then the text's own words are spoken."""
    if not words:
        return ""
    parsed = parse_template(words, FIELDS)
    if isinstance(parsed, Problem):
        return parsed.text
    if len(words) > LONGEST:
        return f"At most {LONGEST} letters."
    if "visits" not in parsed.placeholders():
        return "Name who comes and when: put {visits} into it."
    return ""


def spoken(words: str, text: str, said: Sequence[Said]) -> str:
    """`text`: what the text would have said. `said`: the appointments of which it told."""
    if not words:
        return text
    template = parse_template(words, FIELDS)
    assert isinstance(template, Template), "it was checked when it was saved"
    filled = fill(template, values_of(said))
    assert isinstance(filled, str), filled
    return filled
