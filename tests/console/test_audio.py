"""How calls sound, in the browser."""

import wave
from io import BytesIO

import pytest
from django.utils import timezone

from allstop.rules.facts import Channel, Purpose
from allstop.speech.speaking import here
from allstop.store import queue
from allstop.store.models import ChannelSetup, Contact, Message, Template
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


def call(world: World, body: str, language: str = "") -> int:
    person = contact(world)
    Contact.objects.filter(pk=person.pk).update(language=language)
    [made] = queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.CALL,
                purpose=Purpose.REMINDER,
                address="+12125550123",
                body=body,
                due_at=world.now,
                contact_id=person.pk,
            )
        ],
        world.now,
    )
    return made


def heard(world: World, path: str) -> bytes:
    answer = logged_in(world.dot).get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "audio/wav")
    assert "no-store" in answer["Cache-Control"]
    with wave.open(BytesIO(answer.content)) as file:
        return bytes(file.readframes(file.getnframes()))


def test_a_call_is_played_with_the_closing_words_of_the_account(world: World) -> None:
    made = call(world, "See you on Monday.")
    path = f"/messages/{made}/audio.wav"
    page = logged_in(world.dot).get(f"/messages/{made}")
    assert f'src="{path}"' in page.content.decode()
    assert "media-src 'self'" in page["Content-Security-Policy"]
    usual = heard(world, path)
    ChannelSetup.objects.filter(account=world.account, channel="call").update(
        provider="sip", config={"host": "sip.example", "language": "fr", "closing": "Tapez 9."}
    )
    assert heard(world, path) == here.say("See you on Monday. Tapez 9.", "fr") != usual


def test_it_follows_the_contacts_language_where_that_is_wished(world: World) -> None:
    made = call(world, "Bis Montag, press 9.", language="de-AT")
    setup = ChannelSetup.objects.filter(account=world.account, channel="call")
    setup.update(provider="sip", config={"host": "sip.example"})
    assert heard(world, f"/messages/{made}/audio.wav") == here.say("Bis Montag, press 9.", "en-us")
    setup.update(config={"host": "sip.example", "follows_contact": True})
    assert heard(world, f"/messages/{made}/audio.wav") == here.say("Bis Montag, press 9.", "de")


def test_saved_wording_is_played_with_made_up_values(world: World) -> None:
    saved = Template.objects.create(
        account=world.account,
        name="Short",
        channel="call",
        purpose="reminder",
        subject="",
        body="Hello {first_name}, this is {account}. Your {odd_column}. Press 9.",
    )
    path = f"/setup/templates/{saved.pk}/audio.wav"
    assert f'src="{path}"' in logged_in(world.dot).get("/setup/templates").content.decode()
    assert heard(world, path) == here.say("Hello Pat, this is Northgate Dental. Your odd column. Press 9.", "en-us")


def test_what_cannot_be_spoken_is_said_in_words(world: World) -> None:
    ChannelSetup.objects.filter(account=world.account, channel="call").update(provider="sip", config={"closing": ""})
    made = call(world, "See you")
    Message.objects.filter(id=made).update(body="...")
    answer = logged_in(world.dot).get(f"/messages/{made}/audio.wav")
    assert answer.status_code == 422
    assert "no words" in answer.content.decode()
