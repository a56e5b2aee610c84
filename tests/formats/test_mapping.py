from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from allstop.formats.looks import Look, look
from allstop.formats.mapping import Basis, ColumnMapping, Field, guess, problems
from allstop.formats.months import folded
from allstop.formats.opening import Opening, open_table, sample
from allstop.formats.table import Table
from allstop.formats.words import _NAMES, CANCELLED, LABELS, NAMES
from tests.formats.notify_file import HEADER, notify_csv

VALUES = {
    "name": ["Smith, Ann", "Okafor, Bea"],
    "given": ["Ann", "Bea"],
    "family": ["Smith", "Okafor"],
    "phone": ["212-555-0101", "(212) 555-0102"],
    "email": ["ann@example.org", "bea@example.org"],
    "moment": ["11/24/2026 9:30", "11/24/2026 9:40"],
    "midnight": ["2026-11-24 00:00", "2026-11-24 00:00"],
    "day": ["24.11.2026", "25.11.2026"],
    "time": ["9:30 AM", "4:00 PM"],
    "birth": ["3/4/1980", "12/31/1975"],
    "code": ["NG", "SG"],
    "id": ["100234", "100235"],
    "money": ["12,50", "1.200,00"],
    "text": ["Cleaning", "Crown"],
    "": ["", ""],
}


def mapped(*columns: tuple[str, str]) -> dict[str, str]:
    names = [name for name, _ in columns]
    rows = [[VALUES[kind][index] for _, kind in columns] for index in range(2)]
    return {field.value: names[index] for field, index in guess(names, rows).columns.items()}


def test_the_1800_notify_shape_is_mapped_fully_without_a_touch() -> None:
    table = open_table(
        notify_csv(200, date(2026, 11, 24)),
        "a.csv",
        Opening("America/New_York", datetime(2026, 11, 21, tzinfo=UTC)),
    )
    assert isinstance(table, Table)
    found = guess(table.columns, sample(table))
    assert {field: HEADER[index] for field, index in found.columns.items()} == {
        Field.EXTERNAL_ID: "ApptGUID",
        Field.APPOINTMENT_AT: "ApptDate",
        Field.LOCATION_CODE: "ClinicID",
        Field.APPOINTMENT_TYPE: "ApptType",
        Field.PROVIDER: "ProviderCode",
        Field.FULL_NAME: "PatName",
        Field.PHONE: "HomePhone",
        Field.MOBILE: "CellPhone",
        Field.EMAIL: "Email",
    }
    assert problems(found) == ()


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            [
                ("Patient First Name", "given"),
                ("Patient Last Name", "family"),
                ("Pt Home Ph", "phone"),
                ("DOB", "birth"),
            ],
            {"given_name": "Patient First Name", "family_name": "Patient Last Name", "phone": "Pt Home Ph"},
        ),
        (
            [
                ("Name", "family"),
                ("Vorname", "given"),
                ("Handynummer", "phone"),
                ("Termin", "day"),
                ("Uhrzeit", "time"),
            ],
            {
                "family_name": "Name",
                "given_name": "Vorname",
                "mobile": "Handynummer",
                "appointment_date": "Termin",
                "appointment_time": "Uhrzeit",
            },
        ),
        (
            [
                ("Nom", "family"),
                ("Prénom", "given"),
                ("Tél. portable", "phone"),
                ("Date RDV", "day"),
                ("Heure", "time"),
            ],
            {
                "family_name": "Nom",
                "given_name": "Prénom",
                "mobile": "Tél. portable",
                "appointment_date": "Date RDV",
                "appointment_time": "Heure",
            },
        ),
        (
            [("Nombre", "given"), ("Apellidos", "family"), ("Teléfono móvil", "phone"), ("Fecha cita", "moment")],
            {
                "given_name": "Nombre",
                "family_name": "Apellidos",
                "mobile": "Teléfono móvil",
                "appointment_at": "Fecha cita",
            },
        ),
        ([("Nombre", "name"), ("Correo electrónico", "email")], {"full_name": "Nombre", "email": "Correo electrónico"}),
        (
            [("Naam", "name"), ("GSM-nummer", "phone"), ("Afspraak", "moment"), ("Openstaand bedrag", "money")],
            {"full_name": "Naam", "mobile": "GSM-nummer", "appointment_at": "Afspraak", "amount": "Openstaand bedrag"},
        ),
        (
            [("Nome", "given"), ("Cognome", "family"), ("Cellulare", "phone"), ("Appuntamento", "moment")],
            {"given_name": "Nome", "family_name": "Cognome", "mobile": "Cellulare", "appointment_at": "Appuntamento"},
        ),
        (
            [("Phone 1", "phone"), ("Phone 2", "phone"), ("Fax", "phone")],
            {"phone": "Phone 1", "phone_2": "Phone 2"},
        ),
        (
            [("Home Phone", "phone"), ("Work Phone", "phone"), ("Cell Phone", "phone"), ("Emergency Phone", "phone")],
            {"phone": "Home Phone", "phone_2": "Work Phone", "mobile": "Cell Phone"},
        ),
        (
            [("Appointment", "midnight"), ("Time", "time"), ("Created", "moment")],
            {"appointment_date": "Appointment", "appointment_time": "Time"},
        ),
        ([("Date Created", "moment"), ("Birth Date", "birth"), ("Last Visit", "day")], {}),
        ([("Phone", "email"), ("Email", "phone")], {"email": "Phone", "phone": "Email"}),
        ([("Phone", ""), ("Email", "")], {"phone": "Phone", "email": "Email"}),
        ([("Provider Phone", "phone"), ("Clinic Email", "email")], {}),
        (
            [("Balance Due", "money"), ("Due Date", "day"), ("Invoice No", "id"), ("Account Number", "id")],
            {
                "amount": "Balance Due",
                "due_date": "Due Date",
                "external_id": "Invoice No",
                "patient_id": "Account Number",
            },
        ),
        (
            [("Column 1", "name"), ("Column 2", "phone"), ("Column 3", "moment"), ("Column 4", "email")],
            {"full_name": "Column 1", "phone": "Column 2", "appointment_at": "Column 3", "email": "Column 4"},
        ),
        (
            [("Appt Start Date/Time (local)", "moment"), ("SMS #", "phone"), ("E-Mail Addr.", "email")],
            {"appointment_at": "Appt Start Date/Time (local)", "mobile": "SMS #", "email": "E-Mail Addr."},
        ),
    ],
)
def test_columns_are_recognised_by_name_and_by_value(columns: list[tuple[str, str]], expected: dict[str, str]) -> None:
    assert mapped(*columns) == expected


def test_how_each_column_was_guessed_is_kept_for_the_screen() -> None:
    found = guess(["Phone", "Clinic", "x"], [["212-555-0101", "NG", "ann@example.org"]] * 3)
    assert found.basis == {
        Field.PHONE: Basis.NAME_AND_VALUES,
        Field.LOCATION_NAME: Basis.NAME,
        Field.EMAIL: Basis.VALUES,
    }


def test_a_person_can_correct_the_guess_and_a_column_serves_one_field_only() -> None:
    found = guess(["Phone", "Name"], [["212-555-0101", "Ann Smith"]])
    changed = found.changed(Field.MOBILE, 0)
    assert changed.columns == {Field.MOBILE: 0, Field.FULL_NAME: 1}
    assert changed.basis[Field.MOBILE] is Basis.CHOSEN
    assert changed.changed(Field.MOBILE, None).columns == {Field.FULL_NAME: 1}


@pytest.mark.parametrize(
    ("fields", "needs_appointment", "words"),
    [
        ((Field.EMAIL, Field.APPOINTMENT_AT), True, []),
        ((Field.FULL_NAME, Field.APPOINTMENT_AT), True, ["nobody can be reached"]),
        ((Field.MOBILE,), True, ["no reminder can be timed"]),
        ((Field.MOBILE,), False, []),
        ((Field.MOBILE, Field.APPOINTMENT_TIME), False, ["no appointment date"]),
    ],
)
def test_what_is_missing_is_said_in_words(fields: Sequence[Field], needs_appointment: bool, words: list[str]) -> None:
    found = problems(ColumnMapping({field: index for index, field in enumerate(fields)}, {}), needs_appointment)
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


def test_every_known_name_is_folded_and_stands_under_one_field() -> None:
    names = Counter(name for listed in _NAMES.values() for name in listed.split())
    assert [name for name, count in names.items() if count > 1] == []
    assert [name for name in (*NAMES, *CANCELLED) if folded(name) != name] == []
    assert set(LABELS) == set(Field) == set(_NAMES)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", Look.EMPTY),
        ("ann@example.org", Look.EMAIL),
        ("mailto:ann@example.org", Look.EMAIL),
        ("@ann", Look.TEXT),
        ("2125550101", Look.PHONE),
        ("+44 20 7946 0958", Look.PHONE),
        ("(212) 555-0101 x12", Look.PHONE),
        ("212.555.0101", Look.PHONE),
        ("030/1234567", Look.PHONE),
        ("100234", Look.NUMBER),
        ("$1,200.00", Look.NUMBER),
        ("1.200,00 EUR", Look.NUMBER),
        ("24.11.2026", Look.DATE),
        ("2026-11-24T09:30:00Z", Look.MOMENT),
        ("Nov 24, 2026 4 PM", Look.MOMENT),
        ("16:00", Look.TIME),
        ("12 Main Street", Look.TEXT),
        ("C9E9C616612E7696A6CECC1B78E51061", Look.TEXT),
    ],
)
def test_a_cell_is_known_by_its_looks(cell: str, expected: Look) -> None:
    assert look(cell) is expected
