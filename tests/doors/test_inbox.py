"""Conversations by the API."""

from typing import Any

import pytest

from allstop.store.models import Contact, Conversation, Message
from tests.doors.caller import Caller, caller
from tests.world import World, contact

PAT, STRANGER = "+12125550123", "+12125550177"


def says(ask: Caller, text: str, sender: str = PAT) -> None:
    said = {"channel": "email" if "@" in sender else "text", "sender": sender, "text": text}
    assert ask("POST", "/sandbox/inbound", said).status == 201


def listed(ask: Caller, query: str = "") -> list[Any]:
    items: list[Any] = ask("GET", f"/conversations{query}").body["items"]
    return items


def test_they_are_listed_page_by_page_and_filtered(world: World) -> None:
    ask = caller(world, world.ben)
    contact(world)
    for text, sender in (("Hello", PAT), ("Hi", STRANGER), ("Good day", "zoe@example.org")):
        says(ask, text, sender)
    page = ask("GET", "/conversations?limit=2").body
    assert [row["address"] or row["name"] for row in page["items"]] == ["zoe@example.org", STRANGER]
    assert page["unread"] == 3
    after = page["next"]
    (last,) = ask(
        "GET", f"/conversations?after_at={after['after_at'].replace('+', '%2B')}&after_id={after['after_id']}"
    ).body["items"]
    assert (last["name"], last["text"], last["unread"], last["state"]) == ("Pat Moreau", "Hello", 1, "open")
    assert [row["name"] for row in listed(ask, "?q=moreau")] == ["Pat Moreau"]
    ask("POST", f"/conversations/{last['id']}/assign", {"member_id": world.cem.pk})
    assert [row["assigned_to"] for row in listed(ask, f"?member={world.cem.pk}")] == ["Cem Tanaka"]
    assert len(listed(ask, "?unassigned=true")) == 2
    ask("POST", f"/conversations/{last['id']}/close")
    assert [row["id"] for row in listed(ask, "?show=closed")] == [last["id"]]
    assert len(listed(ask, "?show=unread")) == 2
    assert ask("GET", f"/conversations?unassigned=true&member={world.cem.pk}").status == 422
    assert listed(caller(world, world.rae)) == []


def test_one_is_read_and_answered(world: World) -> None:
    contact(world)
    says(caller(world, world.ben), "Can I come at 3?")
    ask = caller(world, world.cem)
    (row,) = listed(ask)
    path = f"/conversations/{row['id']}"
    thread = ask("GET", path).body
    assert [(event["kind"], event["words"]) for event in thread["events"]] == [("reply", "Can I come at 3?")]
    says(caller(world, world.ben), "Or at 4?")
    assert ask("POST", f"{path}/read", {"seen": thread["newest_inbound"]}).body["unread"] == 1
    assert ask("POST", f"{path}/read", {}).body["unread"] == 0
    sent = ask("POST", f"{path}/answer", {"channel": "text", "body": "At 4, please."})
    assert (sent.status, sent.body["status"]) == (201, "waiting")
    message = Message.objects.get(id=sent.body["id"])
    assert (message.body, message.address, message.purpose) == ("At 4, please.", PAT, "personal")
    after = ask("GET", path).body
    assert (after["state"], after["is_ours"], after["text"]) == ("closed", True, "At 4, please.")
    assert ask("POST", f"{path}/reopen").body["state"] == "open"


def test_a_stranger_becomes_a_contact(world: World) -> None:
    ask = caller(world, world.ben)
    person = contact(world)
    says(ask, "Hello", STRANGER)
    says(ask, "Hello", "+12125550178")
    second, first = listed(ask)
    made = ask("POST", f"/conversations/{first['id']}/sender", {"given_name": "Stan", "family_name": "Ito"}).body
    assert made["name"] == "Stan Ito"
    joined = ask("POST", f"/conversations/{second['id']}/sender", {"contact_id": person.pk}).body
    assert joined["contact_id"] == person.pk
    assert person.addresses.filter(value="+12125550178").exists()
    assert ask("POST", f"/conversations/{joined['id']}/sender", {"contact_id": person.pk}).status == 409
    assert Contact.objects.count() == 2


@pytest.mark.parametrize(
    ("path", "said", "field"),
    [
        ("answer", {"channel": "text", "body": " "}, "body"),
        ("answer", {"channel": "call", "body": "Hi"}, "channel"),
        ("answer", {"channel": "email", "body": "Hi"}, "subject"),
        ("assign", {"member_id": 2**62}, "member_id"),
        ("read", {"seen": 0}, "seen"),
    ],
)
def test_what_cannot_be_used_is_named(world: World, path: str, said: dict[str, Any], field: str) -> None:
    contact(world)
    ask = caller(world, world.ben)
    says(ask, "Hello")
    answer = ask("POST", f"/conversations/{Conversation.objects.get().pk}/{path}", said)
    assert (answer.status, list(answer.fields)) == (422, [field])
