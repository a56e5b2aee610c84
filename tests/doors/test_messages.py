"""Messages by the API: accepted also while STOPPED, never twice for one key, and explained."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from allstop.actions.contacts import mark
from allstop.actions.switch import stop_account
from allstop.rules.gate import CHECKS
from allstop.rules.markers import MarkerKind
from allstop.store.models import Contact, Message, Override, QueueEntry
from tests.doors.caller import caller
from tests.doors.operations import EMAIL
from tests.world import World, contact, job, lose, texts


def test_a_message_is_accepted_and_may_leave_now(world: World) -> None:
    answer = caller(world, world.cem)("POST", "/messages", EMAIL)
    assert answer.status == 201
    assert (answer.body["status"], answer.body["verdict"], answer.body["reason"]) == ("waiting", "send", "")
    assert QueueEntry.objects.get().id == answer.body["id"]


def test_while_stopped_it_is_accepted_and_held(world: World) -> None:
    """000-05."""
    stop_account(world.admin, "wrong file", datetime.now(UTC))
    answer = caller(world, world.cem)("POST", "/messages", EMAIL)
    assert answer.status == 201
    assert (answer.body["status"], answer.body["verdict"]) == ("waiting", "hold")
    assert (answer.body["reason"], answer.body["words"]) == ("stopped", "The account is STOPPED.")
    assert answer.body["earliest"] is None


def test_what_may_never_leave_is_recorded_as_refused(world: World) -> None:
    mark(world.admin, [contact(world).pk], MarkerKind.STOP_ALL, "", datetime.now(UTC))
    answer = caller(world, world.cem)("POST", "/messages", {**EMAIL, "to": {"address": "pat@example.org"}})
    assert (answer.status, answer.body["status"], answer.body["reason"]) == (201, "refused", "stop_all")
    assert not QueueEntry.objects.exists()


def test_the_same_key_makes_one_message(world: World) -> None:
    ask = caller(world, world.cem)
    first = ask("POST", "/messages", EMAIL, Idempotency_Key="order 7")
    again = ask("POST", "/messages", EMAIL, Idempotency_Key="order 7")
    assert (first.status, again.status) == (201, 200)
    assert again.body["id"] == first.body["id"]
    assert again.body["is_repeat"]
    other = ask("POST", "/messages", {**EMAIL, "body": "Other words"}, Idempotency_Key="order 7")
    assert (other.status, other.code) == (409, "conflict")
    assert ask("POST", "/messages", EMAIL, Idempotency_Key="x" * 201).status == 422
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": "fax"}, "channel"),
        ({"purpose": "spam"}, "purpose"),
        ({"body": ""}, "body"),
        ({"body": "\0"}, "body"),
        ({"body": "\ud800"}, "body"),
        ({"subject": ""}, "subject"),
        ({"to": {}}, "to"),
        ({"to": {"address": "nobody"}}, "to"),
        ({"to": {"contact_id": 0}}, "to.contact_id"),
        ({"to": {"contact_id": 2**63}}, "to.contact_id"),
        ({"to": {"adress": "a@b.example"}}, "to.adress"),
        ({"due_at": "2030-01-01T10:00:00"}, "due_at"),
        ({"due_at": "tomorrow"}, "due_at"),
        ({"due_at": "9999-12-31T23:59:59Z"}, "due_at"),
        ({"by_hand": True, "reason": "x" * 301}, "reason"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_made(world: World, changes: dict[str, Any], field: str) -> None:
    answer = caller(world, world.ada)("POST", "/messages", {**EMAIL, **changes})
    assert (answer.status, answer.code, list(answer.fields)) == (422, "invalid", [field])
    assert not Message.objects.exists()
    assert not Contact.objects.exists()


def test_a_contact_that_is_not_there_is_404(world: World) -> None:
    theirs = contact(world, account=world.rival)
    answer = caller(world, world.ada)("POST", "/messages", {**EMAIL, "to": {"contact_id": theirs.pk}})
    assert answer.status == 404
    assert not Message.objects.exists()


def test_by_hand_is_recorded_with_the_programs_name(world: World) -> None:
    answer = caller(world, world.cem)("POST", "/messages", {**EMAIL, "by_hand": True, "reason": "she is waiting"})
    said = set(Override.objects.filter(message_id=answer.body["id"]).values_list("check_name", "by", "reason"))
    name = "Cem Tanaka's program (token)"
    assert said == {("window", name, "she is waiting"), ("pace", name, "she is waiting")}


def test_the_list_filters_and_goes_in_pages(world: World) -> None:
    made = job(world)
    ids = texts(world, 3, of=made, to=contact(world))
    caller(world, world.cem)("POST", "/messages", EMAIL)
    ask = caller(world, world.dot)
    first = ask("GET", f"/messages?job={made.pk}&limit=2").body
    assert [row["id"] for row in first["items"]] == ids[:2]
    last = ask("GET", f"/messages?job={made.pk}&limit=2&after={first['next']}").body
    assert ([row["id"] for row in last["items"]], last["next"]) == (ids[2:], None)
    assert [row["channel"] for row in ask("GET", "/messages?channel=email").body["items"]] == ["email"]
    assert ask("GET", "/messages?status=sent").body["items"] == []
    assert len(ask("GET", "/messages?status=waiting").body["items"]) == 4
    assert len(ask("GET", "/messages?q=Moreau").body["items"]) == 3
    for wrong in ("status=lost", "limit=0", "limit=201", "after=x", "channel=fax"):
        assert ask("GET", f"/messages?{wrong}").status == 422, wrong


def test_a_message_shows_all_that_is_known(world: World) -> None:
    ask = caller(world, world.cem)
    sent = ask("POST", "/messages", {**EMAIL, "body": "Good day\n" + "x" * 500})
    body = ask("GET", f"/messages/{sent.body['id']}").body
    assert (body["address"], body["subject"], len(body["body"])) == ("new@example.org", "Hello", 509)
    assert (body["attempts"], body["receipts"], body["replies"], body["overrides"]) == ([], [], [], [])


def test_why_gives_every_check_who_set_it_and_the_earliest_time(world: World) -> None:
    later = (datetime.now(UTC) + timedelta(hours=5)).replace(microsecond=0)
    ask = caller(world, world.cem)
    message = ask("POST", "/messages", {**EMAIL, "due_at": later.isoformat()}).body["id"]
    free = ask("GET", f"/messages/{message}/why").body
    assert [check["check"] for check in free["checks"]] == [check.__name__ for check in CHECKS]
    assert free["verdict"] == "send"
    assert free["words"] == "Nothing stands against it; it is not due yet."
    assert datetime.fromisoformat(free["earliest"]) == later
    stop_account(world.member, "wrong file", datetime.now(UTC))
    held = ask("GET", f"/messages/{message}/why").body
    assert (held["verdict"], held["reason"], held["earliest"]) == ("hold", "stopped", None)
    (check,) = [check for check in held["checks"] if check["verdict"] != "send"]
    assert (check["check"], check["standing"]["by"], check["standing"]["reason"]) == (
        "account_stop",
        "Cem Tanaka",
        "wrong file",
    )


def test_why_of_a_finished_message_says_what_became_of_it(world: World) -> None:
    mark(world.admin, [contact(world).pk], MarkerKind.STOP_ALL, "", datetime.now(UTC))
    ask = caller(world, world.cem)
    message = ask("POST", "/messages", {**EMAIL, "to": {"address": "pat@example.org"}}).body["id"]
    said = ask("GET", f"/messages/{message}/why").body
    assert (said["status"], said["verdict"], said["checks"]) == ("refused", None, [])
    assert said["words"] == ("The gate refused it for good. Stop All is set on the contact: nothing goes out to them.")


def test_an_unknown_outcome_is_settled_once(world: World) -> None:
    lost = lose(world, texts(world, 3))
    ask = caller(world, world.cem)
    again = {"ids": lost[:2], "choice": "send_again", "reason": "asked them"}
    assert ask("POST", "/messages/settle", again).body == {"count": 2}
    assert ask("POST", "/messages/settle", again).body == {"count": 0}
    assert ask("POST", "/messages/settle", {"ids": lost, "choice": "leave"}).body == {"count": 1}
    assert list(Message.objects.order_by("id").values_list("status", flat=True)) == ["waiting", "waiting", "failed"]
    left = ask("GET", f"/messages/{lost[2]}").body
    assert (left["reason"], "decided not to send it again" in left["words"]) == ("left_unknown", True)


def test_settling_is_strict(world: World) -> None:
    lost = lose(world, texts(world, 1))
    ask = caller(world, world.cem)
    for body in ({"ids": [], "choice": "leave"}, {"ids": lost, "choice": "burn"}, {"ids": lost}, {"choice": "leave"}):
        assert ask("POST", "/messages/settle", body).status == 422
    assert ask("POST", "/messages/settle", {"ids": [*lost, 99_999_999], "choice": "leave"}).status == 404
    assert Message.objects.get().status == "unknown"
