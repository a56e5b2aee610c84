"""Setup, Webhooks: added, its secret shown once, its log, sent again; for leaders and admins."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from allstop.actions.webhooks import WebhookDetails, create_webhook
from allstop.rules.webhooks import EventKind
from allstop.store.models import LedgerEntry, Webhook, WebhookDelivery
from allstop.store.sealing import is_sealed, opened
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.world import World

SAID = {"name": "CRM", "url": "https://crm.example/T0/S3CRET", "kinds": ["message.sent", "opt_out"]}
LIST = "/setup/connections/webhooks"


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


@pytest.fixture
def webhook(world: World) -> Webhook:
    details = WebhookDetails(name="CRM", url=str(SAID["url"]), kinds=[kind.value for kind in EventKind])
    return create_webhook(world.admin, details, world.now)[0]


def delivery(webhook: Webhook, state: str, **more: object) -> WebhookDelivery:
    now = timezone.now()
    said = {
        "account_id": webhook.account_id,
        "kind": "message.sent",
        "at": now,
        "tried_at": now,
        "took_ms": 12,
        "tries": 1,
    }
    made = WebhookDelivery.objects.create(webhook=webhook, state=state, **{**said, **more})
    made.refresh_from_db()
    return made


def test_a_leader_adds_one_and_sees_its_secret_once(world: World) -> None:
    client = logged_in(world.ben)
    answer = client.post(LIST, SAID)
    secret = re.search(r"whsec_[A-Za-z0-9+/=]{44}", answer.content.decode())
    assert secret is not None and answer["Cache-Control"] == "no-store"
    made = Webhook.objects.get(account=world.account)
    assert (made.name, made.url, made.kinds, made.is_on) == (*SAID.values(), True)
    assert is_sealed(made.secrets["webhook_secret"])
    assert opened(made.secrets) == {"webhook_secret": secret[0]}
    assert "whsec_" not in client.get(f"{LIST}/{made.pk}").content.decode()
    new = re.search(r"whsec_\S{44}", client.post(f"{LIST}/{made.pk}/secret").content.decode())
    assert new is not None
    made.refresh_from_db()
    assert opened(made.secrets) == {"webhook_secret": new[0], "webhook_secret_before": secret[0]}
    assert made.both_until is not None
    acts = list(LedgerEntry.objects.filter(subject=f"webhook:{made.pk}").order_by("pk").values_list("act", flat=True))
    assert acts == ["create_webhook", "rotate_webhook_secret"]
    written = str(list(LedgerEntry.objects.values("before", "after")))
    assert "whsec_" not in written


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"url": "http://crm.example/"}, "beginning with https://"),
        ({"url": "https://127.0.0.1/"}, "is an address of this machine"),
        ({"url": "https://ada:word@crm.example/"}, "would be shown to everybody"),
        ({"kinds": []}, "Choose at least one kind"),
        ({"name": " "}, "required"),
    ],
)
def test_what_cannot_be_used_is_said_beside_it(world: World, changes: dict[str, object], words: str) -> None:
    answer = logged_in(world.ben).post(LIST, {**SAID, **changes})
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Webhook.objects.exists()


def test_a_member_sees_where_it_leads_and_changes_nothing(world: World, webhook: Webhook) -> None:
    client, page = logged_in(world.cem), f"{LIST}/{webhook.pk}"
    for address in (LIST, page):
        shown = client.get(address).content.decode()
        assert "crm.example" in shown and "S3CRET" not in shown
    waits = delivery(webhook, "waiting", next_at=timezone.now())
    posts = (
        LIST,
        page,
        *(f"{page}/{what}" for what in ("secret", "test", "switch", "remove")),
        f"{page}/deliveries/{waits.pk}/resend",
    )
    for address in posts:
        assert client.post(address, SAID).status_code == 403, address
    span = {"since": "2026-01-01T00:00", "until": "2027-01-01T00:00"}
    assert client.post(f"{page}/resend", span).status_code == 403
    assert LedgerEntry.objects.filter(subject=f"webhook:{webhook.pk}").count() == 1


def test_the_log_shows_what_came_of_each_and_sends_it_again(world: World, webhook: Webhook) -> None:
    client, page = logged_in(world.ben), f"{LIST}/{webhook.pk}"
    failed = delivery(webhook, "failed", code=500, answer="<b>no</b>", message_id=77)
    delivery(webhook, "delivered", code=200, answer="thanks")
    shown = client.get(page).content.decode()
    assert "&lt;b&gt;no" in shown and "message 77" in shown and f"evt_{failed.key.hex}" in shown and "thanks" in shown
    assert "thanks" not in client.get(f"{page}?state=failed").content.decode()
    assert client.post(f"{page}/deliveries/{failed.pk}/resend").status_code == 302
    failed.refresh_from_db()
    assert (failed.state, failed.tries) == ("waiting", 0)
    WebhookDelivery.objects.filter(pk=failed.pk).update(state="failed", next_at=None)
    local = timezone.localtime(timezone.now(), timezone.get_default_timezone())
    span = {
        "since": (local - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M"),
        "until": (local + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M"),
    }
    client.post(f"{page}/resend", span)
    failed.refresh_from_db()
    assert failed.state == "waiting"
    assert client.post(f"{page}/resend", {"since": span["until"], "until": span["since"]}).status_code == 422
    assert client.post(f"{page}/test").status_code == 302
    assert WebhookDelivery.objects.filter(webhook=webhook, kind="ping").count() == 1


def test_it_is_changed_turned_off_and_removed(world: World, webhook: Webhook) -> None:
    client, page = logged_in(world.ben), f"{LIST}/{webhook.pk}"
    Webhook.objects.filter(pk=webhook.pk).update(failures=7, failing_since=timezone.now())
    assert "Nothing has arrived since" in client.get(page).content.decode()
    client.post(page, {**SAID, "url": "https://new.example/"})
    webhook.refresh_from_db()
    assert (webhook.url, webhook.failures, webhook.failing_since) == ("https://new.example/", 0, None)
    client.post(f"{page}/switch", {"on": "no"})
    assert client.post(f"{page}/test").status_code == 409
    waits = delivery(webhook, "waiting", next_at=timezone.now() + timedelta(days=3), tries=8)
    client.post(f"{page}/switch", {"on": "yes"})
    waits.refresh_from_db()
    assert waits.tries == 0 and waits.next_at is not None and waits.next_at <= timezone.now()
    assert client.get(f"{page}/remove").status_code == 200
    client.post(f"{page}/remove")
    assert not Webhook.objects.exists() and not WebhookDelivery.objects.exists()


def test_an_account_has_ten_at_most(world: World) -> None:
    client = logged_in(world.ben)
    answers = [client.post(LIST, SAID).status_code for _ in range(11)]
    assert answers == [200] * 10 + [409]
