"""What the places of feeds need to be told. Secrets are named as allstop/store/sealing.py seals them."""

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from allstop.channels.configuration import NO_HOST, is_host
from allstop.channels.email.config import Encryption, ImapConfig

FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
RARELY, OFTEN = 24 * 60, 5  # minutes between two looks at an address
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class FolderConfig:
    path: str

    def faults(self) -> list[str]:
        if not PurePosixPath(self.path).is_absolute():
            return ["Write the whole path of the folder, from / on."]
        return []


@dataclass(frozen=True, slots=True)
class PushConfig:
    """A program hands its files in with a token of the account: there is nothing to set."""

    def faults(self) -> list[str]:
        return []


@dataclass(frozen=True, slots=True)
class SftpConfig:
    """A folder of another machine, over SSH. One of password and private key logs in."""

    host: str
    user: str
    port: int = 22
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)  # the text of an OpenSSH or PEM key without a passphrase
    host_key: str = ""  # its fingerprint; "": the first test says which key the server shows
    path: str = "."

    def faults(self) -> list[str]:
        checks = {
            "The host is empty.": not self.host.strip(),
            NO_HOST: bool(self.host.strip()) and not is_host(self.host),
            "The user name is empty.": not self.user.strip(),
            "The port must be between 1 and 65535.": not 1 <= self.port <= 65535,
            "Enter a password or a private key.": not (self.password or self.private_key),
            "The fingerprint of the server's key looks like SHA256: and 43 letters and digits.": (
                bool(self.host_key) and not FINGERPRINT.fullmatch(self.host_key)
            ),
            "The folder is empty.": not self.path.strip(),
        }
        return [words for words, is_wrong in checks.items() if is_wrong]


@dataclass(frozen=True, slots=True)
class CalendarConfig:
    """An iCalendar address. Who knows it can read the calendar, so it is a secret."""

    calendar_url: str = field(default="", repr=False)
    every_minutes: int = 60

    def faults(self) -> list[str]:
        return [*_address_faults(self.calendar_url, ("https", "http", "webcal")), *_rhythm_faults(self.every_minutes)]


@dataclass(frozen=True, slots=True)
class FhirConfig:
    """A FHIR server that is searched for Appointments."""

    base_url: str
    bearer_token: str = field(default="", repr=False)
    days_ahead: int = 14
    every_minutes: int = 60

    def faults(self) -> list[str]:
        faults = [*_address_faults(self.base_url, ("https", "http")), *_rhythm_faults(self.every_minutes)]
        if not 1 <= self.days_ahead <= MOST_DAYS:
            faults.append(f"Choose from 1 to {MOST_DAYS} days.")
        if not self.bearer_token.isprintable() or " " in self.bearer_token:
            faults.append("The token is one word.")
        return faults


@dataclass(frozen=True, slots=True)
class AttachmentConfig:
    """A mailbox, or a folder in one, to which files are sent. Nothing else should arrive in it."""

    host: str
    user: str
    senders: str  # addresses, or domains such as @example.com, with commas between
    subject_word: str = field(default="", repr=False)  # a word that only the sender knows; "": none is asked for
    password: str = field(default="", repr=False)
    port: int = 993
    encryption: Encryption = Encryption.TLS
    folder: str = "INBOX"
    ca_file: str = ""

    def faults(self) -> list[str]:
        faults = self.mailbox().faults()
        if not self.allowed():
            faults.append("Say who may send files: addresses, or domains such as @example.com.")
        elif not all("@" in one for one in self.allowed()):
            faults.append("A sender is an address, or a domain such as @example.com.")
        return faults

    def mailbox(self) -> ImapConfig:
        return ImapConfig(
            host=self.host,
            user=self.user,
            password=self.password,
            port=self.port,
            encryption=self.encryption,
            folder=self.folder,
            ca_file=self.ca_file,
        )

    def allowed(self) -> list[str]:
        return [one.strip().lower() for one in self.senders.split(",") if one.strip()]


def _address_faults(address: str, schemes: tuple[str, ...]) -> list[str]:
    try:
        parts = urlsplit(address.strip())
        is_whole = parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_whole = False
    if not is_whole or not address.isprintable():
        return ["Write the whole address, from https:// on."]
    return []


def _rhythm_faults(minutes: int) -> list[str]:
    return [] if OFTEN <= minutes <= RARELY else [f"Choose from {OFTEN} to {RARELY} minutes."]
