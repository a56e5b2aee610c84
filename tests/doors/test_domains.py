"""The API writes the domain of an email in its letters, as pages do, and takes either spelling."""

import json

from allstop.store.models import Address, AddressKind, Conversation, Inbound, Message, OptOut
from tests.doors.caller import caller
from tests.doors.operations import CALLS, make, things
from tests.world import World

KEPT = "info@xn--bcher-kva.example"
SHOWN = "info@bücher.example"
AS_KEPT = {"export_contact", "export_contacts"}  # files: what is kept of people, as it is kept


def test_no_answer_shows_a_domain_as_it_goes_over_the_wire(world: World) -> None:
    t = things(world, world.account)
    Address.objects.filter(kind=AddressKind.EMAIL).update(value=KEPT)
    Message.objects.update(address=KEPT, channel="email")
    Inbound.objects.update(sender=KEPT, channel="email")
    Conversation.objects.filter(contact=None).update(address=KEPT)
    OptOut.objects.update(address=KEPT)
    ask = caller(world, world.ada)
    shown = {}
    for name, call in CALLS.items():
        if call(t)[0] == "GET":
            shown[name] = json.dumps(make(ask, call(t)).body, ensure_ascii=False, default=str)
    assert sorted(name for name, said in shown.items() if "xn--" in said) == sorted(AS_KEPT & shown.keys())
    assert {"list_contacts", "get_contact", "list_messages", "get_message", "list_unclear_replies"} <= {
        name for name, said in shown.items() if SHOWN in said
    }


def test_either_spelling_is_the_same_address(world: World) -> None:
    ask = caller(world, world.ada)
    made = ask("POST", "/contacts", {"given_name": "Bo", "emails": [SHOWN]})
    assert (made.status, made.body["emails"]) == (201, [SHOWN])
    for spelling in (KEPT, SHOWN):
        body = {
            "channel": "email",
            "to": {"address": spelling},
            "purpose": "personal",
            "subject": "Hi",
            "body": "Hello",
        }
        sent = ask("POST", "/messages", body).body
        message = ask("GET", f"/messages/{sent['id']}").body
        assert (message["address"], message["contact_id"]) == (SHOWN, made.body["id"])
    assert set(Message.objects.values_list("address", flat=True)) == {KEPT}
    to_another = {**body, "to": {"contact_id": made.body["id"], "address": "bo@xn--bcher-kva.example"}}
    assert ask("POST", "/messages", to_another).fields["to"].startswith("bo@bücher.example does not belong")
    answered = ask("PATCH", f"/contacts/{made.body['id']}", {"given_name": "Bo", "emails": [SHOWN]})
    assert answered.body["emails"] == [SHOWN]
    assert Address.objects.get(contact=made.body["id"]).value == KEPT
