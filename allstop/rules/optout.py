"""What a reply means: an opt-out, an opt-in, a call for help, perhaps a no, or nothing of the kind.

The rule that it guards: a clear no is obeyed, a guess is not. Whole replies are compared with lists of words, whatever
they are dressed in: case, accents, spaces, punctuation, signs and apostrophes go first, so that "Stop!", "S.T.O.P" and
"opt-out" are what they mean. Else each sentence is compared, from its first word to its last, with rows of slots
("please | stop | texting | me"). What is neither, and still has a telling word ("how do I stop these?"), is UNCLEAR:
nobody is opted out by it, and a person reads it. "Stop by at 5" and other innocent phrases are taken out before.

The tables are in optout_words.py. How good the rule is, is measured: docs/opt-out.md.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from allstop.rules import optout_sentences as sentences
from allstop.rules import optout_words as lists
from allstop.rules.words import Channel, Problem


class Reply(StrEnum):
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    UNCLEAR = "unclear"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Reading:
    reply: Reply
    of_all: bool = False  # an opt-out of every channel, not only of the one that it came on


Words = tuple[str, ...]

OPT_OUT = Reading(Reply.OPT_OUT)
OPT_IN = Reading(Reply.OPT_IN)
HELP = Reading(Reply.HELP)
NOTHING = Reading(Reply.NOTHING)
UNCLEAR = Reading(Reply.UNCLEAR)
GAP = "|"
LONGEST_OWN_WORD = 30  # letters
MOST_IN_OWN_WORD = 5  # words
LONGEST_READ = 2000  # characters in which sentences are looked for; nobody says no in more
_SENTENCE_ENDS = re.compile(r"[.!?;:,\n\u2026\u2014\u2013/()\u3002\uff01\uff1f]+")
_APOSTROPHES = re.compile("['\u2019\u2018\u201b\u02bc\u00b4`\uff07]")
_STARRED = re.compile(r"\bfu?[*#@]+[*#@ckuing]*")
_DRAWLED_STOP = re.compile(r"(?:sto+p+)+")  # STOOOP, stoppp, stop stop stop
_QUOTED_LINE = re.compile(r"^\s*>.*$", re.M)
_OUR_OWN_BELOW = re.compile(r"^\s*(?:-+ ?original message ?-+|on .{4,200} wrote:)\s*$", re.I | re.M)
# What programs and people put below a mail or a text: "STOP" with it is still nothing but "STOP".
_SIGNED_BELOW = re.compile(
    r"^[ \t]*(?:--[ \t]*$|(?:sent|gesendet|envoy|enviado|inviato|verzonden)\b.{0,60}$|get outlook for .{0,40}$"
    r"|von meinem .{0,40} gesendet$)",
    re.I | re.M,
)
_REACTION = re.compile(
    rf"\s*(?:{'|'.join(lists.REACTIONS)})\b[^\"\u201c\u00ab]{{0,20}}[\"\u201c\u00ab]"  # Liked "..."
    r"|\s*[^\w\s]{1,8} to [\"\u201c]"  # thumbs-up to "..."
)


def read_reply(text: str, channel: Channel = Channel.TEXT, own_words: Iterable[str] = ()) -> Reading:
    """`own_words`: whole replies that opt out of an account as STOP does. Of a word in two lists the no counts."""
    own = _without_quotes(text)
    whole = fold(own)
    if not whole:
        return UNCLEAR if any(sign in own for sign in lists.DOUBTFUL_SIGNS) else NOTHING
    if _REACTION.match(_plain(own)):
        return NOTHING
    if whole in map(fold, own_words):
        return OPT_OUT
    if meant := _meaning_of_word(whole) or _meaning_of_word(fold(_SIGNED_BELOW.split(own, maxsplit=1)[0])):
        return meant
    return UNCLEAR if whole in _folded(lists.DOUBTFUL_WORDS) else _read_sentences(own[:LONGEST_READ], channel)


def _meaning_of_word(whole: str) -> Reading | None:
    if whole in _folded(lists.OPT_OUT_WORDS) or _DRAWLED_STOP.fullmatch(whole):
        return OPT_OUT
    if whole in _folded(lists.ALL_CHANNELS):
        return Reading(Reply.OPT_OUT, of_all=True)
    if whole in _folded(lists.OPT_IN_WORDS):
        return OPT_IN
    return HELP if whole in _folded(lists.HELP_WORDS) else None


def fold(text: str) -> str:
    """Letters and digits only, without case and accents."""
    return "".join(character for character in _plain(text) if character.isalnum())


def word_problem(word: str) -> Problem | None:
    """Whether an account may add this word to those that opt out: a whole reply, and nothing that people say daily."""
    folded = fold(word)
    if folded.isdigit() or folded in _folded(lists.DAILY_REPLIES):
        return Problem("daily", f"“{word}” is what people answer to other questions. Choose a word that only means no.")
    if not 2 <= len(folded) <= LONGEST_OWN_WORD or len(_words(word)) > MOST_IN_OWN_WORD:
        return Problem("length", f"“{word}” cannot be used. Give 2 to {LONGEST_OWN_WORD} letters, in at most 5 words.")
    if read_reply(word).reply in (Reply.OPT_IN, Reply.HELP):
        return Problem("taken", f"“{word}” means something else already: it takes a no back, or asks for help.")
    return None


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).casefold()
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _without_quotes(text: str) -> str:
    """Without the lines that repeat what we wrote."""
    return _QUOTED_LINE.sub("", _OUR_OWN_BELOW.split(text, maxsplit=1)[0])


@lru_cache
def _folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(word) for word in words)


# --- sentences


@dataclass(frozen=True, slots=True)
class _Clause:
    """A stretch of a reply that is one thing: a request of the tables, one of the list's words, or anything else."""

    words: Words
    of_all: bool = False
    is_request: bool = False


def _read_sentences(text: str, channel: Channel) -> Reading:
    split = [_words(one) for one in _SENTENCE_ENDS.split(_STARRED.sub(" ", text.casefold()))]
    said = tuple(word for words in split for word in words)
    core = tuple(word for word in said if word not in lists.COURTESY)
    if meant := _meant_politely(core):
        return meant
    if fold("".join(core)) in lists.MILD_WORDS:
        return UNCLEAR
    clauses = [clause for words in split for clause in _clauses(words)]
    requests = [clause for clause in clauses if clause.is_request]
    others = [clause.words for clause in clauses if not clause.is_request and clause.words]
    if requests:
        if any(_turns(words) for words in others):
            return UNCLEAR
        of_all = any(_reaches_all(clause, channel) for clause in requests)
        return Reading(Reply.OPT_OUT, of_all)
    return UNCLEAR if _has_sign(said) else NOTHING


def _meant_politely(core: Words) -> Reading | None:
    """A word of the lists with nothing but courtesy around it. "Please stop" is not enough, "please unsubscribe" is."""
    meant = None if fold("".join(core)) in lists.MILD_WORDS else _meaning_of_word(fold("".join(core)))
    if meant:
        return meant
    bare = core
    for excuse in _split_longest_first(lists.EXCUSES):
        bare = _without(bare, excuse)
    bare = tuple(word for word in bare if word != GAP)
    if bare and len(core) > 1 and all(word in lists.MILD_WORDS or word in lists.SURE_WORDS for word in bare):
        return OPT_OUT  # said twice, or with the reason
    return OPT_IN if core and set(core) == {"start"} else None


def _words(text: str) -> Words:
    """As the tables spell them."""
    found = "".join(character if character.isalnum() else " " for character in _plain(text)).split()
    spelled = " ".join(sentences.SPELLINGS.get(word, word) for word in found)
    return tuple(word for word in spelled.split() if word not in sentences.FORCE)


def _clauses(words: Words) -> Iterator[_Clause]:
    """A sentence as the requests in it and what stands around them."""
    begin = _after_heads(words, 0)
    found = _request_at(words, begin)
    if found is None:
        # A later "please" may begin the request: "I moved away please remove me from your list".
        again = next((at for at in range(begin + 1, len(words)) if _begins_anew(words, at)), None)
        if again is None:
            yield _Clause(words[begin:])
        else:
            yield _Clause(words[:again])
            yield from _clauses(words[again:])
        return
    end, of_all = found
    after = _after_all(words, end, sentences.TAILS)
    rest = words[after:]
    if rest and rest[0] not in sentences.STARTERS:
        yield _Clause(words[begin:])
        return
    yield _Clause(words[begin:end], of_all, is_request=True)
    if rest:
        yield from _clauses(rest[1:] if rest[0] in ("and", "or") else rest)


def _begins_anew(words: Words, at: int) -> bool:
    return words[at] == "please" and _request_at(words, _after_heads(words, at)) is not None


def _after_heads(words: Words, at: int) -> int:
    return _after_all(words, at, sentences.HEADS)


def _after_all(words: Words, at: int, phrases: tuple[str, ...]) -> int:
    """The position after as many of the phrases as follow each other."""
    while length := next((len(one) for one in _split_longest_first(phrases) if words[at : at + len(one)] == one), 0):
        at += length
    return at


@cache
def _split_longest_first(phrases: tuple[str, ...]) -> tuple[Words, ...]:
    return tuple(sorted((tuple(phrase.split()) for phrase in phrases), key=len, reverse=True))


def _request_at(words: Words, at: int) -> tuple[int, bool] | None:
    """Where the longest sentence of the tables that begins here ends, and whether it is of all channels."""
    best: tuple[int, bool] | None = None
    for sentence, of_all in sentences.SENTENCES:
        end = max(_ends(tuple(sentence.split()), words, at), default=0)
        if end and (best is None or end > best[0]):
            best = end, of_all
    return best


def _ends(parts: Words, words: Words, at: int) -> set[int]:
    """Every position at which the parts may have been said, from `at` on."""
    ends = {at}
    for part in parts:
        name, mark = part.rstrip("?*"), part[-1]
        if not name.isupper():
            ends = {end + 1 for end in ends if words[end : end + 1] == (part,)}
            continue
        once = {after for end in ends for after in _slot_ends(name, words, end)}
        if mark == "*":
            more = once
            while more := {after for end in more for after in _slot_ends(name, words, end)} - once:
                once |= more
        ends = ends | once if mark in "?*" else once
    return ends


def _slot_ends(name: str, words: Words, at: int) -> Iterator[int]:
    for row in sentences.SLOTS[name]:
        yield from _ends(tuple(row.split()), words, at)


def _reaches_all(clause: _Clause, channel: Channel) -> bool:
    """The sentence's own channels count where it names any: "stop calling me" in a text is about more than texts."""
    said = set(clause.words)
    named = {
        one
        for one, names in (
            (Channel.TEXT, sentences.NAMES_TEXTS),
            (Channel.CALL, sentences.NAMES_CALLS),
            (Channel.EMAIL, sentences.NAMES_EMAILS),
        )
        if said & names
    }
    if said & sentences.NAMES_ALL or named - {channel}:
        return True
    return clause.of_all and not named


def _turns(words: Words) -> bool:
    return words[0] in sentences.TURNS_AT_FIRST or _holds_any(words, sentences.TURNS)


def _has_sign(words: Words) -> bool:
    for phrase in _split_longest_first(lists.INNOCENT):
        words = _without(words, phrase)
    if _holds_any(words, lists.SIGNS):
        return True
    return any(set(first) & set(words) and set(second) & set(words) for first, second in lists.PAIRS)


def _holds_any(words: Words, phrases: tuple[str, ...]) -> bool:
    line = f" {' '.join(words)} "
    return any(f" {phrase} " in line for phrase in phrases)


def _without(words: Words, phrase: Words) -> Words:
    """What is taken out leaves a gap, so that no new phrase comes of it."""
    line, gone = f" {' '.join(words)} ", f" {' '.join(phrase)} "
    return tuple(line.replace(gone, f" {GAP} ").split())
