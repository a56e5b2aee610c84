"""The settings of calls: the trunk that carries them, and how they go."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from allstop.channels.configuration import is_host
from allstop.rules.calling import CLOSING, LONGEST_CLOSING
from allstop.speech.languages import LANGUAGES

MOST_LINES = 150  # calls at once of one process, as far as anybody has tried it for long
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]")
_USER = re.compile(r"[A-Za-z0-9._+*#-]+")


class Transport(StrEnum):
    UDP = "udp"
    TCP = "tcp"


class Voicemail(StrEnum):
    """What happens when a machine may have picked up. Nobody can tell for certain: a machine talks longer."""

    TALK = "talk"  # speak at once, whoever it is
    LEAVE = "leave"  # wait until the other side is silent, then speak: after "hello?" or after a machine's tone
    HANG_UP = "hang_up"  # likewise, but whoever talks on and on is taken for a machine, and gets nothing


@dataclass(frozen=True, slots=True)
class SipConfig:
    host: str
    port: int = 5060
    transport: Transport = Transport.UDP
    user: str = ""  # "": the trunk knows us by our address
    password: str = field(default="", repr=False)
    registers: bool = False  # says at the trunk, as long as it runs, that we are here
    tells_callers: bool = False  # who calls us hears that we are busy, and is put in the Inbox; needs `registers`
    lines: int = 10  # calls at once
    dials_plus: bool = True  # numbers are dialled as +12125550123; false: 12125550123
    ring_seconds: int = 40  # about eight rings
    voicemail: Voicemail = Voicemail.TALK
    wait_seconds: int = 6  # for a key, after the last word
    language: str = "en-us"
    follows_contact: bool = False  # speak in the contact's language, where it is known and there is a voice for it
    closing: str = CLOSING

    def faults(self) -> list[str]:
        checks = {
            f"There is no voice for this language. Known are: {', '.join(LANGUAGES)}.": self.language not in LANGUAGES,
            "The host must be a name or an address, without sip: before it.": (
                not _HOST.fullmatch(self.host) or not is_host(self.host)
            ),
            "The port must be between 1 and 65535.": not 1 <= self.port <= 65535,
            "The user name may have letters, digits and . _ + * # - only.": (
                bool(self.user) and not _USER.fullmatch(self.user)
            ),
            "A user name needs a password, and a password needs a user name.": bool(self.user) != bool(self.password),
            'The password must not have " or \\ or line breaks in it.': (
                any(sign in '"\\' or not sign.isprintable() for sign in self.password)
            ),
            "To register, give the user name and the password.": self.registers and not self.user,
            "Callers reach us only where we register at the trunk.": self.tells_callers and not self.registers,
            f"There must be 1 to {MOST_LINES} lines.": not 1 <= self.lines <= MOST_LINES,
            "A call may ring for 5 to 120 seconds.": not 5 <= self.ring_seconds <= 120,
            "A call may wait for a key for 0 to 60 seconds.": not 0 <= self.wait_seconds <= 60,
            f"The closing words may have {LONGEST_CLOSING} characters.": len(self.closing) > LONGEST_CLOSING,
        }
        return [words for words, is_wrong in checks.items() if is_wrong]
