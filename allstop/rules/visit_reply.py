"""What a reply to a reminder says of the appointment: yes, no, a wrong number, or something that a person has to read.

The rule that it guards: nothing is guessed. Only a reply that is one of the words below, or of plain_answers.py, and
nothing else, is a yes or a no; "no worries mate" is neither. Whether it is a no to more messages is asked before, and
elsewhere: optout.py.

| wrote | is |
|---|---|
| YES, Y, YEAH, OK, CONFIRM, JA, SÍ, OUI ... | confirmed |
| NO, N, NOPE, CAN'T MAKE IT, NEIN, NON ... | cancelled |
| wrong number, falsche Nummer, numéro erroné ... in a short text | wrong |
| anything else | other |
"""

import re
import unicodedata
from enum import StrEnum

from allstop.rules import plain_answers
from allstop.rules.plain_answers import phrases


class VisitReply(StrEnum):
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    WRONG = "wrong"
    OTHER = "other"


_YES = """
c; confirm; confirmed; i confirm; yes please; yes thanks; yes thank you; ok thanks; ill be there; i will be there;
confirmo; confirmado; je confirme; ja bitte; bestatigt; ich komme; ik kom; confermo
"""
_NO = """
cant make it; i cant make it; cannot make it; i cannot make it; cant come; i cant come; not coming; im not coming;
no puedo ir; je ne peux pas venir; ich kann nicht; ich komme nicht; ik kom niet; non posso venire
"""
_WRONG = """
wrong number; wrong person; wrong email; you have the wrong; numero equivocado; numero erroneo; mauvais numero;
numero errone; falsche nummer; verkeerd nummer; numero sbagliato
"""

SHORT = 60  # letters: in a longer text the words may mean something else


YES, NO = plain_answers.YES | phrases(_YES), plain_answers.NO | phrases(_NO)
WRONG = phrases(_WRONG)
_BETWEEN = re.compile(r"[^\w]+|_")


def read_visit_reply(text: str) -> VisitReply:
    said = _plain(text)
    if said in YES:
        return VisitReply.CONFIRMED
    if said in NO:
        return VisitReply.CANCELLED
    if len(said) <= SHORT and any(f" {words} " in f" {said} " for words in WRONG):
        return VisitReply.WRONG
    return VisitReply.OTHER


def _plain(text: str) -> str:
    """Small letters without accents and signs; an apostrophe joins: can't is cant."""
    joined = text.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
    folded = unicodedata.normalize("NFKD", joined.casefold())
    letters = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return " ".join(_BETWEEN.sub(" ", letters).split())
