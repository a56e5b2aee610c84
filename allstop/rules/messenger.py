"""TO: of the Messenger: who of it gets the message, who is left behind and why, and who owns the contact afterwards.

| contacts in TO: | it is | Stop All | Stop Promotions | ownership |
|---|---|---|---|---|
| 1 to 5 | personal | left behind | left behind only if it is a promotion | the sender takes it |
| 6 or more | a group send | left behind | left behind, unless overridden | stays |

Contacts are counted as they stand in TO:, before anybody is left behind. Both markers: Stop All wins. The gate asks the
same again when each message leaves; what is said here is for whoever looks at TO: and presses Send.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from allstop.rules.markers import GROUP_SEND, MarkerKind, blocking_marker
from allstop.rules.words import Channel, Purpose

NO_ADDRESS: Mapping[Channel, str] = {Channel.TEXT: "no_mobile", Channel.CALL: "no_phone", Channel.EMAIL: "no_email"}
NAME_MISSING = "name_missing"


@dataclass(frozen=True, slots=True)
class InTo:
    """What stands against one contact in TO:, on the channel that is chosen for them."""

    markers: Collection[MarkerKind] = ()
    opted_out: str = ""  # the reason code of the contact's own no; "" = none on this channel
    lacks: str = ""  # a code of NO_ADDRESS, or NAME_MISSING; "" = nothing


def is_group_send(people: int) -> bool:
    return people >= GROUP_SEND


def takes_ownership(people: int, *, is_on: bool) -> bool:
    """Whether the sender becomes the owner of those who get it. `is_on`: the account wants that at all."""
    return is_on and 0 < people < GROUP_SEND


def may_override(people: int, purpose: Purpose) -> bool:
    """Whether there is anything that lifting Stop Promotions for this send would change."""
    return is_group_send(people) or purpose is Purpose.PROMOTION


def why_left_behind(one: InTo, purpose: Purpose, people: int, *, overridden: bool) -> str:
    """A reason code, in the order in which the gate finds it; "" = the contact gets it."""
    marker = blocking_marker(one.markers, purpose, people, overridden=overridden)
    return marker.value if marker is not None else one.opted_out or one.lacks


# code: (of one, of several)
_LEFT: dict[str, tuple[str, str]] = {
    "stop_all": ("is stopped", "are stopped"),
    "stop_promotions": ("is left out of promotions", "are left out of promotions"),
    "no_mobile": ("has no mobile number", "have no mobile number"),
    "no_phone": ("has no phone number", "have no phone number"),
    "no_email": ("has no email address", "have no email address"),
    NAME_MISSING: ("has no name that the wording needs", "have no name that the wording needs"),
}
_OPTED_OUT = ("has opted out", "have opted out")


def count_line(people: int, left: Mapping[str, int], purpose: Purpose, *, unknown: int = 0) -> str:
    """`left`: reason code -> how many. `unknown`: of what was typed, how much means nobody."""
    if not people and not unknown:
        return "Nobody is in TO: yet."
    parts = []
    gone = {code: number for code, number in left.items() if number}
    if gone:
        will = people - sum(gone.values())
        parts.append(f"{will:,} will get it" if will else "nobody will get it")
        parts += [_left_words(code, number, purpose, people) for code, number in _grouped(gone).items()]
        line = f"{_people(people)}: {', '.join(parts)}."
    else:
        everyone = "will get it" if people == 1 else "all will get it"
        line = f"{_people(people)}: {everyone}." if people else "Nobody is in TO: yet."
    if unknown:
        line += f" {unknown:,} {'entry is' if unknown == 1 else 'entries are'} not known."
    return line


def _grouped(left: Mapping[str, int]) -> dict[str, int]:
    """Every kind of no as one, in the order of the table."""
    order = ("stop_all", "stop_promotions", "opted_out", *NO_ADDRESS.values(), NAME_MISSING)
    sums = dict.fromkeys(order, 0)
    for code, number in left.items():
        sums["opted_out" if code.startswith("opted_out") else code] += number
    return {code: number for code, number in sums.items() if number}


def _left_words(code: str, number: int, purpose: Purpose, people: int) -> str:
    one, several = _LEFT.get(code, _OPTED_OUT)
    words = f"{number:,} {one if number == 1 else several}"
    if code == MarkerKind.STOP_PROMOTIONS.value:
        is_group = is_group_send(people) and purpose is not Purpose.PROMOTION
        words += " because this is a group send" if is_group else " because this is a promotion"
    return words


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"
