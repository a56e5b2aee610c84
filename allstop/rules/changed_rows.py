"""What a row of a feed means when the same appointment came in an earlier file.

| the earlier file said | this row says | fate |
|---|---|---|
| nothing | anything | new: its messages are made, or recorded as canceled |
| from a later file | anything | superseded: a newer file has already said more |
| on, at this time and place | the same | unchanged: its messages stand as they are |
| the same, and they still wait for another address | another address | changed |
| on, at another time or place | on | changed: what waits is withdrawn, new messages are made |
| on | cancelled | off: what waits is withdrawn |
| cancelled | cancelled | unchanged |
| cancelled | on | changed: it is on again |

Another wording alone changes nothing: whoever has had the message would get it again.
"""

from enum import StrEnum

from allstop.rules.making import made_often


class Fate(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    OFF = "off"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"


MAKES_MESSAGES = frozenset({Fate.NEW, Fate.CHANGED, Fate.OFF})  # those of one that is off are recorded as canceled
WITHDRAWS = frozenset({Fate.CHANGED, Fate.OFF})


@made_often
class Known:
    """What the newest file that named the appointment said."""

    file: int  # its number; later files have higher ones
    core: str  # stands for its time, place and provider
    is_cancelled: bool
    waits_at: frozenset[tuple[str, str]] | None = None  # channel and address of what still waits; None: nothing does


@made_often
class Said:
    core: str
    is_cancelled: bool
    goes_to: frozenset[tuple[str, str]]
    in_steps: bool = False  # by a message plan: some of what it goes to may have left long ago


def is_gone(named_in: int, file_before: int | None) -> bool:
    """Of an appointment ahead that a file does not name which holds everything: whether it counts as cancelled.

    Only if the file before lacked it too. What came half once cancels nothing, and people could see that it is missing.
    """
    return file_before is not None and named_in < file_before


def fate(said: Said, known: Known | None, file: int) -> Fate:
    if known is None:
        return Fate.NEW
    if known.file > file:
        return Fate.SUPERSEDED
    if said.is_cancelled:
        return Fate.UNCHANGED if known.is_cancelled else Fate.OFF
    if known.is_cancelled or known.core != said.core:
        return Fate.CHANGED
    if known.waits_at is None:
        return Fate.UNCHANGED
    is_elsewhere = not known.waits_at <= said.goes_to if said.in_steps else known.waits_at != said.goes_to
    return Fate.CHANGED if is_elsewhere else Fate.UNCHANGED
