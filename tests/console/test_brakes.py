"""Setup, automatic brake."""

from decimal import Decimal

import pytest
from django.utils import timezone

from allstop.store.models import Brake
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


def said(**changes: str) -> dict[str, str]:
    return {"text-is_on": "on", "text-minutes": "20", "text-at_least": "30", "text-bounce": "7.5"} | changes


def test_each_channel_has_a_panel_that_is_off_with_the_usual_limits(world: World) -> None:
    page = logged_in(world.dot).get("/setup/brake").content.decode()
    assert page.count('<p class="dim">Off.</p>') == 3
    for channel in ("text", "call", "email"):
        assert f'name="{channel}-bounce" value="10.0"' in page
    assert "You are a viewer here" in page


def test_it_is_turned_on_with_its_limits_and_off_again(world: World) -> None:
    ben = logged_in(world.ben)
    assert "The automatic brake of texts is on." in ben.post("/setup/brake/text", said(), follow=True).content.decode()
    made = Brake.objects.get()
    assert (made.channel, made.is_on, made.minutes, made.at_least) == ("text", True, 20, 30)
    assert (made.bounce, made.failure) == (Decimal("7.5"), None)
    off = said()
    del off["text-is_on"]
    ben.post("/setup/brake/text", off)
    assert not Brake.objects.get().is_on


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text-minutes": "0"}, "greater than or equal to 1"),
        ({"text-bounce": "100"}, "Give a percentage from 0 to 99.9"),
        ({"text-bounce": ""}, "Give at least one limit"),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(world: World, changes: dict[str, str], words: str) -> None:
    answer = logged_in(world.ben).post("/setup/brake/text", said(**changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Brake.objects.exists()


def test_members_do_not_set_it_and_there_are_three_channels(world: World) -> None:
    assert logged_in(world.cem).post("/setup/brake/text", said()).status_code == 403
    assert logged_in(world.ben).post("/setup/brake/fax", said()).status_code == 404
    assert logged_in(world.ben).get("/setup/brake/text").status_code == 405
    assert not Brake.objects.exists()
