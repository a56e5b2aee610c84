"""A setting that cannot be understood stops the program, and names itself."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from allstop import settings
from allstop.cli.serve import keep_port, listening


@pytest.mark.parametrize(("word", "meant"), [("true", True), ("YES", True), ("1", True), ("off", False), ("", True)])
def test_a_boolean_is_read_in_the_usual_words(word: str, meant: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLSTOP_MAIL_TLS", word)
    assert settings.env_bool("ALLSTOP_MAIL_TLS", True) is meant


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda name: settings.env_bool(name, False), "maybe"),
        (lambda name: settings.env_int(name, 8000, 1, 65535), "80 00"),
        (lambda name: settings.env_int(name, 8000, 1, 65535), "70000"),
        (lambda name: settings.env_int(name, 8000, 1, 65535), "-1"),
        (lambda name: settings.env_url(name, ""), "allstop.example.com"),
        (lambda name: settings.env_url(name, ""), "https://example.com/allstop"),
    ],
)
def test_anything_else_is_refused_by_name_and_value(
    read: Callable[[str], object], value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLSTOP_SOMETHING", value)
    with pytest.raises(ImproperlyConfigured, match="ALLSTOP_SOMETHING") as refused:
        read("ALLSTOP_SOMETHING")
    assert repr(value) in str(refused.value)


def test_commands_take_the_port_on_which_the_program_was_served_last(tmp_path: Path) -> None:
    """`allstop stop-link` printed port 8000 whatever the port of the console was."""
    file = tmp_path / "port"
    assert settings.kept_port(file) == 8000
    with listening("127.0.0.1", 0) as listener:
        keep_port(tmp_path, listener)
        assert settings.kept_port(file) == listener.getsockname()[1]
    assert list(tmp_path.iterdir()) == [file]
    file.write_text("half a numb")
    assert settings.kept_port(file) == 8000


def test_the_secret_is_written_once_and_for_nobody_else_to_read(tmp_path: Path) -> None:
    file = tmp_path / "home" / "secret_key"
    secret = settings.kept_secret(file)
    assert len(secret) > 50
    assert settings.kept_secret(file) == secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_secret_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power failure after the first start must not leave an empty key behind."""
    file = tmp_path / "secret_key"
    flushed: list[bool] = []
    really = os.fsync

    def fsync(descriptor: int) -> None:
        flushed.append(file.exists())
        really(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    settings.kept_secret(file)
    assert flushed == [False, True], "its words before, its name after"
