"""The page behind the link of a family's email, as whoever got it uses it: no log-in, a button for each."""

from datetime import UTC, datetime, timedelta

from django.db import connection
from playwright.sync_api import expect

from allstop.actions.mail_tags import answer_tag
from allstop.rules.facts import Channel, Purpose
from allstop.store import queue
from allstop.store.models import AppointmentAnswer, FamilyVisit, Message
from tests.e2e.axe import faults
from tests.e2e.visits import Visits
from tests.world import World, contact


def test_each_of_a_family_says_whether_they_come(visits: Visits, world: World) -> None:
    now = datetime.now(UTC)
    people = [contact(world, f"{name} Silva", phone="", email="home@example.org") for name in ("Ana", "Ben")]
    ana, ben = queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.EMAIL,
                purpose=Purpose.REMINDER,
                address="home@example.org",
                subject="You",
                body="Who comes? {answer_link}",
                due_at=now + timedelta(days=1),
                appointment_at=now + timedelta(days=2, hours=hours),
                contact_id=one.pk,
            )
            for hours, one in enumerate(people)
        ],
        now,
    )
    with connection.cursor() as cursor:  # as the file that told them together left it
        cursor.execute("DELETE FROM queue WHERE account_id = %s AND id = %s", [world.account.pk, ben])
    Message.objects.filter(id=ben).update(status="canceled", reason="with_family", finished_at=now)
    for hours, (number, name) in enumerate(((ana, "Ana"), (ben, "Ben"))):
        FamilyVisit.objects.create(
            account=world.account,
            message_id=number,
            carrier_id=ana,
            at=now + timedelta(days=2, hours=hours),
            says={"name": name, "full_name": f"{name} Silva"},
        )
    page = visits.by_nobody()
    page.goto(f"/answer/{answer_tag(world.account.pk, ana)}")
    found = faults(page, "a family's answer page")
    page.get_by_role("button", name="No, Ben does not come").click()
    expect(page.get_by_role("region", name="Ben").get_by_role("status")).to_have_text("Ben does not come.")
    expect(page.locator("button[name=answer]")).to_have_count(3)
    found |= faults(page, "after an answer")
    assert found == {}
    assert list(AppointmentAnswer.objects.values_list("message_id", "kind")) == [(ben, "cancelled")]
