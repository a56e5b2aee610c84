"""Whether a whole answer is a yes or a no, and nothing else.

The rule that it guards: an answer is understood to its last word, or it is not. "No problem" holds a no and is none;
"yes but not now" and "yes, how much?" say more than a yes, which a person must read. So the words of a short answer
are taken apart into known pieces, each of which says yes, says no, or is politeness; a word that is no piece, or pieces
that contradict each other, and the answer says neither.

The pieces are of English, with the short answers of Spanish, French and German. How good this is, is measured on
tests/cases/playbook_answers.txt: docs/leads-playbook.md.
"""

from collections.abc import Iterable
from functools import cache

from allstop.rules import plain_answers
from allstop.rules.plain_answers import phrases

Words = tuple[str, ...]
LONGEST = 12  # words; nobody says yes in more

_YES = """
please do; please call; call me; call us; call; please; you can call; you can call me; you may call; you may call me;
go ahead; go for it; sounds good; sounds great; sounds fine; that sounds good; that sounds great; that would be great;
that would be good; that would be nice; that works; works for me; that works for me; fine; thats fine; that is fine;
fine by me; fine with me; perfect; great; good; i am; i do; we are; we do; i would; we would; indeed; correct; thats
right; that is right; thats correct; right; id like that; i would like that; id love to; id love that; i would love
to; i would love that; would love to; happy to; interested; very interested; still interested; im interested; i am
interested; we are interested; im very interested; i am very interested; im still interested; i am still interested;
still looking; im still looking; i am still looking; we are still looking; were still looking; it is; why not; lets do
it; lets do that; lets go; please go ahead; con gusto; avec plaisir; volontiers; gerne; sehr gerne; einverstanden;
please call me; please call us
"""
_NO = """
im good; i am good; not interested; im not interested; i am not interested; we are not interested; were not
interested; not interested anymore; not interested any more; no longer interested; im no longer interested; i am no
longer interested; not any more; not anymore; no longer; no longer looking; we are no longer looking; im no longer
looking; i am no longer looking; not looking; not looking anymore; not looking any more; im not; i am not; we are not;
i dont; i do not; we dont; we do not; dont call; dont call me; do not call; do not call me; no calls; no need; no need
to call; no need to call me; not needed; not necessary; i dont want to; i dont want that; i dont want it; i dont need
it; i do not need it; dont need it; we dont need it; dont want it; i changed my mind; changed my mind; ive changed my
mind; not at all; never; hard pass; pass; ill pass; i will pass; id rather not; i would rather not; rather not; not
for me; its not for me; no me interesa; no estoy interesado; no estoy interesada; ya no; para nada; pas interesse; pas
interessee; je ne suis pas interesse; je ne suis pas interessee; pas du tout; plus maintenant; kein interesse; nicht
interessiert; nicht mehr; no danke; lieber nicht; please dont call; please dont call me; please do not call; please do
not call me
"""
_POLITE = """
thanks; thank you; thank you so much; thank you very much; many thanks; thx; ty; please; hi; hello; hey; hi there;
hello there; sorry; sir; maam; good morning; good afternoon; good evening; por favor; gracias; muchas gracias; hola;
merci; merci beaucoup; bonjour; sil vous plait; s il vous plait; svp; danke; danke schon; vielen dank; bitte; hallo;
guten tag; cheers
"""
YES, NO = plain_answers.YES | phrases(_YES), plain_answers.NO | phrases(_NO)
_SIGNS = {"\U0001f44d": "yes", "\U0001f44e": "no", "\u2705": "yes"}
SKIN = frozenset("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff\ufe0f")


@cache
def _pieces() -> dict[Words, str]:
    found: dict[Words, str] = {}
    for kind, listed in (("polite", phrases(_POLITE)), ("yes", YES), ("no", NO)):
        for piece in sorted(listed):
            found.setdefault(tuple(piece.split()), kind)
    return found


@cache
def is_generic(phrase: Words) -> str:
    """yes or no: a phrase that says this to any question; "" for all others."""
    joined = " ".join(phrase)
    return next((kind for kind, listed in (("yes", YES), ("no", NO)) if joined in listed), "")


def with_signs(text: str) -> str:
    """Thumbs as words."""
    plain = "".join(sign for sign in text if sign not in SKIN)
    for sign, word in _SIGNS.items():
        plain = plain.replace(sign, f" {word} ")
    return plain


def read(said: Words, own: Iterable[tuple[Words, str]] = ()) -> str:
    """yes, no, or "": neither for certain. `own`: phrases that say the one or the other to the question at hand."""
    if not said or len(said) > LONGEST:
        return ""
    pieces = _pieces() | {phrase: kind for phrase, kind in own if phrase}
    kinds = _kinds(said, pieces)
    return next(iter(kinds)) if len(kinds) == 1 else ""


def _kinds(said: Words, pieces: dict[Words, str]) -> set[str]:
    """What the pieces say, from the left, the longest first; nothing where a word is no piece. "Please" alone is a yes,
    and beside another piece it is polite."""
    kinds: list[str] = []
    at = 0
    while at < len(said):
        piece = next((said[at:end] for end in range(len(said), at, -1) if said[at:end] in pieces), None)
        if piece is None:
            return set()
        kinds.append(pieces[piece])
        at += len(piece)
    meant = {kind for kind in kinds if kind != "polite"}
    if not meant and all(word in ("please", "por", "favor", "svp") for word in said):
        return {"yes"}
    return meant


# Whoever hedges has decided nothing, whatever else they say.
_HEDGES = """
maybe; perhaps; possibly; probably; depends; unless; unsure; not sure; dunno; idk; i guess; i think; might; not yet;
not now; not right now; not today; let me think; think about; not without; kind of; sort of; either; whatever;
yeah right; quizas; tal vez; no se; no lo se; ahora no; todavia no; peut etre; je ne sais pas; pas encore;
pas maintenant;
vielleicht; weiss nicht; noch nicht; nicht jetzt; jein
"""


@cache
def _hedging() -> tuple[Words, ...]:
    return tuple(tuple(words.split()) for words in _HEDGES.split(";"))


def hedges(said: Words) -> bool:
    return any(said[at : at + len(one)] == one for one in _hedging() for at in range(len(said) - len(one) + 1))
