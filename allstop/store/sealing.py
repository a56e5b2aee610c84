"""Seals what is secret in the settings of a channel, with keys that lie outside the database.

The rule that it guards: no password stands in the database, or in a copy of it, so that it can be read without the key.
`SettingsField` seals whatever is written to its column, whoever writes. Opening is asked for, by the few who log in
somewhere with it: the worker, once for each setup that it reads, and who checks a callback's signature.

A sealed value is {"sealed": "gAAAA..."} where the text was. The keys are lines of a file, or ALLSTOP_SEALING_KEY: the
first seals, all of them open. A line that begins with "next" waits for `allstop secrets rotate`, but opens already.
docs/notes/0014-sealed-passwords.md.
"""

import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeGuard

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models.functions import Cast

from allstop import whole_file

SECRETS = frozenset(
    {
        "password",
        "service_url",
        "dkim_key",
        "webhook_secret",
        "webhook_secret_before",
        "private_key",
        "calendar_url",
        "bearer_token",
        "subject_word",
    }
)  # a test compares them with the config classes
SEALED = "sealed"
NEXT = "next "
CANNOT = "Its password cannot be opened"  # how every CannotOpen of one setting begins


class CannotOpen(Exception):
    """Without the key that has sealed it. The words say what to do, and name no secret."""


@dataclass(frozen=True, slots=True)
class Keys:
    where: str  # for people
    file: Path | None  # None: they come from the environment
    sealing: tuple[str, ...]  # the first one seals
    prepared: tuple[str, ...] = ()

    def lines(self) -> str:
        return "".join(f"{line}\n" for line in (*self.sealing, *(NEXT + key for key in self.prepared)))

    def ring(self) -> MultiFernet:
        return _ring((*self.sealing, *self.prepared), self.where)


@lru_cache(maxsize=8)
def _ring(keys: tuple[str, ...], where: str) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as wrong:  # no message of the library's: it might quote the key
        raise CannotOpen(f"What stands in {where} is no key. Bring back the one that was there.") from wrong


def read_keys() -> Keys | None:
    """None: there is no key file yet, or no more. Read anew each time: a file that was put back counts at once."""
    if said := settings.SEALING_KEY:
        lines, file, where = said.replace(",", "\n"), None, "ALLSTOP_SEALING_KEY"
    else:
        file = Path(settings.SEALING_KEY_FILE)
        where = str(file)
        try:
            lines = file.read_text(encoding="ascii")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as fault:
            raise CannotOpen(f"The key file {where} cannot be read: {type(fault).__name__}.") from fault
    words = [line.strip() for line in lines.splitlines() if line.strip()]
    keys = Keys(
        where,
        file,
        tuple(word for word in words if not word.startswith(NEXT)),
        tuple(word.removeprefix(NEXT).strip() for word in words if word.startswith(NEXT)),
    )
    if not keys.sealing:
        raise CannotOpen(f"There is no key in {where}. Bring back the one that was there.")
    return keys


def fingerprint(key: str) -> str:
    """By which people can tell keys apart. It gives nothing of the key away."""
    return sha256(f"allstop sealing key {key}".encode()).hexdigest()[:8]


def write_keys(keys: Keys) -> None:
    """All or nothing, and for nobody else to read."""
    assert keys.file is not None, "keys of the environment are not ours to write"
    with whole_file.draft(keys.file, keys.lines()) as draft:
        draft.replace(keys.file)
    whole_file.flush_names(keys.file.parent)


def make_first_key() -> Keys:
    """The key file of this installation, made where there is none. Raises CannotOpen where there was one: what it has
    sealed would be lost for good under a new one."""
    if keys := read_keys():
        return keys
    file = Path(settings.SEALING_KEY_FILE)
    if anything_is_sealed():
        raise CannotOpen(
            f"The key file {file} is missing on {socket.gethostname()}, and passwords in the database were sealed with "
            "it. Bring it back from a backup, or from another machine of this installation. Is it gone for good: "
            "allstop secrets rotate --lost"
        )
    return begin_file()


def begin_file() -> Keys:
    """A file with a new key, unless another process made one a moment ago: then both read the same."""
    file = Path(settings.SEALING_KEY_FILE)
    file.parent.mkdir(parents=True, exist_ok=True)
    with whole_file.draft(file, f"{new_key()}\n") as draft, suppress(FileExistsError):
        file.hardlink_to(draft)
    whole_file.flush_names(file.parent)
    made = read_keys()
    assert made is not None, f"{file} vanished"
    return made


def new_key() -> str:
    return Fernet.generate_key().decode()


def is_sealed(value: object) -> TypeGuard[dict[str, str]]:
    return isinstance(value, dict) and value.keys() == {SEALED}


def is_plain_secret(name: str, value: object) -> TypeGuard[str]:
    return name in SECRETS and isinstance(value, str) and value != ""


def sealed(config: Mapping[str, Any]) -> dict[str, Any]:
    """What may be written down. Raises CannotOpen when there is no key to seal with."""
    if not any(is_plain_secret(name, value) for name, value in config.items()):
        return dict(config)
    ring = make_first_key().ring()
    return {
        name: {SEALED: ring.encrypt(value.encode()).decode()} if is_plain_secret(name, value) else value
        for name, value in config.items()
    }


def opened(config: Mapping[str, Any]) -> dict[str, Any]:
    """As an adapter reads it. Raises CannotOpen."""
    if not any(is_sealed(value) for value in config.values()):
        return dict(config)
    keys = read_keys()
    if keys is None:
        raise CannotOpen(_words(f"the key file {settings.SEALING_KEY_FILE} is missing"))
    ring = keys.ring()
    try:
        return {
            name: ring.decrypt(value[SEALED]).decode() if is_sealed(value) else value for name, value in config.items()
        }
    except InvalidToken as wrong:
        raise CannotOpen(_words(f"{keys.where} has another key than the one that sealed it")) from wrong


def opens(ring: MultiFernet, config: Mapping[str, Any]) -> bool:
    return resealed(ring, config) is not None


def resealed(ring: MultiFernet, config: Mapping[str, Any]) -> dict[str, Any] | None:
    """The same, sealed by the first key of the ring. None: something in it does not open."""
    try:
        return {
            name: {SEALED: ring.rotate(value[SEALED]).decode()} if is_sealed(value) else value
            for name, value in config.items()
        }
    except InvalidToken:
        return None


def _words(why: str) -> str:
    return f"{CANNOT} on {socket.gethostname()}: {why}. Bring back the key file, or enter the password again."


def without_secrets(config: Mapping[str, Any]) -> dict[str, Any]:
    """For people, programs and the ledger."""
    return {
        name: "(kept secret)" if is_sealed(value) or is_plain_secret(name, value) else value
        for name, value in config.items()
    }


class SettingsField(models.JSONField):
    """Settings of an adapter. For the tables it is a JSONField, so that migrations do not depend on this file."""

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        return super().get_db_prep_save(sealed(value) if isinstance(value, Mapping) else value, connection)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs


def columns() -> list[tuple[type[models.Model], str]]:
    """Wherever something sealed may stand."""
    tables = apps.get_app_config("store").get_models()
    fields = [field for table in tables for field in table._meta.concrete_fields if isinstance(field, SettingsField)]
    return [(field.model, field.name) for field in fields]


def rows_with_sealed(table: type[models.Model], column: str) -> "models.QuerySet[Any]":
    written = table._default_manager.annotate(written=Cast(column, models.TextField()))
    return written.filter(written__contains='{"sealed": ').order_by("pk")


def anything_is_sealed() -> bool:
    return any(rows_with_sealed(table, column).exists() for table, column in columns())
