"""From a file to reminders. These rows become the notifications of a job (000-13, TN5)."""

import json
from datetime import UTC, date, datetime

import pytest

from allstop.formats import reminder
from allstop.formats.dates import Order
from allstop.formats.mapping import ColumnMapping, Field, guess
from allstop.formats.opening import Opening, open_table, sample
from allstop.formats.reminder import Options, ReminderRow, split_name
from allstop.formats.table import RowProblem, Table
from tests.formats.notify_file import CLINICS, notify_csv
from tests.formats.test_calendar import calendar_of
from tests.formats.test_fhir import APPOINTMENT, PATIENT, bundle
from tests.formats.test_sheet import workbook

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
NEW_YORK = "America/New_York"
OPTIONS = Options(zone=NEW_YORK, now=NOW, country="US")


def rows(content: bytes | str, options: Options = OPTIONS, name: str = "a.csv") -> list[ReminderRow | RowProblem]:
    table = open_table(content if isinstance(content, bytes) else content.encode(), name, Opening(options.zone, NOW))
    assert isinstance(table, Table), table
    mapping = guess(table.columns, sample(table))
    return list(reminder.read(table, mapping, reminder.survey(table, mapping, options), options))


def only(content: bytes | str, options: Options = OPTIONS, name: str = "a.csv") -> ReminderRow:
    (row,) = rows(content, options, name)
    assert isinstance(row, ReminderRow), row
    return row


def test_a_row_of_the_1800_notify_shape_is_read_in_full() -> None:
    row = only(
        "ApptGUID,ApptDate,ClinicID,ApptType,ProviderCode,PatName,HomePhone,CellPhone,Email\n"
        'G-1,12/4/2026 16:00,NG,EXAM-NEW,DR01,"Smith, Ann",212-555-0101,212-555-0102,ann@example.org\n'
    )
    assert row == ReminderRow(
        row=2,
        zone=NEW_YORK,
        extras={
            "ApptGUID": "G-1",
            "ApptDate": "12/4/2026 16:00",
            "ClinicID": "NG",
            "ApptType": "EXAM-NEW",
            "ProviderCode": "DR01",
            "PatName": "Smith, Ann",
            "HomePhone": "212-555-0101",
            "CellPhone": "212-555-0102",
            "Email": "ann@example.org",
        },
        external_id="G-1",
        given_name="Ann",
        family_name="Smith",
        full_name="Ann Smith",
        phone="212-555-0101",
        mobile="212-555-0102",
        email="ann@example.org",
        appointment_at=datetime(2026, 12, 4, 21, 0, tzinfo=UTC),
        appointment_on=date(2026, 12, 4),
        location_code="NG",
        provider="DR01",
        appointment_type="EXAM-NEW",
        is_new_patient=True,
    )


def test_a_whole_notify_file_is_read_without_a_problem_each_row_on_its_clinics_clock() -> None:
    options = Options(zone=NEW_YORK, now=NOW, country="US", location_zones=CLINICS)
    found = rows(notify_csv(2_000, date(2026, 11, 24)), options)
    read = [row for row in found if isinstance(row, ReminderRow)]
    assert len(read) == len(found) == 2_000
    assert all(row.zone == CLINICS[row.location_code] for row in read)
    assert {row.zone for row in read} == set(CLINICS.values())
    assert read[0].appointment_at in (
        datetime(2026, 11, 24, 13, 0, tzinfo=UTC),
        datetime(2026, 11, 24, 14, 0, tzinfo=UTC),
    )


def test_the_notify_generator_gives_the_same_file_for_the_same_seed() -> None:
    assert notify_csv(50, date(2026, 11, 24), seed=7) == notify_csv(50, date(2026, 11, 24), seed=7)
    assert notify_csv(50, date(2026, 11, 24), seed=7) != notify_csv(50, date(2026, 11, 24), seed=8)


@pytest.mark.parametrize(
    ("line", "column", "problem"),
    [
        ("Ann,,,12/24/2026 9:00", None, reminder.NO_ADDRESS),
        ("Ann,212-555-0101,,", "Appointment", reminder.NO_DATE),
        ("Ann,212-555-0101,,soon", "Appointment", reminder.NOT_A_DATE),
        ("Ann,212-555-0101,,24/12/2026 9:00", "Appointment", reminder.NOT_A_DATE),
        ("Ann,212-555-0101,,3/14/2027 2:30", "Appointment", reminder.SKIPPED_HOUR),
    ],
)
def test_a_row_that_cannot_become_a_reminder_is_a_problem_and_the_others_are_read(
    line: str, column: str | None, problem: str
) -> None:
    good = "Bea,212-555-0102,,12/24/2026 9:00\nCy,,cy@example.org,12/25/2026 9:00\nDee,212-555-0104,,12/26/2026 9:00\n"
    found = rows(f"Name,Phone,Email,Appointment\n{good}{line}\n")
    value = line.rsplit(",", 1)[1] if column else ""
    assert [row for row in found if isinstance(row, RowProblem)] == [RowProblem(5, column, value, problem)]
    assert len(found) == 4


def test_date_and_time_in_two_columns_are_put_together() -> None:
    row = only("Name;Handy;Termin;Uhrzeit\nAnn;0171 5550101;24.11.2026;9:30\n", Options("Europe/Berlin", NOW, "DE"))
    assert row.appointment_at == datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    good = "Ann;0171 5550101;24.11.2026;9:30\nBea;0171 5550102;24.11.2026;9:40\n"
    *_, problem = rows(f"Name;Handy;Termin;Uhrzeit\n{good}Cy;0171 5550103;24.11.2026;früh\n")
    assert isinstance(problem, RowProblem)
    assert (problem.column, problem.problem) == ("Uhrzeit", reminder.NOT_A_TIME)


def test_a_date_without_a_time_has_a_day_and_no_moment() -> None:
    row = only("Name,Phone,Appt Date\nAnn,212-555-0101,2026-11-24\n")
    assert (row.appointment_at, row.appointment_on) == (None, date(2026, 11, 24))


def test_a_bill_needs_no_appointment_but_a_readable_due_date() -> None:
    options = Options(NEW_YORK, NOW, "US", needs_appointment=False)
    text = "Name,Phone,Balance Due,Due Date\nAnn,212-555-0101,$45.00,12/24/2026\nBea,212-555-0102,$5,13/13/2026\n"
    good, bad = rows(text, options)
    assert isinstance(good, ReminderRow)
    assert (good.amount, good.due_on) == ("$45.00", date(2026, 12, 24))
    assert bad == RowProblem(3, "Due Date", "13/13/2026", reminder.NOT_A_DATE)


def test_what_was_assumed_about_dates_is_noted_and_a_person_can_choose_otherwise() -> None:
    content = b"Name,Phone,Appointment\nAnn,212-555-0101,3/4/2027 9:00\n"
    table = open_table(content, "a.csv", Opening(NEW_YORK, NOW))
    assert isinstance(table, Table)
    mapping = guess(table.columns, sample(table))
    found = reminder.survey(table, mapping, OPTIONS)
    assert found.formats[Field.APPOINTMENT_AT].assumed
    assert found.notes == ("Appointment: Month before day, as is usual in US. No date in the file proves it.",)
    chosen = Options(NEW_YORK, NOW, "US", order=Order.DAY_FIRST)
    (row,) = reminder.read(table, mapping, reminder.survey(table, mapping, chosen), chosen)
    assert isinstance(row, ReminderRow)
    assert row.appointment_on == date(2027, 4, 3)


def test_the_survey_counts_rows_and_those_that_are_none() -> None:
    table = open_table(b"Name,Phone,Appointment\nAnn,1\nBea,2,12/24/2026 9:00\n", "a.csv", Opening(NEW_YORK, NOW))
    assert isinstance(table, Table)
    found = reminder.survey(table, guess(table.columns, sample(table)), OPTIONS)
    assert (found.rows, found.problems) == (1, 1)


@pytest.mark.parametrize(
    ("zone", "read"),
    [
        ("America/Chicago", "America/Chicago"),
        ("america/chicago", "America/Chicago"),
        ("US/Central", "US/Central"),
        ("Central", "America/Chicago"),
        ("Central Time", "America/Chicago"),
        ("Central Standard Time", "America/Chicago"),
        ("", NEW_YORK),
    ],
)
def test_a_row_may_name_its_own_zone(zone: str, read: str) -> None:
    row = only(f"Name,Phone,Appointment,Time Zone\nAnn,212-555-0101,11/24/2026 9:00,{zone}\n")
    assert row.zone == read


def test_a_zone_that_could_mean_several_is_a_problem() -> None:
    (row,) = rows("Name,Phone,Appointment,Time Zone\nAnn,212-555-0101,11/24/2026 9:00,CST\n")
    assert row == RowProblem(2, "Time Zone", "CST", reminder.NOT_A_ZONE)


@pytest.mark.parametrize(
    ("status", "is_cancelled"),
    [
        ("Confirmed", False),
        ("", False),
        ("CANCELLED", True),
        ("Canceled", True),
        ("No-Show", True),
        ("rescheduled", True),
        ("Abgesagt", True),
        ("annulé", True),
    ],
)
def test_cancelled_and_moved_appointments_are_marked(status: str, is_cancelled: bool) -> None:
    row = only(f"Name,Phone,Appointment,Status\nAnn,212-555-0101,11/24/2026 9:00,{status}\n")
    assert row.is_cancelled is is_cancelled


@pytest.mark.parametrize(
    ("name", "given", "family"),
    [
        ("Smith, Ann", "Ann", "Smith"),
        ("Ann Smith", "Ann", "Smith"),
        ("Ann Marie Smith", "Ann Marie", "Smith"),
        ("SMITH,ANN M", "ANN M", "SMITH"),
        ("Ana de la Cruz", "Ana", "de la Cruz"),
        ("Jan van den Berg", "Jan", "van den Berg"),
        ("Bob Jones Jr.", "Bob", "Jones Jr."),
        ("Bob Jones, MD", "Bob", "Jones, MD"),
        ("de la Cruz, Ana", "Ana", "de la Cruz"),
        ("Madonna", "Madonna", ""),
        ("  Ann   Smith ", "Ann", "Smith"),
        ("", "", ""),
        (",", "", ""),
    ],
)
def test_names_are_taken_apart_in_both_orders(name: str, given: str, family: str) -> None:
    assert split_name(name) == (given, family)


@pytest.mark.parametrize("cell", ["ann@example.org", "mailto:ann@example.org", '"""Smith, Ann"" <ann@example.org>"'])
def test_emails_are_read_as_email_programs_copy_them(cell: str) -> None:
    assert only(f"Name,Email,Date\nAnn Smith,{cell},2026-12-04\n").email == "ann@example.org"


def test_a_calendar_becomes_reminders_by_the_same_steps() -> None:
    event = """UID:one@example.org
SUMMARY:Check-up
DTSTART;TZID=America/Chicago:20261124T083000
ATTENDEE;CN="Smith, Ann":mailto:ann@example.org
ATTENDEE;CN="Smith, Ann":tel:+12125550101
STATUS:CANCELLED"""
    row = only(calendar_of(event), name="a.ics")
    assert (row.given_name, row.family_name, row.email, row.mobile) == (
        "Ann",
        "Smith",
        "ann@example.org",
        "+12125550101",
    )
    assert (row.external_id, row.appointment_type) == ("one@example.org", "Check-up")
    assert (row.appointment_at, row.zone) == (datetime(2026, 11, 24, 14, 30, tzinfo=UTC), "America/Chicago")
    assert row.is_cancelled


def test_fhir_becomes_reminders_by_the_same_steps() -> None:
    row = only(json.dumps(bundle(("", APPOINTMENT), ("", PATIENT))), name="a.json")
    assert (row.full_name, row.email, row.mobile) == ("Ann Smith", "ann@example.org", "212-555-0103")
    assert (row.external_id, row.patient_id, row.location_code) == ("a1", "p1", "NG")
    assert (row.provider, row.appointment_type, row.language) == ("Dr Okafor", "Check-up", "es")
    assert row.appointment_at == datetime(2026, 11, 24, 14, 30, tzinfo=UTC)


def test_a_workbook_becomes_reminders_by_the_same_steps() -> None:
    at = datetime.combine(date(2026, 11, 24), datetime.min.time()).replace(hour=9, minute=30)
    content = workbook(List=[["Patient Name", "Cell Phone", "Appt Date"], ["Smith, Ann", 2125550101, at]])
    row = only(content, name="a.xlsx")
    assert (row.full_name, row.mobile) == ("Ann Smith", "2125550101")
    assert row.appointment_at == datetime(2026, 11, 24, 14, 30, tzinfo=UTC)


def test_a_column_that_was_taken_out_of_the_mapping_is_still_a_placeholder() -> None:
    content = b"Name,Phone,Appointment,Gate code\nAnn,212-555-0101,11/24/2026 9:00,77\n"
    table = open_table(content, "a.csv", Opening(NEW_YORK, NOW))
    assert isinstance(table, Table)
    mapping = ColumnMapping({Field.PHONE: 1}, {})
    options = Options(NEW_YORK, NOW, needs_appointment=False)
    (row,) = reminder.read(table, mapping, reminder.survey(table, mapping, options), options)
    assert isinstance(row, ReminderRow)
    assert row.extras["Gate code"] == "77"
    assert row.full_name == ""
