"""The setup of sending in words: what each setting is called, what its value says, and what a change changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from allstop.rules.sending_check import CHANNELS
from allstop.rules.sending_data import Data

LABELS = {
    "enabled": "sending and receiving",
    "provider": "provider",
    "config": "settings of the provider",
    "sender": "sender",
    "sender_name": "name of the sender",
    "immediate": "send immediately",
    "sessions": "days and times",
    "per_minute": "at most so many a minute",
    "every_minutes": "minutes from one to the next",
    "opens_attachments": "open attachments directly",
    "attachment_mb": "attachments of one email, at most MB",
    "warn_after_days": "warn when it takes longer, days",
    "rings": "times that a phone rings",
    "ring_minutes": "minutes from one ring to the next",
    "password": "password",
    "at": "at these times of the day only",
    "days": "days",
    "starts": "from",
    "ends": "until",
}
TOP = {"checks": "Regular checks", "backup": "Network backup"} | {one.value: words for one, words in CHANNELS.items()}
_NOTHING = "none"


@dataclass(frozen=True, slots=True)
class Change:
    place: str
    before: Any
    after: Any

    @property
    def label(self) -> str:
        return label_of(self.place)

    @property
    def before_words(self) -> str:
        return value_words(self.before)

    @property
    def after_words(self) -> str:
        return value_words(self.after)


def label_of(place: str) -> str:
    """text.sessions is "Texts, days and times". What a provider calls its own settings is quoted."""
    top, *rest = place.split(".")
    if top == "checks" and rest == ["every_minutes"]:
        return "Regular checks, every so many minutes"
    words = [LABELS.get(name, name) for name in rest if not (name == "config" and len(rest) > 1)]
    return ", ".join([TOP.get(top, top), *words])


def value_words(value: Any) -> str:
    match value:
        case None | "" | [] | {}:
            return _NOTHING
        case bool():
            return "on" if value else "off"
        case list():
            return ", ".join(str(one) for one in value)
        case dict():
            return ", ".join(f"{name}={value_words(one)}" for name, one in value.items())
        case _:
            return str(value)


def changes(before: Data, after: Data) -> list[Change]:
    """In the order of the data; inside a provider's own settings one by one."""
    old, new = dict(_flat(before)), dict(_flat(after))
    places = [*new, *(place for place in old if place not in new)]
    return [Change(place, old.get(place), new.get(place)) for place in places if old.get(place) != new.get(place)]


def _flat(data: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
