"""Every adapter that there is, by the name under which settings, attempts and receipts know it. No scanning.

To add one: a folder here, a line in ADAPTERS, a rig in tests/channels/ for the conformance suite.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from allstop.channels.adapter import Adapter, Clock, Sleep
from allstop.channels.apprise.config import AppriseConfig
from allstop.channels.configuration import Config, read_config
from allstop.channels.email.adapter import SmtpAdapter
from allstop.channels.email.config import SmtpConfig
from allstop.channels.sandbox.adapter import OutboxPort, SandboxAdapter
from allstop.channels.sandbox.config import SandboxConfig
from allstop.channels.sip.adapter import CallBook, SipAdapter
from allstop.channels.sip.config import SipConfig
from allstop.channels.sip.conversation import Speak
from allstop.channels.sip.stack import Stack
from allstop.channels.smpp.adapter import SmppAdapter
from allstop.channels.smpp.config import SmppConfig
from allstop.channels.text_api.config import TextApiConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the house lends to the adapters."""

    now: Clock
    sleep: Sleep
    outbox: OutboxPort
    phone: Stack  # for calls; it is started by the first adapter that needs it
    calls: CallBook
    speak: Speak


@dataclass(frozen=True, slots=True)
class Listing:
    title: str  # for people
    config: type[Config]
    make: Callable[[Any, Surroundings], Adapter]  # from its own config
    files: bool = False  # emails may take files along
    # Whether replies come over its own link, which must be up while nothing is sent too: by its settings.
    listens: Callable[[Mapping[str, Any]], bool] = lambda _: False


# What these two import is a quarter of a worker's start, for those who use it.


def _text_api(config: TextApiConfig, house: Surroundings) -> Adapter:
    from allstop.channels.text_api.adapter import TextApiAdapter

    return TextApiAdapter(config, house.now)


def _apprise(config: AppriseConfig, house: Surroundings) -> Adapter:
    from allstop.channels.apprise.adapter import AppriseAdapter

    return AppriseAdapter(config, house.now)


ADAPTERS: dict[str, Listing] = {
    "sandbox": Listing(
        "Sandbox: messages go to the outbox page and nowhere else",
        SandboxConfig,
        lambda config, house: SandboxAdapter(config, house.outbox, house.now, house.sleep),
        files=True,
    ),
    "smtp": Listing(
        "Email by SMTP",
        SmtpConfig,
        lambda config, house: SmtpAdapter(config, house.now),
        files=True,
    ),
    "sip": Listing(
        "Calls by SIP",
        SipConfig,
        lambda config, house: SipAdapter(config, house.phone, house.calls, house.speak, house.now),
        listens=lambda settings: bool(settings.get("tells_callers")),
    ),
    "smpp": Listing(
        "Texts by SMPP",
        SmppConfig,
        lambda config, house: SmppAdapter(config, house.now, house.sleep),
        listens=lambda _: True,
    ),
    "text_api": Listing(
        "Texts by an HTTP API of Twilio's shape",
        TextApiConfig,
        _text_api,
    ),
    "apprise": Listing(
        "Other services by Apprise: without receipts",
        AppriseConfig,
        _apprise,
    ),
}


def check_settings(name: str, settings: Mapping[str, object]) -> None:
    """Raises ConfigError, whose `faults` are sentences for a form."""
    read_config(ADAPTERS[name].config, settings)


def carries_files(name: str) -> bool:
    """Without a provider nothing leaves, and the next one may well carry them."""
    return not name or ADAPTERS[name].files


def secret_of(name: str) -> str:
    """The setting that must not be shown: by its name in the config; "" where there is none."""
    return next((field.name for field in fields(ADAPTERS[name].config) if not field.repr), "")


def make_adapter(name: str, settings: Mapping[str, object], house: Surroundings) -> Adapter:
    """Raises ConfigError, or KeyError for a name that is not in ADAPTERS."""
    listing = ADAPTERS[name]
    return listing.make(read_config(listing.config, settings), house)
