"""Messages whose outcome is unknown: the list with its two buttons, the question, and the answer."""

import pytest
from django.utils import timezone

from allstop.actions.inquiries import Said, take_due, write_down
from allstop.actions.jobs import remove_jobs
from allstop.rules.asking import FIRST, Answer
from allstop.store.models import LedgerEntry, Message, QueueEntry
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact, job, lose, texts

LIST = "/messages?status=unknown"


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


def statuses() -> list[str]:
    return list(Message.objects.order_by("id").values_list("status", flat=True))


def test_home_leads_to_the_list_in_which_they_can_be_selected(world: World) -> None:
    lost = lose(world, texts(world, 2))
    client = logged_in(world.cem)
    assert f'<a href="{LIST}">Outcome unknown</a>' in client.get("/").content.decode()
    page = client.get(LIST).content.decode()
    assert 'aria-multiselectable="true"' in page
    assert all(f'data-id="{one}"' in page for one in lost)
    assert page.count("data-needs-selection") == 2
    assert "data-select " not in client.get("/messages").content.decode()


def test_the_list_and_the_message_show_what_its_provider_said(world: World) -> None:
    lost = lose(world, texts(world, 3))
    client = logged_in(world.dot)
    assert "Asked " not in client.get(f"/messages/{lost[0]}").content.decode()
    said = (Answer.NOT_THERE, Answer.CANNOT_TELL, Answer.NONE)
    for question, answer in zip(take_due(world.now + FIRST), said, strict=True):
        write_down(question, Said(answer, "sandbox"), world.now + FIRST)
    page = logged_in(world.cem).get(LIST).content.decode()
    for words in ("the provider does not have it.", "Its provider cannot be asked.", "no answer yet."):
        assert page.count(words) == 1
    assert any("does not have it" in client.get(f"/messages/{one}").content.decode() for one in lost)


def test_it_first_asks_and_says_what_is_known(world: World) -> None:
    lost = lose(world, texts(world, 2))
    asked = logged_in(world.cem).post("/messages/settle/ask", {"id": lost, "choice": "send_again"}, headers=HTMX)
    words = asked.content.decode()
    assert "Send 2 messages again?" in words
    assert "It may have arrived." in words
    assert 'name="reason"' in words
    assert statuses() == ["unknown", "unknown"]


def test_sent_again_they_wait_and_the_list_is_drawn_again(world: World) -> None:
    lost = lose(world, texts(world, 3))
    said = {"id": lost[:2], "choice": "send_again", "reason": "asked them"}
    answer = logged_in(world.cem).post("/messages/settle", said, headers=HTMX)
    assert answer["HX-Redirect"] == LIST
    assert statuses() == ["waiting", "waiting", "unknown"]
    assert QueueEntry.objects.count() == 2
    assert set(LedgerEntry.objects.filter(act="send_again").values_list("by", "reason")) == {
        ("Cem Tanaka", "asked them")
    }


def test_without_scripts_the_messages_page_asks_and_comes_back(world: World) -> None:
    (lost,) = lose(world, texts(world, 1))
    client = logged_in(world.cem)
    shown = client.get(f"/messages/{lost}").content.decode()
    assert 'action="/messages/settle/ask"' in shown
    asked = client.post("/messages/settle/ask", {"id": lost, "choice": "leave", "on": "message"}).content.decode()
    assert 'action="/messages/settle"' in asked
    answer = client.post("/messages/settle", {"id": lost, "choice": "leave", "on": "message"}, follow=True)
    assert answer.redirect_chain == [(f"/messages/{lost}", 302)]
    assert "1 message left. Nothing was sent." in answer.content.decode()
    assert "/messages/settle/ask" not in answer.content.decode()
    assert statuses() == ["failed"]


def test_settled_twice_is_settled_once(world: World) -> None:
    lost = lose(world, texts(world, 1))
    client = logged_in(world.cem)
    client.post("/messages/settle", {"id": lost, "choice": "leave"})
    again = client.post("/messages/settle", {"id": lost, "choice": "send_again"}, follow=True)
    assert "Somebody had decided on them already." in again.content.decode()
    assert statuses() == ["failed"]
    asked = client.post("/messages/settle/ask", {"id": lost, "choice": "leave"}).content.decode()
    assert "Somebody has decided on this message already." in asked


def test_a_link_settles_nothing(world: World) -> None:
    (lost,) = lose(world, texts(world, 1))
    client = logged_in(world.ada)
    for path in ("/messages/settle", "/messages/settle/ask"):
        assert client.get(f"{path}?id={lost}&choice=leave").status_code == 405
    assert statuses() == ["unknown"]


def test_a_viewer_has_no_buttons_and_is_refused(world: World) -> None:
    (lost,) = lose(world, texts(world, 1))
    client = logged_in(world.dot)
    for path in (LIST, f"/messages/{lost}"):
        assert "/messages/settle" not in client.get(path).content.decode()
    assert client.post("/messages/settle", {"id": lost, "choice": "leave"}).status_code == 403
    assert statuses() == ["unknown"]


def test_another_accounts_message_is_not_there(world: World) -> None:
    (lost,) = lose(world, texts(world, 1))
    client = logged_in(world.rae)
    for path in ("/messages/settle", "/messages/settle/ask"):
        assert client.post(path, {"id": lost, "choice": "leave"}).status_code == 404
    assert statuses() == ["unknown"]


def test_of_a_removed_job_it_is_a_conflict(world: World) -> None:
    made = job(world)
    lost = lose(world, texts(world, 1, of=made, to=contact(world)))
    remove_jobs(world.admin, [made.pk], world.now)
    answer = logged_in(world.cem).post("/messages/settle", {"id": lost, "choice": "send_again"})
    assert answer.status_code == 409
    assert "Leave them instead." in answer.content.decode()
    assert statuses() == ["unknown"]


@pytest.mark.parametrize("said", [{"choice": "leave"}, {"id": "x", "choice": "leave"}, {"choice": "burn"}, {}])
def test_what_is_no_choice_and_no_message_is_not_there(world: World, said: dict[str, str]) -> None:
    (lost,) = lose(world, texts(world, 1))
    posted = {"id": str(lost), **said} if said.get("choice") == "burn" else said
    for path in ("/messages/settle", "/messages/settle/ask"):
        assert logged_in(world.ada).post(path, posted).status_code == 404


def test_a_reason_that_is_too_long_is_asked_for_again(world: World) -> None:
    lost = lose(world, texts(world, 1))
    said = {"id": lost, "choice": "leave", "reason": "x" * 301}
    answer = logged_in(world.cem).post("/messages/settle", said, headers=HTMX)
    assert answer.status_code == 422
    assert f'value="{lost[0]}"' in answer.content.decode()
    assert statuses() == ["unknown"]
