"""Somebody calls us. Nobody is here to answer, so the stack says that we are busy; who it was can be told.

A caller's number is what the network says it is. It may be forged, so nothing but a word to people follows from it.
"""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from allstop.channels.adapter import Inbound
from allstop.rules.words import Channel

if TYPE_CHECKING:
    from baresip.events import StackEvent

CALLED = "(Called. Nobody answered.)"
_USER = re.compile(r"<?sips?:([^@;>]+)@", re.IGNORECASE)
_NUMBER = re.compile(r"\+?[0-9]{7,15}")
_WITH_COUNTRY = 11  # digits from which on a number without a + has its country with it


def caller_of(event: "StackEvent", called_as: str, adapter: str, now: datetime) -> Inbound | None:
    """`called_as`: what the trunk says was called. None: the number is withheld, or none that could be called back."""
    sender = number_in(event.peer or event.from_ or "")
    if not sender:
        return None
    return Inbound(
        adapter=adapter,
        provider_id=f"call:{event.call_id}",
        channel=Channel.CALL,
        sender=sender,
        to=user_in(called_as),
        text=CALLED,
        at=now,
    )


def user_in(uri: str) -> str:
    """Whom the network says was called: a number, or the name by which we register; "" where it does not say."""
    found = _USER.search(uri)
    return (number_in(uri) or found[1]) if found else ""


def number_in(uri: str) -> str:
    """As our own numbers are written; "" where it is none."""
    found = _USER.search(uri)
    if found is None or not _NUMBER.fullmatch(found[1]):
        return ""
    digits = found[1].removeprefix("+")
    return f"+{digits}" if found[1] != digits or len(digits) >= _WITH_COUNTRY else digits
