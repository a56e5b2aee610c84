"""How a text is cut into the parts that carriers carry and bill.

| encoding | one character costs | one part alone | each of several |
|---|---|---|---|
| GSM-7 | 1 septet; 2 for ^ { } \\ [ ~ ] | and the euro sign (an escape and a second septet) | 160 | 153 |
| UCS-2 | 1 unit; 2 beyond the basic plane, emoji for one (a surrogate pair) | 70 | 67 |

A text is GSM-7 only if every character has a place in that alphabet. A part never ends between the two
halves of a pair: phones show both halves as rubbish. So the parts of a long text can be more than its
length divided by 153.
"""

from dataclasses import dataclass
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
_ALPHABET = _BASIC | _EXTENSION
_LAST_OF_BASIC_PLANE = 0xFFFF


# For who counts many texts at once in the database (store/usage.py): every other text is looked at character by
# character. Of these a part is as long as it may be, so their number follows from the length alone.
OF_ONE_SEPTET = "".join(sorted(_BASIC))
OF_TWO_SEPTETS = "".join(sorted(_EXTENSION))


class Encoding(StrEnum):
    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


MOST_PARTS = 255  # that phones can put together: the header of each part counts in one octet
ONE_PART = {Encoding.GSM_7: 160, Encoding.UCS_2: 70}
OF_SEVERAL = {Encoding.GSM_7: 153, Encoding.UCS_2: 67}


@dataclass(frozen=True, slots=True)
class Segments:
    """`units` are septets in GSM-7 and 16-bit units in UCS-2; each part costs one credit."""

    encoding: Encoding
    parts: tuple[str, ...]
    units: int


def encoding_of(text: str) -> Encoding:
    return Encoding.GSM_7 if _ALPHABET.issuperset(text) else Encoding.UCS_2


def beyond_gsm(text: str) -> str:
    """The first character for which a text is UCS-2; "" = there is none."""
    return next((sign for sign in text if sign not in _BASIC and sign not in _EXTENSION), "")


def segments(text: str) -> Segments:
    encoding = encoding_of(text)
    if encoding is Encoding.GSM_7 and len(text) <= ONE_PART[encoding] and _EXTENSION.isdisjoint(text):
        return Segments(encoding, (text,), len(text))  # nearly every text: its characters need not be looked at
    costs = [_cost(character, encoding) for character in text]
    units = sum(costs)
    if units <= ONE_PART[encoding]:
        return Segments(encoding, (text,), units)
    parts: list[str] = []
    begin = used = 0
    for index, cost in enumerate(costs):
        if used + cost > OF_SEVERAL[encoding]:
            parts.append(text[begin:index])
            begin, used = index, 0
        used += cost
    parts.append(text[begin:])
    return Segments(encoding, tuple(parts), units)


def too_long(text: str) -> str:
    """Words for whoever wrote it; "" = it can be one text."""
    if len(text) <= MOST_PARTS * (OF_SEVERAL[Encoding.UCS_2] // 2):  # nearly every text: it need not be cut
        return ""
    parts = len(segments(text).parts)
    return (
        f"A text has at most {MOST_PARTS} parts, and this would have {parts}. Shorten it." if parts > MOST_PARTS else ""
    )


def _cost(character: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM_7:
        return 2 if character in _EXTENSION else 1
    return 2 if ord(character) > _LAST_OF_BASIC_PLANE else 1
