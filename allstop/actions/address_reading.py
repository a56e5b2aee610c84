"""The phones and emails of a long file, read on two processors: they are most of the work of an import.

Both processes ask the same parser; this is only about who asks it. A short file is read here alone.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Self, TypeVar

from allstop.rules.addresses import (
    Email,
    Phone,
    is_plain_email,
    keep_phone,
    known_phone,
    parse_email,
    parse_phone,
)
from allstop.rules.phone_stems import LAST, stem
from allstop.rules.words import Problem

LONG_FILE = 5000  # rows; below that the second process takes longer to start than it saves
WINDOW = 2000  # rows
SHARE = 0.8  # of the addresses goes to the second process, since this one has the rest of the work to do

Row = TypeVar("Row")
PhoneText = tuple[str, str]  # as written, and the country to read it from


@dataclass(slots=True)
class Readings:
    """What is read already. Whatever is not is read when it is asked for."""

    phones: dict[PhoneText, Phone | Problem] = field(default_factory=dict)
    emails: dict[str, Email | Problem] = field(default_factory=dict)

    def phone(self, text: str, region: str) -> Phone | Problem:
        return self.phones.get((text, region)) or parse_phone(text, region)

    def email(self, text: str) -> Email | Problem:
        return self.emails.get(text) or parse_email(text)


class SecondReader:
    """Ask, do something else, then take the answers; one question at a time."""

    def __init__(self, share: float = SHARE) -> None:
        self._share = share
        self._asked: tuple[list[PhoneText], list[str]] = ([], [])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "allstop.actions.address_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},  # the same Allstop, wherever it lies
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def ask(self, phones: Sequence[PhoneText], emails: Sequence[str]) -> None:
        assert self._process.stdin is not None
        distinct_phones = _one_of_each_stem(phones)
        distinct_emails = [text for text in dict.fromkeys(emails) if not is_plain_email(text)]
        self._asked = (
            distinct_phones[: int(len(distinct_phones) * self._share)],
            distinct_emails[: int(len(distinct_emails) * self._share)],
        )
        pickle.dump(self._asked, self._process.stdin, pickle.HIGHEST_PROTOCOL)
        self._process.stdin.flush()

    def answers(self) -> Readings:
        assert self._process.stdout is not None
        phones, emails = pickle.load(self._process.stdout)  # noqa: S301 - from the process started above
        for (text, region), phone in zip(self._asked[0], phones, strict=True):
            if isinstance(phone, Phone):
                keep_phone(text, region, phone)
        return Readings(dict(zip(self._asked[0], phones, strict=True)), dict(zip(self._asked[1], emails, strict=True)))


def _one_of_each_stem(phones: Sequence[PhoneText]) -> list[PhoneText]:
    """Of those whose stem is not known yet; the others will be like them."""
    unread: dict[PhoneText, None] = {}
    stems: set[PhoneText] = set()
    for text, region in phones:
        if (text[:-LAST], region) not in stems and known_phone(text, region) is None:
            unread[(text, region)] = None
            if (shared := stem(text, region)) is not None:
                stems.add((shared, region))
    return list(unread)


def windows(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while window := list(islice(rows, WINDOW)):
        yield window
