"""`allstop webhooks`: added, changed, tested, its log, off and on, removed."""

from allstop.store.models import Webhook, WebhookDelivery
from tests.cli.runner import allstop
from tests.world import World


def test_a_webhook_by_the_command_line(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    assert allstop("webhooks", "add", "CRM", "http://crm.example/", *account).code == 2
    made = allstop("webhooks", "add", "CRM", "https://crm.example/", "--kind", "opt_out", "--json", *account).json
    number = made["id"]
    assert made["secret"].startswith("whsec_") and made["kinds"] == ["opt_out"]
    new = allstop("webhooks", "secret", number, *account).out
    assert "whsec_" in new and made["secret"] not in new
    assert allstop("webhooks", "change", number, "--name", "ERP", *account).code == 0
    assert allstop("webhooks", "off", number, *account).code == 0
    assert allstop("webhooks", "test", number, *account).code == 3
    assert allstop("webhooks", "on", number, *account).code == 0
    test = allstop("webhooks", "test", number, "--json", *account).json
    (row,) = allstop("webhooks", "log", number, "--json", *account).json
    assert row["webhook_id"] == test["webhook_id"] and row["kind"] == "ping"
    WebhookDelivery.objects.update(state="failed", next_at=None)
    assert len(allstop("webhooks", "log", number, "--failed", "--json", *account).json) == 1
    assert allstop("webhooks", "resend", number, "--json", *account).json == {"count": 1}
    assert allstop("webhooks", "resend", number, "--delivery", row["id"], "--json", *account).json == {"count": 1}
    (listed,) = allstop("webhooks", "list", "--json", *account).json
    assert (listed["name"], listed["url"], listed["is_on"]) == ("ERP", "https://crm.example/", True)
    assert "secret" not in listed
    assert allstop("webhooks", "remove", number, "--account", committed_world.rival.pk).code == 4
    assert allstop("webhooks", "remove", number, *account).code == 0
    assert not Webhook.objects.exists()
