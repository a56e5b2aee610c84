"""FHIR appointments as JSON: a Bundle, one Appointment, a list of them, or one resource a line (NDJSON).

R4 and R5 differ little here: R5 names the patient as `subject` too, and wraps the type of service once more.
References are resolved inside the file only (contained resources, entries by fullUrl or "Patient/123"):
nothing is ever fetched.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from allstop.formats.encodings import decode
from allstop.formats.table import Row, RowProblem, Table, Unreadable

Json: TypeAlias = Mapping[str, object]

COLUMNS = (
    "Appointment ID",
    "Status",
    "Start",
    "End",
    "Patient ID",
    "First name",
    "Last name",
    "Full name",
    "Phone",
    "Mobile",
    "Email",
    "Language",
    "Location code",
    "Location",
    "Provider",
    "Appointment type",
    "Description",
)
NO_START = "This appointment has no start time."
NO_PATIENT = "This appointment names no patient."

_STATUSES = {
    "booked": "booked",
    "arrived": "arrived",
    "checked-in": "arrived",
    "fulfilled": "fulfilled",
    "pending": "pending",
    "proposed": "proposed",
    "waitlist": "waitlist",
    "cancelled": "cancelled",
    "noshow": "no show",
    "entered-in-error": "entered in error",
}


@dataclass(frozen=True, slots=True)
class _File:
    appointments: Sequence[tuple[int, Json]]
    """With the number of the entry or line, from 1."""
    resources: Mapping[str, Json]
    """By every reference that can mean them."""


def read(content: bytes) -> Table | Unreadable:
    decoded = decode(content)
    text = decoded.text.strip()
    try:
        loaded = _loaded(text)
    except (ValueError, RecursionError) as error:
        return Unreadable(f"This JSON cannot be read ({str(error)[:100]}). Export it again.")
    entries = list(_entries(loaded))
    file = _File(
        [(number, one) for number, _, one in entries if one.get("resourceType") == "Appointment"],
        {key: one for _, url, one in entries for key in _keys(url, one)},
    )
    if not file.appointments:
        kinds = sorted({str(one.get("resourceType")) for _, _, one in entries})
        return Unreadable(f"There are no Appointment resources in this file, only: {', '.join(kinds) or 'nothing'}.")
    rows = [row for number, one in file.appointments for row in _rows(number, one, file.resources)]
    return Table(COLUMNS, tuple(rows), decoded.notes)


def _loaded(text: str) -> list[object]:
    try:
        whole = json.loads(text)
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].rstrip().endswith("}"):
            raise
        return [json.loads(line) for line in lines]
    return whole if isinstance(whole, list) else [whole]


def _entries(loaded: Sequence[object]) -> Iterator[tuple[int, str, Json]]:
    """(number, fullUrl, resource), bundles taken apart."""
    number = 0
    for one in loaded:
        if not isinstance(one, dict):
            continue
        if one.get("resourceType") != "Bundle":
            number += 1
            yield number, "", one
            continue
        for entry in _dicts(one.get("entry")):
            number += 1
            resource = entry.get("resource")
            if isinstance(resource, dict):
                yield number, _text(entry.get("fullUrl")), resource


def _keys(url: str, resource: Json) -> Iterator[str]:
    if url:
        yield url
    if resource.get("id"):
        yield f"{resource.get('resourceType')}/{resource['id']}"


def _rows(number: int, appointment: Json, resources: Mapping[str, Json]) -> Iterator[Row | RowProblem]:
    own_id = _text(appointment.get("id")) or _identifier(appointment)
    if not appointment.get("start"):
        yield RowProblem(number, "Start", own_id, NO_START)
        return
    contained = {f"#{one.get('id')}": one for one in _dicts(appointment.get("contained"))}
    actors: dict[str, list[tuple[Json, Json]]] = {}
    references = [_dict(one.get("actor")) for one in _dicts(appointment.get("participant"))]
    for reference in (*references, _dict(appointment.get("subject"))):
        resource = _resolved(reference, contained, resources)
        actors.setdefault(_kind(reference, resource), []).append((reference, resource))
    patients = {_patient_key(*actor): actor for actor in actors.get("Patient", [])}
    if not patients:
        yield RowProblem(number, "Full name", own_id, NO_PATIENT)
        return
    place, place_resource = next(iter(actors.get("Location", [])), ({}, {}))
    provider = next((one for kind in ("Practitioner", "PractitionerRole") for one in actors.get(kind, [])), ({}, {}))
    for reference, patient in patients.values():
        yield Row(
            number,
            (
                own_id,
                _STATUSES.get(_text(appointment.get("status")), _text(appointment.get("status"))),
                _text(appointment.get("start")),
                _text(appointment.get("end")),
                *_person(reference, patient),
                _text(place_resource.get("id")) or _text(place.get("reference")).rpartition("/")[2],
                _text(place_resource.get("name")) or _text(place.get("display")),
                _text(provider[0].get("display")) or " ".join(_name(provider[1])[:2]).strip(),
                _type(appointment),
                _text(appointment.get("description")) or _text(appointment.get("comment")),
            ),
        )


def _person(reference: Json, patient: Json) -> tuple[str, ...]:
    given, family, full = _name(patient)
    full = full or _text(reference.get("display"))
    telecom = _dicts(patient.get("telecom"))
    return (
        _text(patient.get("id")) or _text(reference.get("reference")).rpartition("/")[2],
        given,
        family,
        full,
        _contact_point(telecom, "phone", ("home", "", "work")),
        _contact_point(telecom, "phone", ("mobile",)) or _contact_point(telecom, "sms", ("mobile", "", "home")),
        _contact_point(telecom, "email", ("home", "", "work", "mobile")),
        _language(patient),
    )


def _resolved(reference: Json, contained: Mapping[str, Json], resources: Mapping[str, Json]) -> Json:
    target = _text(reference.get("reference"))
    if target.startswith("#"):
        return contained.get(target, {})
    target = target.partition("/_history/")[0]
    found = resources.get(target)
    if found is None and target.count("/") > 1:
        found = resources.get("/".join(target.rsplit("/", 2)[1:]))
    return found or {}


def _kind(reference: Json, resource: Json) -> str:
    known = _text(resource.get("resourceType")) or _text(reference.get("type"))
    if known:
        return known
    parts = _text(reference.get("reference")).split("/")
    return parts[-2] if len(parts) > 1 else ""


def _patient_key(reference: Json, resource: Json) -> str:
    """R5 names the patient as subject and again as participant."""
    return _text(resource.get("id")) or _text(reference.get("reference")) or _text(reference.get("display"))


def _name(person: Json) -> tuple[str, str, str]:
    """(given, family, text) of the official name, else of the first that is not old."""
    names = [name for name in _dicts(person.get("name")) if name.get("use") not in ("old", "maiden")]
    names.sort(key=lambda name: {"official": 0, "usual": 1}.get(_text(name.get("use")), 2))
    if not names:
        return "", "", ""
    given = names[0].get("given")
    words = [_text(word) for word in given] if isinstance(given, list) else [_text(given)]
    return words[0] if words else "", _text(names[0].get("family")), _text(names[0].get("text"))


def _contact_point(telecom: Sequence[Json], system: str, uses: Sequence[str]) -> str:
    """The first by use, then by rank; numbers marked old are not used."""
    points = [point for point in telecom if point.get("system") == system and point.get("use", "") in uses]
    points.sort(key=lambda point: (uses.index(_text(point.get("use", ""))), _rank(point)))
    return _text(points[0].get("value")) if points else ""


def _rank(point: Json) -> int:
    rank = point.get("rank")
    return rank if isinstance(rank, int) else 1000


def _language(patient: Json) -> str:
    spoken = _dicts(patient.get("communication"))
    spoken.sort(key=lambda one: one.get("preferred") is not True)
    for one in spoken:
        for coding in _dicts(_dict(one.get("language")).get("coding")):
            if coding.get("code"):
                return _text(coding.get("code"))
    return ""


def _type(appointment: Json) -> str:
    kinds = [appointment.get("appointmentType"), *_list(appointment.get("serviceType"))]
    for kind in kinds:
        concept = _dict(kind)
        concept = _dict(concept.get("concept")) or concept  # R5: CodeableReference
        codings = [
            _text(coding.get("display")) or _text(coding.get("code")) for coding in _dicts(concept.get("coding"))
        ]
        name = _text(concept.get("text")) or next((one for one in codings if one), "")
        if name:
            return name
    return ""


def _identifier(resource: Json) -> str:
    return next((_text(one.get("value")) for one in _dicts(resource.get("identifier")) if one.get("value")), "")


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value).replace("\x00", "").strip()


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _dicts(value: object) -> list[Json]:
    return [one for one in _list(value) if isinstance(one, dict)]
