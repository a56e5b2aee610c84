"""`allstop stop-link`, `members phone` and `sandbox-text`."""

import re

from django.test import Client

from allstop.actions.switch import is_stopped, standing_stop
from allstop.rules.holds import INSTALLATION
from allstop.store.models import ChannelSetup, Inbound, LedgerEntry, OptOut, StopLink, StopPhone
from tests.cli.runner import allstop
from tests.world import World, contact


def test_a_link_is_made_shown_once_listed_and_revoked(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    made = allstop("stop-link", "create", "Fridge door", *account)
    assert made.code == 0
    found = re.search(r"(/stop/\S+)", made.out)
    assert found is not None
    assert "Open it once" in made.out
    listed = allstop("stop-link", "list", "--json", *account).json
    assert [(one["name"], one["state"]) for one in listed] == [("Fridge door", "ready")]
    assert found[1] not in str(listed)
    assert allstop("stop-link", "revoke", listed[0]["id"], *account).out.endswith("It stops nothing any more.\n")
    assert Client().post(found[1]).status_code == 410
    assert not is_stopped(committed_world.account.pk)
    rival = ("--account", committed_world.rival.pk)
    assert allstop("stop-link", "revoke", listed[0]["id"], *rival).code == 4
    assert allstop("stop-link", "list", "--json", *rival).json == []


def test_a_link_for_the_installation_until_it_is_used(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk, "--installation")
    made = allstop("stop-link", "create", "Server room", "--days", "0", "--json", *account).json
    assert (made["expires_at"], StopLink.objects.get().account_id) == (None, None)
    assert Client().post(made["address"].removeprefix("http://127.0.0.1:8000")).status_code == 200
    assert standing_stop(INSTALLATION) is not None
    assert allstop("stop-link", "list", "--json", *account).json[0]["state"] == "used"


def test_a_members_phone_stops_by_a_text_into_the_sandbox(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    email = "ada@northgate.example"
    listed = allstop("members", "phone", email, "212 555 0177", "--code-stdin", *account, typed="sesame42\n")
    assert listed.out.endswith("by a text that says only: ALLSTOP sesame42\n")
    wrong = allstop("sandbox-text", "--from", "+12125550177", "ALLSTOP 000000", *account)
    assert (wrong.code, wrong.out) == (0, "Received. Northgate Dental is RUNNING.\n")
    stopped = allstop("sandbox-text", "--from", "+12125550177", "ALLSTOP sesame42", *account)
    assert stopped.out == "Received. Northgate Dental is STOPPED.\n"
    assert LedgerEntry.objects.get(act="stop").by == "Ada Okafor (text)"
    assert allstop("members", "no-phone", email, *account).code == 0
    assert allstop("members", "no-phone", email, *account).code == 4
    assert not StopPhone.objects.exists()


def test_what_cannot_be_listed_or_sent_is_said(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    assert allstop("members", "phone", "rae@rival.example", "2125550177", *account).code == 4
    assert allstop("members", "phone", "ada@northgate.example", "nonsense", *account).code == 2
    nonsense = allstop("sandbox-text", "--from", "nonsense", "Hello", *account)
    assert (nonsense.code, nonsense.err) == (2, "nonsense is not a phone number. Write it in digits.\n")
    ChannelSetup.objects.filter(account=committed_world.account, channel="text").update(provider="smtp")
    assert allstop("sandbox-text", "--from", "+12125550177", "Hello", *account).code == 3


def test_a_text_into_the_sandbox_reaches_the_account_that_is_named_and_no_other(committed_world: World) -> None:
    """Whoever is known to two accounts says no to one of them."""
    ours, theirs = contact(committed_world), contact(committed_world, account=committed_world.rival)
    said = allstop("sandbox-text", "--from", "(212) 555-0123", "STOP", "--account", committed_world.account.pk)
    assert said.out == "Received. Northgate Dental is RUNNING.\n"
    assert set(OptOut.objects.values_list("contact_id", flat=True)) == {ours.pk}
    assert not Inbound.objects.filter(contact=theirs).exists()
    assert allstop("sandbox-text", "--from", "212 555 0199", "Hi", "--account", committed_world.account.pk).code == 0
    assert Inbound.objects.get(sender="+12125550199").account_id == committed_world.account.pk
