"""Leads by the API: created or refused with the reason, listed, decided."""

from allstop.actions.pausing import pause_intake
from allstop.store.models import Lead, LeadEvent, OptOut
from tests.doors.caller import caller
from tests.world import World

LEE = {"phone": "212 555 0166", "given_name": "Lee", "family_name": "Ortiz", "kind": "buyer", "comment": "A price?"}


def test_only_the_number_is_required_and_the_answer_has_the_id_or_the_reason(world: World) -> None:
    ask = caller(world, world.cem)
    made = ask("POST", "/leads", {"phone": "212 555 0166"})
    assert (made.status, made.body["status"], made.body["source"], made.body["phone"]) == (
        201,
        "new",
        "api",
        "+12125550166",
    )
    again = ask("POST", "/leads", LEE)
    assert (again.status, again.code) == (409, "duplicate")
    assert made.body["id"] in again.body["error"]["message"]
    assert list(ask("POST", "/leads", {"email": "lee@example.org"}).fields) == ["phone"]
    assert list(ask("POST", "/leads", {"phone": " "}).fields) == ["phone"]
    assert list(ask("POST", "/leads", {**LEE, "comment": "x" * 1025}).fields) == ["comment"]
    pause_intake(world.leader, "CONFIRM", "", world.now)
    refused = ask("POST", "/leads", {"phone": "212 555 0167"})
    assert (refused.status, refused.code) == (409, "paused")
    assert ask("GET", "/intake").body["refused"] == {"api": 1}
    assert Lead.objects.filter(account=world.account).count() == 1


def test_a_repeated_key_answers_the_same_lead(world: World) -> None:
    ask = caller(world, world.cem)
    first = ask("POST", "/leads", LEE, **{"Idempotency-Key": "k1"})
    again = ask("POST", "/leads", LEE, **{"Idempotency-Key": "k1"})
    assert (first.status, again.status, again.body["id"]) == (201, 200, first.body["id"])
    assert ask("POST", "/leads", {**LEE, "kind": "seller"}, **{"Idempotency-Key": "k1"}).code == "conflict"


def test_end_stop_and_dnc(world: World) -> None:
    """TV10"""
    ask = caller(world, world.cem)
    ids = [ask("POST", "/leads", {"phone": f"212 555 016{number}"}).body["id"] for number in range(3)]
    ended = ask("POST", f"/leads/{ids[0]}/qualify", {"note": "Wants a visit"}).body
    assert (ended["status"], ended["note"], ended["history"][0]["title"]) == (
        "qualified",
        "Wants a visit",
        "Qualified Lead",
    )
    stopped = ask("POST", f"/leads/{ids[1]}/unqualify", {"reason": "unresponsive"}).body
    assert (stopped["status"], stopped["reason"]) == ("unqualified", "unresponsive")
    assert ask("POST", f"/leads/{ids[1]}/unqualify", {"reason": "mass_end"}).status == 422
    gone = ask("POST", f"/leads/{ids[2]}/dnc", {"note": "On the phone"}).body
    assert (gone["status"], gone["reason"], gone["opted_out"]) == ("unqualified", "do_not_contact", True)
    no = OptOut.objects.get(contact_id=gone["contact_id"])
    assert (no.channel, no.address, "On the phone" in no.words) == (None, "+12125550162", True)
    assert not OptOut.objects.filter(contact_id=stopped["contact_id"]).exists()


def test_the_list_goes_by_pages_and_filters_and_the_funnel_counts(world: World) -> None:
    ask = caller(world, world.cem)
    ids = [
        ask("POST", "/leads", {"phone": f"212 555 016{one}", "given_name": "Lee", "family_name": f"No{one}"}).body["id"]
        for one in range(3)
    ]
    ask("POST", f"/leads/{ids[0]}/qualify", {})
    page = ask("GET", "/leads?limit=2").body
    assert [one["id"] for one in page["items"]] == [ids[2], ids[1]]
    rest = ask("GET", f"/leads?limit=2&after={page['next']}").body
    assert ([one["id"] for one in rest["items"]], rest["next"]) == ([ids[0]], None)
    assert [one["id"] for one in ask("GET", "/leads?status=qualified").body["items"]] == [ids[0]]
    assert [one["id"] for one in ask("GET", "/leads?q=No1").body["items"]] == [ids[1]]
    assert [one["id"] for one in ask("GET", "/leads?assigned_to=-1&source=api").body["items"]] == ids[::-1]
    assert ask("GET", f"/leads?assigned_to={world.ben.pk}").body["items"] == []
    (week,) = ask("GET", "/leads/funnel").body["items"]
    assert (week["source"], week["created"], week["qualified"], week["unqualified"]) == ("api", 3, 1, 0)
    assert caller(world, world.rae)("GET", "/leads").body["items"] == []
    assert caller(world, world.rae)("GET", "/leads/funnel").body["items"] == []


def test_details_and_notes_are_kept_in_the_history(world: World) -> None:
    ask = caller(world, world.cem)
    made = ask("POST", "/leads", LEE).body["id"]
    changed = ask("PATCH", f"/leads/{made}", {"kind": "seller", "location_id": world.north.pk}).body
    assert (changed["kind"], changed["comment"], changed["location_id"]) == ("seller", "A price?", world.north.pk)
    noted = ask("POST", f"/leads/{made}/notes", {"text": "Likes the garden"}).body
    assert [one["detail"] for one in noted["history"]] == ["Likes the garden", "The details were changed.", ""]
    assert LeadEvent.objects.filter(account=world.account).count() == 3
