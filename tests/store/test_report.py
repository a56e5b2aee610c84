"""Reports: every line adds up, and all groupings to the same, whatever came of the messages (issue 8)."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allstop.actions.actor import Invalid
from allstop.actions.reports import ReportFormat, as_file, make_report
from allstop.rules.facts import Channel, Purpose
from allstop.rules.results import Result
from allstop.store import lists, queue
from allstop.store.lists import ReportBy
from allstop.store.models import AppointmentAnswer, Import, Job, Status
from tests.world import World, contact, job

KINDS = ("confirmed", "cancelled", "wrong", "other")
outcomes = st.lists(
    st.tuples(
        st.sampled_from(Status),
        st.sampled_from(Channel),
        st.integers(0, 2),  # north, south, none
        st.integers(0, 2),  # which job
        st.sampled_from(("", *KINDS)),
    ),
    max_size=25,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(outcomes, st.lists(st.integers(0, 9), min_size=3, max_size=3))
def test_every_row_is_accounted_for_however_it_is_looked_at(
    world: World, found: list[tuple[Status, Channel, int, int, str]], unusable: list[int]
) -> None:
    Job.objects.filter(account=world.account).update(created_at=world.now - timedelta(days=400))  # of earlier examples
    jobs = [job(world, purpose=Purpose.BILLING), job(world), job(world)]
    Job.objects.filter(pk=jobs[2].pk).update(created_at=world.now - timedelta(days=2))
    places = (world.north.pk, world.south.pk, None)
    person = contact(world)
    ids = queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=channel,
                purpose=Purpose(jobs[of].purpose),
                address="+12125550123",
                body="Hello",
                due_at=world.now,
                contact_id=person.pk,
                job_id=jobs[of].pk,
                location_id=places[place],
                status=status,
                reason="opted_out_text" if status is Status.REFUSED else "",
            )
            for status, channel, place, of, _ in found
        ],
        world.now,
    )
    for number, (_, _, _, _, kind) in zip(ids, found, strict=True):
        if kind:
            said = {"account": world.account, "contact": person, "message_id": number, "kind": kind, "channel": ""}
            AppointmentAnswer.objects.create(**said, by="the contact", at=world.now)
    for number, of in zip(unusable, jobs, strict=True):
        Import.objects.create(
            account=world.account,
            job=of,
            file_name="a.csv",
            format="csv",
            content=b"",
            source="upload",
            state="done",
            options={},
            rows_refused=number,
            created_by="",
            created_at=world.now,
        )
    counted = Counter(status for status, *_ in found)
    totals = {
        "notifications": len(found) + sum(unusable),
        "sent": counted[Status.SENT],
        "waiting": counted[Status.WAITING],
        "refused": counted[Status.REFUSED],
        "canceled": counted[Status.CANCELED],
        "errors": counted[Status.FAILED] + counted[Status.UNKNOWN] + sum(unusable),
        "removed": counted[Status.REMOVED],
        **{kind: sum(one[-1] == kind for one in found) for kind in KINDS},
    }
    for by in ReportBy:
        made = make_report(world.viewer, by, None, None, world.now)
        assert made.totals == totals
        assert all(line.total == sum(line.counts[part] for part in lists.PARTS) for line in made.lines)
    assert make_report(world.stranger, ReportBy.DAY, None, None, world.now).lines == []
    refused = sum(status is Status.REFUSED and of == 0 for status, _, _, of, _ in found)
    assert lists.job_results(world.account.pk, jobs[0].pk).get(Result.DO_NOT_CONTACT, 0) == refused


def test_a_report_is_a_file_for_a_spreadsheet_program(world: World) -> None:
    made = job(world)
    queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.TEXT,
                purpose=Purpose.REMINDER,
                address="+12125550123",
                body="Hello",
                due_at=world.now,
                job_id=made.pk,
                location_id=world.north.pk,
            )
        ],
        world.now,
    )
    found = make_report(world.viewer, ReportBy.LOCATION, None, None, world.now)
    heads, line, *_ = as_file(found, ReportFormat.CSV).decode("utf-8-sig").splitlines()
    assert heads.startswith("Location,Notifications,Sent,Waiting") and line.startswith("Northgate,1,0,1,")
    assert as_file(found, ReportFormat.XLSX).startswith(b"PK")


@pytest.mark.parametrize("day", [date.min, date(1999, 12, 31), date(3000, 1, 1), date.max])
def test_a_day_that_no_calendar_of_the_account_can_have_is_refused_in_words(world: World, day: date) -> None:
    for since, until in ((day, None), (None, day), (day, day)):
        with pytest.raises(Invalid, match="years 2000 to 2999"):
            make_report(world.viewer, ReportBy.DAY, since, until, world.now)
