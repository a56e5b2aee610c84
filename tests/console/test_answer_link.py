"""The page behind the link of a reminder by email, as mail programs and people use it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from allstop.actions.mail_tags import answer_tag
from allstop.console.guesses import WRONG_A_MINUTE, wrong_keys
from allstop.rules.facts import Channel, Purpose
from allstop.store import queue
from allstop.store.models import AppointmentAnswer, Message
from tests.kept_cast import the_cast
from tests.world import World, contact


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


@pytest.fixture
def page(world: World) -> str:
    [message] = queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.EMAIL,
                purpose=Purpose.REMINDER,
                address="pat@example.org",
                subject="Soon",
                body="Do you come? {answer_link}",
                due_at=world.now,
                appointment_at=world.now + timedelta(days=2),
                contact_id=contact(world).pk,
            )
        ],
        world.now,
    )
    return f"/answer/{answer_tag(world.account.pk, message)}"


def test_looking_changes_nothing_and_one_press_answers(page: str) -> None:
    stranger = Client(enforce_csrf_checks=True)
    shown = stranger.get(page)
    words = shown.content.decode()
    assert (shown.status_code, words.count("<form"), words.count('name="answer"')) == (200, 1, 2)
    assert "Northgate Dental" in words
    assert "Pat" not in words and "pat@example.org" not in words
    kept = [shown[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")]
    assert kept == ["no-store", "no-referrer", "noindex, nofollow"]
    assert not shown.cookies
    assert stranger.head(page).status_code == 200
    assert stranger.get(page, {"answer": "yes"}).status_code == 200
    assert stranger.post(page, {"answer": "perhaps"}).status_code == 400
    assert not AppointmentAnswer.objects.exists()
    for said, thanks in (("yes", "Thank you: you come"), ("yes", "Thank you: you come"), ("no", "you do not come")):
        done = stranger.post(page, {"answer": said})
        assert (done.status_code, thanks in done.content.decode()) == (200, True)
    assert AppointmentAnswer.objects.get().kind == "cancelled"
    assert "So far we know: you do not come." in stranger.get(page).content.decode()
    assert stranger.put(page).status_code == 405


def test_what_is_over_or_changed_is_said_and_a_guesser_is_slowed_down(page: str, world: World) -> None:
    client = Client()
    Message.objects.update(status="canceled", reason="moved", finished_at=world.now)
    changed = client.post(page, {"answer": "yes"})
    assert (changed.status_code, "has changed" in changed.content.decode()) == (410, True)
    Message.objects.update(appointment_at=world.now)
    over = client.post(page, {"answer": "yes"})
    assert (over.status_code, "is over" in over.content.decode()) == (410, True)
    assert not AppointmentAnswer.objects.exists()
    wrong_keys.__init__()  # type: ignore[misc]  # another test may have guessed in this minute
    assert client.get(page + "a").status_code == 404
    answers = {client.post("/answer/1.2.x", {"answer": "no"}).status_code for _ in range(WRONG_A_MINUTE)}
    assert answers == {404, 429}
    wrong_keys.__init__()  # type: ignore[misc]
