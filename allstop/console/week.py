"""The week as a calendar: what templates draw of sessions and of the network backup. The table beside it says the same.

Coordinates of an SVG, since a page has no inline styles. Each stretch has its times in words and a shape of its own, so
no colour is needed to tell them apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from allstop.rules.sending import Backup
from allstop.rules.session_words import session_words
from allstop.rules.windows import WEEKDAYS, Session

GUTTER, DAY, HOUR, HEAD = 46, 150, 14, 24  # widths and heights of the drawing
LINE = 15  # of words
_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Block:
    x: int
    y: float
    width: int
    height: float
    words: str
    lines: tuple[tuple[float, str], ...]  # where each line of words stands; none where there is no room
    href: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    days: tuple[tuple[int, str], ...]
    hours: tuple[tuple[float, str], ...]
    sessions: tuple[Block, ...]
    backup: tuple[Block, ...]
    is_empty: bool = False
    width: int = GUTTER + 7 * DAY
    height: int = HEAD + 24 * HOUR + 6
    gutter: int = GUTTER
    right: int = GUTTER + 7 * DAY


def week_of(sessions: Iterable[Session], backup: Backup | None = None, anchor: str = "") -> Week:
    """`anchor`: the beginning of the ids of the lines that the blocks lead to."""
    blocks = tuple(
        _block(one, session_words(one).partition(" ")[2], f"#{anchor}-{number}" if anchor else "", inset=3)
        for number, one in enumerate(sessions)
    )
    stretches = () if backup is None else backup.sessions()
    return Week(
        tuple((GUTTER + number * DAY + DAY // 2, name[:3]) for number, name in enumerate(WEEKDAYS)),
        tuple((HEAD + hour * HOUR, f"{hour:02}:00") for hour in range(0, 25, 3)),
        blocks,
        tuple(_block(one, "Backup", "", inset=12) for one in stretches),
        is_empty=not blocks and not stretches,
    )


def _block(session: Session, words: str, href: str, inset: int) -> Block:
    minutes = session.minutes_of_week()
    starts = minutes.start - session.weekday * _MINUTES
    y, height = HEAD + starts * HOUR / 60, max(4.0, len(minutes) * HOUR / 60)
    x, width = GUTTER + session.weekday * DAY + inset, DAY - 2 * inset
    lines = ((y + LINE - 2, words),) if height >= LINE else ()
    return Block(x, round(y, 1), width, round(height, 1), session_words(session), lines, href)
