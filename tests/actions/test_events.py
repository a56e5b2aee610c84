"""What webhooks hear of: written with what happened, only where one wants it, and with nobody else's."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import connection

from allstop.actions.contacts import record_opt_in, record_opt_out
from allstop.actions.events import record_event
from allstop.actions.intake import create_lead
from allstop.actions.lead_details import NewLead
from allstop.actions.leads import unqualify
from allstop.actions.replies import Written, take_reply
from allstop.rules.facts import Channel, Purpose
from allstop.rules.leads import LeadSource, Reason
from allstop.rules.retry import Outcome
from allstop.rules.webhooks import EventKind
from allstop.store import claims, erasing_desk, queue, settling, talks, withdrawing
from allstop.store.models import Attempt, Event, Inbound, Message, StartPlanItem, Status, Webhook
from allstop.store.receiving import ReceiptSaid, take_receipts
from tests.world import World, contact, job, lose, texts

EVERY = [kind.value for kind in EventKind]


def webhook(world: World, kinds: list[str] | None = None, *, is_on: bool = True) -> Webhook:
    return Webhook.objects.create(
        account=world.account,
        name="CRM",
        url="https://crm.example/allstop",
        kinds=EVERY if kinds is None else kinds,
        secrets={},
        is_on=is_on,
        created_at=world.now,
    )


def told(world: World) -> Counter[str]:
    return Counter(Event.objects.filter(account=world.account).values_list("kind", flat=True))


def test_where_no_webhook_wants_it_nothing_is_written(world: World) -> None:
    person = contact(world)
    for webhooks in ((), (webhook(world, ["lead_created"]), webhook(world, is_on=False))):
        record_opt_out(person, Channel.TEXT, "stop", world.now, "+12125550123")
        record_opt_in(person, Channel.TEXT, "start", world.now, "+12125550123")
        lose(world, texts(world, 1, to=person))
        record_event(world.account.pk, EventKind.LEAD_QUALIFY, {"status": "qualified"}, world.now, lead=7)
        assert not told(world), webhooks
    record_event(world.account.pk, EventKind.LEAD_CREATED, {"status": "new"}, world.now, lead=7, contact=person.pk)
    (event,) = Event.objects.filter(account=world.account)
    assert (event.kind, event.lead_id, event.contact_id) == ("lead_created", 7, person.pk)
    assert event.payload == {"status": "new"}


def test_a_webhook_hears_of_its_own_account_only(world: World) -> None:
    webhook(world)
    record_event(world.rival.pk, EventKind.LEAD_CREATED, None, world.now, lead=7)
    assert not Event.objects.filter(account__in=(world.account, world.rival)).exists()


def test_what_ends_outside_the_worker_is_told_as_what_it_is(world: World) -> None:
    webhook(world)
    person = contact(world)
    first, second = lose(world, texts(world, 2, to=person))
    assert told(world) == {"message.unknown": 2}
    settling.give_up(world.account.pk, [first], "left", world.now)
    assert settling.found_sent(world.account.pk, second, "sandbox", "r-2", world.now)
    assert not settling.found_sent(world.account.pk, second, "sandbox", "r-2", world.now), "it is sent already"
    queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.TEXT,
                purpose=Purpose.REMINDER,
                address="+12125550123",
                body="x",
                due_at=world.now,
                contact_id=person.pk,
                status=Status.REFUSED,
                reason="opted_out_text",
            )
        ],
        world.now,
    )
    assert told(world) == {"message.unknown": 2, "message.failed": 1, "message.sent": 1, "message.refused": 1}
    refused = Event.objects.get(account=world.account, kind="message.refused")
    assert (refused.contact_id, refused.reason) == (person.pk, "opted_out_text")


def test_what_is_withdrawn_is_told_once_and_not_what_a_mass_end_withdraws(world: World) -> None:
    webhook(world)
    person, of = contact(world), job(world)
    (removed,) = texts(world, 1, to=person, of=of)
    canceled, ended, planned, massed = texts(world, 4, to=person)
    account, now = world.account.pk, world.now
    for _ in range(2):
        queue.withdraw(account, [of.pk], Status.REMOVED, now)
        withdrawing.withdraw_free(account, [canceled], "appointment_moved", now)
        talks.withdraw(account, [ended], now)
        talks.withdraw(account, [massed], now, is_told=False)
    StartPlanItem.objects.create(plan_id=7, account_id=account, message_id=planned, reason="too_old")
    with connection.cursor() as cursor:
        cursor.execute("SELECT dropped FROM plan_apply(%s, %s, 10)", [7, now])
        assert cursor.fetchone() == (1,)
    found = Event.objects.filter(account=world.account).order_by("message_id")
    assert list(found.values_list("message_id", "kind", "reason", "contact_id")) == [
        (removed, "message.removed", "", person.pk),
        (canceled, "message.canceled", "appointment_moved", person.pk),
        (ended, "message.removed", "conversation_ended", person.pk),
        (planned, "message.removed", "too_old", person.pk),
    ]
    assert not Message.objects.filter(id=massed, status=Status.WAITING).exists()


def test_a_receipt_is_told_when_it_says_something_new(world: World) -> None:
    webhook(world)
    (message,) = texts(world, 1)
    Attempt.objects.create(
        account=world.account,
        message_id=message,
        number=1,
        worker_id=1,
        adapter="sandbox",
        outcome=Outcome.ACCEPTED,
        ref="r-77",
        code="",
        detail="",
    )
    for state in ("sent", "delivered", "delivered", "sent", "read", "failed"):
        take_receipts([ReceiptSaid("sandbox", "r-77", state, "", world.now)], world.now)
    assert told(world) == {"message.delivered": 1, "message.read": 1}
    assert set(Event.objects.values_list("message_id", "reason")) == {(message, "delivered"), (message, "read")}


@pytest.mark.parametrize("words, kinds", [("Is it far?", {}), ("STOP", {"opt_out": 1})])
def test_what_somebody_writes_is_told_once(world: World, words: str, kinds: dict[str, int]) -> None:
    webhook(world)
    person = contact(world)
    written = Written(
        adapter="sandbox",
        provider_id="p-1",
        channel=Channel.TEXT,
        sender="+12125550123",
        recipient="",
        text=words,
        in_reply_to="",
        at=world.now,
        account_id=world.account.pk,
    )
    assert take_reply(written) and take_reply(written), "twice the same is one"
    assert told(world) == {"inbound.received": 1, **kinds}
    event = Event.objects.get(kind="inbound.received")
    assert event.inbound_id == Inbound.objects.get(account=world.account).pk
    assert event.payload is None, "the words stay where they are"
    erasing_desk.of_webhooks(world.account.pk, [person.pk])
    assert not told(world)


async def finish(world: World, ids: list[int], now: datetime) -> None:
    """As a worker does: one sent, one failed, one refused; all of it twice, since a lost answer repeats it."""
    connection = await claims.connect()
    try:
        worker, _ = await claims.register(connection, "test", 1, now, timedelta(seconds=60))
        line = claims.Claims(connection, worker)
        await line.fold()
        lane = claims.LaneKey(world.account.pk, "text", False)
        claimed = await line.step(now, lane, 10)
        assert [one.id for one in claimed] == ids
        tried = claims.Tried(Outcome.ACCEPTED, now, now, "sandbox", "r", "", "")
        over = claims.Tried(Outcome.REJECTED, now, now, "sandbox", "", "550", "no")
        done = [
            claims.Finished(world.account.pk, ids[0], Status.SENT, "", tried),
            claims.Finished(world.account.pk, ids[1], Status.FAILED, "550", over),
            claims.Finished(world.account.pk, ids[2], Status.REFUSED, "too_late"),
        ]
        for _ in range(2):
            await line.step(now, lane, 0, done)
    finally:
        await connection.close()


def test_what_a_worker_finishes_is_told_in_the_same_commit(committed_world: World) -> None:
    webhook(committed_world, ["message.sent", "message.failed", "message.refused"])
    ids = texts(committed_world, 3)
    asyncio.run(finish(committed_world, ids, committed_world.now))
    found = list(Event.objects.order_by("message_id").values_list("message_id", "kind", "reason"))
    assert found == [
        (ids[0], "message.sent", ""),
        (ids[1], "message.failed", "550"),
        (ids[2], "message.refused", "too_late"),
    ]
    assert len(set(Event.objects.values_list("key", flat=True))) == 3
    assert Message.objects.get(id=ids[0]).status == "sent"


def test_a_lead_is_told_of_as_created_decided_and_active(world: World) -> None:
    """001-13: a single end does; TV10: with the reason."""
    webhook(world)
    person = contact(world)
    made = create_lead(world.member, NewLead(source=LeadSource.MANUAL, contact_id=person.pk), world.now).lead
    assert made is not None
    unqualify(world.member, made.public_id, Reason.UNRESPONSIVE, "no answer", world.now)
    assert told(world) == {"lead_created": 1, "lead_activity": 2, "lead_unqualify": 1}
    event = Event.objects.get(account=world.account, kind="lead_unqualify")
    assert event.payload is not None
    assert (event.lead_id, event.contact_id) == (made.pk, person.pk)
    assert event.payload["lead"] == {"status": "unqualified", "reason": "unresponsive"}
    assert (event.payload["title"], event.payload["detail"]) == ("Unqualified Lead", "no answer")
