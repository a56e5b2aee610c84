import pytest

from allstop.formats.people_file import HEAD, OpenPeople, PeopleOpening, count_rows, open_people
from allstop.formats.person import Mark, PersonField, PersonRow
from allstop.formats.person_table import opt_outs
from allstop.formats.table import Unreadable
from tests.formats.people import FILES, of_file, opened, people


def named(name: str) -> dict[str, PersonField]:
    seen = opened((FILES / name).read_bytes(), name)
    return {column: field for column, field in zip(seen.columns, seen.guessed, strict=True) if field}


def test_outlooks_ninety_columns_are_known_and_those_of_others_left_out() -> None:
    found = named("outlook.csv")
    assert [column for column, field in found.items() if field is PersonField.PHONE] == [
        "Business Phone",
        "Business Phone 2",
        "Car Phone",
        "Home Phone",
        "Home Phone 2",
        "Mobile Phone",
        "Other Phone",
        "Primary Phone",
    ]
    assert [column for column, field in found.items() if field is PersonField.EMAIL] == [
        "E-mail Address",
        "E-mail 2 Address",
        "E-mail 3 Address",
    ]
    assert found["First Name"] is PersonField.GIVEN_NAME
    assert found["Last Name"] is PersonField.FAMILY_NAME
    assert found["Categories"] is PersonField.GROUP
    assert not {"Company Main Phone", "Assistant's Phone", "Home Fax", "Pager", "Department", "Company"} & set(found)
    andre, beth = of_file("outlook.csv")
    assert [one.text for one in andre.phones] == ["(917) 555-0141", "(212) 555-0140"]  # the mobile first
    assert andre.groups == ("Recall", "VIP")
    assert (beth.given_name, beth.family_name) == ("Beth", "O'Neil")


def test_an_email_is_read_out_of_what_programs_wrote_around_it() -> None:
    rows = ("Ann Lee,Ann Lee <ann@lee.example>", "Bo,<bo@x.example>", "Cy,mailto:cy@x.example?subject=Hi; cy@y.example")
    ann, bo, cy = people("\n".join(("Name,Email", *rows)).encode())
    assert [[one.text for one in person.emails] for person in (ann, bo, cy)] == [
        ["ann@lee.example"],
        ["bo@x.example"],
        ["cy@x.example", "cy@y.example"],
    ]


def test_googles_values_are_read_with_their_labels_and_a_fax_is_no_phone() -> None:
    chidi, dee = of_file("google.csv")
    assert chidi.phones == (("+1 212-555-0150", "mobile"), ("+1 212-555-0151", "mobile"))
    assert chidi.emails == (("chidi@example.com", "work"),)
    assert chidi.groups == ("Recall",)
    assert dee.phones == (("(212) 555-0152", "home"),)
    assert dee.groups == ()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Name,Telefon,E-Mail", (PersonField.FULL_NAME, PersonField.PHONE, PersonField.EMAIL)),
        ("Vorname,Name,Handy", (PersonField.GIVEN_NAME, PersonField.FAMILY_NAME, PersonField.PHONE)),
        ("Prénom,Nom,Portable", (PersonField.GIVEN_NAME, PersonField.FAMILY_NAME, PersonField.PHONE)),
        ("Do not call,Mobile,Unsubscribed", (PersonField.OPTED_OUT, PersonField.PHONE, PersonField.OPTED_OUT)),
        ("Do not contact,Owner,Tags", (PersonField.STOP_ALL, PersonField.ASSIGNED_TO, PersonField.GROUP)),
        ("Created,Fax,Birthday", (None, None, None)),
    ],
)
def test_columns_are_known_by_their_names(header: str, expected: tuple[PersonField | None, ...]) -> None:
    assert opened(f"{header}\n,,\n".encode(), "a.csv").guessed == expected


def test_a_name_is_not_believed_when_the_values_contradict_it() -> None:
    seen = opened(b"Email,Phone,Contact\nyes,none,pat@example.org\nno,none,sam@example.org\n", "a.csv")
    assert seen.guessed == (None, None, PersonField.EMAIL)


@pytest.mark.parametrize(
    ("cell", "channel", "expected"),
    [
        ("", "", []),
        ("no", "", []),
        ("FALSE", "", []),
        ("0", "", []),
        ("yes", "", [Mark.OPT_OUT]),
        ("X", "", [Mark.OPT_OUT]),
        ("2026-03-01", "", [Mark.OPT_OUT]),
        ("text; email", "", [Mark.OPT_OUT_TEXT, Mark.OPT_OUT_EMAIL]),
        ("all", "", [Mark.OPT_OUT]),
        ("yes", "call", [Mark.OPT_OUT_CALL]),
        ("no", "call", []),
    ],
)
def test_a_column_of_opt_outs_sets_them_and_in_doubt_it_does(cell: str, channel: str, expected: list[Mark]) -> None:
    assert opt_outs(cell, channel) == expected


def test_a_zone_and_a_country_that_cannot_be_read_are_said_and_the_row_is_kept() -> None:
    (row,) = people(b"Phone,Country,Zone\n2125550101,Deutschland,Moonbase\n", "a.csv")
    assert (row.country, row.zone) == ("DE", "")
    assert [(column, value) for column, value, _ in row.unread] == [("Zone", "Moonbase")]


def test_several_numbers_in_one_cell_are_several_numbers() -> None:
    (row,) = people(b"Name,Phones\nPat,+1 212 555 0101; +1 212 555 0102 ::: +1 212 555 0103\n", "a.csv")
    assert [one.text for one in row.phones] == ["+1 212 555 0101", "+1 212 555 0102", "+1 212 555 0103"]


def test_a_calendar_is_refused_with_the_place_where_it_belongs() -> None:
    found = open_people(lambda: [b"BEGIN:VCALENDAR\r\n"], "a.ics", PeopleOpening())
    assert isinstance(found, Unreadable)
    assert "under Import" in found.reason


def test_a_long_table_is_previewed_from_its_head_and_counted_as_a_whole() -> None:
    line = b"Pat Moreau,+1 212 555 0101,pat@example.org\n"
    count = HEAD // len(line) + 1000
    pieces = [b"Name,Phone,Email\n", *[line * 1000] * (count // 1000)]
    head = open_people(lambda: pieces, "a.csv", PeopleOpening(), only_head=True)
    assert isinstance(head, OpenPeople)
    rows = list(head.people(head.guessed))
    assert all(isinstance(row, PersonRow) for row in rows)
    assert HEAD // len(line) - 2 <= len(rows) < count
    assert count_rows(head, lambda: pieces) == 1000 * (count // 1000)
