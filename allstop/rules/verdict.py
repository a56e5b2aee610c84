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


@dataclass(frozen=True, slots=True)
class Send:
    pass


@dataclass(frozen=True, slots=True)
class Hold:
    check: str
    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Refuse:
    check: str
    reason: str


Verdict = Send | Hold | Refuse

SEND = Send()
