"""The key file, and what a lost, wrong or shared one leads to."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pytest_django.fixtures import Settings as DjangoSettings

from allstop.actions.feeds import CONFIGS
from allstop.channels.registry import ADAPTERS
from allstop.store import sealing
from allstop.store.sealing import SECRETS, CannotOpen, is_sealed, opened, sealed, without_secrets

CONFIG = {"host": "smsc.example", "port": 2775, "password": "s3cret", "user": ""}


@pytest.fixture
def key_file(tmp_path: Path, settings: DjangoSettings, db: None) -> Iterator[Path]:
    settings.SEALING_KEY, settings.SEALING_KEY_FILE = "", tmp_path / "home" / "sealing_key"
    yield settings.SEALING_KEY_FILE


def test_every_secret_of_every_adapter_and_feed_is_sealed() -> None:
    """A setting that must not be shown (repr=False) is one that must be sealed."""
    configs = [*(one.config for one in ADAPTERS.values()), *CONFIGS.values()]
    hidden = {field.name for config in configs for field in config.__dataclass_fields__.values() if not field.repr}
    assert hidden <= SECRETS


def test_only_secrets_are_sealed_and_they_open_again(key_file: Path) -> None:
    found = sealed(CONFIG)
    assert {name for name, value in found.items() if is_sealed(value)} == {"password"}
    assert "s3cret" not in str(found)
    assert sealed(found) == found, "nothing is sealed twice"
    assert opened(found) == CONFIG
    assert without_secrets(found) == without_secrets(CONFIG) == CONFIG | {"password": "(kept secret)"}
    assert sealed(CONFIG) != found, "the same password never looks the same"


def test_the_key_is_made_once_and_for_nobody_else_to_read(key_file: Path) -> None:
    assert sealed({"host": "x", "password": ""}) == {"host": "x", "password": ""}
    assert not key_file.exists(), "nothing had to be sealed"
    sealed(CONFIG)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    before = key_file.read_text()
    assert sealing.make_first_key().where == sealing.begin_file().where == str(key_file)
    assert key_file.read_text() == before
    assert list(key_file.parent.iterdir()) == [key_file]


def test_a_missing_or_a_wrong_key_says_what_to_do_and_gives_nothing_away(key_file: Path) -> None:
    found = sealed(CONFIG)
    key = key_file.read_text().strip()
    key_file.write_text(f"{Fernet.generate_key().decode()}\n")
    with pytest.raises(CannotOpen, match="has another key than the one that sealed it"):
        opened(found)
    key_file.write_text("no key at all\n")
    with pytest.raises(CannotOpen, match="is no key") as told:
        opened(found)
    assert "no key at all" not in str(told.value)
    key_file.write_text("\n")
    with pytest.raises(CannotOpen, match="There is no key in"):
        opened(found)
    key_file.unlink()
    with pytest.raises(CannotOpen, match="is missing"):
        opened(found)
    key_file.write_text(f"{Fernet.generate_key().decode()}\n{key}\n")
    assert opened(found) == CONFIG, "each of several keys opens, without a restart"


def test_a_key_may_come_from_the_environment(key_file: Path, settings: DjangoSettings) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    settings.SEALING_KEY = old
    found = sealed(CONFIG)
    settings.SEALING_KEY = f"{new}, {old}"
    assert opened(found) == CONFIG
    settings.SEALING_KEY = new
    with pytest.raises(CannotOpen, match="ALLSTOP_SEALING_KEY has another key"):
        opened(found)
    assert not key_file.exists()
