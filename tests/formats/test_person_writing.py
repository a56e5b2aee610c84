"""What is written is read back as it was: names that are formulas, groups with commas, any number of phones."""

import io
from collections.abc import Iterator

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from allstop.formats import workbook_writing
from allstop.formats.delimited_writing import write_csv
from allstop.formats.person import Mark, PersonRow, Written
from allstop.formats.person_writing import COLUMNS, Outgoing, cells_of, write_vcards
from allstop.formats.workbook_writing import write_xlsx
from tests.formats.people import people

# As the store has them: without white space at the ends or twice, no control signs, names that are not only signs.
_text = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), max_size=20)
_names = st.lists(_text.filter(bool), max_size=3).map(" ".join)
_phones = st.from_regex(r"\+[1-9][0-9]{7,13}", fullmatch=True)
_emails = st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,5})?@[a-z]{1,8}\.(org|example)", fullmatch=True)
_groups = st.from_regex(r"[A-Za-z][A-Za-z0-9,; -]{0,15}[A-Za-z0-9]", fullmatch=True).map(
    lambda name: " ".join(name.split())
)


def _own_words(name: str) -> bool:
    return name.casefold() not in ("starred", "all", "contacts", "mycontacts")


people_to_write = st.builds(
    Outgoing,
    given_name=_names,
    family_name=_names.filter(bool),
    phones=st.lists(_phones, unique=True, max_size=6).map(lambda all_: tuple(Written(one) for one in all_)),
    emails=st.lists(_emails, unique=True, max_size=6).map(lambda all_: tuple(Written(one) for one in all_)),
    external_id=_text,
    language=st.sampled_from(["", "en", "de-CH"]),
    country=st.sampled_from(["", "US", "GB"]),
    zone=st.sampled_from(["", "America/New_York", "Etc/GMT+3"]),
    location=_text,
    assigned_to=st.sampled_from(["", "ada@northgate.example"]),
    groups=st.lists(_groups.filter(_own_words), unique=True, max_size=3).map(tuple),
    marks=st.lists(st.sampled_from(Mark), unique=True).map(lambda all_: tuple(mark for mark in Mark if mark in all_)),
)


def back(row: PersonRow) -> Outgoing:
    return Outgoing(
        row.given_name,
        row.family_name,
        tuple(Written(one.text) for one in row.phones),
        tuple(Written(one.text) for one in row.emails),
        row.external_id,
        row.language,
        row.country,
        row.zone,
        row.location,
        row.assigned_to,
        row.groups,
        row.marks,
    )


FULL = Outgoing(
    "=HYPERLINK()",
    "-Smith",
    tuple(Written(f"+121255501{number:02}") for number in range(5)),
    (Written("pat@example.org"),),
    "P;7",
    "en",
    "US",
    "America/New_York",
    "NG",
    "ada@northgate.example",
    ("Smith, family", "Recall"),
    (Mark.STOP_ALL, Mark.OPT_OUT_TEXT),
)


@pytest.mark.parametrize("one", [FULL, FULL._replace(groups=("Smith, family",)), FULL._replace(given_name="'=1+1")])
def test_everything_survives_each_format(one: Outgoing) -> None:
    written = {
        "a.csv": write_csv(COLUMNS, [cells_of(one)]),
        "a.xlsx": write_xlsx(COLUMNS, [cells_of(one)]),
        "a.vcf": write_vcards([one], "3.0"),
        "b.vcf": write_vcards([one], "4.0"),
    }
    for name, pieces in written.items():
        (row,) = people(b"".join(pieces), name)
        assert back(row) == one, name


BACKSLASHED = Outgoing(
    given_name='0 \\"0',
    family_name='0 \\"0',
    phones=(),
    emails=(),
    external_id="",
    language="",
    country="",
    zone="",
    location="",
    assigned_to="",
    groups=(),
    marks=(),
)


@settings(max_examples=25)
@given(st.lists(people_to_write, min_size=1, max_size=4))
@example([BACKSLASHED])
def test_any_people_survive_a_table(some: list[Outgoing]) -> None:
    assert [back(row) for row in people(b"".join(write_csv(COLUMNS, map(cells_of, some))), "a.csv")] == some
    assert [back(row) for row in people(b"".join(write_xlsx(COLUMNS, map(cells_of, some))), "a.xlsx")] == some


@settings(max_examples=25)
@given(st.lists(people_to_write, min_size=1, max_size=4), st.sampled_from(["3.0", "4.0"]))
def test_any_people_survive_cards(some: list[Outgoing], version: str) -> None:
    assert [back(row) for row in people(b"".join(write_vcards(some, version)), "a.vcf")] == some


def test_what_would_be_run_is_guarded_and_a_number_is_left_as_it_is() -> None:
    lines = b"".join(write_csv(COLUMNS, [cells_of(FULL)])).decode("utf-8-sig").splitlines()
    assert lines[1].startswith("'=HYPERLINK(),'-Smith,+12125550100,+12125550101,+12125550102,")


def test_long_lines_are_folded_between_characters() -> None:
    (content,) = write_vcards([FULL._replace(given_name="Ä" * 60)], "3.0")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert people(content)[0].given_name == "Ä" * 60


def test_a_workbook_opens_in_other_programs_and_goes_on_in_further_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_writing, "LAST_ROW", 3)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(write_xlsx(("A", "B"), [(str(n), "<&>") for n in range(5)]))))
    assert book.sheetnames == ["Contacts", "Contacts 2", "Contacts 3"]
    assert [[cell.value for cell in row] for row in book["Contacts 2"].iter_rows()] == [
        ["A", "B"],
        ["2", "<&>"],
        ["3", "<&>"],
    ]


def test_rows_are_written_as_they_come() -> None:
    taken = 0

    def rows() -> Iterator[tuple[str, ...]]:
        nonlocal taken
        for number in range(20_000):
            taken = number
            yield (str(number), "x" * 50)

    for write in (write_csv, write_xlsx):
        pieces = write(("A", "B"), rows())
        next(pieces)
        assert taken < 1000
