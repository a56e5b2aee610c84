"""What the gate answers: Send, Hold or Refuse.

| verdict | the message | who ends it |
|---|---|---|
| Send | leaves now | |
| Hold | waits until `until`, and is then asked about again; None: no end is known | time, or a person |
| Refuse | never leaves; it becomes `refused` | nobody |

`check` is the name of the check that answered, `reason` a stable code for screens, the API and the ledger.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Send:
    pass


@dataclass(frozen=True, slots=True)
class Hold:
    check: str
    reason: str
    until: datetime | None
    rule: str = ""  # the name of the law's rule that holds it, where one does


@dataclass(frozen=True, slots=True)
class Refuse:
    check: str
    reason: str


Verdict = Send | Hold | Refuse

VerdictWord = Literal["send", "hold", "refuse"]

SEND = Send()


def word_of(verdict: Verdict) -> VerdictWord:
    match verdict:
        case Send():
            return "send"
        case Hold():
            return "hold"
        case Refuse():
            return "refuse"


def reason_of(verdict: Verdict) -> str:
    """The code; "" for Send. Of a law with the name of its rule: quiet_law:us-fl."""
    match verdict:
        case Send():
            return ""
        case Hold(reason=reason, rule=rule):
            return f"{reason}:{rule}" if rule else reason
        case Refuse(reason=reason):
            return reason
