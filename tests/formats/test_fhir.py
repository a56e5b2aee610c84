import json

import pytest

from allstop.formats import fhir
from allstop.formats.fhir import COLUMNS
from allstop.formats.table import Row, RowProblem, Table, Unreadable

PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [
        {"use": "old", "family": "Jones", "given": ["Ann"]},
        {"use": "official", "family": "Smith", "given": ["Ann", "Marie"]},
    ],
    "telecom": [
        {"system": "phone", "value": "212-555-0100", "use": "old"},
        {"system": "phone", "value": "212-555-0101", "use": "home"},
        {"system": "phone", "value": "212-555-0102", "use": "mobile", "rank": 2},
        {"system": "phone", "value": "212-555-0103", "use": "mobile", "rank": 1},
        {"system": "email", "value": "ann@example.org"},
    ],
    "communication": [
        {"language": {"coding": [{"code": "en"}]}},
        {"language": {"coding": [{"code": "es"}]}, "preferred": True},
    ],
}
APPOINTMENT = {
    "resourceType": "Appointment",
    "id": "a1",
    "status": "booked",
    "start": "2026-11-24T09:30:00-05:00",
    "end": "2026-11-24T10:00:00-05:00",
    "appointmentType": {"coding": [{"code": "CHECKUP", "display": "Check-up"}]},
    "participant": [
        {"actor": {"reference": "Patient/p1"}, "status": "accepted"},
        {"actor": {"reference": "Practitioner/d1", "display": "Dr Okafor"}, "status": "accepted"},
        {"actor": {"reference": "Location/NG", "display": "Main Street"}, "status": "accepted"},
    ],
}


def bundle(*entries: tuple[str, object]) -> dict[str, object]:
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"fullUrl": url, "resource": resource} for url, resource in entries],
    }


def records(written: object) -> list[dict[str, str]]:
    text = written if isinstance(written, str) else json.dumps(written)
    table = fhir.read(text.encode())
    assert isinstance(table, Table), table
    assert all(isinstance(row, Row) for row in table.rows)
    return [dict(zip(COLUMNS, row.cells, strict=True)) for row in table.rows if isinstance(row, Row)]


EXPECTED = {
    "Appointment ID": "a1",
    "Status": "booked",
    "Start": "2026-11-24T09:30:00-05:00",
    "End": "2026-11-24T10:00:00-05:00",
    "Patient ID": "p1",
    "First name": "Ann",
    "Last name": "Smith",
    "Full name": "",
    "Phone": "212-555-0101",
    "Mobile": "212-555-0103",
    "Email": "ann@example.org",
    "Language": "es",
    "Location code": "NG",
    "Location": "Main Street",
    "Provider": "Dr Okafor",
    "Appointment type": "Check-up",
    "Description": "",
}


def with_patient(reference: str) -> dict[str, object]:
    participants = [{"actor": {"reference": reference}}, *APPOINTMENT["participant"][1:]]  # type: ignore[index]
    return {**APPOINTMENT, "participant": participants}


@pytest.mark.parametrize(
    "written",
    [
        bundle(("https://f.example/Appointment/a1", APPOINTMENT), ("https://f.example/Patient/p1", PATIENT)),
        bundle(("", with_patient("urn:uuid:1")), ("urn:uuid:1", PATIENT)),
        bundle(("", with_patient("https://f.example/fhir/Patient/p1")), ("", PATIENT)),
        bundle(("", with_patient("Patient/p1/_history/2")), ("", PATIENT)),
        {**with_patient("#p1"), "contained": [PATIENT]},
        [APPOINTMENT, PATIENT],
        f"{json.dumps(PATIENT)}\n\n{json.dumps(APPOINTMENT)}\n",
    ],
)
def test_the_patient_is_found_by_every_kind_of_reference(written: object) -> None:
    assert records(written) == [EXPECTED]


def test_r5_with_a_subject_and_a_wrapped_type_is_read_alike() -> None:
    appointment = {
        **APPOINTMENT,
        "subject": {"reference": "Patient/p1"},
        "appointmentType": {},
        "serviceType": [{"concept": {"text": "Cleaning"}}],
        "description": "Bring your card",
    }
    (record,) = records(bundle(("", appointment), ("", PATIENT)))
    assert record == {**EXPECTED, "Appointment type": "Cleaning", "Description": "Bring your card"}


def test_a_patient_outside_of_the_file_is_known_by_display_only() -> None:
    participant = [{"actor": {"reference": "Patient/p9", "display": "Smith, Ann"}}]
    (record,) = records({**APPOINTMENT, "participant": participant})
    assert (record["Full name"], record["Patient ID"], record["Phone"]) == ("Smith, Ann", "p9", "")


@pytest.mark.parametrize(
    ("status", "read"), [("cancelled", "cancelled"), ("noshow", "no show"), ("entered-in-error", "entered in error")]
)
def test_statuses_are_said_in_words(status: str, read: str) -> None:
    (record,) = records(bundle(("", {**APPOINTMENT, "status": status}), ("", PATIENT)))
    assert record["Status"] == read


def test_appointments_without_start_or_patient_are_problems() -> None:
    without_start = {key: value for key, value in APPOINTMENT.items() if key != "start"}
    table = fhir.read(json.dumps(bundle(("", without_start), ("", {**APPOINTMENT, "participant": []}))).encode())
    assert isinstance(table, Table)
    assert list(table.rows) == [
        RowProblem(1, "Start", "a1", fhir.NO_START),
        RowProblem(2, "Full name", "a1", fhir.NO_PATIENT),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"resourceType": "Patient"}', "only: Patient"),
        (b'{"resourceType": "Bundle"}', "only: nothing"),
        (b'{"resourceType": "Bundle", "entry": [', "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (b'[1, null, "x"]', "only: nothing"),
        (b'{"resourceType": "Bundle", "entry": [{"resource": 3}, 4, {"resource": {"resourceType": []}}]}', "only"),
    ],
)
def test_json_without_appointments_or_with_damage_says_so(content: bytes, words: str) -> None:
    found = fhir.read(content)
    assert isinstance(found, Unreadable)
    assert words in found.reason


def test_parts_of_the_wrong_kind_are_treated_as_missing() -> None:
    odd = {**PATIENT, "name": "Ann", "telecom": [{"system": "phone", "value": 5, "use": "home"}], "communication": {}}
    (record,) = records(bundle(("", APPOINTMENT), ("", odd)))
    assert (record["Last name"], record["Phone"], record["Language"]) == ("", "5", "")
