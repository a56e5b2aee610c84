"""The record of a contact by the API."""

from allstop.store.models import Contact, Message, Note
from tests.doors.caller import caller
from tests.world import World, contact, texts


def test_the_history_goes_by_pages_newest_first(world: World) -> None:
    pat = contact(world)
    ids = texts(world, 5, to=pat)
    ask = caller(world, world.dot)
    address, seen = f"/contacts/{pat.pk}/history?limit=2", []
    while address:
        page = ask("GET", address).body
        seen += [(one["kind"], one["id"]) for one in page["items"]]
        following = page["next"]
        words = "&".join(f"{name}={str(value).replace('+', '%2B')}" for name, value in (following or {}).items())
        address = f"/contacts/{pat.pk}/history?limit=2&{words}" if following else ""
    assert seen == [("message", one) for one in reversed(ids)]


def test_a_note_is_kept_and_never_sent(world: World) -> None:
    """TM12."""
    pat = contact(world)
    answer = caller(world, world.cem)("POST", f"/contacts/{pat.pk}/notes", {"text": "Prefers mornings"})
    assert (answer.status, answer.body["by"]) == (201, Note.objects.get().by)
    assert caller(world, world.cem)("POST", f"/contacts/{pat.pk}/notes", {"text": " "}).status == 422
    assert not Message.objects.exists()


def test_a_merge_answers_with_the_contact_that_stays(world: World) -> None:
    pat, double = contact(world), contact(world, "Patrick Moreau", email="patrick@example.org")
    texts(world, 3, to=double)
    answer = caller(world, world.cem)("POST", f"/contacts/{pat.pk}/merge", {"other_id": double.pk})
    assert (answer.status, answer.body["messages"]) == (200, 3)
    assert answer.body["contact"]["emails"] == ["pat@example.org", "patrick@example.org"]
    assert list(Contact.objects.all()) == [pat]
    again = caller(world, world.cem)("POST", f"/contacts/{pat.pk}/merge", {"other_id": pat.pk})
    assert (again.status, list(again.fields)) == (422, ["other_id"])


def test_the_export_has_the_messages_and_the_ledger(world: World) -> None:
    pat = contact(world)
    texts(world, 2, to=pat)
    known = caller(world, world.dot)("GET", f"/contacts/{pat.pk}/export").body
    assert len(known["messages"]) == 2
    assert known["contact"]["given_name"] == "Pat"


def test_a_person_is_erased_and_the_receipt_is_numbers(world: World) -> None:
    pat = contact(world)
    waiting, _ = texts(world, 2, to=pat)
    ask = caller(world, world.ben)
    wrong = ask("POST", f"/contacts/{pat.pk}/erase", {"confirm": "Pat"})
    assert (wrong.status, list(wrong.fields)) == (422, ["confirm"])
    done = ask("POST", f"/contacts/{pat.pk}/erase", {"confirm": "Pat Moreau"})
    assert (done.status, done.body["state"], done.body["withdrawn"]) == (200, "done", 2)
    assert done.body["counts"]["addresses"] == 2
    assert ask("GET", f"/erasures/{done.body['id']}").body == done.body
    assert ask("GET", f"/contacts/{pat.pk}").status == 404
    assert ask("POST", f"/contacts/{pat.pk}/erase", {"confirm": "x"}).body == done.body
    message = ask("GET", f"/messages/{waiting}").body
    assert (message["status"], message["reason"], message["address"], message["body"]) == ("canceled", "erased", "", "")
