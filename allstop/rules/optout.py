"""Whether a reply is an opt-out: a whole message that is one of the words, and nothing more.

A reply is folded before it is compared: case, accents, spaces, punctuation and signs go, so that "Stop!",
"S.T.O.P" and "opt-out" are what they mean, and a curly apostrophe is as good as a straight one. What is
left must equal a word of the list: "please stop" and "stop by later" do not unsubscribe. A reply that names
the strongest of these words among others is `Unclear`: nobody is unsubscribed by it, and a person should
read it.

Sources: 47 CFR 64.1200(a)(10) (stop, quit, end, revoke, opt out, cancel, unsubscribe), the carriers' lists
(STOPALL, OPTOUT, ARRET, TD), and the words that texting customers are known to use.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache


class Reply(StrEnum):
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    UNCLEAR = "unclear"
    NONE = "none"


OPT_OUT_WORDS = (
    "arret",
    "block",
    "cancel",
    "do not call",
    "do not call me",
    "do not text",
    "do not text me",
    "don't call",
    "don't call me",
    "don't text",
    "don't text me",
    "end",
    "f**k you",
    "fuck you",
    "leave me alone",
    "opt out",
    "quit",
    "remove",
    "revoke",
    "shut up",
    "stop",
    "stop all",
    "stop calling",
    "stop texting",
    "stop texts",
    "stop this",
    "td",
    "unsubscribe",
    "x",
)

# YES opts in only where the account's own wording asked for it: pass it as an extra word then.
OPT_IN_WORDS = ("opt in", "resume", "start", "unstop")

HELP_WORDS = ("help", "info")

# Words that hardly mean anything else; "end" and "cancel" stand in too many other sentences.
_TELLING = re.compile(r"\b(stop|stopall|unsubscribe|optout|opt out|opt-out|revoke|do not text|do not call)\b")
_APOSTROPHES = re.compile("['\u2019\u2018\u02bc\u00b4`]")


def reply_meaning(text: str, extra_opt_out: Iterable[str] = (), extra_opt_in: Iterable[str] = ()) -> Reply:
    """Where a word stands in two lists, opting out wins."""
    folded = fold(text)
    if not folded:
        return Reply.NONE
    if folded in _folded(OPT_OUT_WORDS) or folded in map(fold, extra_opt_out):
        return Reply.OPT_OUT
    if folded in _folded(OPT_IN_WORDS) or folded in map(fold, extra_opt_in):
        return Reply.OPT_IN
    if folded in _folded(HELP_WORDS):
        return Reply.HELP
    return Reply.UNCLEAR if _TELLING.search(_plain(text).replace("dont", "do not")) else Reply.NONE


def fold(text: str) -> str:
    """Letters and digits only, without case and accents."""
    return "".join(character for character in _plain(text) if character.isalnum())


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).casefold()
    return "".join(character for character in decomposed if not unicodedata.combining(character))


@lru_cache
def _folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(word) for word in words)
