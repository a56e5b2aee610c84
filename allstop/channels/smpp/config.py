"""The settings of texts by SMPP. TLS unless it is turned off: many SMSCs are reached over a private line instead."""

from dataclasses import dataclass, field
from enum import StrEnum

from allstop.channels.configuration import NO_HOST, is_host

LONGEST_SYSTEM_ID = 15  # the limits of SMPP 3.4, section 4.1
LONGEST_PASSWORD = 8
LONGEST_SYSTEM_TYPE = 12


class Encryption(StrEnum):
    TLS = "tls"
    NONE = "none"


class LongTexts(StrEnum):
    """How the parts of a long text say that they belong together."""

    UDH = "udh"  # a header in the text itself: what every network understands
    SAR = "sar"  # optional parameters, which the SMSC turns into such a header
    PAYLOAD = "payload"  # the whole text at once, cut by the SMSC


class ReceiptIds(StrEnum):
    """In which form receipts give an id, where it is another one than in the answer to the submit."""

    SAME = "same"
    DECIMAL = "decimal"  # answers are hexadecimal
    HEX = "hex"  # answers are decimal


@dataclass(frozen=True, slots=True)
class SmppConfig:
    host: str
    system_id: str  # the user name
    password: str = field(default="", repr=False)
    port: int = 2775
    encryption: Encryption = Encryption.TLS
    ca_file: str = ""  # PEM file of the authority that signed the SMSC's certificate; "" is the system's list
    system_type: str = ""
    connections: int = 1  # binds of each worker process
    window: int = 50  # submits without an answer, on each connection
    max_per_second: int = 0  # parts, of each worker process; 0: as fast as the SMSC takes them
    receipts: bool = True  # ask for delivery receipts
    receipt_ids: ReceiptIds = ReceiptIds.SAME
    long_texts: LongTexts = LongTexts.UDH
    timeout_seconds: float = 15.0  # for connecting, for the log-in and for each enquiry
    answer_seconds: float = 30.0  # for the answer to a submit; giving up sooner makes more unknowns
    enquire_seconds: float = 30.0  # of silence, until the SMSC is asked whether it is there

    def faults(self) -> list[str]:
        checks = {
            "The host is empty.": not self.host.strip(),
            NO_HOST: bool(self.host.strip()) and not is_host(self.host),
            "The port must be between 1 and 65535.": not 1 <= self.port <= 65535,
            f"The system_id must have 1 to {LONGEST_SYSTEM_ID} ASCII characters.": (
                not self.system_id.isascii() or not 1 <= len(self.system_id) <= LONGEST_SYSTEM_ID
            ),
            f"SMPP passwords have at most {LONGEST_PASSWORD} ASCII characters.": (
                not self.password.isascii() or len(self.password) > LONGEST_PASSWORD
            ),
            f"The system_type must have at most {LONGEST_SYSTEM_TYPE} ASCII characters.": (
                not self.system_type.isascii() or len(self.system_type) > LONGEST_SYSTEM_TYPE
            ),
            "There must be at least one connection.": self.connections < 1,
            "The window must be at least 1.": self.window < 1,
            "The limit of parts in a second must be 0 (none) or more.": self.max_per_second < 0,
            "The time limits must be above 0.": min(self.timeout_seconds, self.answer_seconds, self.enquire_seconds)
            <= 0,
        }
        return [words for words, is_wrong in checks.items() if is_wrong]
