"""End Conversations on Connections; the playbook's page; who answers, in the Inbox."""

import pytest
from django.utils import timezone

from allstop.actions.play import play_inbound
from allstop.actions.playbooks import EXAMPLE, change_playbook
from allstop.rules.words import Channel
from allstop.store import ledger
from allstop.store.models import Conversation, Lead, LedgerEntry, MassEnd, Playbook, Talk
from tests.actions.test_talks import made
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World

END = "/setup/connections/end"


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


def test_it_asks_for_the_word_with_the_exact_count_and_shows_what_came_of_it(world: World) -> None:
    """001-01, 001-02, 001-08 to 001-11, 001-16, 001-17"""
    made(world)
    ben, cem = logged_in(world.ben), logged_in(world.cem)
    page = ben.get("/setup/connections").content.decode()
    assert "End Conversations" in page
    assert "An emergency measure" in page
    dialog = ben.get(END, headers=HTMX).content.decode()
    for words in ("possibly destructive", "entire team of 4 members", "<b>1</b> active lead becomes unqualified"):
        assert words in " ".join(dialog.split())
    one = ben.get(END, {"member": world.cem.pk}).content.decode()
    assert "<b>0</b> active leads of Cem Tanaka" in " ".join(one.split())
    assert ben.get(END, {"member": world.rae.pk}).status_code == 404
    for typed in ("", "confirm", "CONFIRM "):
        refused = ben.post(END, {"confirm": typed}, headers=HTMX)
        assert (refused.status_code, MassEnd.objects.count()) == (422, 0)
    assert "/setup/connections/end" not in cem.get("/setup/connections").content.decode()
    assert cem.post(END, {"confirm": "CONFIRM"}).status_code == 403
    assert not MassEnd.objects.exists()
    done = ben.post(END, {"confirm": "CONFIRM"}, headers=HTMX)
    end = MassEnd.objects.get()
    assert done["HX-Redirect"] == f"{END}/{end.pk}"
    assert Lead.objects.get().reason == "mass_end"
    shown = ben.get(f"{END}/{end.pk}").content.decode()
    assert "1 conversation ended." in shown
    assert "hx-trigger" not in ben.get(f"{END}/{end.pk}/progress").content.decode()  # it is over
    assert "Last used by Ben Weber" in ben.get("/setup/connections").content.decode()
    assert cem.post(f"{END}/{end.pk}/replay").status_code == 403
    assert ben.post(f"{END}/{end.pk}/replay").status_code == 302
    assert "Ben Weber had webhooks told of 0 leads" in ben.get(f"{END}/{end.pk}").content.decode()
    assert ben.post(f"{END}/{end.pk}/replay").status_code == 409
    assert LedgerEntry.objects.filter(act="replay_ended").count() == 1
    assert isinstance(ledger.verify(world.account.pk), int)


def test_the_playbook_is_checked_tried_and_saved(world: World) -> None:
    ben, cem = logged_in(world.ben), logged_in(world.cem)
    assert "An example, to begin with." in cem.get("/setup/playbook").content.decode()
    wrong = ben.post("/setup/playbook", {"text": "step a\n  text: Hi\n  if yes: go b", "is_on": "on"})
    assert wrong.status_code == 422
    assert "Line 3: There is no step b" in wrong.content.decode()
    assert "Line 1" in cem.post("/setup/playbook/rehearse", {"text": "hello"}).content.decode()
    played = cem.post("/setup/playbook/rehearse", {"text": EXAMPLE, "answers": "yes please\n\ntoday"}).content.decode()
    assert "Northgate Dental" in played
    assert "A person answers from here." in played  # nobody answered the second question for a day
    assert not Playbook.objects.exists()
    assert cem.post("/setup/playbook", {"text": EXAMPLE, "is_on": "on"}).status_code == 403
    assert ben.post("/setup/playbook", {"text": EXAMPLE, "is_on": "on"}).status_code == 302
    assert Playbook.objects.get().is_on
    assert "Changed by Ben Weber" in ben.get("/setup/playbook").content.decode()


def test_the_inbox_says_who_answers_and_a_member_takes_over(world: World) -> None:
    change_playbook(world.leader, EXAMPLE, world.now, is_on=True)
    lead = made(world)
    play_inbound(world.leader, Channel.TEXT, "+12125550123", "Hello, it is me", world.now)
    box = Conversation.objects.get()
    cem, dot = logged_in(world.cem), logged_in(world.dot)
    page = cem.get(f"/inbox/{box.pk}").content.decode()
    assert "Allstop answers" in page and "New lead" in page and "Take over" in page
    assert "Take over" not in dot.get(f"/inbox/{box.pk}").content.decode()
    assert dot.post(f"/inbox/{box.pk}/take-over").status_code == 403
    assert logged_in(world.rae).post(f"/inbox/{box.pk}/take-over").status_code == 404
    assert cem.get(f"/inbox/{box.pk}/take-over").status_code == 405
    for _ in range(2):
        assert cem.post(f"/inbox/{box.pk}/take-over").status_code == 302
    assert Talk.objects.get(pk=lead.pk).answers == "person"
    page = cem.get(f"/inbox/{box.pk}").content.decode()
    assert "A person answers" in page and "A member has taken over." in page
    assert cem.post(f"/inbox/{box.pk}/hand-back").status_code == 302
    assert Talk.objects.get(pk=lead.pk).answers == "automatic"
