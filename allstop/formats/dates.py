"""Dates and times as people write them, understood by the whole column and never row by row.

10/4/2026 is October 4 or April 10. The column as a whole decides (a 24/11 anywhere settles it), then what
lies near the present moment, then the country; where it was not proof, `assumed` is True and the preview says
so. Regular expressions and int() instead of strptime: several times as fast, and one pattern takes all forms.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from allstop.formats.months import MONTHS, folded


class Order(StrEnum):
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class Shape(StrEnum):
    """How a value is written. A column may mix them; only NUMERIC can be misread."""

    ISO = "iso"
    NUMERIC = "numeric"
    WORDS = "words"
    SERIAL = "serial"
    TIME = "time"


class Parsed(NamedTuple):
    on: date | None
    at: time | None
    offset: timedelta | None = None


class _Day(NamedTuple):
    """The part of a value whose order is in question."""

    first: str
    mark: str
    second: str
    year: str

    @property
    def text(self) -> str:
        return f"{self.first}{self.mark}{self.second}{self.mark}{self.year}"

    def read(self, order: Order) -> date | None:
        first, second = int(self.first), int(self.second)
        day, month = (first, second) if order is Order.DAY_FIRST else (second, first)
        try:
            return date(_year(self.year), month, day)
        except ValueError:
            return None

    def only(self) -> Order | None:
        """The one order in which this is a date."""
        possible = [order for order in Order if self.read(order) is not None]
        return possible[0] if len(possible) == 1 else None


MONTH_FIRST_COUNTRIES = frozenset({"US", "CA", "PH", "PR", "GU", "VI", "AS", "MP", "FM", "MH", "PW"})
"""Where 10/4 is usually October 4. Canada writes both; its practice software mostly comes from the USA."""

_TIME = (
    r"(?P<hour>\d{1,2})(?P<h>\s*[hH]\b|(?=\s*[hH]\d))?(?:\s*[:.hH]\s*(?P<minute>\d{2})"
    r"(?:[:.](?P<second>\d{2})(?:[.,]\d{1,9})?)?)?(?P<mark>\s*(?:h|hrs?|Uhr|uhr|o'clock))?"
    r"\s*(?P<half>[aApP])?(?(half)(?:\.?\s?[mM]\.?|(?(minute)|(?!))))"  # 9:30a, but not 12a: that may be a seat
)
_OFFSET = r"\s*(?P<offset>Z|UTC|[+-]\d{2}:?\d{2})?"
_UNTIL = r"(?:\s*[-\u2013]\s*\d{1,2}[:.hH]\d{2}(?:\s*[aApP](?:\.?\s?[mM]\.?)?)?)?"  # "09:00 - 09:30": the start counts
_GAP = r"(?:\s*(?:,|T|\||@|-|at|um|alle|om|\u00e0|a las|kl\.?)?\s*)"
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s+)?"
_ISO = re.compile(rf"(?P<y>\d{{4}})(?P<sep>[-/.]?)(?P<m>\d{{2}})(?P=sep)(?P<d>\d{{2}})(?:{_GAP}{_TIME}{_OFFSET})?$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})T?(\d{2})(\d{2})(\d{2})?$")
_NUMERIC = re.compile(
    rf"{_WEEKDAY}(?P<a>\d{{1,2}})(?P<sep>[/.-])\s?(?P<b>\d{{1,2}})(?P=sep)\s?"
    rf"(?P<y>\d{{4}}|\d{{2}})(?:{_GAP}{_TIME}{_UNTIL})?$"
)
_DAY_WORDS = re.compile(
    rf"{_WEEKDAY}(?P<d>\d{{1,2}})(?:\.|st|nd|rd|th|er|\u00ba)?[\s/-]*(?:de\s|of\s)?\s*"
    rf"(?P<m>[^\W\d_]{{3,10}})\.?,?[\s/-]*(?:de\s|del\s)?\s*(?P<y>\d{{4}}|\d{{2}})(?:{_GAP}{_TIME}{_UNTIL})?$"
)
_WORDS_DAY = re.compile(
    rf"{_WEEKDAY}(?P<m>[^\W\d_]{{3,10}})\.?[\s/-]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?[\s/-]+"
    rf"(?P<y>\d{{4}}|\d{{2}})(?:{_GAP}{_TIME}{_UNTIL})?$"
)
_TIME_ONLY = re.compile(rf"{_TIME}{_UNTIL}$")
_DIGITS_TIME = re.compile(r"(\d{1,2})(\d{2})$")
_DAY = re.compile(r"(?<!\d)(\d{1,2})([/.-])\s?(\d{1,2})\2\s?(\d{4}|\d{2})(?!\d)")
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?$")
_AMOUNT = re.compile(r"\d+\.\d+$")
_FRACTION = re.compile(r"0?[.,]\d+$")
_SERIAL_DAYS = range(20_000, 80_000)  # 1954 to 2119
_SERIAL_START = datetime(1899, 12, 30)  # noqa: DTZ001  wall-clock time, its zone comes later


def shape(value: str) -> Shape | None:
    """How the value is written; None when it is no date or time. 1630 and 12.50 are numbers here."""
    value = _plain(value)
    if _ISO.match(value) or _COMPACT.match(value):
        return Shape.ISO if _iso(value) is not None else None
    if _NUMERIC.match(value):
        return Shape.NUMERIC if any(_numeric(value, order) for order in Order) else None
    if _SERIAL.match(value):
        return Shape.SERIAL if int(value[:5]) in _SERIAL_DAYS else None
    if _words(value) is not None:
        return Shape.WORDS
    return Shape.TIME if _time_only(value) is not None and not _AMOUNT.match(value) else None


@dataclass(frozen=True, slots=True)
class DateFormat:
    order: Order
    assumed: bool = False
    """True when nothing in the column proved the order."""
    why: str = ""
    """One sentence for the preview."""

    def parse(self, value: str) -> Parsed | None:
        value = _plain(value)
        if value[4:5] in ("-", "/", ".") or value[:6].isdigit():
            found = _iso(value)
            if found is not None:
                return found
        return _numeric(value, self.order) or _words(value) or _serial(value) or _time_only(value, digits=True)


def guess(values: Iterable[str], country: str = "", today: date | None = None) -> DateFormat:
    """The order of day and month in a column, from all of its values.

    `country` is an ISO code or empty; `today` helps with short files: reminders are about the weeks to come.
    """
    days = {_Day(*match.groups()) for value in set(values) if (match := _DAY.search(value))}
    proofs = {order: {day.text for day in days if day.only() is order} for order in Order}
    if any(proofs.values()):
        return _proved(proofs)
    undecided = {day for day in days if day.read(Order.DAY_FIRST) != day.read(Order.MONTH_FIRST)}
    home = Order.MONTH_FIRST if country.upper() in MONTH_FIRST_COUNTRIES else Order.DAY_FIRST
    if not undecided:
        return DateFormat(home)
    if all(day.mark == "." for day in undecided):
        why = "Day before month, as is usual for dates with dots."
        return DateFormat(Order.DAY_FIRST, assumed=True, why=why)
    near = _nearer(undecided, today) if today is not None else None
    if near is not None:
        return DateFormat(near, assumed=True, why=f"{_named(near)}: so the dates lie in the weeks to come.")
    where = f"as is usual in {country.upper()}" if country else "as in most countries"
    return DateFormat(home, assumed=True, why=f"{_named(home)}, {where}. No date in the file proves it.")


def _proved(proofs: dict[Order, set[str]]) -> DateFormat:
    order = max(Order, key=lambda one: len(proofs[one]))
    why = f"{_named(order)}: {min(proofs[order])} can only be read this way."
    against = min(len(proof) for proof in proofs.values())
    if against == 1:
        why += " 1 other date does not fit and is listed as a problem."
    elif against:
        why += f" {against:,} other dates do not fit and are listed as problems."
    return DateFormat(order, assumed=bool(against), why=why)


def instant(local: datetime, zone: ZoneInfo) -> datetime | None:
    """Wall clock to UTC. None for a time that the clocks skip; the first of two for one that they repeat."""
    aware = local.replace(tzinfo=zone)
    utc = aware.astimezone(UTC)
    return utc if utc.astimezone(zone).replace(tzinfo=None) == local else None


def _named(order: Order) -> str:
    return "Day before month" if order is Order.DAY_FIRST else "Month before day"


def _nearer(days: set[_Day], today: date) -> Order | None:
    """The order that puts the dates between yesterday and a year ahead, if the other clearly does not."""
    share: dict[Order, float] = {}
    for order in Order:
        ahead = [(on - today).days for day in days if (on := day.read(order)) is not None]
        share[order] = sum(1 for distance in ahead if -1 <= distance <= 366) / len(days)
    best = max(share, key=lambda order: share[order])
    return best if share[best] >= 0.95 and min(share.values()) <= 0.5 else None


def _plain(value: str) -> str:
    if not value.isascii():  # spreadsheets put a narrow no-break space before AM and PM
        value = value.replace("\u202f", " ").replace("\xa0", " ").replace("\u200e", "")
    return value.strip()


def _iso(value: str) -> Parsed | None:
    match = _ISO.match(value)
    if match is not None:
        return _built(int(match["y"]), int(match["m"]), int(match["d"]), match)
    match = _COMPACT.match(value)
    if match is None:
        return None
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        return Parsed(date(year, month, day), time(hour, minute, second))
    except ValueError:
        return None


def _numeric(value: str, order: Order) -> Parsed | None:
    match = _NUMERIC.match(value)
    if match is None:
        return None
    first, second = int(match["a"]), int(match["b"])
    day, month = (first, second) if order is Order.DAY_FIRST else (second, first)
    return _built(_year(match["y"]), month, day, match)


def _words(value: str) -> Parsed | None:
    match = _DAY_WORDS.match(value) or _WORDS_DAY.match(value)
    if match is None:
        return None
    month = MONTHS.get(folded(match["m"]))
    return None if month is None else _built(_year(match["y"]), month, int(match["d"]), match)


def _serial(value: str) -> Parsed | None:
    """Days since 1899-12-30, as a spreadsheet writes a date whose cell lost its format."""
    if not _SERIAL.match(value) or int(value[:5]) not in _SERIAL_DAYS:
        return None
    minutes = round(float(value.replace(",", ".")) * 24 * 60)
    moment = _SERIAL_START + timedelta(minutes=minutes)
    return Parsed(moment.date(), moment.time() if len(value) > 5 else None)


def _time_only(value: str, digits: bool = False) -> Parsed | None:
    """`digits` also takes 1630 and 0.6875, which only the context can tell from a number."""
    match = _TIME_ONLY.match(value)
    if match is not None and (at := _clock(match)) is not None:
        return Parsed(None, at)
    if not digits:
        return None
    compact = _DIGITS_TIME.match(value)
    try:
        if compact is not None and len(value) >= 3:
            return Parsed(None, time(int(compact[1]), int(compact[2])))
        if _FRACTION.match(value):
            minutes = round(float(value.replace(",", ".")) * 24 * 60)
            return Parsed(None, time(minutes // 60, minutes % 60))
    except ValueError:
        return None
    return None


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return 2000 + year if year < 70 else 1900 + year


def _built(year: int, month: int, day: int, match: re.Match[str]) -> Parsed | None:
    try:
        on = date(year, month, day)
    except ValueError:
        return None
    if match["hour"] is None:
        return Parsed(on, None)
    at = _clock(match)
    if at is None:
        return None
    offset = match["offset"] if match.re is _ISO else None
    if offset is None:
        return Parsed(on, at)
    if offset in ("Z", "UTC"):
        return Parsed(on, at, timedelta(0))
    size = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
    return Parsed(on, at, -size if offset[0] == "-" else size)


def _clock(match: re.Match[str]) -> time | None:
    minute, half = match["minute"], match["half"]
    if minute is None and half is None and not match["mark"] and match["h"] is None:
        return None  # a bare number is not a time
    hour = int(match["hour"])
    if half is not None:
        if not 1 <= hour <= 12:
            # "16:00 PM" is written by programs that add the mark to a 24-hour clock
            if hour > 23 or (half in "aA" and hour > 12):
                return None
        else:
            hour = hour % 12 + (12 if half in "pP" else 0)
    try:
        return time(hour, int(minute or 0), int(match["second"] or 0))
    except ValueError:
        return None
