"""Setup, text provider: what it shows, and Test."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from allstop.actions.credits import top_up
from allstop.actions.provider_tests import Result, end_test, open_tests
from allstop.rules.facts import Channel
from allstop.store.models import Attempt, ChannelSetup, ProviderTest
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.world import World, texts

PAGE = "/setup/text-provider"
WIZARD = "/setup/sending/wizard"


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


def test_it_shows_the_provider_without_its_password_and_what_is_left(world: World) -> None:
    """004-14, TX2: remaining credits."""
    ChannelSetup.objects.filter(account=world.account, channel=Channel.TEXT).update(
        provider="smpp", config={"host": "smsc.example", "password": "s3cret"}
    )
    page = logged_in(world.dot).get(PAGE).content.decode()
    assert "SMPP" in page
    assert "smsc.example" in page
    assert "s3cret" not in page
    assert "Nobody counts them" in page
    assert "You are a viewer here" in page
    top_up(replace(world.admin, is_operator=True), 1984, "Invoice 17", timezone.now())
    page = logged_in(world.dot).get(PAGE).content.decode()
    assert "<b>1,984</b> left" in page
    assert "Invoice 17" in page


def test_at_zero_it_says_that_texts_wait(world: World) -> None:
    ChannelSetup.objects.filter(account=world.account, channel=Channel.TEXT).update(credits=0)
    assert "Texts wait." in logged_in(world.ada).get(PAGE).content.decode()


def test_a_test_is_tried_by_a_worker_and_told_in_words(world: World) -> None:
    ben = logged_in(world.ben)
    page = ben.post(f"{PAGE}/test", follow=True).content.decode()
    assert "The text provider is being tried." in page
    [asked] = open_tests(timezone.now())
    part = ben.get(f"{PAGE}/test/{asked.pk}").content.decode()
    assert 'hx-trigger="every 1s"' in part
    end_test(asked.pk, Result(True, "Logged in as desk.", "12 left."), timezone.now())
    end_test(asked.pk, Result(False, "Too late.", ""), timezone.now())
    part = ben.get(f"{PAGE}/test/{asked.pk}").content.decode()
    assert "<b>It works</b>" in part
    assert "Logged in as desk. 12 left." in part
    assert "hx-trigger" not in part
    assert not open_tests(timezone.now())


def test_a_test_that_no_worker_came_to_is_over_after_five_minutes(world: World) -> None:
    logged_in(world.ben).post(f"{PAGE}/test")
    ProviderTest.objects.update(asked_at=timezone.now() - timedelta(minutes=6))
    assert not open_tests(timezone.now())
    assert "No worker came to it" in logged_in(world.ben).get(PAGE).content.decode()


def test_without_a_provider_it_says_so_at_once(world: World) -> None:
    ChannelSetup.objects.filter(account=world.account, channel=Channel.TEXT).update(provider="")
    answer = logged_in(world.ben).post(f"{PAGE}/test")
    assert (answer.status_code, "No provider is set up for texts" in answer.content.decode()) == (409, True)
    assert not ProviderTest.objects.exists()


def test_members_do_not_test_and_strangers_see_nothing(world: World) -> None:
    assert logged_in(world.cem).post(f"{PAGE}/test").status_code == 403
    assert logged_in(world.ben).get(f"{PAGE}/test").status_code == 405
    logged_in(world.ben).post(f"{PAGE}/test")
    theirs = f"{PAGE}/test/{ProviderTest.objects.get().pk}"
    assert logged_in(world.rae).get(theirs).status_code == 404


def test_it_is_changed_on_its_page_of_the_wizard_and_a_draft_goes_on(world: World) -> None:
    """One place in which a provider is chosen: /setup/text-provider only leads there."""
    ben, to_it = logged_in(world.ben), {"at": "provider"}
    assert "Change the text provider" in ben.get(PAGE).content.decode()
    assert ben.post(WIZARD, to_it)["Location"] == f"{WIZARD}/provider"
    service = {"provider": "apprise", "password": "jsons://texts.example/send/{to}", "page": "provider", "go": "look"}
    drawn = ben.post(f"{WIZARD}/provider", service).content.decode()
    assert "a STOP that somebody writes back does not reach Allstop" in drawn
    assert ben.post(WIZARD, to_it)["Location"] == f"{WIZARD}/provider"
    assert 'value="apprise" selected' in ben.get(f"{WIZARD}/provider").content.decode(), "it was kept"
    assert ChannelSetup.objects.get(account=world.account, channel=Channel.TEXT).provider == "sandbox"
    assert ben.post(WIZARD, {"at": "nowhere"}).status_code == 404
    assert logged_in(world.cem).post(WIZARD, to_it).status_code == 403
    assert "disabled>" in logged_in(world.dot).get(PAGE).content.decode()


def test_a_service_without_receipts_says_so_on_its_page_and_on_each_messages(world: World) -> None:
    config = {"service_url": "jsons://texts.example/send/{to}"}
    ChannelSetup.objects.filter(account=world.account, channel=Channel.TEXT).update(provider="apprise", config=config)
    ben = logged_in(world.ben)
    page = ben.get(PAGE).content.decode()
    assert "a STOP that somebody writes back does not reach Allstop" in page
    assert "texts.example" not in page
    [id_] = texts(world, 1)
    assert "sends no receipts" not in ben.get(f"/messages/{id_}").content.decode()
    Attempt.objects.create(
        account=world.account,
        message_id=id_,
        number=1,
        worker_id=1,
        adapter="apprise",
        started_at=world.now,
        ended_at=world.now,
        outcome="accepted",
    )
    assert "The service that took it sends no receipts" in ben.get(f"/messages/{id_}").content.decode()
