"""The settings of other services: one address, which has the log-in in it, and a place for who is written to."""

from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from allstop.rules.words import Channel

TEXT, EMAIL = frozenset({Channel.TEXT}), frozenset({Channel.EMAIL})
OWN_SERVER = ("json", "jsons", "form", "forms", "xml", "xmls")
# Only services that speak HTTP by the library requests, whose connections we can guard, and that take whom to write to
# in their address. Others of Apprise write to files, sockets or the desktop of this machine.
SERVICES: dict[str, frozenset[Channel]] = {
    **dict.fromkeys(OWN_SERVER, TEXT | EMAIL),
    **dict.fromkeys(
        (
            "46elks",
            "bulksms",
            "bulkvs",
            "burstsms",
            "clickatell",
            "clicksend",
            "d7sms",
            "httpsms",
            "kavenegar",
            "msg91",
            "msgbird",
            "octopush",
            "plivo",
            "seven",
            "sinch",
            "smsmanager",
            "threema",
            "twilio",
            "voipms",
            "vonage",
        ),
        TEXT,
    ),
    **dict.fromkeys(
        ("brevo", "mailgun", "resend", "sendgrid", "sendpulse", "ses", "smtp2go", "sparkpost"),
        EMAIL,
    ),
}
IN_THE_CLEAR = ("json", "form", "xml")
TO = "{to}"


@dataclass(frozen=True, slots=True)
class AppriseConfig:
    service_url: str = field(repr=False)  # such as twilio://SID:TOKEN@+12125550100/{to}
    max_connections: int = 5
    allow_private: bool = False  # also plain HTTP and private addresses: for a gateway in the own network
    timeout_seconds: float = 10.0  # for connecting
    answer_seconds: float = (
        30.0  # for the answer to a message that was handed over; giving up sooner makes more unknowns
    )

    @property
    def service(self) -> str:
        """What may be shown of the address."""
        return self.service_url.partition("://")[0].lower()

    def address_for(self, to: str) -> str:
        return self.service_url.replace(TO, quote(to, safe=""))

    def faults(self) -> list[str]:
        """Never with the address, which is a secret."""
        if self.service not in SERVICES or "://" not in self.service_url:
            return [f"The service_url must begin with one of these and ://: {', '.join(sorted(SERVICES))}."]
        checks = {
            f"The service_url must have {TO} once, where the number or address of whom it goes to belongs.": (
                self.service_url.count(TO) != 1
                or (self.service in OWN_SERVER and TO in urlsplit(self.service_url).netloc)
            ),
            f"{self.service}:// is not encrypted: use {self.service}s://, or allow_private in the own network.": (
                self.service in IN_THE_CLEAR and not self.allow_private
            ),
            "There must be 1 to 50 connections.": not 1 <= self.max_connections <= 50,
            "The time limits must be above 0.": self.timeout_seconds <= 0 or self.answer_seconds <= 0,
        }
        found = [words for words, is_wrong in checks.items() if is_wrong]
        return found or self._unread()

    def _unread(self) -> list[str]:
        from allstop.channels.apprise.service import service_of

        to = "ada@example.com" if SERVICES[self.service] == EMAIL else "+12125550123"
        if service_of(self.address_for(to)) is None:
            return [f"Apprise cannot read the service_url: see its page about {self.service}://."]
        return []
