"""Settings are read exactly or refused in words; the registry makes what it lists."""

import asyncio

import pytest

from allstop.channels.configuration import NO_HOST, ConfigError, is_host, read_config
from allstop.channels.email.config import Encryption, SmtpConfig
from allstop.channels.registry import ADAPTERS, Surroundings, check_settings, make_adapter
from allstop.channels.sandbox.config import SandboxConfig
from allstop.channels.sip.stack import Stack
from allstop.rules.words import Channel
from tests.channels.rigs import EventLog, MemoryOutbox, wall_clock
from tests.channels.test_sip_conformance import MemoryBook, speak

SETTINGS = {
    "sandbox": {},
    "smtp": {"host": "mail.example"},
    "sip": {"host": "sip.example"},
    "text_api": {"account_sid": "AC1", "password": "secret"},
    "smpp": {"host": "smsc.example", "system_id": "desk"},
    "apprise": {"service_url": "twilio://AC1:token@12125550100/{to}"},
}
HOUSE = Surroundings(
    now=wall_clock, sleep=asyncio.sleep, outbox=MemoryOutbox(), phone=Stack(), calls=MemoryBook(EventLog()), speak=speak
)


def test_a_host_can_be_looked_up_or_it_is_refused_by_every_channel() -> None:
    """What the library raises of such a name is no OSError: one typed like it ended the process that reads all mail."""
    assert all(is_host(host) for host in ("mail.example.com.", "bücher.example", "localhost", "127.0.0.1", "::1"))
    for name, settings in (
        ("smtp", {"host": "mail..example"}),
        ("sip", {"host": "sip..example"}),
        ("smpp", {"host": "smsc..example"}),
        ("text_api", {"base_url": "https://api..example"}),
    ):
        with pytest.raises(ConfigError):
            check_settings(name, {**SETTINGS[name], **settings})


def test_each_adapter_bears_the_name_it_is_listed_under() -> None:
    for name, settings in SETTINGS.items():
        assert make_adapter(name, settings, HOUSE).name == name
    assert set(ADAPTERS) == set(SETTINGS)


def test_every_channel_has_an_adapter_without_any_settings() -> None:
    assert make_adapter("sandbox", {}, HOUSE).capabilities.channels == set(Channel)


def test_settings_become_a_config() -> None:
    settings = {"host": "mail.example", "port": 465, "encryption": "tls", "user": "desk", "password": "secret"}
    config = read_config(SmtpConfig, {**settings, "timeout_seconds": 10})
    assert (config.port, config.encryption, config.timeout_seconds) == (465, Encryption.TLS, 10.0)
    assert "secret" not in repr(config)


@pytest.mark.parametrize(
    ("settings", "faults"),
    [
        ({}, ['The setting "host" is missing.']),
        (
            {"host": "a", "prot": 25, "port": "25"},
            ['There is no setting "prot".', 'The setting "port" must be a whole number.'],
        ),
        ({"host": "a", "port": True}, ['The setting "port" must be a whole number.']),
        ({"host": None}, ['The setting "host" must be text.']),
        ({"host": "a\0b"}, ['The setting "host" has a character that is no text: NUL, or half of a pair.']),
        ({"host": "\ud800"}, ['The setting "host" has a character that is no text: NUL, or half of a pair.']),
        (
            {"host": "a", "encryption": "ssl"},
            ['The setting "encryption" must be one of: starttls, tls, none.'],
        ),
        ({"host": "a", "encryption": ["tls"]}, ['The setting "encryption" must be one of: starttls, tls, none.']),
        ({"host": "a", "timeout_seconds": "10"}, ['The setting "timeout_seconds" must be a number.']),
        ({"host": " "}, ["The host is empty."]),
        ({"host": "mail..example.com"}, [NO_HOST]),
        ({"host": f"{'m' * 64}.example"}, [NO_HOST]),
        ({"host": "mail\u202e.example"}, [NO_HOST]),
        ({"host": "mail.example "}, [NO_HOST]),
        ({"host": "a", "port": 0}, ["The port must be between 1 and 65535."]),
        ({"host": "a", "user": "desk"}, ["A user name needs a password, and a password needs a user name."]),
        (
            {"host": "a", "user": "desk", "password": "x", "encryption": "none"},
            ["A password may only cross a network encrypted: choose starttls or tls."],
        ),
        ({"host": "a", "max_connections": 0}, ["There must be at least one connection."]),
        ({"host": "a", "hello_name": "two words"}, ["The name for EHLO must be one ASCII word."]),
    ],
)
def test_wrong_settings_are_refused_all_at_once_in_words(settings: dict[str, object], faults: list[str]) -> None:
    with pytest.raises(ConfigError) as refusal:
        check_settings("smtp", settings)
    assert list(refusal.value.faults) == faults


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"system_id": "a" * 16}, "The system_id must have 1 to 15 ASCII characters."),
        ({"system_id": ""}, "The system_id must have 1 to 15 ASCII characters."),
        ({"password": "123456789"}, "SMPP passwords have at most 8 ASCII characters."),
        ({"window": 0}, "The window must be at least 1."),
        ({"connections": 0}, "There must be at least one connection."),
        ({"max_per_second": -1}, "The limit of parts in a second must be 0 (none) or more."),
        ({"answer_seconds": 0}, "The time limits must be above 0."),
        ({"long_texts": "both"}, 'The setting "long_texts" must be one of: udh, sar, payload.'),
    ],
)
def test_settings_that_no_smsc_takes_are_refused(settings: dict[str, object], fault: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        check_settings("smpp", {"host": "smsc.example", "system_id": "desk", **settings})
    assert list(refusal.value.faults) == [fault]


def test_the_sandbox_takes_no_impossible_delays() -> None:
    with pytest.raises(ConfigError, match="shortest delay"):
        read_config(SandboxConfig, {"shortest_delay_ms": 90})
