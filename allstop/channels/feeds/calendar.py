"""An iCalendar address: a practice system or a calendar service that says at any time what it knows."""

import re
from datetime import date
from hashlib import sha256

from allstop.channels.feeds.config import CalendarConfig
from allstop.channels.feeds.place import Fetched, PlaceFault
from allstop.channels.feeds.web import read_address

_STAMP = re.compile(rb"^DTSTAMP[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.MULTILINE)  # when it was asked, with some servers


class Calendar:
    def __init__(self, config: CalendarConfig, *, private: bool) -> None:
        url = config.calendar_url.strip()
        self._url = "https" + url.removeprefix("webcal") if url.startswith("webcal:") else url
        self._private = private

    def fetch(self, today: date, most: int) -> Fetched:
        content = read_address(self._url, {"accept": "text/calendar, */*;q=0.5"}, most, private=self._private).content
        if not content.lstrip(b"\xef\xbb\xbf \r\n\t").upper().startswith(b"BEGIN:VCALENDAR"):
            raise PlaceFault("What this address answers is no calendar. Copy its iCalendar (.ics) address.")
        return Fetched("calendar.ics", content, sha256(_STAMP.sub(b"", content)).hexdigest())
