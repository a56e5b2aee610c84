"""The page behind the link of a reminder by email, as mail programs and people use it."""

from datetime import time, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from allstop.actions.contact_lists import ListChoice, letter_by_plan, save_list, send_to_list
from allstop.actions.mail_tags import answer_tag
from allstop.actions.message_plans import PlanChoice, save_plan
from allstop.console.guesses import WRONG_A_MINUTE, wrong_keys
from allstop.rules.facts import Channel, Purpose
from allstop.rules.message_plan import CountsFrom, Step, Words
from allstop.store import queue
from allstop.store.models import AppointmentAnswer, Contact, FamilyVisit, Message
from tests.kept_cast import the_cast
from tests.world import World, contact


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


@pytest.fixture
def page(world: World) -> str:
    message = reminder(world, contact(world), "Do you come? {answer_link}", timedelta(days=2))
    return f"/answer/{answer_tag(world.account.pk, message)}"


def reminder(world: World, of: Contact, body: str, before: timedelta) -> int:
    """By email, of an appointment so long from now."""
    [message] = queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.EMAIL,
                purpose=Purpose.REMINDER,
                address="pat@example.org",
                subject="Soon",
                body=body,
                due_at=world.now,
                appointment_at=world.now + before,
                contact_id=of.pk,
            )
        ],
        world.now,
    )
    return message


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


def test_the_link_of_a_plan_for_a_list_asks_whether_they_want_to_be_contacted(world: World) -> None:
    contact(world)
    words = Words(body="Hello {names}: {answer_link}", subject="Hello")
    steps = (Step(channel=Channel.EMAIL, days=0, clock=time(10), words=(words,)),)
    plan = save_plan(world.leader, PlanChoice(name="R", steps=steps, counts_from=CountsFrom.SENDING), world.now)
    kept = save_list(world.member, ListChoice(name="Recall"), world.now)
    send_to_list(world.member, kept.pk, letter_by_plan(world.member, plan.pk, Purpose.PROMOTION), world.now)
    page = f"/answer/{answer_tag(world.account.pk, Message.objects.get(account=world.account).id)}"
    stranger = Client(enforce_csrf_checks=True)
    shown = stranger.get(page).content.decode()
    assert "May we contact you?" in shown and "Northgate Dental" in shown and "Pat" not in shown
    assert stranger.post(page, {"answer": "perhaps"}).status_code == 400
    for said, thanks in (("yes", "we contact you"), ("no", "not now")):
        assert f"Thank you: {thanks}" in stranger.post(page, {"answer": said}).content.decode()


def test_the_page_of_a_family_has_two_buttons_for_each_by_name(page: str, world: World) -> None:
    [ana] = Message.objects.filter(account=world.account, channel="email")
    ben = reminder(world, contact(world, "Ben Silva"), "", timedelta(days=2, hours=1))
    Message.objects.filter(id=ben).update(status="canceled", reason="with_family", finished_at=world.now)
    for number, (one, name) in enumerate(((ana.id, "Ana"), (ben, "Ben <b>"))):
        FamilyVisit.objects.create(
            account=world.account,
            message_id=one,
            carrier_id=ana.id,
            at=world.now + timedelta(days=2, hours=number),
            says={"name": name, "full_name": f"{name} Silva"},
        )
    client = Client(enforce_csrf_checks=True)
    words = client.get(page).content.decode()
    assert (words.count("<form"), words.count('name="answer"')) == (2, 4)
    assert "Yes, Ana comes" in words and "No, Ben &lt;b&gt; does not come" in words
    for wrong in ({"answer": "yes"}, {"answer": "yes", "visit": "0"}, {"answer": "x", "visit": str(ben)}):
        assert client.post(page, wrong).status_code == 400
    assert not AppointmentAnswer.objects.exists()
    done = client.post(page, {"answer": "no", "visit": str(ben)}).content.decode()
    assert "that is noted" in done and "<b>Ben &lt;b&gt; does not come.</b>" in done
    assert done.count('name="answer"') == 3
    assert list(AppointmentAnswer.objects.values_list("message_id", "kind")) == [(ben, "cancelled")]
    Message.objects.update(appointment_at=world.now)
    assert client.get(page).status_code == 410
