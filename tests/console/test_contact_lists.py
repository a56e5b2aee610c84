"""Recall lists in the console: made, looked at, ticked, put into TO: of the Messenger."""

import pytest
from django.utils import timezone

from allstop.actions.contact_lists import ListChoice, save_list
from allstop.actions.message_plans import PlanChoice, save_plan, usual_follow_up
from allstop.rules.message_plan import CountsFrom
from allstop.store.models import ContactList, ContactListTick, Message
from tests.console.desk import HTMX, logged_in
from tests.console.test_messenger import in_to, page_of, tokens
from tests.kept_cast import the_cast
from tests.world import World, contact


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


def test_a_list_is_made_ticked_messaged_and_deleted(world: World) -> None:
    pat, sam = contact(world), contact(world, "Sam Ito", phone="+12125550124", email="sam@example.org")
    client = logged_in(world.cem)
    assert "No lists yet" in client.get("/contacts/lists").content.decode()
    assert client.post("/contacts/lists/new", {"name": "", "back_after_months": 6}).status_code == 422
    made = client.post("/contacts/lists/new", {"name": "Quiet", "not_written_days": 30, "back_after_months": 6})
    kept = ContactList.objects.get(account=world.account)
    path = f"/contacts/lists/{kept.pk}"
    assert (made.status_code, made["Location"]) == (302, path)
    page = client.get(path).content.decode()
    assert "Moreau, Pat" in page and "Ito, Sam" in page
    client.post(f"{path}/tick", {"contact": sam.pk})
    shown = client.get(path)
    assert "Ito, Sam" not in shown.content.decode()
    client.post("/messenger/start", {"all": "1", "filter": shown.context["query"]})
    assert in_to(page_of(client)) == tokens([pat.pk])
    begun = client.post(
        "/messenger/start", {"all": "1", "filter": shown.context["query"], "list": kept.pk}, follow=True
    )
    assert "Tick as complete on Quiet whoever gets it" in begun.content.decode()
    to_send = {"to": tokens([pat.pk]), "channel": "text", "purpose": "personal", "body": "Hello", "when": "now"}
    key = begun.context["key"]
    client.post("/messenger", to_send | {"key": key, "list": kept.pk, "ticks": "on"})
    assert set(ContactListTick.objects.filter(list=kept).values_list("contact_id", flat=True)) == {pat.pk, sam.pk}
    ContactListTick.objects.filter(contact=pat).delete()
    Message.objects.filter(account=world.account).delete()
    assert "1 contact is ticked." in client.post(f"{path}/tick", {"contact": "all"}, follow=True).content.decode()
    assert client.post(f"{path}/tick", {"contact": "nobody"}).status_code == 404
    assert client.get(f"{path}/edit").status_code == 200
    more = {"assigned_to": "-1", "opted_out": "on", "location": str(world.north.pk), "q": "moreau"}
    client.post(f"{path}/edit", {"name": "Renamed", "back_after_months": 2, **more})
    kept.refresh_from_db()
    wanted = {"assigned_to": -1, "opted_out": True, "location": world.north.pk, "q": "moreau"}
    assert kept.filter == wanted
    assert 'value="moreau"' in client.get(f"{path}/edit").content.decode()
    assert "Renamed" in client.get("/contacts/lists").content.decode()
    client.post(f"{path}/delete")
    assert not ContactList.objects.filter(account=world.account).exists()


def test_viewers_only_look_and_strangers_see_nothing(world: World) -> None:
    kept = save_list(world.member, ListChoice(name="Recall"), world.now)
    path = f"/contacts/lists/{kept.pk}"
    for member, looks, does in ((world.dot, 200, 403), (world.rae, 404, 404)):
        client = logged_in(member)
        assert client.get(path).status_code == looks
        said = {"name": "Mine", "back_after_months": 2, "contact": "all"}
        for what in ("edit", "tick", "delete"):
            assert client.post(f"{path}/{what}", said).status_code == does
        assert client.get(f"{path}/plan").status_code == looks
        assert client.post(f"{path}/plan", {"do": "send"}).status_code == does


def test_a_plan_is_shown_day_by_day_and_sent(world: World) -> None:
    contact(world)  # Pat
    contact(world, "Sam Moreau", phone="+12125550123", email="")
    kept = save_list(world.member, ListChoice(name="Recall", for_family=True), world.now)
    client, path = logged_in(world.cem), f"/contacts/lists/{kept.pk}/plan"
    assert "No plan for lists yet" in client.get(path).content.decode()
    choice = PlanChoice(name="Six months", steps=usual_follow_up(), counts_from=CountsFrom.SENDING)
    plan = save_plan(world.leader, choice, world.now)
    page = client.get(path)
    assert [(one.step, one.people, one.messages) for one, _ in page.context["days"]] == [
        (1, 1, 1),
        (2, 2, 1),
        (3, 2, 1),
    ]
    words = page.content.decode()
    assert "while they have not answered" in words
    assert "<b>3</b> leave, the last" in words and "all that waits already" in words
    assert not Message.objects.filter(account=world.account).exists()
    said = {"plan": plan.pk, "purpose": "reminder"}
    shown = client.post(path, said | {"do": "look", "window": "at_once"}, headers=HTMX).content.decode()
    assert shown.lstrip().startswith('<div class="stack" id="plan-preview"')
    assert client.post(path, said | {"plan": 999, "do": "send"}).status_code == 422
    sent = client.post(path, said | {"do": "send"}, follow=True).content.decode()
    assert "3 messages wait, each for its day." in sent
    assert Message.objects.filter(account=world.account, status="waiting").count() == 3
    listed = client.get(f"/contacts/lists/{kept.pk}")
    assert [one.total for one in listed.context["followed_up"]] == [2, 2]
    assert "Followed up by a plan" in listed.content.decode()
    again = client.post(path, said | {"do": "send"}, follow=True).content.decode()
    assert "A plan that this list has sent to them goes on already." in again
    for one in listed.context["followed_up"]:
        client.post(f"/contacts/lists/{kept.pk}/tick", {"contact": one.id})
    assert not Message.objects.filter(account=world.account, status="waiting").exists()
    assert "Followed up" not in client.get(f"/contacts/lists/{kept.pk}").content.decode()


def test_the_messenger_sends_one_message_for_a_family(world: World) -> None:
    ids = [contact(world).pk, contact(world, "Sam Moreau", phone="+12125550123", email="").pk]
    kept = save_list(world.member, ListChoice(name="Recall", for_family=True), world.now)
    client = logged_in(world.cem)
    page = client.get(f"/messenger?list={kept.pk}")
    assert page.context["for_family"] is True and "One message for a family" in page.content.decode()
    said = {"to": tokens(ids), "channel": "text", "purpose": "reminder", "list": kept.pk, "for_family": "on"}
    wrong = client.post("/messenger", said | {"key": page.context["key"], "body": "Hello", "when": "now"})
    assert (wrong.status_code, "must name {names}" in wrong.content.decode()) == (422, True)
    told = client.post("/messenger/forecast", said | {"body": "Hello {names}"}, headers=HTMX).content.decode()
    assert "<b>2</b> people are told by <b>1</b> message." in told
    client.post("/messenger", said | {"key": page.context["key"], "body": "Hello {names}", "when": "now"})
    found = Message.objects.filter(account=world.account).order_by("id")
    assert [(one.body, one.status) for one in found] == [("Hello Pat and Sam", "waiting"), ("Hello Sam", "canceled")]
