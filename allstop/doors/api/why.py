"""Why a message may or may not leave: the gate's answers as programs and the command line show them."""

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import Field

from allstop.actions.actor import NotThere
from allstop.rules import gate
from allstop.rules.facts import Standing
from allstop.rules.reasons import CHECKS, in_words
from allstop.rules.verdict import Hold, Refuse, Send, Verdict
from allstop.store.facts import facts_of
from allstop.store.models import Message, Status

VerdictWord = Literal["send", "hold", "refuse"]

_ENDED = {
    Status.SENT: "It has left: a provider accepted it.",
    Status.FAILED: "The provider refused it for good, or the attempts are used up.",
    Status.REFUSED: "The gate refused it for good.",
    Status.UNKNOWN: "It may have left, and nobody knows: a person decides.",
    Status.REMOVED: "Its job was removed before it left.",
    Status.CANCELED: "The rules canceled it before it was due.",
}


class StandingOut(Schema):
    name: str
    by: str = Field(description="Who set it.")
    at: datetime
    reason: str


class CheckOut(Schema):
    check: str = Field(description="The name of the check, as docs/api.md lists them.")
    title: str
    verdict: VerdictWord
    reason: str = Field(description='A stable code; "" with the verdict send.')
    words: str
    standing: StandingOut | None = Field(description="What somebody set that made the check answer so.")
    overridden: StandingOut | None = Field(description="Who let this message pass the check.")
    earliest: datetime | None = Field(description="When this check alone lets it leave; null: no end is known.")


class WhyOut(Schema):
    id: int
    status: str
    verdict: VerdictWord | None = Field(description="The gate's answer now; null when the message is finished.")
    reason: str
    words: str
    due_at: datetime
    earliest: datetime | None = Field(description="When it can leave if nothing changes.")
    asked_at: datetime
    checks: list[CheckOut] = Field(description="In the gate's order: the first that is not send decides.")


def why_shape(account_id: int, message_id: int, now: datetime) -> WhyOut:
    message = Message.objects.filter(account_id=account_id, id=message_id).first()
    if message is None:
        raise NotThere("There is no such message.")
    if message.status != Status.WAITING:
        return _ended(message, now)
    facts = facts_of(account_id, message_id)
    verdict = gate.decide(facts, now)
    return WhyOut(
        id=message_id,
        status=message.status,
        verdict=verdict_word(verdict),
        reason=reason_of(verdict),
        words=in_words(reason_of(verdict)) or _may_leave(message, now),
        due_at=message.due_at,
        earliest=gate.earliest(facts, now),
        asked_at=now,
        checks=[_check(answer) for answer in gate.explain(facts, now)],
    )


def verdict_word(verdict: Verdict) -> VerdictWord:
    match verdict:
        case Send():
            return "send"
        case Hold():
            return "hold"
        case Refuse():
            return "refuse"


def reason_of(verdict: Verdict) -> str:
    return "" if isinstance(verdict, Send) else verdict.reason


def _may_leave(message: Message, now: datetime) -> str:
    return "It may leave now." if message.due_at <= now else "Nothing stands against it; it is not due yet."


def _ended(message: Message, now: datetime) -> WhyOut:
    return WhyOut(
        id=message.id,
        status=message.status,
        verdict=None,
        reason=message.reason,
        words=" ".join(filter(None, (_ENDED[Status(message.status)], in_words(message.reason)))),
        due_at=message.due_at,
        earliest=None,
        asked_at=now,
        checks=[],
    )


def _check(answer: gate.Answer) -> CheckOut:
    return CheckOut(
        check=answer.check,
        title=CHECKS[answer.check],
        verdict=verdict_word(answer.verdict),
        reason=reason_of(answer.verdict),
        words=in_words(reason_of(answer.verdict)),
        standing=_standing(answer.standing),
        overridden=_standing(answer.overridden),
        earliest=answer.earliest,
    )


def _standing(standing: Standing | None) -> StandingOut | None:
    if standing is None:
        return None
    return StandingOut(name=standing.name, by=standing.by, at=standing.at, reason=standing.reason)
