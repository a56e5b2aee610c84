"""The settings of email by SMTP. No password crosses a network in the clear; TLS never falls back to none."""

from dataclasses import dataclass, field
from enum import StrEnum

from allstop.channels.configuration import NO_HOST, is_host
from allstop.channels.email.dkim import DOMAIN, SELECTOR, is_key
from allstop.channels.email.writing import ADDRESS

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Encryption(StrEnum):
    STARTTLS = "starttls"  # begins in the clear and must be upgraded; usually port 587
    TLS = "tls"  # encrypted from the first byte; usually port 465
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SmtpConfig:
    host: str
    port: int = 587
    encryption: Encryption = Encryption.STARTTLS
    user: str = ""  # "" means that the server asks for no log-in
    password: str = field(default="", repr=False)
    ca_file: str = ""  # PEM file of the authority that signed the server's certificate; "" is the system's list
    hello_name: str = ""  # what we call ourselves in EHLO; "" is this machine's name
    max_connections: int = 10
    mails_per_connection: int = 500
    timeout_seconds: float = 30.0  # for connecting and for each command
    answer_seconds: float = 120.0  # for the answer to a mail handed over; giving up sooner makes more unknowns
    return_path: str = ""  # where bounces go, with the message's name after a +; "" is the sender's address
    dkim_on: bool = False  # whether mails are signed
    dkim_domain: str = ""
    dkim_selector: str = ""
    dkim_key: str = field(default="", repr=False)  # the private key in PEM: Allstop makes it, nobody is shown it

    def faults(self) -> list[str]:
        checks = {
            "The host is empty.": not self.host.strip(),
            NO_HOST: bool(self.host.strip()) and not is_host(self.host),
            "The port must be between 1 and 65535.": not 1 <= self.port <= 65535,
            "A user name needs a password, and a password needs a user name.": bool(self.user) != bool(self.password),
            "A password may only cross a network encrypted: choose starttls or tls.": (
                bool(self.password) and self.encryption is Encryption.NONE and self.host not in LOOPBACK
            ),
            "There must be at least one connection.": self.max_connections < 1,
            "There must be at least one mail for each connection.": self.mails_per_connection < 1,
            "The time limits must be above 0.": self.timeout_seconds <= 0 or self.answer_seconds <= 0,
            "The name for EHLO must be one ASCII word.": (
                bool(self.hello_name)
                and (not self.hello_name.isascii() or not self.hello_name.isprintable() or " " in self.hello_name)
            ),
        }
        checks |= {
            "The return path must be an email address, or empty.": (
                bool(self.return_path) and not ADDRESS.fullmatch(self.return_path)
            ),
            "Signing needs a key: let Allstop make one first.": self.dkim_on and not self.dkim_key,
            "The key for signing is no RSA key in PEM.": bool(self.dkim_key) and not is_key(self.dkim_key),
            "A key for signing needs a domain, such as example.com, and a selector, such as allstop1.": (
                bool(self.dkim_key)
                and not (DOMAIN.fullmatch(self.dkim_domain) and SELECTOR.fullmatch(self.dkim_selector))
            ),
        }
        return [words for words, is_wrong in checks.items() if is_wrong]


@dataclass(frozen=True, slots=True)
class ImapConfig:
    """The mailbox in which replies and bounces arrive."""

    host: str
    user: str
    password: str = field(default="", repr=False)
    port: int = 993
    encryption: Encryption = Encryption.TLS
    folder: str = "INBOX"
    ca_file: str = ""  # PEM file of the authority that signed the server's certificate; "" is the system's list
    timeout_seconds: float = 30.0

    def faults(self) -> list[str]:
        checks = {
            "The host is empty.": not self.host.strip(),
            NO_HOST: bool(self.host.strip()) and not is_host(self.host),
            "The user name is empty.": not self.user.strip(),
            "The password is empty.": not self.password,
            "The folder is empty.": not self.folder.strip(),
            "The folder, the user name and the password must be one line each.": any(
                not value.isprintable() for value in (self.folder, self.user, self.password)
            ),
            "The port must be between 1 and 65535.": not 1 <= self.port <= 65535,
            "A password may only cross a network encrypted: choose starttls or tls.": (
                self.encryption is Encryption.NONE and self.host not in LOOPBACK
            ),
            "The time limit must be above 0.": self.timeout_seconds <= 0,
        }
        return [words for words, is_wrong in checks.items() if is_wrong]
