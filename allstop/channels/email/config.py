"""The settings of email by SMTP. No password crosses a network in the clear; TLS never falls back to none."""

from dataclasses import dataclass, field
from enum import StrEnum

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

    def faults(self) -> list[str]:
        checks = {
            "The host is empty.": not self.host.strip(),
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
        return [words for words, is_wrong in checks.items() if is_wrong]
