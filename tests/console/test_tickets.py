"""The pages of tickets, on both sides."""

import pytest
from django.utils import timezone

from allstop.store.models import Ticket, TicketMessage, User
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    made = the_cast(timezone.now())
    User.objects.filter(pk=made.rae.user_id).update(is_operator=True)  # of Rival Motors
    return made


def test_an_admin_and_an_operator_write_to_each_other(world: World) -> None:
    admin, operator = logged_in(world.ada), logged_in(world.rae)
    assert "/help/tickets" in admin.get("/").content.decode()
    assert "Nobody has written yet" in admin.get("/help/tickets").content.decode()
    assert admin.post("/help/tickets", {"subject": "", "text": "Hello"}).status_code == 422
    assert not Ticket.objects.exists()
    said = {"subject": "Our invoice", "text": "Why <b>40</b>?\n\nSee June."}
    at = admin.post("/help/tickets", said)["Location"]
    made = Ticket.objects.get()
    assert at == f"/help/tickets/{made.pk}"
    shown = admin.get(at).content.decode()
    assert "Why &lt;b&gt;40&lt;/b&gt;?" in shown and "<p>See June.</p>" in shown

    listed = operator.get("/operator/tickets").content.decode()
    assert "Our invoice" in listed and "Waits for you" in listed and "wait for an answer" in listed
    theirs = f"/operator/tickets/{made.pk}"
    assert operator.post(theirs, {"text": ""}).status_code == 422
    assert operator.post(theirs, {"text": "For two months."})["Location"] == theirs
    assert "For two months." in admin.get(at).content.decode()
    assert "Waits for you" in admin.get("/help/tickets").content.decode()
    assert operator.post(f"{theirs}/close")["Location"] == "/operator/tickets"
    assert "Our invoice" not in operator.get("/operator/tickets").content.decode()
    assert "Our invoice" in operator.get("/operator/tickets?show=all").content.decode()
    assert admin.post(at, {"text": "Thanks"})["Location"] == at
    assert admin.post(f"{at}/close")["Location"] == "/help/tickets"
    assert Ticket.objects.get().closed_by == "Ada Okafor"

    new = f"/operator/accounts/{world.account.pk}/tickets/new"
    assert operator.post(new, {"subject": "Welcome", "text": " "}).status_code == 422
    assert operator.post(new, {"subject": "Welcome", "text": "Hello"}).status_code == 302
    assert TicketMessage.objects.count() == 4


def test_only_admins_of_the_account_find_its_tickets(world: World) -> None:
    logged_in(world.ada).post("/help/tickets", {"subject": "Ours", "text": "Hello"})
    at = f"/help/tickets/{Ticket.objects.get().pk}"
    for member, code in ((world.ben, 403), (world.dot, 403), (world.rae, 404)):
        client = logged_in(member)
        assert (client.get(at).status_code, client.post(at, {"text": "x"}).status_code) == (code, code)
        assert client.post(f"{at}/close").status_code == code
    assert logged_in(world.ben).get("/help/tickets").status_code == 403
    assert "Ours" not in logged_in(world.rae).get("/help/tickets").content.decode()
    assert "/help/tickets" not in logged_in(world.ben).get("/").content.decode()
    assert logged_in(world.ada).get(f"/operator/tickets/{Ticket.objects.get().pk}").status_code == 404
    assert (Ticket.objects.get().state, TicketMessage.objects.count()) == ("open", 1)
