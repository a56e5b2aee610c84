"""Setup, text provider: what it shows, and Test."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from allstop.actions.credits import top_up
from allstop.actions.provider_tests import Result, end_test, open_tests
from allstop.rules.facts import Channel
from allstop.store.models import ChannelSetup, ProviderTest
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.world import World

PAGE = "/setup/text-provider"


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
    assert "<b>It works.</b> Logged in as desk. 12 left." in part
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
