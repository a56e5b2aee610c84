"""Flag, Stop All and Stop Promotions: what the staff mark on a contact.

| marker | in TO: | effect |
|---|---|---|
| Flag | | none, ever |
| Stop All | underlined red | nothing goes out, whatever the purpose |
| Stop Promotions | underlined brown | no promotion, no group send of 6 or more, unless overridden |

Both set: Stop All wins. The recipients of a group send are counted as they stand in TO:, before anyone is
skipped, so that leaving one behind cannot turn a group send into a personal one.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from allstop.rules.words import Purpose


class MarkerKind(StrEnum):
    FLAG = "flag"
    STOP_ALL = "stop_all"
    STOP_PROMOTIONS = "stop_promotions"


class Underline(StrEnum):
    RED = "red"
    BROWN = "brown"


GROUP_SEND = 6

Recipient = TypeVar("Recipient", bound=Hashable)


def blocking_marker(
    markers: Collection[MarkerKind], purpose: Purpose, recipients: int, *, overridden: bool
) -> MarkerKind | None:
    """The marker that keeps this message from leaving. `overridden` lifts Stop Promotions only."""
    if MarkerKind.STOP_ALL in markers:
        return MarkerKind.STOP_ALL
    if MarkerKind.STOP_PROMOTIONS not in markers or overridden:
        return None
    if purpose is Purpose.PROMOTION or recipients >= GROUP_SEND:
        return MarkerKind.STOP_PROMOTIONS
    return None


def underline(markers: Collection[MarkerKind]) -> Underline | None:
    """How the contact reads in TO:, at any number of recipients."""
    if MarkerKind.STOP_ALL in markers:
        return Underline.RED
    if MarkerKind.STOP_PROMOTIONS in markers:
        return Underline.BROWN
    return None


def left_behind(
    recipients: Mapping[Recipient, Collection[MarkerKind]], purpose: Purpose, *, overridden: bool
) -> dict[Recipient, MarkerKind]:
    """Who stays in TO: after the send, and for which marker."""
    stays: dict[Recipient, MarkerKind] = {}
    for recipient, markers in recipients.items():
        marker = blocking_marker(markers, purpose, len(recipients), overridden=overridden)
        if marker is not None:
            stays[recipient] = marker
    return stays


def flag_after_toggle(flagged: Iterable[bool]) -> bool:
    """One press of [Flag On-Off] on a selection: all become flagged unless all are already."""
    return not all(flagged)
