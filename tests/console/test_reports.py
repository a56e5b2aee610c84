"""The report page, and the results on the page of a job."""

from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from allstop.store.models import AppointmentAnswer, Message
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact, job, texts


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


def test_what_came_of_jobs_is_shown_by_day_and_on_the_job(world: World) -> None:
    made, person = job(world, "Checkups"), contact(world)
    first, second = texts(world, 2, of=made, to=person)
    Message.objects.filter(account=world.account, id=first).update(status="sent", finished_at=world.now)
    said = {"account": world.account, "contact": person, "message_id": first, "kind": "confirmed"}
    AppointmentAnswer.objects.create(**said, channel="text", by="the contact", at=world.now)
    client = logged_in(world.dot)
    assert "confirmed" in client.get(f"/jobs/{made.pk}").content.decode()
    assert "confirmed" in client.get(f"/messages/{first}").content.decode()
    page = client.get("/reports").content.decode()
    assert "What came of the notifications" in page and "Together" in page
    day = date_format(world.now.astimezone(ZoneInfo(world.account.zone)), "D j M Y")
    assert f'<th scope="row" class="key">{day}</th>' in page
    assert client.get("/reports?by=purpose").status_code == 200
    wrong = client.get("/reports?since=2026-11-02&until=2026-11-01")
    assert wrong.status_code == 422 and "before the first one" in wrong.content.decode()
    export = client.get("/reports/csv?by=channel")
    assert export["Content-Type"].startswith("text/csv") and b"text,2,0,2" in export.content
    assert client.get("/reports/xlsx").content.startswith(b"PK")
    assert client.get("/reports/csv?since=2026-11-02&until=2026-11-01").status_code == 302
    assert "Checkups" not in logged_in(world.rae).get("/reports").content.decode()
    assert second > first
