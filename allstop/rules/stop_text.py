"""Is this text the order to stop? `ALLSTOP` and a code, and nothing else.

The rule that it guards: nobody stops an account by accident. The word is in no dictionary, the code is the member's
own, and a sentence that contains both is a sentence.
"""

import re

SHORTEST_CODE, LONGEST_CODE = 6, 20
GENERATED_DIGITS = 6
TRIES_AN_HOUR = 5

_ORDER = re.compile(r"\s*allstop\s+(\S{1,40})\s*", re.IGNORECASE | re.ASCII)
_CODE = re.compile(rf"[a-z0-9]{{{SHORTEST_CODE},{LONGEST_CODE}}}", re.ASCII)


def stop_code(text: str) -> str | None:
    """The code in an order to stop, right or wrong; None: it is no such order. Phones write capitals as they like."""
    found = _ORDER.fullmatch(text)
    return found[1].lower() if found else None


def is_code(code: str) -> bool:
    """Whether a member may choose it."""
    return _CODE.fullmatch(code.lower()) is not None
