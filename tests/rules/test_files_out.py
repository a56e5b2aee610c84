"""Files that go out: cleaned names, what they are called, and what is refused."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.rules.files_out import LONGEST_NAME, MOST_FILES, clean_name, refusal, refusal_of_all, type_of

PDF = b"%PDF-1.7 a form"


def packed(*names: str) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("form.pdf", "form.pdf"),
        ("C:\\Users\\ben\\form.pdf", "form.pdf"),
        ("../../etc/passwd", "passwd"),
        ("  Löffel &  Söhne.pdf ", "Löffel & Söhne.pdf"),
        ("form\u202efdp.exe", "formfdp.exe"),  # it would read backwards
        ("a\r\nX-Header: b.pdf", "aX-Header b.pdf"),
        ('"quoted";name.txt', "quotedname.txt"),
        ("evil.exe. . ", "evil.exe"),
        ("", "attachment"),
        ("...", "attachment"),
    ],
)
def test_a_name_is_cleaned(said: str, name: str) -> None:
    assert clean_name(said) == name


@given(st.text(max_size=300))
def test_any_name_becomes_one_printable_line_that_stays_as_it_is(said: str) -> None:
    name = clean_name(said)
    assert 0 < len(name) <= LONGEST_NAME
    assert name.isprintable()
    assert not set(name) & set('/\\<>:"|?*;%')
    assert clean_name(name) == name


def test_a_long_name_keeps_its_ending() -> None:
    assert clean_name("x" * 300 + ".pdf") == "x" * 116 + ".pdf"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("setup.exe", b"anything"),
        ("SETUP.EXE", b"anything"),
        ("invoice.pdf.js", b"anything"),
        ("invoice.pdf", b"MZ\x90\x00"),
        ("photo.jpg", b"\x7fELF\x02"),
        ("notes.txt", b"#!/bin/sh\n"),
        ("notes.lnk", b"x"),
        ("forms.zip", packed("form.pdf", "folder/run.bat")),
        ("forms.docx", packed("word/document.xml", "run.exe. ")),
    ],
)
def test_what_runs_is_refused_with_what_to_do(name: str, content: bytes) -> None:
    words = refusal(name, content, 10)
    assert "Such files are not sent" in words
    assert "Attach a PDF or a picture instead." in words


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("form.pdf", PDF),
        ("forms.zip", packed("form.pdf")),
        ("broken.zip", b"PK\x03\x04 no archive"),
        ("note", b"Just words"),
        ("com", b"a file without an ending"),
    ],
)
def test_anything_else_goes(name: str, content: bytes) -> None:
    assert not refusal(name, content, 10)


def test_sizes_have_a_limit_alone_and_together() -> None:
    assert refusal("a.pdf", b"", 10) == "a.pdf is empty. Choose another file."
    assert refusal("a.pdf", b"x" * 1_100_000, 1) == (
        "a.pdf is too large. An email takes at most 1 MB: leave something out, or send a link."
    )
    assert not refusal_of_all([600_000, 400_000], 1)
    assert refusal_of_all([600_000, 400_001], 1).startswith("These files have 1.0 MB together.")
    assert refusal_of_all([1] * (MOST_FILES + 1), 1) == "An email takes at most 20 files. Leave some out."


def test_a_type_is_known_by_the_ending() -> None:
    assert type_of("Form.PDF") == "application/pdf"
    assert type_of("form") == type_of("form.xyz") == "application/octet-stream"
