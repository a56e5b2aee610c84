"""An invoice as a PDF, A4: who, to whom, which days or pieces each line is for, what was paid, and what is left.

The rule that it guards: it shows what it is given and adds nothing up, so it can say nothing that the invoice does not.
The same invoice makes the same bytes. Letters of most alphabets are set in the fonts beside it; Chinese, Japanese and
Korean ones in those that every reader of PDF files brings along. Right-to-left writing is not shaped.
"""

from datetime import date
from functools import cache
from html import escape
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from allstop.formats.invoice_sheet import InvoiceSheet
from allstop.rules.money import rounded

_FONTS = Path(__file__).parent / "fonts"
_PLAIN, _BOLD = "DejaVu", "DejaVu-Bold"
_HAN, _KANA, _HANGUL = "STSong-Light", "HeiseiKakuGo-W5", "HYGothic-Medium"

_DIM_WORDS = "#5b616e"
_INK, _DIM, _RULE = HexColor("#1b1d22"), HexColor(_DIM_WORDS), HexColor("#c9cdd6")
_MARGIN = 18 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_COLUMNS = (_WIDTH - 86 * mm, 16 * mm, 34 * mm, 36 * mm)

_Look = tuple[str, tuple[int, int], tuple[int, int], *tuple[Any, ...]]
_FLUSH: _Look = ("RIGHTPADDING", (0, 0), (-1, -1), 0)
_TOP: list[_Look] = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0), _FLUSH]
_TEXT = ParagraphStyle("text", fontName=_PLAIN, fontSize=9.5, leading=13, textColor=_INK, splitLongWords=True)
_RIGHT = ParagraphStyle("right", _TEXT, alignment=TA_RIGHT)
_SMALL = ParagraphStyle("small", _TEXT, fontSize=8, leading=11, textColor=_DIM)
_SMALL_RIGHT = ParagraphStyle("small right", _SMALL, alignment=TA_RIGHT)
_TITLE = ParagraphStyle("title", _TEXT, fontName=_BOLD, fontSize=20, leading=24, alignment=TA_RIGHT)
_TOTAL = ParagraphStyle("total", _RIGHT, fontName=_BOLD, fontSize=11, leading=15)


def invoice_pdf(sheet: InvoiceSheet) -> bytes:
    _register()
    pages = _build(sheet, None)[1]  # how many there are is known when they are set
    return _build(sheet, pages)[0]


def _build(sheet: InvoiceSheet, pages: int | None) -> tuple[bytes, int]:
    into = BytesIO()
    paper = SimpleDocTemplate(
        into,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=22 * mm,
        title=f"Invoice {sheet.number}",
        author=sheet.issuer.partition("\n")[0],
        subject=f"To {sheet.account}, of {_day(sheet.day)}",
        creator="Allstop",
        lang="en",
        invariant=1,
    )

    def foot(canvas: Canvas, _paper: object) -> None:
        left = Paragraph(_words(f"Invoice {sheet.number}, {sheet.account}"), _SMALL)
        right = Paragraph(f"Page {canvas.getPageNumber()} of {pages or 1}", _SMALL_RIGHT)
        its = Table([[left, right]], colWidths=(_WIDTH - 30 * mm, 30 * mm), style=_TOP)
        _, height = its.wrapOn(canvas, _WIDTH, 20 * mm)
        its.drawOn(canvas, _MARGIN, max(18 * mm - height, 4 * mm))

    paper.build([*_head(sheet), _lines(sheet), *_sums(sheet)], onFirstPage=foot, onLaterPages=foot)
    return into.getvalue(), paper.page


def _head(sheet: InvoiceSheet) -> list[Flowable]:
    name, _, address = sheet.issuer.partition("\n")
    issuer = f"<b>{_words(name)}</b><br/>{_words(address)}" if sheet.issuer else ""
    top = Table([[Paragraph(issuer, _TEXT), Paragraph("Invoice", _TITLE)]], colWidths=(_WIDTH - 60 * mm, 60 * mm))
    facts = [
        ("Number", str(sheet.number)),
        ("Day", _day(sheet.day)),
        ("To be paid by", _day(sheet.due_on)),
        ("Account", f"no. {sheet.account_id}"),
    ]
    right = Table(
        [[Paragraph(label, _SMALL_RIGHT), Paragraph(value, _RIGHT)] for label, value in facts],
        colWidths=(28 * mm, 40 * mm),
        style=[("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 1), _FLUSH],
    )
    to = [Paragraph("To", _SMALL), Paragraph(f"<b>{_words(sheet.account)}</b>", _TEXT)]
    middle = Table([[to, right]], colWidths=(_WIDTH - 68 * mm, 68 * mm))
    for table in (top, middle):
        table.setStyle(TableStyle(_TOP))
    return [top, Spacer(1, 10 * mm), middle, Spacer(1, 8 * mm)]


def _lines(sheet: InvoiceSheet) -> LongTable:
    """Over as many pages as it takes, with its head on each."""
    rows = [
        [Paragraph("For", _SMALL), *(Paragraph(one, _SMALL_RIGHT) for one in ("Quantity", "Price of one", "Amount"))]
    ]
    for one in sheet.lines:
        note = f'<br/><font size="8" color="{_DIM_WORDS}">{_words(one.note)}</font>' if one.note else ""
        figures = [Paragraph(_words(words), _RIGHT) for words in (one.quantity, one.price, str(one.amount))]
        rows.append([Paragraph(_words(one.words) + note, _TEXT), *figures])
    looks: list[_Look] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        _FLUSH,
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, _INK),
        ("LINEBELOW", (0, 1), (-1, -1), 0.3, _RULE),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
    return LongTable(rows, colWidths=_COLUMNS, repeatRows=1, style=looks)


def _sums(sheet: InvoiceSheet) -> list[Flowable]:
    rows = [("Total", sheet.total)]
    if sheet.total.amount <= 0:
        rows.append(("A credit: nothing is to be paid", rounded(0, sheet.total.currency)))
    else:
        words = f"To be paid by {_day(sheet.due_on)}" if sheet.left else "Nothing is left to be paid"
        rows += [("Paid", sheet.paid), (words, sheet.left)]
    heavy = (0, len(rows) - 1)
    cells = []
    for at, (words, amount) in enumerate(rows):
        style = _TOTAL if at in heavy else _RIGHT
        cells.append([Paragraph(words, style), Paragraph(str(amount), style)])
    looks: list[_Look] = [_FLUSH, ("TOPPADDING", (0, 0), (-1, -1), 1), ("NOSPLIT", (0, 0), (-1, -1))]
    table = Table(cells, colWidths=(_WIDTH - 46 * mm, 46 * mm), style=looks)
    return [Spacer(1, 4 * mm), table]


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


# --- letters


@cache
def _register() -> None:
    registerFont(TTFont(_PLAIN, _FONTS / "DejaVuSansCondensed.ttf"))
    registerFont(TTFont(_BOLD, _FONTS / "DejaVuSansCondensed-Bold.ttf"))
    registerFontFamily(_PLAIN, normal=_PLAIN, bold=_BOLD, italic=_PLAIN, boldItalic=_BOLD)
    for name in (_HAN, _KANA, _HANGUL):
        registerFont(UnicodeCIDFont(name))


@cache
def _known() -> frozenset[int]:
    return frozenset(TTFont(_PLAIN, _FONTS / "DejaVuSansCondensed.ttf").face.charToGlyph)


def _words(text: str) -> str:
    """As the markup of a paragraph, each run of letters in a font that has them."""
    pieces = []
    for font, run in groupby(text, _font_of):
        words = escape("".join(run)).replace("\n", "<br/>")
        pieces.append(f'<font name="{font}">{words}</font>' if font else words)
    return "".join(pieces)


def _font_of(letter: str) -> str:
    """ "" = that of the paragraph."""
    at = ord(letter)
    if at in _known() or letter == "\n":
        return ""
    if 0x3040 <= at <= 0x30FF:
        return _KANA
    if 0xAC00 <= at <= 0xD7A3:
        return _HANGUL
    return _HAN if 0x2E80 <= at <= 0x9FFF or 0xF900 <= at <= 0xFAFF or 0xFF00 <= at <= 0xFFEF else ""
