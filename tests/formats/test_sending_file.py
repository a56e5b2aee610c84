"""The setup of sending as a file: what is written is read back, and nothing else is guessed."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from allstop.formats.sending_file import LARGEST, read, write
from allstop.rules.sending import Backup, Checks, Settings, Way
from allstop.rules.sending_data import Misread
from allstop.rules.windows import Session

ODD = 'a "quoted" \\ and € \x7f'


def test_what_is_written_is_read_back_whatever_stands_in_it() -> None:
    plain = Settings()
    full = replace(
        plain,
        text=replace(
            plain.text,
            way=Way(provider="smpp", config={"host": "x", "odd name": "1", "port": 1, "rate": 0.5, "on": True}),
            sessions=(Session(0, time(9), time(12)), Session(6, time(22), time(0))),
            every=timedelta(seconds=90),
        ),
        call=replace(plain.call, way=Way(provider="sip", config={"closing": 'Press 9. "Bye" \\ €'})),
        checks=Checks(5, (time(9),)),
        backup=Backup((0, 6), time(23), time(2)),
    )
    for settings in (plain, full):
        assert read(write(settings, "Northgate\n[email]").encode()) == settings
    odd = replace(plain, email=replace(plain.email, way=Way(config={"words": ODD})))
    assert read(write(odd, "x").encode()).email.way.config == {"words": ODD}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[checks", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"", "This part is missing"),
        (b"x" * (LARGEST + 1), "larger than"),
    ],
)
def test_what_is_no_setup_is_said(content: bytes, words: str) -> None:
    with pytest.raises(Misread, match=words):
        read(content)
