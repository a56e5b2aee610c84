"""A forecast as people see it: bars in stretches of equal length, and two forecasts beside each other by the day."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from allstop.console.bars import bars
from allstop.rules.facts import Channel
from allstop.rules.forecast import Forecast, in_stretches
from allstop.rules.reasons import in_words
from allstop.rules.rehearsal import Rehearsal
from allstop.store.lists import ListForecast

UNITS = {
    1: "by the minute",
    5: "in 5 minutes",
    15: "in 15 minutes",
    60: "by the hour",
    360: "in 6 hours",
    1440: "by the day",
}  # by the minutes of one bar
BEFORE_AND_AFTER = ("As it is", "With the change")


def plot_of(found: Forecast, now: datetime, zone: str, identity: str, what: str = "they") -> Any:
    stretches = in_stretches(found, now)
    minutes = int(stretches.width.total_seconds() // 60)
    pattern = "%a %d %b" if minutes == 1440 else "%a %d %b %H:%M"
    rows = [
        (start.astimezone(ZoneInfo(zone)).strftime(pattern), count)
        for start, count in zip(stretches.starts, stretches.messages, strict=True)
    ]
    note = f"{stretches.after:,} more leave after that." if stretches.after else ""
    about = f"Bars of messages that leave, {UNITS[minutes]}. The same numbers are in the table."
    return bars(identity, f"When {what} leave, {UNITS[minutes]}", about, UNITS[minutes], rows, note)


THINGS = {Channel.TEXT: "texts", Channel.CALL: "calls", Channel.EMAIL: "emails"}


def list_shown(found: ListForecast, now: datetime, zone: str) -> dict[str, Any]:
    """For console/forecast/list.html."""
    return {
        "found": found,
        "closed": [(THINGS[channel], in_words(code)) for channel, code in found.closed],
        "channels": [(channel, count, one.finish) for channel, count, one in found.by_channel],
        "plotted": plot_of(found.forecast, now, zone, "list-forecast") if found.forecast.messages else None,
    }


def rehearsal_plot(found: Rehearsal, identity: str) -> Any:
    rows = [(f"{one.day:%a %d %b}", one.before, one.after) for one in found.days]
    after = (found.later_before, found.later_after)
    note = f"Later: {after[0]:,} as it is, {after[1]:,} with the change." if any(after) else ""
    about = "Two bars for each day: messages that leave as it is, and with the change. The table has the same numbers."
    return bars(identity, "What leaves on which day", about, "a day", rows, note, BEFORE_AND_AFTER)
