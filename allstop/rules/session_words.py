"""A session as people and programs write it: Monday 09:00-12:00. The end of the day is 24:00."""

import re
from datetime import time

from allstop.rules.windows import MIDNIGHT, WEEKDAYS, Session

_SESSION = re.compile(r"([A-Za-z]{2,9})\s+(\d{1,2}:\d\d)\s*(?:-|to|until)\s*(\d{1,2}:\d\d)")
_HOW = "Write a day and two times, like Monday 09:00-12:00."


def session_words(session: Session) -> str:
    end = "24:00" if session.end == MIDNIGHT else f"{session.end:%H:%M}"
    return f"{WEEKDAYS[session.weekday]} {session.start:%H:%M}-{end}"


def parse_session(words: str) -> Session:
    """Mon will do for Monday. Raises ValueError with words for people."""
    match = _SESSION.fullmatch(words.strip())
    if match is None:
        raise ValueError(f"{words!r} is no session. {_HOW}")
    day, start, end = match.groups()
    named = [number for number, name in enumerate(WEEKDAYS) if name.casefold().startswith(day.casefold())]
    if len(named) != 1:
        raise ValueError(f"{day!r} is no day. {_HOW}")
    return Session(named[0], _clock(start), MIDNIGHT if end == "24:00" else _clock(end))


def _clock(words: str) -> time:
    hours, _, minutes = words.partition(":")
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError(f"{words!r} is no time of the day. {_HOW}")
    return time(int(hours), int(minutes))
