"""The settings of texts by an HTTP API. The log-in crosses a network only encrypted."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from allstop.channels.configuration import is_host


@dataclass(frozen=True, slots=True)
class TextApiConfig:
    account_sid: str  # the user name
    password: str = field(repr=False)  # the auth token
    base_url: str = "https://api.twilio.com"
    callback_url: str = ""  # where the provider reaches Allstop, such as https://desk.example.com; "": no receipts
    max_connections: int = 20
    honours_keys: bool = False  # the provider takes one Idempotency-Key once, however often it is sent
    allow_private: bool = False  # also plain HTTP and private addresses: for a gateway in the own network
    timeout_seconds: float = 10.0  # for connecting
    answer_seconds: float = 30.0  # for the answer to a text that was handed over; giving up sooner makes more unknowns

    def faults(self) -> list[str]:
        checks = {
            "The account_sid is empty.": not self.account_sid.strip(),
            "The account_sid has characters that no address can have.": not self.account_sid.isalnum(),
            "The password (the auth token) is empty.": not self.password,
            "The base_url must be an address that begins with https://; http:// needs allow_private.": (
                not _is_address(self.base_url, plain=self.allow_private)
            ),
            "The callback_url must be an address that begins with https:// or http://, without a path.": (
                bool(self.callback_url)
                and not (_is_address(self.callback_url, plain=True) and urlsplit(self.callback_url).path in ("", "/"))
            ),
            "There must be at least one connection.": self.max_connections < 1,
            "The time limits must be above 0.": self.timeout_seconds <= 0 or self.answer_seconds <= 0,
        }
        return [words for words, is_wrong in checks.items() if is_wrong]


def _is_address(url: str, *, plain: bool) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    schemes = ("https", "http") if plain else ("https",)
    return parts.scheme in schemes and is_host(parts.hostname or "") and not parts.query and not parts.username
