"""The rule files of quiet hours by law, in allstop/quiet_laws: read once, strictly. docs/quiet-hours.md has their list.

A file is named after its place and says: place, name, from (and until), channels, purposes, source, the day on which
its hours were checked and where they were seen, or that they were not checked, and for the weekdays on which anything
is allowed the hours. A weekday that is not named allows nothing.
"""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from allstop.rules.quiet_law import NOT_CHECKED, Law, LawRule
from allstop.rules.sending_data import parse_session
from allstop.rules.windows import Session
from allstop.rules.words import Channel, Purpose

FOLDER = Path(__file__).parent.parent / "quiet_laws"
# queue_step has the facts of these loaded; of other purposes a worker does not know where the contact lives.
PURPOSES = frozenset((Purpose.PROMOTION,))
_NEEDED = frozenset(("place", "name", "from", "channels", "purposes", "source", "checked", "allowed"))


@cache
def law() -> Law:
    return Law.of(read_rule(path.stem, path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml")))


def rule_words(key: str) -> str:
    """What the rule of this name says, for people. "": there is none any more."""
    return next((rule.words for rule in law().rules if rule.key == key), "")


def read_rule(key: str, text: str) -> LawRule:
    """Raises ValueError naming the file and what is wrong in it."""
    try:
        return _rule(key, tomllib.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise ValueError(f"The rule file {key}.toml cannot be used: {wrong}.") from wrong


def _rule(key: str, said: dict[str, Any]) -> LawRule:
    if _NEEDED - said.keys() or said.keys() - _NEEDED - {"until", "seen"}:
        raise ValueError(f"it needs {', '.join(sorted(_NEEDED))}, may have until and seen, and nothing else")
    since, until = said["from"], said.get("until")
    if type(since) is not date or (until is not None and type(until) is not date):
        raise ValueError("from and until are days, like 2021-07-01")
    channels, purposes = frozenset(map(Channel, said["channels"])), frozenset(map(Purpose, said["purposes"]))
    if not channels or Channel.EMAIL in channels:
        raise ValueError("the channels are text, call or both: emails know no quiet hours")
    if not purposes or purposes - PURPOSES:
        raise ValueError(f"the purposes can only be {', '.join(sorted(PURPOSES))}")
    return LawRule(
        key=key,
        place=str(said["place"]),
        name=str(said["name"]),
        since=since,
        until=until,
        allowed=_allowed(said["allowed"]),
        channels=channels,
        purposes=purposes,
        hours="; ".join(_in_words(one) for one in said["allowed"]),
        source=str(said["source"]),
        checked=_checked(said["checked"], said.get("seen")),
        seen=str(said.get("seen", "")),
    )


def _checked(said: object, seen: object) -> date | None:
    """Whoever says that it was checked says against what."""
    if said == NOT_CHECKED and seen is None:
        return None
    if type(said) is date and isinstance(seen, str) and seen.startswith(("http://", "https://")):
        return said
    raise ValueError(f"checked is a day, with the address that was seen, or {NOT_CHECKED!r} without one")


def _allowed(said: list[dict[str, list[str]]]) -> tuple[Session, ...]:
    found = [parse_session(f"{day} {hours}") for one in said for day in one["weekdays"] for hours in one["hours"]]
    if not found:
        raise ValueError("it allows nothing at all")
    return tuple(sorted(found))


def _in_words(one: dict[str, list[str]]) -> str:
    days, hours = one["weekdays"], " and ".join(one["hours"])
    if len(days) == 7:
        return hours
    return f"{days[0]} {hours}" if len(days) == 1 else f"{days[0]} to {days[-1]} {hours}"
