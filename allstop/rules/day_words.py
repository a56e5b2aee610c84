"""A day and a time of day as readers of a country write them; no year, since it is of an appointment ahead."""

from datetime import date, datetime
from functools import lru_cache


@lru_cache(maxsize=1024)
def day_words(on: date, month_first: bool) -> str:
    return f"{on:%A}, {on:%B} {on.day}" if month_first else f"{on:%A} {on.day} {on:%B}"


def clock_words(at: datetime, month_first: bool) -> str:
    if month_first:
        return f"{at.hour % 12 or 12}:{at.minute:02} {'PM' if at.hour >= 12 else 'AM'}"
    return f"{at.hour:02}:{at.minute:02}"
