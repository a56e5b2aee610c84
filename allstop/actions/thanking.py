"""A yes or a no to a reminder is acknowledged, where its message plan says so.

The rule that it guards: one for each appointment, and only to the contact's own clear word by text or email. It is a
message like any other: the gate decides whether it leaves.
"""

from datetime import timedelta

from allstop.actions.answers import BY_ITSELF
from allstop.rules.facts import Channel, Purpose
from allstop.rules.visit_thanks import read_thanks, text_for
from allstop.store import ledger, queue
from allstop.store.models import Account, AnswerKind, Contact, Inbound, Message, MessagePlan, PlanStep, Thanks

KEEPS = timedelta(hours=12)  # what was held for longer acknowledges nothing any more


def thank(message: Message, inbound: Inbound, kind: AnswerKind) -> int | None:
    """In the transaction that stores the answer, its contact locked. Returns the message that says it."""
    step = PlanStep.objects.filter(account_id=message.account_id, message_id=message.id).first()
    if step is None or step.plan_id is None or inbound.channel == Channel.CALL:
        return None
    plan = MessagePlan.objects.filter(account_id=message.account_id, pk=step.plan_id).first()
    if plan is None or not plan.thanks:
        return None
    contact = Contact.objects.get(pk=inbound.contact_id or message.contact_id or 0)
    account = Account.objects.get(pk=message.account_id)
    text = text_for(read_thanks(plan.thanks), kind.value, contact.language, account.name)
    if not text or Thanks.objects.filter(account=account, visit=step.visit).exists():
        return None
    (message_id,) = queue.enqueue([_in_answer(message, inbound, contact.pk, text)], inbound.at)
    Thanks.objects.create(account=account, visit=step.visit, message_id=message_id, at=inbound.at)
    Inbound.objects.filter(pk=inbound.pk).update(answered_by=message_id)
    ledger.append(
        account_id=account.pk,
        at=inbound.at,
        by=BY_ITSELF,
        act="thank_for_answer",
        subject=f"message:{message_id}",
        after={"inbound": inbound.pk, "answer": kind.value, "of": message.id},
    )
    return message_id


def _in_answer(message: Message, inbound: Inbound, contact_id: int, text: str) -> queue.NewMessage:
    """On the way by which the answer came."""
    subject = f"Re: {message.subject}" if inbound.channel == Channel.EMAIL else ""
    return queue.NewMessage(
        account_id=message.account_id,
        channel=Channel(inbound.channel),
        purpose=Purpose.SERVICE,
        address=inbound.sender,
        subject=subject[:300],
        body=text,
        due_at=inbound.at,
        use_by=inbound.at + KEEPS,
        contact_id=contact_id,
        location_id=message.location_id,
    )
