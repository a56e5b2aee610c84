"""Texts that Allstop writes by itself: the one confirmation of an opt-out, and the answer to HELP.

The rule that it guards: they are messages like any other, and the gate judges them. The confirmation alone may pass an
opt-out, by a recorded override that holds for this one text, for this very opt-out, for five minutes. Whatever keeps
it longer (STOPPED, quiet hours, no provider), it then expires unsent.
"""

from datetime import datetime, timedelta

from allstop.rules.facts import Channel, Purpose
from allstop.rules.gate import CONFIRMED_WITHIN
from allstop.rules.optout import Reply
from allstop.rules.wording import fill, parse_template
from allstop.rules.words import Problem
from allstop.store import ledger, queue
from allstop.store.models import Contact, Inbound, Override, ReplySetup

BY_ITSELF = "automatic answer"  # who did it, in the ledger and on the override
CONFIRMS = "the one text that confirms an opt-out, within five minutes"
PASSES = ("opt_out", "window", "pace")  # an answer to what somebody has just written waits for no opening
CONFIRMATION_NAMES = ("account", "what")
HELP_NAMES = ("account",)
ONE_HELP_IN = timedelta(hours=1)  # two machines must not answer each other for ever
HELP_KEEPS = timedelta(days=1)
WHAT = {False: "texts", True: "texts, calls or emails"}


def confirm_opt_out(inbound: Inbound, contact: Contact, setup: ReplySetup, *, of_all: bool) -> int:
    """At most once for an opt-out: the caller asks only for one that did not stand before."""
    values = {"account": contact.account.name, "what": WHAT[of_all]}
    text = filled(setup.confirmation, values)
    message_id = _enqueue(inbound, contact, text, inbound.at + CONFIRMED_WITHIN, by_hand=True)
    Override.objects.bulk_create(
        Override(
            account_id=inbound.account_id,
            message_id=message_id,
            check_name=check,
            by=BY_ITSELF,
            reason=CONFIRMS,
            at=inbound.at,  # that of the opt-out, which the gate compares
        )
        for check in PASSES
    )
    _record("confirm_opt_out", inbound, message_id, {"skips": list(PASSES)}, CONFIRMS)
    return message_id


def answer_help(inbound: Inbound, contact: Contact, setup: ReplySetup) -> int | None:
    if not setup.answers_help or inbound.channel != Channel.TEXT or _was_answered_lately(inbound, contact):
        return None
    text = filled(setup.help_answer, {"account": contact.account.name})
    message_id = _enqueue(inbound, contact, text, inbound.at + HELP_KEEPS, by_hand=False)
    _record("answer_help", inbound, message_id, {}, "")
    return message_id


def filled(wording: str, values: dict[str, str]) -> str:
    """The wording was checked when it was written, so a problem here is a bug."""
    template = parse_template(wording, values)
    assert not isinstance(template, Problem), template
    text = fill(template, values)
    assert not isinstance(text, Problem), text
    return text


def _was_answered_lately(inbound: Inbound, contact: Contact) -> bool:
    since = inbound.at - ONE_HELP_IN
    earlier = Inbound.objects.filter(account_id=inbound.account_id, contact=contact, at__gt=since)
    return earlier.filter(meaning=Reply.HELP.value, answered_by__isnull=False).exists()  # inbound_by_contact


def _enqueue(inbound: Inbound, contact: Contact, text: str, use_by: datetime, *, by_hand: bool) -> int:
    (message_id,) = queue.enqueue(
        [
            queue.NewMessage(
                account_id=inbound.account_id,
                channel=Channel.TEXT,
                purpose=Purpose.SERVICE,
                address=inbound.sender,
                body=text,
                due_at=inbound.at,
                use_by=use_by,
                contact_id=contact.pk,
                location_id=contact.location_id,
                by_hand=by_hand,
            )
        ],
        inbound.at,
    )
    Inbound.objects.filter(pk=inbound.pk).update(answered_by=message_id)
    return message_id


def _record(act: str, inbound: Inbound, message_id: int, more: dict[str, object], reason: str) -> None:
    ledger.append(
        account_id=inbound.account_id,
        at=inbound.at,
        by=BY_ITSELF,
        act=act,
        subject=f"message:{message_id}",
        reason=reason,
        after={"inbound": inbound.pk, **more},
    )
