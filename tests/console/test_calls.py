"""Setup, calls: the trunk with its password, the rings, and a test that says what came of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from allstop.actions.switch import stop_account
from allstop.rules.facts import Channel
from allstop.rules.retry import Outcome
from allstop.store.models import Attempt, CallStep, ChannelSetup, LedgerEntry, Message, Status
from allstop.store.sealing import opened
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact

TRUNK = {
    "host": "sip.example.com",
    "port": "5060",
    "transport": "udp",
    "user": "desk",
    "password": "s3cret word",
    "registers": "on",
    "caller": "(212) 555-0100",
    "lines": "20",
    "ring_seconds": "30",
    "voicemail": "leave",
    "wait_seconds": "5",
    "language": "en-gb",
    "closing": "Press 9 to get no more calls.",
}


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


def setup(world: World) -> ChannelSetup:
    return ChannelSetup.objects.get(account=world.account, channel=Channel.CALL)


def test_a_trunk_is_saved_and_its_password_never_shown_again(world: World) -> None:
    ben = logged_in(world.ben)
    answer = ben.post("/setup/calls/trunk", TRUNK, follow=True)
    page = answer.content.decode()
    assert "Calls leave by sip.example.com, as +12125550100." in page
    assert "s3cret" not in page
    assert 'value="leave" selected' in page
    saved = setup(world)
    assert (saved.provider, saved.sender, opened(saved.config)["password"]) == ("sip", "+12125550100", "s3cret word")
    assert (saved.config["lines"], saved.config["registers"], saved.config["dials_plus"]) == (20, True, False)
    assert "s3cret" not in str(LedgerEntry.objects.filter(act="set_channel").values())

    ben.post("/setup/calls/trunk", TRUNK | {"password": "", "lines": "5"})
    assert (opened(setup(world).config)["password"], setup(world).config["lines"]) == ("s3cret word", 5)
    ben.post("/setup/calls/trunk", TRUNK | {"password": "", "user": "", "registers": ""})
    assert "password" not in setup(world).config


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"host": "sip:me@here"}, "without sip: before it"),
        ({"caller": "12"}, "Calls need the number that the phone shows"),
        ({"user": "", "password": ""}, "To register, give the user name and the password"),
        ({"lines": "500"}, "less than or equal to 150"),
        ({"language": "tlh"}, "Select a valid choice"),
    ],
)
def test_what_cannot_work_is_said_and_changes_nothing(world: World, changes: dict[str, str], words: str) -> None:
    answer = logged_in(world.ben).post("/setup/calls/trunk", TRUNK | changes)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert setup(world).provider == "sandbox"


def test_the_rings_are_the_accounts_to_say(world: World) -> None:
    """TN8: interval configurable."""
    page = logged_in(world.dot).get("/setup/calls").content.decode()
    assert 'name="rings" value="4"' in page
    assert 'name="ring_minutes" value="15"' in page
    logged_in(world.ada).post("/setup/calls/rings", {"rings": "2", "ring_minutes": "20"})
    assert (setup(world).rings, setup(world).ring_minutes) == (2, 20)
    assert LedgerEntry.objects.get(act="set_rings").before == {"rings": 4, "ring_minutes": 15}
    assert logged_in(world.ada).post("/setup/calls/rings", {"rings": "0", "ring_minutes": "20"}).status_code == 422


@pytest.mark.parametrize("path", ["trunk", "rings", "test"])
def test_members_and_strangers_change_nothing(world: World, path: str) -> None:
    said = TRUNK | {"rings": "2", "ring_minutes": "20", "number": "+12125550123"}
    assert logged_in(world.cem).post(f"/setup/calls/{path}", said).status_code == 403
    assert not Message.objects.exists()
    logged_in(world.rae).post(f"/setup/calls/{path}", said)
    assert (setup(world).provider, setup(world).rings) == ("sandbox", 4)


def test_a_test_call_is_a_message_and_its_result_is_told_as_it_comes(world: World) -> None:
    ben = logged_in(world.ben)
    contact(world)  # with this number; elsewhere it may be night
    answer = ben.post("/setup/calls/test", {"number": "212 555 0123"}, follow=True)
    message = Message.objects.get()
    assert (message.channel, message.address) == (Channel.CALL, "+12125550123")
    assert message.use_by is not None
    assert message.use_by < timezone.now() + timedelta(minutes=4)
    path = f"/setup/calls/test/{message.id}"
    assert f'hx-get="{path}"' in answer.content.decode()
    assert "Waiting for the worker for calls." in ben.get(path, headers=HTMX).content.decode()

    step = CallStep(
        account=world.account, message_id=message.id, attempt=1, adapter="sip", ref="1", data="", at=world.now
    )
    for kind, words in (("dialled", "Dialled."), ("ringing", "Dialled. It rings.")):
        step.pk, step.kind = None, kind
        step.save()
        assert words in ben.get(path).content.decode()
    Attempt.objects.create(
        account=world.account,
        message_id=message.id,
        number=1,
        worker_id=1,
        adapter="sip",
        outcome=Outcome.ACCEPTED,
        ref="1",
        code="sip:200",
        detail="answered, pressed 1",
    )
    Message.objects.update(status=Status.SENT, finished_at=world.now)
    done = ben.get(path).content.decode()
    assert "Answered, pressed 1" in done
    assert "hx-trigger" not in done
    page = ben.get(f"/messages/{message.id}").content.decode()
    assert "What happened in the call" in page
    assert "It rings" in page


def test_while_the_account_is_stopped_the_test_says_so(world: World) -> None:
    stop_account(world.admin, "wrong list", timezone.now())
    ben = logged_in(world.ben)
    ben.post("/setup/calls/test", {"number": "212 555 0123"})
    words = ben.get(f"/setup/calls/test/{Message.objects.get().id}").content.decode()
    assert "STOPPED" in words
    assert ben.post("/setup/calls/test", {"number": "12"}).status_code == 422
