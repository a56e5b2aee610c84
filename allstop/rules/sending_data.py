"""The setup of sending as plain data, for drafts, programs and files: out of Settings, and back into them.

The rule that it guards: reading is strict. What is missing, not known or of the wrong kind is said, all together, with
its place, and nothing is guessed.
"""

from collections.abc import Callable, Mapping
from datetime import time, timedelta
from typing import Any, TypeVar

from allstop.rules import session_words
from allstop.rules.files_out import USUAL_MB
from allstop.rules.sending import MINUTE, Backup, ChannelSettings, Checks, Settings, Way, every_of, per_minute_of
from allstop.rules.windows import MIDNIGHT, WEEKDAYS, Session
from allstop.rules.words import Channel

Data = dict[str, Any]
T = TypeVar("T")


class Misread(ValueError):
    """`problems`: place in the data -> words that say what to do."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{place}: {words}" for place, words in self.problems.items()))


def as_data(settings: Settings) -> Data:
    backup = settings.backup
    return {
        "checks": {
            "every_minutes": settings.checks.every_minutes,
            "at": [f"{at:%H:%M}" for at in settings.checks.at],
        },
        "backup": None
        if backup is None
        else {
            "days": [WEEKDAYS[day] for day in backup.days],
            "starts": f"{backup.starts:%H:%M}",
            "ends": f"{backup.ends:%H:%M}",
        },
        "email": _way(settings.email)
        | {
            "immediate": settings.email.immediate,
            "sessions": [session_words.session_words(one) for one in settings.email.sessions],
            "per_minute": per_minute_of(settings.email.every),
            "opens_attachments": settings.opens_attachments,
            "attachment_mb": settings.attachment_mb,
        },
        "text": _way(settings.text)
        | {
            "immediate": settings.text.immediate,
            "sessions": [session_words.session_words(one) for one in settings.text.sessions],
            "every_minutes": _number(settings.text.every / MINUTE),
            "warn_after_days": settings.warn_after_days,
        },
        "call": _way(settings.call)
        | {
            "sessions": [session_words.session_words(one) for one in settings.call.sessions],
            "per_minute": per_minute_of(settings.call.every),
            "rings": settings.rings,
            "ring_minutes": settings.ring_minutes,
        },
    }


def _way(of: ChannelSettings) -> Data:
    return {
        "enabled": of.enabled,
        "provider": of.way.provider,
        "config": dict(of.way.config),
        "sender": of.way.sender,
        "sender_name": of.way.sender_name,
    }


def _number(value: float) -> float:
    return int(value) if value == int(value) else value


def from_data(data: object) -> Settings:
    """Raises Misread."""
    reader = _Reader()
    top = reader.section(data, "", ("checks", "backup", "email", "text", "call"))
    checks = reader.section(top.get("checks"), "checks", ("every_minutes", "at"))
    read = {channel: reader.channel(top.get(channel.value), channel) for channel in Channel}
    backup = reader.backup(top.get("backup"))
    found = Settings(
        email=read[Channel.EMAIL][0],
        text=read[Channel.TEXT][0],
        call=read[Channel.CALL][0],
        checks=Checks(
            reader.value(checks, "checks.every_minutes", _whole, 0),
            tuple(sorted(set(reader.many(checks, "checks.at", parse_time)))),
        ),
        backup=backup,
        opens_attachments=reader.value(read[Channel.EMAIL][1], "email.opens_attachments", _truth, False),
        attachment_mb=reader.value(  # younger than some files and drafts
            {"attachment_mb": USUAL_MB} | read[Channel.EMAIL][1], "email.attachment_mb", _whole, USUAL_MB
        ),
        warn_after_days=reader.value(read[Channel.TEXT][1], "text.warn_after_days", _whole, 1),
        rings=reader.value(read[Channel.CALL][1], "call.rings", _whole, 1),
        ring_minutes=reader.value(read[Channel.CALL][1], "call.ring_minutes", _whole, 1),
    )
    if reader.problems:
        raise Misread(reader.problems)
    return found


_COMMON = ("enabled", "provider", "config", "sender", "sender_name", "sessions")
_OWN = {
    Channel.EMAIL: ("immediate", "per_minute", "opens_attachments", "attachment_mb"),
    Channel.TEXT: ("immediate", "every_minutes", "warn_after_days"),
    Channel.CALL: ("per_minute", "rings", "ring_minutes"),
}


class _Reader:
    def __init__(self) -> None:
        self.problems: dict[str, str] = {}

    def section(self, data: object, place: str, known: tuple[str, ...]) -> Data:
        if not isinstance(data, Mapping):
            self.problems.setdefault(place, "This part is missing." if data is None else "This must be a table.")
            return {}
        for name in data:
            if name not in known:
                self.problems[f"{place}.{name}".lstrip(".")] = "There is no such setting."
        return dict(data)

    def value(self, data: Data, place: str, read: Callable[[object], T], otherwise: T) -> T:
        name = place.rpartition(".")[2]
        if place.partition(".")[0] in self.problems:
            return otherwise
        if name not in data:
            self.problems[place] = "This is missing."
            return otherwise
        try:
            return read(data[name])
        except ValueError as wrong:
            self.problems[place] = str(wrong)
            return otherwise

    def many(self, data: Data, place: str, read: Callable[[object], T]) -> tuple[T, ...]:
        nothing: list[object] = []
        found = self.value(data, place, _list, nothing)
        made = []
        for one in found:
            try:
                made.append(read(one))
            except ValueError as wrong:
                self.problems[place] = f"{one}: {wrong}"
        return tuple(made)

    def channel(self, data: object, channel: Channel) -> tuple[ChannelSettings, Data]:
        at = channel.value
        said = self.section(data, at, (*_COMMON, *_OWN[channel]))
        every: timedelta
        if channel is Channel.TEXT:
            every = self.value(said, f"{at}.every_minutes", _minutes, timedelta(0))
        else:
            every = self.value(said, f"{at}.per_minute", _per_minute, timedelta(0))
        way = Way(
            provider=self.value(said, f"{at}.provider", _line, ""),
            config=self.value(said, f"{at}.config", _config, {}),
            sender=self.value(said, f"{at}.sender", _line, ""),
            sender_name=self.value(said, f"{at}.sender_name", _line, ""),
        )
        settings = ChannelSettings(
            enabled=self.value(said, f"{at}.enabled", _truth, True),
            way=way,
            immediate=channel is not Channel.CALL and self.value(said, f"{at}.immediate", _truth, False),
            sessions=tuple(sorted(set(self.many(said, f"{at}.sessions", parse_session)))),
            every=every,
        )
        return settings, said

    def backup(self, data: object) -> Backup | None:
        if data is None:
            return None
        said = self.section(data, "backup", ("days", "starts", "ends"))
        days = tuple(sorted(set(self.many(said, "backup.days", parse_weekday))))
        starts = self.value(said, "backup.starts", parse_time, MIDNIGHT)
        ends = self.value(said, "backup.ends", _end, MIDNIGHT)
        return Backup(days, starts, ends)


_LARGEST = 1_000_000  # what is asked of each number is stricter; the capacity is reckoned also of what is refused


def parse_session(words: object) -> Session:
    return session_words.parse_session(str(words))


def parse_weekday(word: object) -> int:
    said = str(word).strip().casefold()
    found = [number for number, name in enumerate(WEEKDAYS) if len(said) >= 2 and name.casefold().startswith(said)]
    if len(found) != 1:
        raise ValueError(f"There is no such day. Write one of: {', '.join(WEEKDAYS)}.")
    return found[0]


def parse_time(words: object) -> time:
    hours, _, minutes = str(words).strip().partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2 and int(hours) < 24 and int(minutes) < 60):
        raise ValueError("Write a time like 09:00.")
    return time(int(hours), int(minutes))


def _end(words: object) -> time:
    return MIDNIGHT if str(words).strip() == "24:00" else parse_time(words)


def _list(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise ValueError("This must be a list.")
    return list(value)


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("This must be true or false.")
    return value


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("This must be a whole number.")
    if abs(value) > _LARGEST:
        raise ValueError(f"This must be a whole number of at most {_LARGEST}.")
    return value


def _amount(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 60_000:
        raise ValueError("This must be a number from 0 to 60000.")
    return value


def _minutes(value: object) -> timedelta:
    return timedelta(milliseconds=round(_amount(value) * 60_000))


def _per_minute(value: object) -> timedelta:
    amount = _amount(value)
    if 0 < amount < 0.0001:
        raise ValueError("That is less than one message a week. Give a larger number, or 0 for no pace.")
    return every_of(amount)


def _line(value: object) -> str:
    if not isinstance(value, str) or len(value) > 300 or not value.isprintable():
        raise ValueError("This must be one line of at most 300 characters.")
    return value.strip()


def _config(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError("This must be a table of settings.")
    for name, one in value.items():
        if not isinstance(name, str) or not isinstance(one, str | int | float | bool):
            raise ValueError(f"The setting {name} must be text, a number, or true or false.")
    return dict(value)
