"""Why a message may or may not leave: the gate's answers in words, for screens, programs and the command line."""

from dataclasses import dataclass
from datetime import datetime

from allstop.rules import gate
from allstop.rules.reasons import CHECKS, OPTED_OUT_OF_TEXTS, in_words
from allstop.rules.verdict import Hold, Verdict, VerdictWord, reason_of, word_of
from allstop.rules.words import Channel, Purpose, Standing
from allstop.store.facts import facts_of
from allstop.store.models import CallInstead, Message, Status
from allstop.store.quiet_laws import rule_words

_ENDED = {
    Status.SENT: "It has left: a provider accepted it.",
    Status.FAILED: "The provider refused it for good, or the attempts are used up.",
    Status.REFUSED: "The gate refused it for good.",
    Status.UNKNOWN: "It may have left, and nobody knows: a person decides.",
    Status.REMOVED: "Its job was removed before it left.",
    Status.CANCELED: "The rules canceled it before it was due.",
}


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    check: str
    title: str
    verdict: VerdictWord
    reason: str  # "" with the verdict send
    words: str
    standing: Standing | None  # what somebody set that made the check answer so
    overridden: Standing | None  # who let this message pass the check
    earliest: datetime | None  # when this check alone lets it leave; None: no end is known


@dataclass(frozen=True, slots=True)
class Why:
    id: int
    status: Status
    verdict: VerdictWord | None  # the gate's answer now; None: the message is finished
    reason: str
    words: str
    due_at: datetime
    earliest: datetime | None  # when it can leave if nothing changes
    asked_at: datetime
    checks: tuple[CheckAnswer, ...]  # in the gate's order: the first that is not send decides


def why(account_id: int, message_id: int, now: datetime) -> Why | None:
    """None: the account has no such message."""
    message = Message.objects.filter(account_id=account_id, id=message_id).first()
    if message is None:
        return None
    if message.status != Status.WAITING:
        return _ended(message, now)
    facts = facts_of(account_id, message_id)
    verdict = gate.decide(facts, now)
    return Why(
        id=message_id,
        status=Status.WAITING,
        verdict=word_of(verdict),
        reason=reason_of(verdict),
        words=" ".join(filter(None, (_words(verdict) or _may_leave(message, now), instead_words(message)))),
        due_at=message.due_at,
        earliest=gate.earliest(facts, now),
        asked_at=now,
        checks=tuple(_check(answer) for answer in gate.explain(facts, now)),
    )


def _may_leave(message: Message, now: datetime) -> str:
    return "It may leave now." if message.due_at <= now else "Nothing stands against it; it is not due yet."


def _ended(message: Message, now: datetime) -> Why:
    status = Status(message.status)
    return Why(
        id=message.id,
        status=status,
        verdict=None,
        reason=message.reason,
        words=" ".join(filter(None, (_ENDED[status], in_words(message.reason), instead_words(message)))),
        due_at=message.due_at,
        earliest=None,
        asked_at=now,
        checks=(),
    )


def instead_words(message: Message) -> str:
    """Of a text that goes out as a call, and of that call."""
    mine = CallInstead.objects.filter(account_id=message.account_id)
    if message.reason == OPTED_OUT_OF_TEXTS:
        call = mine.filter(message_id=message.id).values_list("call_id", flat=True).first()  # call_instead_once
        return f"A call goes instead: message {call}." if call else ""
    if message.channel != Channel.CALL or message.purpose != Purpose.REMINDER:
        return ""
    text = mine.filter(call_id=message.id).values_list("message_id", flat=True).first()  # call_instead_by_call
    return f"It goes instead of the text {text}, since the contact has said no to texts." if text else ""


def _words(verdict: Verdict) -> str:
    """Of a law with what its rule says."""
    if isinstance(verdict, Hold) and verdict.rule:
        return " ".join(filter(None, (in_words(verdict.reason), rule_words(verdict.rule))))
    return in_words(reason_of(verdict))


def _check(answer: gate.Answer) -> CheckAnswer:
    reason = reason_of(answer.verdict)
    return CheckAnswer(
        check=answer.check,
        title=CHECKS[answer.check],
        verdict=word_of(answer.verdict),
        reason=reason,
        words=_words(answer.verdict),
        standing=answer.standing,
        overridden=answer.overridden,
        earliest=answer.earliest,
    )
