"""A reply that may be a no, in a browser: from Home to the list, ask, settle; and what waited leaves or never does."""

from playwright.sync_api import expect

from allstop.store.models import Message, OptOut, QueueEntry, Status
from tests.dispatch.processes import wait_until
from tests.e2e.cast import never_quiet, notifications, outbox, unclear_reply, with_status
from tests.e2e.visits import Visits
from tests.world import World, contact

SENDER = "+12125550155"


def test_a_person_reads_it_and_the_texts_are_refused(visits: Visits, world: World) -> None:
    never_quiet(world)
    person = contact(world, "Una Clear", phone=SENDER)
    page = visits.by(world.cem)
    unclear_reply(person, SENDER)
    notifications(world, 3, to=person)
    held = QueueEntry.objects.filter(account_id=world.account.pk, held="unclear_reply")
    wait_until(lambda: held.count() == 3, "the texts to be held")
    figure = page.locator('[data-live="figures.unclear"]')
    expect(figure).to_have_text("1")
    page.get_by_role("link", name="Replies to read").click()
    expect(page.get_by_role("listitem").filter(has_text="Who is this? Stop")).to_be_visible()
    page.get_by_role("link", name="They want no more texts").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("You cannot take this back.")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert not OptOut.objects.filter(account=world.account).exists()
    page.get_by_role("link", name="They want no more texts").press("Enter")
    dialog.get_by_role("button", name="No more texts").click()
    expect(page.get_by_text("Nothing to read")).to_be_visible()
    expect(page.get_by_text("They get no more texts. Only they can take that back.")).to_be_visible()
    wait_until(lambda: with_status(world, Status.REFUSED) == 3, "the texts to be refused")
    assert set(Message.objects.filter(account=world.account).values_list("reason", flat=True)) == {"opted_out_text"}
    assert outbox(world) == 0


def test_what_waited_leaves_when_nothing_was_meant(visits: Visits, world: World) -> None:
    never_quiet(world)
    sender = "+12125550156"
    person = contact(world, "Una Clear", phone=sender)
    unclear_reply(person, sender, "STOP this terrible bill")
    notifications(world, 2, to=person)
    page = visits.by(world.cem, at=f"/contacts/{person.pk}")
    expect(page.get_by_text("They may have said no.")).to_be_visible()
    page.get_by_role("link", name="Replies to read").click()
    page.get_by_role("link", name="No opt-out meant").click()
    page.get_by_role("dialog").get_by_role("button", name="No opt-out meant").click()
    expect(page.get_by_text("Nothing to read")).to_be_visible()
    wait_until(lambda: with_status(world, Status.SENT) == 2, "the texts to leave")


def test_a_leader_adds_a_word_and_is_told_what_cannot_be_one(visits: Visits, world: World) -> None:
    page = visits.by(world.ben, at="/setup/replies")
    words = page.get_by_label("Words of your own")
    words.fill("basta\nyes")
    with visits.expecting("422"):
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("is what people answer to other questions").first).to_be_visible()
    words.fill("basta")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. It counts from the next reply on.")).to_be_visible()
    expect(words).to_have_value("basta")
