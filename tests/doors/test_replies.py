"""Unclear replies and the setup of replies by the API."""

from datetime import UTC, datetime

import pytest

from allstop.actions.replies import Written, take_reply
from allstop.rules.facts import Channel
from allstop.store.models import LedgerEntry, OptOut
from tests.doors.caller import caller
from tests.world import World, contact


def says(text: str) -> None:
    assert take_reply(
        Written(
            adapter="sandbox",
            provider_id=text,
            channel=Channel.TEXT,
            sender="+12125550123",
            recipient="",
            text=text,
            in_reply_to="",
            at=datetime.now(UTC),
        )
    )


def test_they_are_listed_with_their_conversation_and_settled(world: World) -> None:
    contact(world)
    for text in ("hi", "please stop", "how do I stop these?"):
        says(text)
    ask = caller(world, world.cem)
    page = ask("GET", "/replies?limit=1").body
    (row,) = page["items"]
    assert (row["text"], row["channel"], row["opted_out"]) == ("please stop", "text", False)
    assert [line["text"] for line in row["conversation"] if line["is_it"]] == ["please stop"]
    assert row["conversation"][0]["text"] == "hi"
    (second,) = ask("GET", f"/replies?after={page['next']}").body["items"]
    assert second["text"] == "how do I stop these?"
    assert caller(world, world.rae)("GET", "/replies").body["items"] == []
    path = f"/replies/{row['id']}/settle"
    assert ask("POST", path, {"choice": "every_channel"}).body == {"choice": "every_channel", "is_new": True}
    assert ask("POST", path, {"choice": "meant_nothing"}).body == {"choice": "every_channel", "is_new": False}
    assert OptOut.objects.get().channel is None


@pytest.mark.parametrize("choice", ["own_word", "burn", None])
def test_what_is_no_choice_is_refused(world: World, choice: str | None) -> None:
    contact(world)
    says("please stop")
    ask = caller(world, world.cem)
    (row,) = ask("GET", "/replies").body["items"]
    answer = ask("POST", f"/replies/{row['id']}/settle", {"choice": choice})
    assert (answer.status, list(answer.fields)) == (422, ["choice"])
    assert not OptOut.objects.exists()


def test_the_setup_is_read_and_changed_in_part(world: World) -> None:
    ask = caller(world, world.ben)
    stands = ask("GET", "/setup/replies").body
    assert (stands["words"], stands["confirms"], stands["stops_all"]) == ([], True, False)
    changed = ask("PATCH", "/setup/replies", {"words": ["basta"], "stops_all": True}).body
    assert changed == {**stands, "words": ["basta"], "stops_all": True}
    assert ask("GET", "/setup/replies").body == changed
    assert LedgerEntry.objects.filter(act="change_replies").count() == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"words": ["yes"]}, "words"),
        ({"confirmation": "bye"}, "confirmation"),
        ({"help_answer": "{account}"}, "help_answer"),
        ({"nothing": 1}, "nothing"),
    ],
)
def test_what_cannot_be_used_is_named(world: World, said: dict[str, object], field: str) -> None:
    answer = caller(world, world.ben)("PATCH", "/setup/replies", said)
    assert (answer.status, list(answer.fields)) == (422, [field])
