"""Files become jobs: read, guessed, previewed, confirmed, and then all of it or nothing."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from pathlib import Path

import pytest

from allstop.actions import attachments
from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere
from allstop.actions.contacts import ContactDetails, create_contact, mark, record_opt_out
from allstop.actions.import_options import (
    Route,
    Start,
    Timing,
    options_from_json,
    options_to_json,
)
from allstop.actions.import_preview import preview
from allstop.actions.import_run import run_import
from allstop.actions.imports import confirm, options_of, problems_csv, upload
from allstop.actions.switch import stop_account
from allstop.actions.templates import Wording
from allstop.cli.sample_reminders import reminder_file
from allstop.formats.mapping import Field
from allstop.rules.facts import Channel, Purpose
from allstop.rules.markers import MarkerKind
from allstop.rules.verdict import SEND, Hold, Refuse
from allstop.store import ledger
from allstop.store.models import (
    Contact,
    DeliverySession,
    Import,
    ImportProblem,
    Job,
    JobSource,
    LedgerEntry,
    Message,
    OptOut,
    QueueEntry,
    Status,
    TallyChange,
)
from tests.reminder_files import a_row, changed, run, taken_in
from tests.world import World


def test_a_file_of_the_notify_shape_works_without_touching_anything(world: World) -> None:
    """000-13: an upload makes a job; the job holds many notifications."""
    taken = taken_in(world, a_row(1), a_row(2, clinic="SG"))
    options = options_of(taken)
    assert (taken.state, taken.format, taken.rows_total) == ("uploaded", "csv", 2)
    assert options.purpose is Purpose.REMINDER
    assert {Field.APPOINTMENT_AT, Field.MOBILE, Field.EMAIL, Field.FULL_NAME} <= options.mapping.columns.keys()
    result = run(world, taken)
    assert result.messages == {Status.WAITING: 2}
    job = Job.objects.get()
    assert (job.pk, job.name, job.source, job.purpose) == (result.job_id, "tomorrow", "upload", "reminder")
    first, second = Message.objects.order_by("id")
    assert (first.channel, first.address, first.location_id) == ("text", "+12125550101", world.north.pk)
    assert second.location_id == world.south.pk
    assert first.body == (
        "Hello Pat, this is a reminder of your appointment at Northgate on Tuesday, November 24 at 4:00 PM."
        " Reply STOP to get no more texts."
    )
    assert first.use_by == datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
    assert QueueEntry.objects.count() == 2
    done = Import.objects.get()
    assert (done.state, done.job_id, done.rows_done, done.messages_made) == ("done", job.pk, 2, 2)


@pytest.mark.parametrize("written", ["now", "in docs"])
def test_the_sample_files_work_without_touching_anything(world: World, written: str) -> None:
    kept = Path(__file__).parents[2] / "docs" / "samples" / "northgate-reminders.csv"
    content = reminder_file(40, world.now).encode() if written == "now" else kept.read_bytes()
    result = run(world, upload(world.member, "northgate-reminders.csv", content, world.now, JobSource.UPLOAD))
    assert sum(result.messages.values()) == 40
    assert result.problems == 0
    assert result.messages[Status.CANCELED] == 1


def test_new_patients_are_welcomed(world: World) -> None:
    run(world, taken_in(world, a_row(1, type="CHECKUP-NEW")))
    assert Message.objects.get().body.startswith("Hello Pat, welcome to Northgate. Your first appointment is on")


def test_every_row_is_accounted_for(world: World) -> None:
    blocked = create_contact(world.member, ContactDetails(given_name="No", phones=("+12125550104",)), world.now)
    mark(world.member, [blocked.pk], MarkerKind.STOP_ALL, "", world.now)
    rows = (
        a_row(1),
        a_row(2, status="Cancelled"),
        a_row(3, phone="12", email=""),
        a_row(4),
        a_row(1),
        a_row(5, clinic="XX"),
        a_row(6, at="11/20/2026 9:00"),
        a_row(7, at="someday"),
        "too,few",
    )
    taken = taken_in(world, *rows)
    result = run(world, taken)
    assert result.messages == {Status.WAITING: 1, Status.CANCELED: 1, Status.REFUSED: 2}
    assert result.problems == 5
    assert len(rows) == sum(result.messages.values()) + result.problems == taken.rows_total
    counted: Counter[str] = Counter()
    for change in TallyChange.objects.filter(job_id=result.job_id):
        counted[change.status] += change.count
    assert counted == {"waiting": 1, "canceled": 1, "refused": 2}
    problems = {one.row: one.problem for one in ImportProblem.objects.all()}
    assert set(problems) == {4, 6, 7, 9, 10}
    assert problems[6] == "This row is a duplicate of row 2."
    assert "Known are: NG, SG" in problems[7]
    assert Import.objects.get().rows_refused == 5


def test_rows_whose_appointment_is_off_are_canceled_by_rules_and_never_queued(world: World) -> None:
    """TN9."""
    run(world, taken_in(world, a_row(1, status="Cancelled"), a_row(2, status="Rescheduled")))
    assert set(Message.objects.values_list("status", "reason")) == {("canceled", "appointment_cancelled")}
    assert not QueueEntry.objects.exists()


def test_what_the_gate_refuses_for_good_is_recorded_and_never_queued(world: World) -> None:
    person = create_contact(world.member, ContactDetails(given_name="Pat", phones=("+12125550101",)), world.now)
    record_opt_out(person, Channel.TEXT, "STOP", world.now, "+12125550101")
    run(world, taken_in(world, a_row(1), a_row(2, at="11/23/2026 9:00")))
    assert list(Message.objects.order_by("id").values_list("status", "reason")) == [
        ("refused", "opted_out_text"),
        ("refused", "too_late"),
    ]
    assert not QueueEntry.objects.exists()
    entry = LedgerEntry.objects.get(act="import")
    ids = list(Message.objects.order_by("id").values_list("id", flat=True))
    assert entry.after is not None
    assert entry.after["refused"] == {"opted_out_text": ids[:1], "too_late": ids[1:]}
    assert isinstance(ledger.verify(world.account.pk), int)


def test_contacts_are_found_by_patient_id_then_phone_then_email(world: World) -> None:
    def known(**details: object) -> Contact:
        return create_contact(world.member, ContactDetails(**details), world.now)  # type: ignore[arg-type]

    by_id = known(given_name="Old", external_id="P1", phones=("+13055550142",))
    by_phone = known(given_name="Phone", phones=("+12125550102",))
    by_email = known(given_name="Mail", emails=("p3@example.org",))
    rows = (a_row(1), a_row(2), a_row(3), a_row(4), a_row(5, patient="P4", phone="(212) 555-0104"))
    run(world, taken_in(world, *rows))
    of = list(Message.objects.order_by("id").values_list("contact_id", flat=True))
    assert of[:3] == [by_id.pk, by_phone.pk, by_email.pk]
    assert of[3] == of[4]  # one new person with two appointments
    new = Contact.objects.get(pk=of[3])
    assert (new.given_name, new.family_name, new.external_id) == ("Pat", "Moreau", "P4")
    assert new.zones == ["America/New_York"]
    assert set(by_id.addresses.values_list("value", flat=True)) == {"+13055550142", "+12125550101", "p1@example.org"}


def test_a_family_that_shares_a_phone_stays_several_people(world: World) -> None:
    same = "(212) 555-0150"
    run(world, taken_in(world, a_row(1, phone=same), a_row(2, phone=same, name="Moreau, Tim")))
    assert Contact.objects.count() == 2


def test_a_no_that_stands_on_an_address_holds_for_a_new_contact(world: World) -> None:
    other = create_contact(
        world.member, ContactDetails(given_name="Ann", external_id="P9", phones=("+12125550101",)), world.now
    )
    record_opt_out(other, Channel.TEXT, "stop", world.now, "+12125550101")
    run(world, taken_in(world, a_row(1)))
    new = Contact.objects.get(external_id="P1")
    assert OptOut.objects.filter(contact=new, channel="text", lifted_at=None).exists()
    assert Message.objects.get(contact=new).reason == "opted_out_text"


def test_the_first_channel_that_reaches_the_person_is_taken(world: World) -> None:
    berlin = "+49 30 23125123"  # a landline: no texts
    taken = taken_in(world, a_row(1), a_row(2, phone=berlin), a_row(3, phone=""), a_row(4, phone="12"))
    assert options_of(taken).channels == (Channel.TEXT, Channel.CALL, Channel.EMAIL)
    result = run(world, taken)
    assert list(Message.objects.order_by("id").values_list("channel", flat=True)) == ["text", "call", "email", "email"]
    assert result.problems == 0
    assert ImportProblem.objects.get().value == "12"  # it is told, though the row was used


def test_all_chosen_channels_may_be_asked_for(world: World) -> None:
    taken = taken_in(world, a_row(1))
    run(world, changed(world, taken, channels=(Channel.TEXT, Channel.EMAIL), route=Route.ALL))
    assert set(Message.objects.values_list("channel", "address")) == {
        ("text", "+12125550101"),
        ("email", "p1@example.org"),
    }


def test_emails_take_files_along_and_the_other_messages_none(world: World) -> None:
    form = attachments.upload(world.member, "form.pdf", b"%PDF-1.7\nA form", world.now).id
    letter = Wording("Hello {first_name}", subject="Soon", attachments=(form,))
    taken = taken_in(world, a_row(1), a_row(2))
    both = {**options_of(taken).wording, Channel.EMAIL: letter}
    run(world, changed(world, taken, channels=(Channel.TEXT, Channel.EMAIL), route=Route.ALL, wording=both))
    emails, texts = (Message.objects.filter(channel=channel) for channel in ("email", "text"))
    assert {attachments.ids_in(one.account_id, one.attachment_set_id) for one in emails} == {(form,)}
    assert {one.attachment_set_id for one in texts} == {None}
    for wrong, words in (
        ({Channel.TEXT: Wording("Hello", attachments=(form,))}, "Only emails take files along"),
        ({Channel.TEXT: Wording("Hello"), Channel.EMAIL: replace(letter, attachments=(form + 1,))}, "is not there"),
    ):
        with pytest.raises(Invalid, match=words):
            changed(world, taken_in(world, a_row(3)), channels=tuple(wrong), wording=wrong)


@pytest.mark.parametrize(
    ("timing", "due"),
    [
        (Timing(Start.NOW), datetime(2026, 11, 23, 17, 0, tzinfo=UTC)),
        (
            Timing(Start.AT, datetime(2026, 11, 24, 15, 0, tzinfo=UTC)),
            datetime(2026, 11, 24, 15, 0, tzinfo=UTC),
        ),
        (Timing(Start.BEFORE, days=2, clock=clock(10)), datetime(2026, 11, 25, 15, 0, tzinfo=UTC)),
        (Timing(Start.BEFORE, days=9, clock=clock(10)), datetime(2026, 11, 23, 17, 0, tzinfo=UTC)),  # past: now
        (Timing(Start.BEFORE, days=1, clock=clock(7)), datetime(2026, 11, 26, 14, 0, tzinfo=UTC)),  # quiet until 9
    ],
)
def test_messages_are_due_when_they_were_asked_for(world: World, timing: Timing, due: datetime) -> None:
    taken = taken_in(world, a_row(1, at="11/27/2026 16:00"))
    run(world, changed(world, taken, timing=timing))
    assert Message.objects.get().due_at == due


@pytest.mark.parametrize(
    ("at", "days", "due"),
    [
        ("11/30/2026 16:00", 2, datetime(2026, 11, 26, 15, 0, tzinfo=UTC)),  # Monday's on Thursday
        ("12/01/2026 16:00", 2, datetime(2026, 11, 27, 15, 0, tzinfo=UTC)),  # Tuesday's on Friday
        ("11/29/2026 16:00", 0, datetime(2026, 11, 27, 15, 0, tzinfo=UTC)),  # Sunday's own day is none
    ],
)
def test_days_before_an_appointment_are_counted_over_sending_days(
    world: World, at: str, days: int, due: datetime
) -> None:
    """TX11, 004-06: two days ahead with sessions from Monday to Friday, Monday's reminders go on Thursday."""
    for day in range(5):
        DeliverySession.objects.create(account=world.account, channel="text", weekday=day, starts=540, ends=1020)
    timing = Timing(Start.BEFORE, days=days, clock=clock(10))
    taken = changed(world, taken_in(world, a_row(1, at=at)), timing=timing, route=Route.ALL)
    seen = preview(world.member, taken.pk, world.now)
    assert {one.channel: one.leaves_at for one in seen.rows[0].messages}[Channel.TEXT] == due
    run(world, taken)
    assert Message.objects.get(channel="text").due_at == due
    calendar = datetime.strptime(at, "%m/%d/%Y %H:%M").replace(hour=15, tzinfo=UTC) - timedelta(days=days)
    assert Message.objects.get(channel="email").due_at == calendar  # emails have no sessions here


def test_wording_may_name_the_files_own_columns_and_a_row_without_the_value_is_a_problem(world: World) -> None:
    taken = taken_in(world, a_row(1), a_row(2, provider=""))
    wording = {Channel.TEXT: Wording("{first_name}: see {providercode} at {location} ({appointment_type})")}
    run(world, changed(world, taken, channels=(Channel.TEXT,), wording=wording))
    assert Message.objects.get().body == "Pat: see DR1 at Northgate (CHECKUP)"
    assert "no value for {providercode}" in ImportProblem.objects.get().problem


def test_bills_have_their_own_wording_and_need_no_appointment(world: World) -> None:
    content = b"Name;Mobile;Balance;Due date\nPat Moreau;212-555-0101;$ 120.50;2026-12-01\n"
    taken = upload(world.member, "bills.csv", content, world.now, JobSource.UPLOAD)
    assert options_of(taken).purpose is Purpose.BILLING
    run(world, taken)
    message = Message.objects.get()
    assert message.body == (
        "Hello Pat, your balance of $ 120.50 at Northgate Dental is due on Tuesday, December 1."
        " Reply STOP to get no more texts."
    )
    assert (message.purpose, message.use_by) == ("billing", None)


def test_the_preview_shows_the_first_rows_as_they_will_be_sent_and_writes_nothing(world: World) -> None:
    blocked = create_contact(world.member, ContactDetails(given_name="No", phones=("+12125550102",)), world.now)
    mark(world.member, [blocked.pk], MarkerKind.STOP_ALL, "", world.now)
    taken = taken_in(world, a_row(1), a_row(2), a_row(3, clinic="XX"), a_row(4, status="Cancelled"))
    before = (Contact.objects.count(), Message.objects.count())
    shown = preview(world.viewer, taken.pk, world.now)
    assert [row.row for row in shown.rows] == [2, 3, 5]
    first, second, canceled = shown.rows
    assert first.messages[0].to == "+12125550101"
    assert first.messages[0].body.startswith("Hello Pat, this is a reminder")
    assert (first.messages[0].parts, first.messages[0].verdict, first.messages[0].leaves_at) == (1, SEND, world.now)
    assert second.contact_id == blocked.pk
    assert second.messages[0].verdict == Refuse("contact_marker", "stop_all")
    assert second.messages[0].leaves_at is None
    assert canceled.is_cancelled
    assert [one.row for one in shown.problems] == [4]
    assert not shown.blockers
    assert (Contact.objects.count(), Message.objects.count()) == before


def test_the_preview_says_which_date_order_was_assumed(world: World) -> None:
    shown = preview(world.member, taken_in(world, a_row(1, at="12/4/2026 9:00")).pk, world.now)
    assert any(note.startswith("ApptDate: Month before day") for note in shown.assumptions)


def test_the_preview_warns_of_the_very_same_file(world: World) -> None:
    run(world, taken_in(world, a_row(1)))
    shown = preview(world.member, taken_in(world, a_row(1)).pk, world.now)
    assert any("very same file was imported on 2026-11-23 by Cem Tanaka" in note for note in shown.assumptions)
    Import.objects.update(created_at=datetime(2026, 11, 24, 3, 30, tzinfo=UTC))  # half past ten at night in New York
    shown = preview(world.member, taken_in(world, a_row(1)).pk, world.now)
    assert any("imported on 2026-11-23 by" in note for note in shown.assumptions)


def test_uploads_are_accepted_while_stopped_and_wait(world: World) -> None:
    """000-12, TN5."""
    stop_account(world.admin, "power cut", world.now)
    taken = taken_in(world, a_row(1))
    shown = preview(world.member, taken.pk, world.now)
    assert shown.rows[0].messages[0].verdict == Hold("account_stop", "stopped", None)
    assert run(world, taken).messages == {Status.WAITING: 1}


def test_what_cannot_be_read_is_refused_with_what_to_do(world: World) -> None:
    for content, words in ((b"%PDF-1.7", "Export the list"), (b"  \n", "empty"), (b"Name,Phone\n", "no rows")):
        with pytest.raises(Invalid, match=words):
            upload(world.member, "x.csv", content, world.now, JobSource.UPLOAD)
    assert not Import.objects.exists()


def test_choices_that_cannot_work_are_named(world: World) -> None:
    taken = taken_in(world, a_row(1))
    options = options_of(taken)

    def refused(**changes: object) -> dict[str, str]:
        with pytest.raises(Invalid) as caught:
            changed(world, taken, **changes)
        return caught.value.problems

    assert (
        "{nickname}" in refused(wording={Channel.TEXT: Wording("Hi {nickname}")}, channels=(Channel.TEXT,))["text_body"]
    )
    link = Wording("Do you come? {answer_link}", "Soon")
    found = refused(wording={Channel.TEXT: link, Channel.EMAIL: link}, channels=(Channel.TEXT, Channel.EMAIL))
    assert found == {
        "text_body": "Only emails have {answer_link}: a text is answered by a reply, a call by a key. Take it out."
    }
    bill = refused(wording={Channel.EMAIL: link}, channels=(Channel.EMAIL,), purpose=Purpose.BILLING)
    assert "Only reminders" in bill["email_body"]
    assert set(refused(channels=())) == {"channels"}
    assert set(refused(mapping=options.mapping.changed(Field.APPOINTMENT_AT, None))) == {"columns"}
    assert set(refused(location_id=10**9, name=" ")) == {"location_id", "name"}
    assert set(refused(timing=Timing(Start.AT))) == {"timing"}


def test_a_chosen_location_takes_the_rows_of_unknown_codes(world: World) -> None:
    taken = changed(world, taken_in(world, a_row(1, clinic="XX"), a_row(2)), location_id=world.south.pk)
    run(world, taken)
    found = Message.objects.order_by("id").values_list("location_id", flat=True)
    assert list(found) == [world.south.pk, world.north.pk]


def test_another_encoding_or_delimiter_guesses_the_columns_afresh(world: World) -> None:
    taken = taken_in(world, a_row(1))
    with pytest.raises(Invalid):
        changed(world, taken, delimiter="|")
    assert options_of(changed(world, taken, delimiter=",")).mapping.columns[Field.EMAIL] == 8


def test_options_survive_the_way_to_json_and_back(world: World) -> None:
    options = replace(options_of(taken_in(world, a_row(1))), timing=Timing(Start.AT, world.now), route=Route.ALL)
    assert options_from_json(options_to_json(options)) == options
    with pytest.raises(Invalid, match="lack 'name'"):
        options_from_json({key: value for key, value in options_to_json(options).items() if key != "name"})


def test_viewers_and_strangers_import_nothing(world: World) -> None:
    taken = taken_in(world, a_row(1))
    with pytest.raises(Forbidden):
        upload(world.viewer, "x.csv", b"a,b\n1,2\n", world.now, JobSource.UPLOAD)
    with pytest.raises(Forbidden):
        confirm(world.viewer, taken.pk, world.now)
    for act in (confirm, preview):
        with pytest.raises(NotThere):
            act(world.stranger, taken.pk, world.now)
    with pytest.raises(NotThere):
        problems_csv(world.stranger, taken.pk)


def test_a_file_is_imported_once(world: World) -> None:
    taken = taken_in(world, a_row(1))
    run(world, taken)
    with pytest.raises(Conflict):
        confirm(world.member, taken.pk, world.now)
    assert run_import(taken.pk, world.now) is None
    assert Job.objects.count() == 1


def test_the_list_of_problems_opens_in_a_spreadsheet_and_runs_no_formula(world: World) -> None:
    taken = taken_in(world, a_row(1), a_row(2, clinic="=1+1"))
    run(world, taken)
    text = problems_csv(world.viewer, taken.pk).decode("utf-8-sig")
    assert text.splitlines()[0] == "Row,Column,Value,Problem"
    assert text.splitlines()[1].startswith("3,ClinicID,'=1+1,\"There is no location")
