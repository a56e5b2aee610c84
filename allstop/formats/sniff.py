"""What kind of file this is, by its bytes first and its name second.

People upload what their practice system gave them: a PDF, an old .xls, a web page that is called .xls. Each
of those gets a sentence that says what to do instead.
"""

import io
import zipfile
from enum import StrEnum

from allstop.formats.table import Unreadable


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    ICS = "ics"
    FHIR_JSON = "fhir_json"


UNPACKED_LIMIT = 1 << 30
"""Bytes. A small .xlsx can unpack to many gigabytes; this is ten times a workbook of a million rows."""

_SAVE_AS = "Open it in your spreadsheet program and save it as an Excel workbook (.xlsx) or as CSV."
_EXPORT = "Export the list as CSV or Excel (.xlsx) instead."
_UNPACK = "Unpack it and upload the file inside."

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", f"This is a PDF. {_EXPORT}"),
    (b"\x89PNG", f"This is a picture. {_EXPORT}"),
    (b"\xff\xd8\xff", f"This is a picture. {_EXPORT}"),
    (b"GIF8", f"This is a picture. {_EXPORT}"),
    (b"II*\x00", f"This is a picture. {_EXPORT}"),
    (b"MM\x00*", f"This is a picture. {_EXPORT}"),
    (b"RIFF", f"This is a picture or a recording. {_EXPORT}"),
    (b"\x1f\x8b", f"This file is compressed (gzip). {_UNPACK}"),
    (b"7z\xbc\xaf\x27\x1c", f"This file is compressed (7-Zip). {_UNPACK}"),
    (b"Rar!", f"This file is compressed (RAR). {_UNPACK}"),
    (b"BZh9", f"This file is compressed (bzip2). {_UNPACK}"),
    (b"\xfd7zXZ\x00", f"This file is compressed (xz). {_UNPACK}"),
    (b"SQLite format 3\x00", f"This is a database file. {_EXPORT}"),
    (b"{\\rtf", f"This is a text document (RTF). {_EXPORT}"),
    (b"-----BEGIN PGP", "This file is encrypted (PGP). Decrypt it and upload the file inside."),
    (b"MZ\x90\x00", f"This is a program, not a list. {_EXPORT}"),
    (b"\x7fELF", f"This is a program, not a list. {_EXPORT}"),
)

_PACKED: tuple[tuple[str, str], ...] = (
    # a name inside the ZIP file, what that means
    ("xl/workbook.bin", f"This is a binary Excel workbook (.xlsb). {_SAVE_AS}"),
    ("word/document.xml", f"This is a Word document. {_EXPORT}"),
    ("content.xml", f"This is an OpenDocument file (.ods). {_SAVE_AS}"),
    ("Index/Document.iwa", "This is an Apple Numbers file. Export it as Excel (.xlsx) or CSV."),
)

_OLD_OFFICE: tuple[tuple[str, str], ...] = (
    # an entry of the container; a workbook with a password is packed inside such a container
    (
        "EncryptedPackage",
        "This workbook is protected by a password. Remove the password and upload it again.",
    ),
    ("WordDocument", f"This is a Word document. {_EXPORT}"),
    ("Workbook", f"This is an old Excel workbook (.xls). {_SAVE_AS}"),
    ("Book", f"This is an old Excel workbook (.xls). {_SAVE_AS}"),
    ("", f"This is an old Office file. {_EXPORT}"),
)

_OPENINGS: tuple[tuple[str, Format | Unreadable], ...] = (
    # how the text begins, in lower case
    ("begin:vcalendar", Format.ICS),
    ("begin:vcard", Unreadable("This is an address card (vCard). Upload a list of appointments instead.")),
    ("<!doctype html", Unreadable(f"This is a web page, although it may be named .xls. {_SAVE_AS}")),
    ("<html", Unreadable(f"This is a web page, although it may be named .xls. {_SAVE_AS}")),
    ("<table", Unreadable(f"This is a web page, although it may be named .xls. {_SAVE_AS}")),
    ("<?xml", Unreadable(f"This is an XML file. {_SAVE_AS}")),
)

_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def detect(content: bytes, file_name: str = "") -> Format | Unreadable:
    if not content.strip(b"\x00\t\r\n \xef\xbb\xbf\xff\xfe"):
        return Unreadable("This file is empty. Check that the export has finished, then upload it again.")
    for signature, reason in _SIGNATURES:
        if content.startswith(signature):
            return Unreadable(reason)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _packed(content)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        # names in this container are UTF-16
        return next(Unreadable(why) for name, why in _OLD_OFFICE if name.encode("utf-16-le") in content)
    return _text(content, file_name.lower())


def _packed(content: bytes) -> Format | Unreadable:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return Unreadable("This file is damaged: it ends too early. Export it again and upload the new file.")
    names = {entry.filename for entry in entries}
    if sum(entry.file_size for entry in entries) > UNPACKED_LIMIT:
        return Unreadable("This workbook unpacks to more than 1 GB. Split it into several files.")
    if "xl/workbook.xml" in names:
        return Format.XLSX
    why = next((why for name, why in _PACKED if name in names), f"This is a ZIP file. {_UNPACK}")
    return Unreadable(why)


def _text(content: bytes, name: str) -> Format | Unreadable:
    start = _opening(content)
    for opening, answer in _OPENINGS:
        if start.startswith(opening):
            return answer
    if start.startswith(("{", "[")):
        if b'"resourceType"' in content.replace(b"\x00", b""):
            return Format.FHIR_JSON
        if not name.endswith((".csv", ".tsv", ".txt")):
            return Unreadable("This JSON file holds no FHIR appointments. Upload FHIR Appointments or a CSV file.")
    if name.endswith((".ics", ".ical")):
        return Unreadable("This file is named as a calendar, but no calendar is in it. Export it again.")
    if _is_binary(content):
        return Unreadable("This is not a text file, a workbook or a calendar. Upload CSV, Excel (.xlsx) or .ics.")
    return Format.CSV


def _opening(content: bytes) -> str:
    """The first characters in lower case, good enough to recognise ASCII key words in any encoding."""
    for mark in _BYTE_ORDER_MARKS:
        content = content.removeprefix(mark)
    return content[:8192].replace(b"\x00", b"").decode("latin-1").lstrip().lower()


def _is_binary(content: bytes) -> bool:
    # UTF-16 has zero bytes too, but hardly any of the other control characters.
    sample = content[:8192]
    controls = sum(1 for byte in sample if byte < 32 and byte not in (0, 9, 10, 11, 12, 13, 26, 27))
    return controls > len(sample) // 50
