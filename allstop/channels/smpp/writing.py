"""One text as the submits that carry it: alphabet, parts, addresses. What cannot be said raises Unsupported.

| the text | data_coding | long ones |
|---|---|---|
| of the GSM alphabet | 0, one octet for each septet | a header of six octets in each part, or SAR parameters |
| anything else | 8, UCS-2 | the same |

The reference number that ties the parts together comes from the message and the attempt, so that a second attempt is
never joined with what is left of the first.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from allstop.channels.adapter import Outbound, Unsupported
from allstop.channels.smpp.alphabet import to_gsm
from allstop.channels.smpp.config import LongTexts
from allstop.channels.smpp.pdu import Tag, address, c_octets, submit_body, tlv
from allstop.rules.segments import MOST_PARTS, Encoding, segments

UDH_INDICATOR = 0x40
FINAL_RECEIPT = 1  # registered_delivery: tell how it ended, well or not
GSM, UCS_2 = 0, 8
LONGEST_SHORT_MESSAGE = 254
LONGEST_WORD = 11  # letters of a sender that is a word

INTERNATIONAL, NATIONAL_OR_UNKNOWN, ALPHANUMERIC = 1, 0, 5
ISDN, NO_PLAN = 1, 0


@lru_cache(maxsize=1024)
def source_of(sender: str) -> bytes:
    """Raises Unsupported."""
    if not sender:
        return address(NATIONAL_OR_UNKNOWN, NO_PLAN, "")  # the SMSC's own for this log-in
    if sender.startswith("+") and sender[1:].isdigit():
        return address(INTERNATIONAL, ISDN, sender[1:])
    if sender.isdigit():
        return address(NATIONAL_OR_UNKNOWN, ISDN, sender)
    if not sender.isascii() or not sender.isprintable() or len(sender) > LONGEST_WORD:
        raise Unsupported(
            f"The sender {sender!r} cannot be shown: a number, or a word of at most {LONGEST_WORD} letters from A to Z."
        )
    return address(ALPHANUMERIC, NO_PLAN, sender)


def destination_of(to: str) -> bytes:
    """Raises Unsupported."""
    digits = to.removeprefix("+")
    if not digits.isdigit() or not digits.isascii():
        raise Unsupported(f"{to!r} is no phone number that a text could go to.")
    return address(INTERNATIONAL, ISDN, digits)


def validity_of(use_by: datetime | None) -> bytes:
    """After which the SMSC shall not deliver it any more."""
    return b"\0" if use_by is None else c_octets(use_by.astimezone(UTC).strftime("%y%m%d%H%M%S000+"))


@dataclass(frozen=True, slots=True)
class Cut:
    coding: int
    parts: tuple[bytes, ...]  # without headers


@lru_cache(maxsize=4096)  # jobs send the same words to many people
def cut(text: str) -> Cut:
    found = segments(text)
    coding, encode = (GSM, to_gsm) if found.encoding is Encoding.GSM_7 else (UCS_2, _to_ucs_2)
    return Cut(coding, tuple(encode(part) for part in found.parts))


def write_submits(outbound: Outbound, long_texts: LongTexts, with_receipt: bool) -> tuple[bytes, ...]:
    """The body of one submit for each part. Raises Unsupported."""
    text = cut(outbound.body)
    esm_class: int = 0
    contents: tuple[bytes, ...] = (_whole(text.parts[0]),)
    if len(text.parts) > 1:
        esm_class, contents = _long(text, long_texts, outbound.message_id * 7 + outbound.attempt)
    head = submit_body(
        source_of(outbound.sender),
        destination_of(outbound.to),
        validity_of(outbound.use_by),
        esm_class,
        FINAL_RECEIPT if with_receipt else 0,
        text.coding,
    )
    return tuple([head + content for content in contents])


def _long(text: Cut, long_texts: LongTexts, reference: int) -> tuple[int, tuple[bytes, ...]]:
    """The esm_class, and of each part the length, the text and the optional parameters."""
    parts = text.parts
    if long_texts is LongTexts.PAYLOAD:
        return 0, (b"\0" + tlv(Tag.MESSAGE_PAYLOAD, b"".join(parts)),)
    if len(parts) > MOST_PARTS:
        raise Unsupported(f"The text has {len(parts)} parts; at most {MOST_PARTS} can belong together.")
    if long_texts is LongTexts.SAR:
        return 0, tuple(_whole(part) + _sar(reference, len(parts), i) for i, part in enumerate(parts, 1))
    headed = (bytes((5, 0, 3, reference & 0xFF, len(parts), i)) + part for i, part in enumerate(parts, 1))
    return UDH_INDICATOR, tuple(_whole(part) for part in headed)


def _to_ucs_2(text: str) -> bytes:
    return text.encode("utf-16-be", "replace")


def _whole(part: bytes) -> bytes:
    if len(part) > LONGEST_SHORT_MESSAGE:
        raise AssertionError(f"a part of {len(part)} octets")
    return bytes((len(part),)) + part


def _sar(reference: int, total: int, number: int) -> bytes:
    return (
        tlv(Tag.SAR_MSG_REF_NUM, (reference & 0xFFFF).to_bytes(2, "big"))
        + tlv(Tag.SAR_TOTAL_SEGMENTS, bytes((total,)))
        + tlv(Tag.SAR_SEGMENT_SEQNUM, bytes((number,)))
    )
