"""The page behind the unsubscribe link, as mail programs and mail providers use it."""

import pytest
from django.test import Client
from django.utils import timezone

from allstop.actions.mail_tags import link_tag
from allstop.console.guesses import WRONG_A_MINUTE, wrong_keys
from allstop.rules.facts import Channel, Purpose
from allstop.store import queue
from allstop.store.models import OptOut
from tests.kept_cast import the_cast
from tests.world import World, contact


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


@pytest.fixture
def page(world: World) -> str:
    person = contact(world)
    [message] = queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.EMAIL,
                purpose=Purpose.PROMOTION,
                address="pat@example.org",
                subject="Offer",
                body="Half price",
                due_at=world.now,
                contact_id=person.pk,
            )
        ],
        world.now,
    )
    return f"/unsubscribe/{link_tag(world.account.pk, message)}"


def test_looking_changes_nothing_and_one_post_without_cookies_ends_the_emails(page: str) -> None:
    """RFC 8058 3.2: no cookies, no log-in, no redirect; GET is for people."""
    stranger = Client(enforce_csrf_checks=True)
    shown = stranger.get(page)
    words = shown.content.decode()
    assert (shown.status_code, words.count("<form")) == (200, 1)
    assert "No more emails from Northgate Dental?" in words
    assert "pat@example.org" not in words
    assert shown["Referrer-Policy"] == "no-referrer"
    assert not shown.cookies
    assert stranger.head(page).status_code == 200
    assert not OptOut.objects.exists()
    for _ in range(2):
        done = Client(enforce_csrf_checks=True).post(page, {"List-Unsubscribe": "One-Click"})
        assert (done.status_code, "You get no more emails" in done.content.decode()) == (200, True)
    assert OptOut.objects.filter(channel="email", lifted_at=None).count() == 1
    assert stranger.put(page).status_code == 405


def test_a_forged_link_is_no_link_and_a_guesser_is_slowed_down(page: str) -> None:
    wrong_keys.__init__()  # type: ignore[misc]  # another test may have guessed in this minute
    client = Client()
    assert client.get(page + "a").status_code == 404
    assert client.post(page[:-1] + ("a" if page[-1] != "a" else "b")).status_code == 404
    assert not OptOut.objects.exists()
    answers = {client.post("/unsubscribe/1.2.x").status_code for _ in range(WRONG_A_MINUTE)}
    assert answers == {404, 429}
    assert client.get(page).status_code == 200
    wrong_keys.__init__()  # type: ignore[misc]
