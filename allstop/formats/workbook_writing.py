"""Excel workbooks (.xlsx) written row after row, every cell as text: nothing is run, and a number keeps its plus.

The common writers of workbooks go back in their own file or hold it whole; this one only ever goes forward, so it can
be sent while it is made, at any number of rows.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence

from allstop.formats.delimited_writing import AT_ONCE, guarded

LAST_ROW = 1_048_576  # of a sheet; what is more goes to a further sheet

_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TYPES_XML = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{}</Types>'
)
_TYPE_OF_SHEET = (
    '<Override PartName="/xl/worksheets/sheet{}.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
)
_RELS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
)
_REL = (
    '<Relationship Id="rId{0}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{1}"'
    ' Target="{2}"/>'
)
_WORKBOOK = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{}</sheets></workbook>'
)
_SHEET = '<sheet name="{0}" sheetId="{1}" r:id="rId{1}"/>'
_SHEET_BEGINS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
_SHEET_ENDS = "</sheetData></worksheet>"


def write_xlsx(columns: Sequence[str], rows: Iterable[Sequence[str]], name: str = "Contacts") -> Iterator[bytes]:
    """`name`: of its sheets."""
    sink = _Sink()
    source = iter(rows)
    row = next(source, None)
    sheets = 0
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        while row is not None or not sheets:
            sheets += 1
            with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as sheet:
                sheet.write((_SHEET_BEGINS + _row(columns)).encode())
                for number in range(2, LAST_ROW + 1):
                    if row is None:
                        break
                    sheet.write(_row([guarded(cell) for cell in row]).encode())
                    row = next(source, None)
                    if not number % AT_ONCE:
                        yield sink.taken()
                sheet.write(_SHEET_ENDS.encode())
        _write_frame(archive, range(1, sheets + 1), name)
    yield sink.taken()


def _write_frame(archive: zipfile.ZipFile, numbers: Sequence[int], name: str) -> None:
    """What makes sheets a workbook."""
    archive.writestr("[Content_Types].xml", _TYPES_XML.format("".join(map(_TYPE_OF_SHEET.format, numbers))))
    archive.writestr("_rels/.rels", _RELS.format(_REL.format(1, "officeDocument", "xl/workbook.xml")))
    names = [name if number == 1 else f"{name} {number}" for number in numbers]
    named = "".join(_SHEET.format(one, number) for one, number in zip(names, numbers, strict=True))
    archive.writestr("xl/workbook.xml", _WORKBOOK.format(named))
    of = "".join(_REL.format(number, "worksheet", f"worksheets/sheet{number}.xml") for number in numbers)
    archive.writestr("xl/_rels/workbook.xml.rels", _RELS.format(of))


def _row(cells: Sequence[str]) -> str:
    return f"<row>{''.join(map(_cell, cells))}</row>"


def _cell(text: str) -> str:
    if not text:
        return "<c/>"
    if not text.isalnum():
        text = _NO_TEXT.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        text = text.replace("\r", "&#13;")
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


class _Sink(io.RawIOBase):
    """What the archive has written since it was last taken. It cannot go back, and zipfile sees that."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        data = bytes(piece)  # type: ignore[call-overload]
        self._pieces.append(data)
        return len(data)

    def taken(self) -> bytes:
        written = b"".join(self._pieces)
        self._pieces.clear()
        return written
