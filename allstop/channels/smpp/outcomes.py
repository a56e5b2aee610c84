"""What an SMSC's word means for the message: the one place where its numbers become outcomes.

| command_status of a submit | outcome | why |
|---|---|---|
| 0 | accepted | the SMSC answers for it from now on |
| 0x58 throttled, 0x14 queue full | throttled, 5 seconds | too fast, not this message |
| 0x04 not bound, 0x0D to 0x0F log-in | throttled, 1 minute | our log-in, not this message |
| 0x0B, 0x0C number, 0x0A sender, 0x01 length, 0x62, 0x65, 0x66 | rejected for good | |
| any other, generic_nack too | rejected for now | not taken |
| no answer, or an answer cut off by the end of the link | unknown | handed over |
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from allstop.channels.adapter import ReceiptState, SendResult, SendState
from allstop.channels.smpp.alphabet import from_gsm
from allstop.channels.smpp.config import ReceiptIds
from allstop.channels.smpp.pdu import Delivered, Tag

WHEN_TOO_FAST = timedelta(seconds=5)
WHEN_NO_LINK = timedelta(minutes=1)
WHEN_REFUSED = timedelta(minutes=1)

TOO_FAST = frozenset({0x58, 0x14})
NOT_LOGGED_IN = frozenset({0x04, 0x05, 0x0D, 0x0E, 0x0F})
FOR_GOOD = frozenset({0x01, 0x0A, 0x0B, 0x0C, 0x33, 0x34, 0x40, 0x48, 0x49, 0x50, 0x51, 0x62, 0x65, 0x66})

WORDS = {
    0x01: "the text is too long",
    0x04: "the log-in has ended",
    0x05: "this log-in is already in use",
    0x08: "an error of the SMSC's own",
    0x0A: "the sender is not allowed",
    0x0B: "there is no such number",
    0x0D: "the log-in was refused",
    0x0E: "the log-in was refused: wrong password",
    0x0F: "the log-in was refused: unknown system_id",
    0x14: "the SMSC's queue is full",
    0x45: "the SMSC could not take it",
    0x58: "too fast: the SMSC asks for a slower pace",
    0x62: "the time after which it must not arrive was refused",
    0x64: "the SMSC cannot take it for now",
    0x65: "the SMSC refused it for good",
    0x66: "the SMSC rejected it",
    0xFF: "an error that the SMSC does not name",
}

STATES = {
    0: ReceiptState.SENT,  # scheduled
    1: ReceiptState.SENT,  # on its way
    2: ReceiptState.DELIVERED,
    3: ReceiptState.EXPIRED,
    4: ReceiptState.FAILED,  # deleted
    5: ReceiptState.UNDELIVERABLE,
    6: ReceiptState.SENT,  # accepted
    7: ReceiptState.SENT,  # unknown: no more is known than before
    8: ReceiptState.FAILED,  # rejected
    9: ReceiptState.FAILED,  # skipped
}
STATE_OF_WORD = {
    "ENROUTE": 1,
    "DELIVRD": 2,
    "EXPIRED": 3,
    "DELETED": 4,
    "UNDELIV": 5,
    "ACCEPTD": 6,
    "UNKNOWN": 7,
    "REJECTD": 8,
    "SKIPPED": 9,
}
WORD_OF_STATE = {state: word for word, state in STATE_OF_WORD.items()} | {0: "SCHEDULED"}
RECEIPT = 0x04  # esm_class of a deliver_sm: an SMSC's receipt
KIND = 0x3C
_FIELD = re.compile(r"(?:^|\s)(id|stat|err):\s*(\S*)", re.IGNORECASE)


def code_of(status: int) -> str:
    return f"smpp:0x{status:02x}"


def words_of(status: int) -> str:
    return WORDS.get(status, "the SMSC did not take it")


def refused(status: int) -> SendResult:
    code, text = code_of(status), words_of(status)
    if status in TOO_FAST:
        return SendResult(state=SendState.THROTTLED, code=code, text=text, retry_after=WHEN_TOO_FAST)
    if status in NOT_LOGGED_IN:
        return SendResult(state=SendState.THROTTLED, code=code, text=text, retry_after=WHEN_NO_LINK)
    if status in FOR_GOOD:
        return SendResult(state=SendState.REJECTED, permanent=True, code=code, text=text)
    return SendResult(state=SendState.REJECTED, code=code, text=text, retry_after=WHEN_REFUSED)


def no_link(code: str, words: str) -> SendResult:
    return SendResult(state=SendState.THROTTLED, code=code, text=words, retry_after=WHEN_NO_LINK)


def lost_before(words: str) -> SendResult:
    return SendResult(state=SendState.REJECTED, code="allstop:lost_before", text=words)


def unknown(words: str, refs: tuple[str, ...] = ()) -> SendResult:
    return SendResult(state=SendState.UNKNOWN, refs=refs, code="allstop:no_answer", text=words)


@dataclass(frozen=True, slots=True)
class ReceiptWords:
    message_id: str
    state: ReceiptState
    code: str


def is_receipt(delivered: Delivered) -> bool:
    """By what the SMSC says it is, never by how it reads: a person may write anything."""
    return delivered.esm_class & KIND == RECEIPT or Tag.RECEIPTED_MESSAGE_ID in delivered.tags


def read_receipt(delivered: Delivered, ids: ReceiptIds) -> ReceiptWords | None:
    """The optional parameters count before the text. None: it does not say which message it is about, or how it is."""
    said = {name.lower(): value for name, value in _FIELD.findall(from_gsm(delivered.text))}
    tags = delivered.tags
    message_id = tags.get(Tag.RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0").decode("latin-1") or said.get("id", "")
    number = int.from_bytes(tags[Tag.MESSAGE_STATE], "big") if tags.get(Tag.MESSAGE_STATE) else None
    if number is None:
        number = STATE_OF_WORD.get(said.get("stat", "").upper()[:7])
    if not message_id or number not in STATES:
        return None
    error = said.get("err") or tags.get(Tag.NETWORK_ERROR_CODE, b"")[-2:].hex()
    word = WORD_OF_STATE[number]
    return ReceiptWords(as_answered(message_id, ids), STATES[number], f"smpp:{word}" + (f" {error}" if error else ""))


def as_answered(message_id: str, ids: ReceiptIds) -> str:
    """An id of a receipt as the answer to the submit had it. What is no such number stays as it is."""
    try:
        match ids:
            case ReceiptIds.SAME:
                return message_id
            case ReceiptIds.DECIMAL:
                return f"{int(message_id):x}"
            case ReceiptIds.HEX:
                return str(int(message_id, 16))
    except ValueError:
        return message_id


def as_kept(message_id: str, ids: ReceiptIds) -> str:
    """An id of an answer, so that it compares with as_answered(): receipts pad with zeros or not, in either case."""
    if ids is ReceiptIds.SAME:
        return message_id
    try:
        return f"{int(message_id, 16):x}" if ids is ReceiptIds.DECIMAL else str(int(message_id))
    except ValueError:
        return message_id
