"""Setup, replies: the words that opt out of this account beside those of the rule, and what is answered by itself."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, Invalid, require
from allstop.actions.answers import CONFIRMATION_NAMES, HELP_NAMES
from allstop.actions.auto_reply import NAMES as AUTO_REPLY_NAMES
from allstop.rules.calls_instead import USUAL, fault_of
from allstop.rules.optout import fold, word_problem
from allstop.rules.roles import Act
from allstop.rules.wording import parse_template
from allstop.rules.words import Problem
from allstop.store import ledger, lists
from allstop.store.models import Account, ReplySetup

LONGEST = 300
MOST_WORDS = 50
AUTO_REPLY_MINUTES = range(1, 121)
_LINKS = ("http://", "https://", "www.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    words: tuple[str, ...]
    stops_all: bool
    confirms: bool
    confirmation: str
    answers_help: bool
    help_answer: str
    auto_reply: str = ""  # when nobody reads what somebody wrote; "" = none
    auto_reply_minutes: int = 15
    calls_instead: bool = False  # of reminders by text, where the contact has said no to texts
    call_words: str = USUAL  # "" = those of the text


def replies_of(actor: Actor) -> Replies:
    require(actor, Act.VIEW)
    return _of(lists.reply_setup(actor.account_id))


@transaction.atomic
def change_replies(actor: Actor, wanted: Replies, now: datetime) -> Replies:
    """Replaces all; `dataclasses.replace` of replies_of changes a part. Holds from the next reply on."""
    require(actor, Act.EDIT_SETUP)
    Account.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.account_id)
    before = replies_of(actor)
    wanted = replace(
        wanted,
        words=tuple({fold(word): " ".join(word.split()) for word in wanted.words}.values()),
        confirmation=wanted.confirmation.strip(),
        help_answer=wanted.help_answer.strip(),
        auto_reply=wanted.auto_reply.strip(),
        call_words=wanted.call_words.strip(),
    )
    _check(wanted)
    if wanted == before:
        return before
    columns = {**_columns(wanted), "words": list(wanted.words)}
    ReplySetup.objects.update_or_create(account_id=actor.account_id, defaults=columns)
    was, becomes = _columns(before), _columns(wanted)
    changed = [name for name in becomes if was[name] != becomes[name]]
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="change_replies",
        subject="account",
        before={name: was[name] for name in changed},
        after={**{name: becomes[name] for name in changed}, "via": actor.via},
    )
    return wanted


def _check(wanted: Replies) -> None:
    problems: dict[str, str] = {}
    if words := _words_problem(wanted.words):
        problems["words"] = words
    for field, text, names in (
        ("confirmation", wanted.confirmation, CONFIRMATION_NAMES),
        ("help_answer", wanted.help_answer, HELP_NAMES),
    ):
        if (wrong := _wording_problem(text, names)) is not None:
            problems[field] = wrong
    if "help_answer" not in problems and "STOP" not in wanted.help_answer:
        problems["help_answer"] = "Say how to get no more of them: with the word STOP."
    if wanted.auto_reply and (wrong := _wording_problem(wanted.auto_reply, AUTO_REPLY_NAMES)) is not None:
        problems["auto_reply"] = wrong
    if wanted.auto_reply_minutes not in AUTO_REPLY_MINUTES:
        least, most = AUTO_REPLY_MINUTES[0], AUTO_REPLY_MINUTES[-1]
        problems["auto_reply_minutes"] = f"Choose {least} to {most} minutes."
    problems |= {"call_words": wrong} if (wrong := fault_of(wanted.call_words)) else {}
    if problems:
        raise Invalid(**problems)


def _words_problem(words: tuple[str, ...]) -> str:
    if len(words) > MOST_WORDS:
        return f"At most {MOST_WORDS} words can be added."
    return next((problem.text for word in words if (problem := word_problem(word)) is not None), "")


def _wording_problem(text: str, names: tuple[str, ...]) -> str | None:
    if not text or len(text) > LONGEST:
        return f"Write 1 to {LONGEST} characters."
    parsed = parse_template(text, names)
    if isinstance(parsed, Problem):
        return parsed.text
    if "account" not in parsed.placeholders():
        return "Say who writes: put {account} into it."
    if any(sign in text.lower() for sign in _LINKS):
        return "Leave the link out: this text must not advertise anything."
    return None


def _of(setup: ReplySetup) -> Replies:
    return Replies(
        words=tuple(setup.words),
        stops_all=setup.stops_all,
        confirms=setup.confirms,
        confirmation=setup.confirmation,
        answers_help=setup.answers_help,
        help_answer=setup.help_answer,
        auto_reply=setup.auto_reply,
        auto_reply_minutes=setup.auto_reply_minutes,
        calls_instead=setup.calls_instead,
        call_words=setup.call_words,
    )


def _columns(of: Replies) -> dict[str, object]:
    return {
        "words": list(of.words),
        "stops_all": of.stops_all,
        "confirms": of.confirms,
        "confirmation": of.confirmation,
        "answers_help": of.answers_help,
        "help_answer": of.help_answer,
        "auto_reply": of.auto_reply,
        "auto_reply_minutes": of.auto_reply_minutes,
        "calls_instead": of.calls_instead,
        "call_words": of.call_words,
    }
