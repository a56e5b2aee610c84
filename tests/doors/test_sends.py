"""Sends to many by the API."""

from typing import Any

import pytest

from allstop.actions.contacts import mark
from allstop.actions.groups import add_to_group, create_group
from allstop.rules.markers import MarkerKind
from allstop.store.models import Account, Assignment, Contact, Message, MessengerSend, Override, Template
from tests.doors.caller import caller
from tests.world import World, contact

TEXT = {"channel": "text", "purpose": "personal", "body": "Hello {first_name}"}


def people(world: World, count: int) -> list[int]:
    return [contact(world, f"Pat Abel{n}", phone=f"+1212555{n:04}").pk for n in range(count)]


def named(ids: list[int], **more: Any) -> dict[str, Any]:
    return {**TEXT, "to": {"contacts": [{"contact_id": pk} for pk in ids]}, **more}


def test_a_group_send_says_who_was_left_behind_and_why(world: World) -> None:
    """TM3, TM5."""
    ids = people(world, 7)
    mark(world.admin, ids[:1], MarkerKind.STOP_ALL, "", world.now)
    mark(world.admin, ids[1:2], MarkerKind.STOP_PROMOTIONS, "", world.now)
    group = create_group(world.admin, "Recall", False, world.now)
    add_to_group(world.admin, group.pk, ids[:6], world.now)
    ask = caller(world, world.cem)
    to = {"groups": [group.pk], "filters": [{"filter": {"q": "Abel6"}}], "contacts": [{"contact_id": ids[2]}]}
    preview = ask("POST", "/sends/preview", {**TEXT, "to": to})
    assert preview.body == {
        "people": 7,
        "will_get_it": 5,
        "left_behind": {"stop_all": 1, "stop_promotions": 1},
        "words": "7 people: 5 will get it, 1 is stopped, 1 is left out of promotions because this is a group send.",
    }
    assert not MessengerSend.objects.exists()
    sent = ask("POST", "/sends", {**TEXT, "to": to})
    assert sent.status == 201
    assert (sent.body["state"], sent.body["total"], sent.body["accepted"], sent.body["left_behind"]) == (
        "done",
        7,
        5,
        2,
    )
    assert sent.body["messages"] == sorted(Message.objects.values_list("id", flat=True))
    left = ask("GET", f"/sends/{sent.body['id']}/left-behind?limit=1").body
    assert left["items"] == [
        {
            "contact_id": ids[0],
            "name": "Pat Abel0",
            "reason": "stop_all",
            "words": "Stop All is set on the contact: nothing goes out to them.",
        }
    ]
    more = ask("GET", f"/sends/{sent.body['id']}/left-behind?after={left['next']}").body
    assert ([one["reason"] for one in more["items"]], more["next"]) == (["stop_promotions"], None)
    assert ask("GET", "/sends").body["items"] == [ask("GET", f"/sends/{sent.body['id']}").body]
    assert set(Assignment.objects.values_list("member", flat=True)) == {None}


def test_the_override_and_the_key(world: World) -> None:
    ids = people(world, 6)
    mark(world.admin, ids[:1], MarkerKind.STOP_PROMOTIONS, "", world.now)
    ask = caller(world, world.cem)
    assert ask("POST", "/sends", named(ids, despite_stop_promotions=True)).fields == {
        "reason": "Say why those with Stop Promotions get it all the same."
    }
    wanted = named(ids, despite_stop_promotions=True, reason="burst pipe")
    first = ask("POST", "/sends", wanted, Idempotency_Key="7")
    again = ask("POST", "/sends", wanted, Idempotency_Key="7")
    assert (first.status, again.status, again.body["is_repeat"]) == (201, 200, True)
    assert (first.body["accepted"], Message.objects.count()) == (6, 6)
    assert Override.objects.get().by == "Cem Tanaka's program (token)"
    assert ask("POST", "/sends", named(ids), Idempotency_Key="7").code == "conflict"


def test_a_tokens_member_takes_ownership_of_five_or_fewer(world: World) -> None:
    """TM13."""
    ids = people(world, 2)
    ask = caller(world, world.cem)
    ask("POST", "/sends", named(ids[:1]))
    assert Contact.objects.get(pk=ids[0]).assigned_to == world.cem
    assert caller(world, world.ben)("PATCH", "/setup/messenger", {"takes_ownership": False}).status == 200
    assert not Account.objects.get(pk=world.account.pk).takes_ownership
    ask("POST", "/sends", named(ids[1:]))
    assert Contact.objects.get(pk=ids[1]).assigned_to is None


def test_saved_wording_and_later(world: World) -> None:
    ids = people(world, 1)
    saved = Template.objects.create(
        account=world.account, name="Open", channel="text", purpose="service", subject="", body="Hi {first_name}"
    )
    theirs = Template.objects.create(
        account=world.rival, name="Open", channel="text", purpose="service", subject="", body="Hi"
    )
    ask = caller(world, world.cem)
    at = "2027-01-05T12:00:00-05:00"
    wanted = named(ids, body="", template_id=saved.pk, due_at=at)
    sent = ask("POST", "/sends", wanted)
    assert (sent.status, sent.body["due_at"]) == (201, "2027-01-05T17:00:00Z")
    assert sent.body["job_id"] is not None
    assert Message.objects.get().body == "Hi Pat"
    assert ask("POST", "/sends", {**wanted, "body": "x"}).status == 422
    assert ask("POST", "/sends", {**wanted, "template_id": theirs.pk}).status == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"body": ""}, "body"),
        ({"body": "{when}"}, "body"),
        ({"channel": "email"}, "subject"),
        ({"to": {}}, "to"),
        ({"to": {"contacts": [{"address": "nobody"}]}}, "to"),
        ({"due_at": "2020-01-01T00:00:00Z"}, "due_at"),
        ({"purpose": "spam"}, "purpose"),
    ],
)
def test_what_cannot_be_sent_is_named_and_nothing_is_made(world: World, changes: dict[str, Any], field: str) -> None:
    answer = caller(world, world.cem)("POST", "/sends", {**named(people(world, 1)), **changes})
    assert (answer.status, list(answer.fields)) == (422, [field])
    assert not MessengerSend.objects.exists()
