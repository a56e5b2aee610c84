"""What happens reaches the programs that want it: signed, again when it failed, and never at the cost of others."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings as DjangoSettings

from allstop.actions.actor import Conflict
from allstop.actions.events import record_event
from allstop.actions.intake import create_lead
from allstop.actions.lead_details import NewLead
from allstop.actions.webhooks import (
    WebhookDetails,
    create_webhook,
    ping_webhook,
    resend_delivery,
    resend_failed,
    rotate_secret,
    switch_webhook,
)
from allstop.channels.webhook import Caller
from allstop.dispatch.threads import aside
from allstop.dispatch.webhook_process import Deliverer
from allstop.rules.leads import LeadSource
from allstop.rules.webhooks import OFF_AFTER, EventKind, signature
from allstop.store import claims
from allstop.store.models import DeliveryState, Event, LedgerEntry, Notice, Webhook, WebhookDelivery
from allstop.store.webhook_queue import LEASE, sweep
from tests.peers.listener import Listener, listening
from tests.world import World, contact, lose, texts

LEADS = ("lead_created",)


@pytest.fixture
def w(committed_world: World, settings: DjangoSettings) -> World:
    settings.WEBHOOKS_PRIVATE = True
    return committed_world


@asynccontextmanager
async def delivering(*, private: bool = True) -> AsyncIterator[Deliverer]:
    connection = await claims.connect()
    caller = Caller(private=private)
    try:
        yield Deliverer(connection, caller)
    finally:
        await caller.close()
        await connection.close()


def run(scene: Callable[[Listener, Deliverer], Any]) -> None:
    async def scenery() -> None:
        async with listening() as listener, delivering() as deliverer:
            await scene(listener, deliverer)

    asyncio.run(scenery())


def add(world: World, url: str, kinds: tuple[str, ...] = LEADS) -> tuple[Webhook, str]:
    return create_webhook(world.leader, WebhookDetails(name=url[-20:], url=url, kinds=kinds), world.now)


def happen(world: World, count: int = 1, kind: EventKind = EventKind.LEAD_CREATED) -> None:
    for number in range(count):
        record_event(world.account.pk, kind, {"number": number}, world.now)


def states(webhook: Webhook) -> list[str]:
    return list(WebhookDelivery.objects.filter(webhook=webhook).order_by("pk").values_list("state", flat=True))


def make_due(webhook: Webhook) -> None:
    WebhookDelivery.objects.filter(webhook=webhook, state="waiting").update(next_at=datetime.now(UTC))
    Webhook.objects.filter(pk=webhook.pk).update(rest_until=None)


def test_an_event_arrives_signed_with_the_words_of_its_rows(w: World) -> None:
    async def scene(listener: Listener, deliverer: Deliverer) -> None:
        def before() -> tuple[str, str, int]:
            webhook, first = add(w, listener.url("/crm"), ("message.unknown", "lead_created"))
            _, second = rotate_secret(w.leader, webhook.pk, datetime.now(UTC))
            person = contact(w)
            (message,) = lose(w, texts(w, 1, to=person))
            create_lead(w.member, NewLead(source=LeadSource.API, contact_id=person.pk, comment="A price?"), w.now)
            return first, second, message

        first, second, message = await aside(before)
        await deliverer.run(linger=0)
        (_, headers, body), (_, _, of_lead) = sorted(listener.arrivals, key=lambda one: b"lead_created" in one[2])
        lead = json.loads(of_lead)["data"]
        assert (lead["lead"]["comment"], lead["lead"]["status"], lead["title"]) == ("A price?", "new", "Lead Created")
        assert (lead["contact"]["given_name"], lead["contact"]["phones"]) == ("Pat", ["+12125550123"])
        said = json.loads(body)
        assert (said["type"], said["data"]["reason"]) == ("message.unknown", "worker_lost")
        assert said["data"]["message"]["id"] == message
        assert said["data"]["message"]["to"] == "+12125550123"
        at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        assert headers["webhook-signature"] == signature([second, first], headers["webhook-id"], at, body)

        def after() -> None:
            delivery = WebhookDelivery.objects.get(kind="message.unknown")
            assert (delivery.state, delivery.code, delivery.tries) == (DeliveryState.DELIVERED, 200, 1)
            assert delivery.answer == "heard  you", "what no table can hold is a space"
            assert headers["webhook-id"] == f"evt_{delivery.key.hex}"
            assert not Event.objects.exists()

        await aside(after)

    run(scene)


def test_what_failed_comes_again_under_its_id_and_a_person_may_send_it_again(w: World) -> None:
    async def scene(listener: Listener, deliverer: Deliverer) -> None:
        listener.answers = {"/crm": 503, "/moved": 302}
        webhook, _ = await aside(add, w, listener.url("/crm"))
        moved, _ = await aside(add, w, listener.url("/moved"))
        await aside(happen, w)
        await deliverer.run(linger=0)

        def once() -> None:
            one = WebhookDelivery.objects.get(webhook=webhook)
            assert (one.state, one.code, one.tries, len(one.answer)) == ("waiting", 503, 1, 500)
            assert one.next_at is not None and one.tried_at is not None
            assert timedelta(seconds=5) <= one.next_at - one.tried_at <= timedelta(seconds=6)
            assert "Redirects are not followed" in WebhookDelivery.objects.get(webhook=moved).answer
            failing = Webhook.objects.get(pk=webhook.pk)
            assert failing.failures == 1 and failing.failing_since is not None
            make_due(webhook)

        await aside(once)
        assert not [path for path, _, _ in listener.arrivals if path == "/elsewhere"]
        await deliverer.run(linger=0)
        listener.answers = {}
        await aside(WebhookDelivery.objects.filter(webhook=webhook).update, tries=9, next_at=w.now)
        listener.answers["/crm"] = 500
        await deliverer.run(linger=0)
        assert await aside(states, webhook) == ["failed"], "the back-off is at its end"
        listener.answers = {}
        hour = timedelta(hours=1)
        assert await aside(resend_failed, w.leader, webhook.pk, w.now - hour, w.now, w.now) == 0
        assert await aside(resend_failed, w.leader, webhook.pk, w.now - hour, w.now + hour, w.now) == 1
        await deliverer.run(linger=0)
        one = await aside(WebhookDelivery.objects.get, webhook=webhook)
        assert (one.state, one.code) == ("delivered", 200)
        await aside(resend_delivery, w.leader, webhook.pk, one.pk, w.now)
        await deliverer.run(linger=0)
        assert len(listener.ids("/crm")) == 5
        assert len(set(listener.ids("/crm"))) == 1, "one event, one id, however often"
        well = await aside(Webhook.objects.get, pk=webhook.pk)
        assert (well.failures, well.failing_since) == (0, None)

    run(scene)


def test_one_that_does_not_answer_holds_up_nobody_else(w: World) -> None:
    async def scene(listener: Listener, deliverer: Deliverer) -> None:
        slow, _ = await aside(add, w, listener.url("/slow"))
        good, _ = await aside(add, w, listener.url("/good"))
        await aside(happen, w, 5)
        running = asyncio.create_task(deliverer.run(linger=0))
        while len(listener.ids("/good")) < 5 or len(listener.ids("/slow")) < 5:
            await asyncio.sleep(0.01)
        while (await aside(states, good)).count("delivered") < 5:
            await asyncio.sleep(0.01)
        assert await aside(states, slow) == ["waiting"] * 5
        deliverer.end()
        await running

        def given_back() -> None:
            due = WebhookDelivery.objects.filter(webhook=slow, next_at__lte=datetime.now(UTC))
            assert due.count() == 5, "due at once for another process"
            assert set(due.values_list("tries", flat=True)) == {0}

        await aside(given_back)

    run(scene)


def test_a_process_that_was_killed_loses_nothing_and_two_share_the_work(w: World) -> None:
    async def scene(listener: Listener, deliverer: Deliverer) -> None:
        webhook, _ = await aside(add, w, listener.url("/crm"))
        await aside(happen, w, 40)
        dead, _ = await deliverer._queue.fan_out(datetime.now(UTC), 10, [])
        assert len(dead) == 10
        async with delivering() as other:
            await asyncio.gather(deliverer.run(linger=0), other.run(linger=0))
            assert len(listener.ids("/crm")) == 30, "the rest is leased"
            expired = datetime.now(UTC) - timedelta(seconds=1)
            await aside(WebhookDelivery.objects.filter(state="waiting").update, next_at=expired)
            await asyncio.gather(deliverer.run(linger=0), other.run(linger=0))
        assert len(listener.ids("/crm")) == len(set(listener.ids("/crm"))) == 40
        assert timedelta(seconds=60) < LEASE
        assert await aside(states, webhook) == ["delivered"] * 40

    run(scene)


def test_one_that_fails_for_days_is_turned_off_and_its_people_are_told(w: World) -> None:
    async def scene(listener: Listener, deliverer: Deliverer) -> None:
        listener.answers = {"/crm": 500, "/gone": 410}
        webhook, _ = await aside(add, w, listener.url("/crm"))
        gone, _ = await aside(add, w, listener.url("/gone"))
        await aside(happen, w)
        await aside(Webhook.objects.filter(pk=webhook.pk).update, failing_since=w.now - OFF_AFTER)
        await deliverer.run(linger=0)

        def told() -> None:
            off = Webhook.objects.get(pk=webhook.pk)
            assert not off.is_on and "Nothing has arrived" in off.off_why
            assert "410" in Webhook.objects.get(pk=gone.pk).off_why
            assert Notice.objects.filter(account=w.account, kind="webhook").count() == 2
            names = [reader.user.name for reader in Notice.objects.filter(kind="webhook")[0].readers.all()]
            assert sorted(names) == ["Ada Okafor", "Ben Weber"]
            assert LedgerEntry.objects.filter(act="turn_webhook_off", by="Allstop").count() == 2
            happen(w)
            assert not Event.objects.exists(), "nothing is kept for one that is off"
            with pytest.raises(Conflict, match="off"):
                ping_webhook(w.leader, webhook.pk, w.now)
            switch_webhook(w.leader, webhook.pk, w.now, on=True)

        await aside(told)
        listener.answers = {}
        await deliverer.run(linger=0)
        assert await aside(states, webhook) == ["delivered"], "what waited is tried again"
        assert await aside(states, gone) == ["waiting"]

    run(scene)


def test_private_addresses_are_reached_only_where_the_installation_says_so(w: World) -> None:
    async def scene(listener: Listener, _: Deliverer) -> None:
        def before() -> list[Webhook]:
            plain, _ = add(w, listener.url("/plain"))
            ways = (f"https://127.0.0.1:{listener.port}/", f"https://localhost:{listener.port}/", "https://[::1]/")
            return [plain, *(add(w, url)[0] for url in ways)]

        webhooks = await aside(before)
        await aside(happen, w)
        async with delivering(private=False) as deliverer:
            await deliverer.run(linger=0)
        assert listener.arrivals == []

        def after() -> None:
            said = [WebhookDelivery.objects.get(webhook=one).answer for one in webhooks]
            assert "https://" in said[0]
            assert all("is an address of this machine" in words for words in said[1:]), said

        await aside(after)

    run(scene)


def test_the_log_is_swept(w: World) -> None:
    async def scene(listener: Listener, deliverer: Deliverer) -> None:
        webhook, _ = await aside(add, w, listener.url("/crm"))

        def before() -> None:
            old = w.now - timedelta(days=40)
            said: dict[str, Any] = {"account": w.account, "webhook": webhook, "kind": "ping"}
            WebhookDelivery.objects.create(state="delivered", at=old, **said)
            WebhookDelivery.objects.create(state="failed", at=w.now, **said)
            WebhookDelivery.objects.create(state="waiting", next_at=w.now, at=old, **said)

        await aside(before)
        connection = await claims.connect()
        try:
            await sweep(connection, w.now - timedelta(days=30), w.now - timedelta(days=7))
            assert await aside(states, webhook) == ["failed", "waiting"], "while it is on, what waits stays"
            await aside(switch_webhook, w.leader, webhook.pk, w.now, on=False)
            await sweep(connection, w.now - timedelta(days=30), w.now - timedelta(days=7))
            assert await aside(states, webhook) == ["failed"]
        finally:
            await connection.close()

    run(scene)
