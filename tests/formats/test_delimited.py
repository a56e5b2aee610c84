import csv
import io
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.formats import delimited
from allstop.formats.table import Row, RowProblem, Table, Unreadable


def rows_of(table: Table | Unreadable) -> list[tuple[str, ...]]:
    assert isinstance(table, Table)
    found = []
    for row in table.rows:
        assert isinstance(row, Row), row
        found.append(row.cells)
    return found


def problems_of(table: Table | Unreadable) -> list[RowProblem]:
    assert isinstance(table, Table)
    return [row for row in table.rows if isinstance(row, RowProblem)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Name,Phone\nAnn,212-555-0101\n", ("Ann", "212-555-0101")),
        ("Name;Amount\nAnn;12,50\nBob;9,00\n", ("Ann", "12,50")),
        ("Ann;12,50;212-555-0101\nBob;9,00;212-555-0102\n", ("Ann", "12,50", "212-555-0101")),
        ("Name\tPhone\nAnn\t212-555-0101\n", ("Ann", "212-555-0101")),
        ("Name|Phone\nAnn|212-555-0101\n", ("Ann", "212-555-0101")),
        ("sep=;\nName;Phone\nSmith, Ann;212-555-0101\n", ("Smith, Ann", "212-555-0101")),
        ('Name,Phone\n"Smith, Ann",212-555-0101\n', ("Smith, Ann", "212-555-0101")),
        ('Name, Phone\n"Smith, Ann", "212-555-0101"\n', ("Smith, Ann", "212-555-0101")),
        ('Name,Phone\n"Ann ""Annie"" S",212-555-0101\n', ('Ann "Annie" S', "212-555-0101")),
        ('Name,Phone\n"Ann \\"Annie\\" S",212-555-0101\n', ('Ann "Annie" S', "212-555-0101")),
        ('Name,Note\n"Ann","two\nlines; here"\nBob,x\n', ("Ann", "two\nlines; here")),
        ("Name,Phone\r\nAnn,212-555-0101\r\n", ("Ann", "212-555-0101")),
        ("Name,Phone\rAnn,212-555-0101\r", ("Ann", "212-555-0101")),
        ("\n\nName,Phone\n\nAnn,212-555-0101\n,\n\n\n", ("Ann", "212-555-0101")),
        ("Na\0me,Phone\nAnn\0,212-555-0101\n", ("Ann", "212-555-0101")),
        ("Name,Phone\nAnn,212-555-0101,,\n", ("Ann", "212-555-0101")),
        ("Name,Phone\n Ann ,\xa0212-555-0101\n", ("Ann", "212-555-0101")),
        ('Name,Phone\n"Ann",="2125550101"\n', ("Ann", "2125550101")),
        ('Name;Phone\n"=""Ann""";"=""0151 23456"""\n', ("Ann", "0151 23456")),
        ('="Name",="Phone"\nAnn=",="\n', ('Ann="', '="')),
    ],
)
def test_the_first_row_of_a_file_is_read_whatever_its_dialect(text: str, expected: tuple[str, ...]) -> None:
    assert rows_of(delimited.read(text.encode()))[0] == expected


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "Zoë Müller"),
        ("utf-8-sig", "Zoë Müller"),
        ("utf-16", "Zoë Müller"),
        ("utf-16-le", "Zoë Müller"),
        ("utf-16-be", "Zoë Müller"),
        ("utf-32", "Zoë Müller"),
        ("cp1252", "Zoë Müller\u2019s"),
        ("cp1252", "JOSÉ MUÑOZ"),
        ("latin-1", "François Núñez"),
        ("iso8859-15", "Jürgen Groß"),
        ("mac_roman", "Jürgen Groß-Léger"),
        ("cp850", "Jürgen Groß"),
    ],
)
def test_accented_names_survive_every_western_encoding(encoding: str, name: str) -> None:
    others = ["René", "Éva", "Jörg", "Begoña", "Søren", "Françoise", "Ägidius", "Háld"]
    if encoding == "cp850":
        others.remove("Éva")  # no capital accents in the small sample that DOS programs wrote
    lines = [f"{other};212-555-01{index:02}" for index, other in enumerate(others)]
    text = "\r\n".join(["Name;Phone", f"{name};212-555-0199", *lines])
    assert rows_of(delimited.read(text.encode(encoding)))[0] == (name, "212-555-0199")


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp932", "山田太郎 鈴木花子 佐藤健一 高橋美咲 田中さくら 伊藤ひろし 渡辺まなみ 中村ゆうき"),
        ("gb18030", "张伟 王芳 李娜 刘洋 陈静 杨敏 赵磊 黄丽 周强 吴霞 预约时间 门诊提醒"),
    ],
)
def test_east_asian_names_are_read_through_the_fall_back(encoding: str, names: str) -> None:
    lines = [f"{name},0312345{index:03}" for index, name in enumerate(names.split() * 5)]
    text = "\n".join(["Name,Phone", *lines])
    assert rows_of(delimited.read(text.encode(encoding)))[0][0] == names.split(maxsplit=1)[0]


def test_an_encoding_that_was_guessed_is_named_and_can_be_chosen_instead() -> None:
    content = "Name,Phone\nZoë,1\n".encode("cp850")
    table = delimited.read(content, encoding="cp850")
    assert rows_of(table)[0][0] == "Zoë"
    guessed = delimited.read("Name,Phone\nZoë,1\n".encode("cp1252"))
    assert isinstance(guessed, Table)
    assert "Windows-1252" in guessed.notes[0]


def test_stray_bytes_in_a_utf8_file_cost_no_other_name() -> None:
    lines = "".join(f"Zoë Müller {index},x\n" for index in range(30))
    content = b"Name,Code\n" + lines.encode() + "José,x\n".encode("cp1252") + lines.encode()
    table = delimited.read(content)
    assert rows_of(table)[0][0] == "Zoë Müller 0"
    assert rows_of(table)[30][0] == "José"


def test_ragged_rows_are_problems_with_the_row_number_that_a_spreadsheet_shows() -> None:
    """000-13: what is uploaded becomes notifications; a row that cannot be trusted becomes none."""
    table = delimited.read(b"Name,Phone,Email\nAnn,1,a@example.org\n\nBob,2\nCy,3,c@example.org,more\nDee,4,\n")
    assert problems_of(table) == [
        RowProblem(4, None, "Bob | 2", delimited.TOO_FEW),
        RowProblem(5, None, "Cy | 3 | c@example.org | more", delimited.TOO_MANY),
    ]
    assert isinstance(table, Table)
    assert [row.number for row in table.rows if isinstance(row, Row)] == [2, 6]


def test_a_quotation_mark_that_is_never_closed_costs_one_row_and_not_the_rest_of_the_file() -> None:
    lines = [f"Person {index},212-555-01{index:02},x" for index in range(50)]
    lines[7] = '"Person 7,212-555-0107,x'
    table = delimited.read("\n".join(["Name,Phone,Note", *lines]).encode())
    assert problems_of(table) == [RowProblem(9, None, lines[7], delimited.QUOTES)]
    assert isinstance(table, Table)
    assert sum(1 for row in table.rows if isinstance(row, Row)) == 49


def test_text_after_a_closing_quotation_mark_is_a_problem_of_its_row_alone() -> None:
    table = delimited.read(b'Name,Phone\n"Ann" Smith,1\nBob,2\n')
    assert [problem.row for problem in problems_of(table)] == [2]


def test_a_cell_that_swallowed_the_file_is_a_problem_and_the_rest_is_read() -> None:
    table = delimited.read(b'Name,Phone\n"Ann,1\n' + b"Bob,2\n" * 30_000)
    assert [problem.problem for problem in problems_of(table)] == [delimited.TOO_LONG]
    assert isinstance(table, Table)
    assert sum(1 for row in table.rows if isinstance(row, Row)) == 30_000


def test_a_file_without_a_header_gets_numbered_columns() -> None:
    table = delimited.read(b"Ann Smith,212-555-0101,11/24/2026 9:00\nBob Jones,212-555-0102,11/24/2026 9:10\n")
    assert isinstance(table, Table)
    assert table.columns == ("Column 1", "Column 2", "Column 3")
    assert not table.has_header
    assert len(rows_of(table)) == 2


def test_titles_above_the_header_are_skipped_and_said() -> None:
    table = delimited.read(b"Northgate Dental\nAppointments of Monday\n\nName,Phone,Email\nAnn,1,a@example.org\n")
    assert isinstance(table, Table)
    assert table.columns == ("Name", "Phone", "Email")
    assert table.notes == ("Rows above row 4 were taken as a title.",)
    assert [row.number for row in table.rows if isinstance(row, Row)] == [5]


def test_repeated_and_empty_column_names_become_unique() -> None:
    table = delimited.read(b"Phone,,phone,Name\n1,2,3,Ann\n")
    assert isinstance(table, Table)
    assert table.columns == ("Phone", "Column 2", "phone (2)", "Name")


def test_a_table_can_be_gone_through_twice() -> None:
    table = delimited.read(b"Name,Phone\nAnn,1\n")
    assert rows_of(table) == rows_of(table)


@pytest.mark.parametrize("content", [b"\n\n\n", b"   \n", b",,,\n"])
def test_a_file_of_blank_lines_says_that_it_has_no_rows(content: bytes) -> None:
    assert isinstance(delimited.read(content), Unreadable)


LETTERS = string.ascii_letters + " ,;|'\"/äöüéñ\n-."
CELL = st.text(LETTERS, max_size=12).map(lambda text: text.strip())


@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=30),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_a_csv_writer_wrote_is_read_back(
    rows: list[tuple[str, str, str]], delimiter: str, encoding: str, line_end: str, quoting: int
) -> None:
    """The delimiter is given: three cells of punctuation can look like any dialect."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(("Name", "Street", "Note"))
    writer.writerows(rows)
    content = text.getvalue().encode(encoding)
    expected = [row for row in rows if any(row)]
    assert rows_of(delimited.read(content, delimiter=delimiter)) == expected


WORDS = st.text(string.ascii_letters + "äöüéñ", min_size=1, max_size=10)
NAME = st.tuples(WORDS, WORDS).map(", ".join)
AMOUNT = st.tuples(st.integers(0, 999), st.integers(0, 99)).map(lambda pair: f"{pair[0]},{pair[1]:02}")


@given(
    rows=st.lists(st.tuples(NAME, AMOUNT, WORDS, WORDS), min_size=2, max_size=30),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_the_delimiter_is_found_among_names_with_commas_and_decimal_commas(
    rows: list[tuple[str, ...]], delimiter: str, encoding: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(("Name", "Amount", "Type", "Clinic"))
    writer.writerows(rows)
    assert rows_of(delimited.read(text.getvalue().encode(encoding))) == rows
