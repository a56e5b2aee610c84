import gzip
import io
import zipfile

import pytest

from allstop.formats import sniff
from allstop.formats.sniff import Format, detect
from allstop.formats.table import Unreadable

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)


def packed(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), "x")  # the same bytes at any time: they are in the names of tests
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b"Name,Phone\nAnn,1\n", "a.csv", Format.CSV),
        (b"Name,Phone\nAnn,1\n", "a.xlsx", Format.CSV),
        ("Name\tPhone\n".encode("utf-16"), "a.txt", Format.CSV),
        (b"MZ,Phone\nAnn,1\n", "a.csv", Format.CSV),
        (packed("[Content_Types].xml", "xl/workbook.xml"), "a.csv", Format.XLSX),
        (b"\xef\xbb\xbfBEGIN:VCALENDAR\r\n", "a.ics", Format.ICS),
        (b"\r\nbegin:vcalendar\n", "a", Format.ICS),
        (b' {"resourceType": "Bundle"}', "a.json", Format.FHIR_JSON),
        ('{"id": "1", "resourceType": "Appointment"}'.encode("utf-16"), "a.json", Format.FHIR_JSON),
        (b'[{"resourceType":"Appointment"}]', "a.json", Format.FHIR_JSON),
    ],
)
def test_files_are_known_by_their_bytes_and_not_by_their_name(content: bytes, name: str, expected: Format) -> None:
    assert detect(content, name) == expected


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.csv", "empty"),
        (b"\xef\xbb\xbf \r\n", "a.csv", "empty"),
        (b"%PDF-1.7\n", "a.csv", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "a.png", "picture"),
        (b"\xff\xd8\xff\xe0", "a.csv", "picture"),
        (OLE + "Workbook".encode("utf-16-le"), "a.xls", "old Excel workbook (.xls)"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "password"),
        (OLE + "WordDocument".encode("utf-16-le"), "a.doc", "Word"),
        (OLE, "a.msg", "old Office file"),
        (packed("list.csv"), "a.zip", "ZIP"),
        (packed("xl/workbook.bin"), "a.xlsb", ".xlsb"),
        (packed("mimetype", "content.xml"), "a.ods", ".ods"),
        (packed("word/document.xml"), "a.docx", "Word"),
        (packed("xl/workbook.xml")[:40], "a.xlsx", "damaged"),
        (gzip.compress(b"Name,Phone", mtime=0), "a.csv.gz", "gzip"),
        (b"<html><table><tr><td>Name", "a.xls", "web page"),
        (b"<?xml version='1.0'?><rows/>", "a.xml", "XML"),
        (b"BEGIN:VCARD\r\n", "a.vcf", "vCard"),
        (b'{"name": "Ann"}', "a.json", "no FHIR"),
        (b"-----BEGIN PGP MESSAGE-----", "a.csv", "PGP"),
        (bytes(range(1, 9)) * 50, "a.bin", "not a text file"),
        (b"Name,Phone", "a.ics", "no calendar"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(content: bytes, name: str, words: str) -> None:
    found = detect(content, name)
    assert isinstance(found, Unreadable)
    assert words in found.reason
    assert found.reason.endswith(".")


def test_a_workbook_that_unpacks_to_more_than_a_gigabyte_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sniff, "UNPACKED_LIMIT", 1)
    found = detect(packed("xl/workbook.xml", "xl/sheet1.xml"), "a.xlsx")
    assert isinstance(found, Unreadable)
    assert "Split it" in found.reason
