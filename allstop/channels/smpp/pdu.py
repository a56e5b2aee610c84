"""SMPP 3.4 on the wire: the few PDUs that sending and hearing need, written and read. Nothing here waits or connects.

Writing is built for many submits in a second: what all texts of a lane share is put together once by the caller.
Reading trusts nothing: what is cut short or too long raises Malformed, and the link is given up.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

HEADER = struct.Struct(">IIII")  # length, command, status, sequence number
LARGEST = 65_536  # octets of one PDU; a text with all its optional parameters has some 500
RESPONSE = 0x8000_0000
MOST_NUMBERS = 0x7FFF_FFFF
SMPP_3_4 = 0x34


class Command(IntEnum):
    BIND_TRANSCEIVER = 0x09
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    QUERY_SM = 0x03
    CANCEL_SM = 0x08
    ENQUIRE_LINK = 0x15
    GENERIC_NACK = RESPONSE


class Tag(IntEnum):
    RECEIPTED_MESSAGE_ID = 0x001E
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class Malformed(Exception):
    """This is no SMPP, or it is broken: where one PDU ends and the next begins is not known any more."""


@dataclass(frozen=True, slots=True)
class Pdu:
    command: int
    status: int
    number: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What a deliver_sm carries."""

    source: str
    source_ton: int
    destination: str
    esm_class: int
    data_coding: int
    text: bytes
    tags: dict[int, bytes]


def pdu(command: int, number: int, body: bytes = b"", status: int = 0) -> bytes:
    return HEADER.pack(16 + len(body), command, status, number) + body


def c_octets(text: str) -> bytes:
    return text.encode("ascii") + b"\0"


def tlv(tag: Tag, value: bytes) -> bytes:
    return struct.pack(">HH", tag, len(value)) + value


def bind_body(system_id: str, password: str, system_type: str) -> bytes:
    any_address = b"\0\0\0"  # of which type, plan and range: whatever the SMSC has for us
    return c_octets(system_id) + c_octets(password) + c_octets(system_type) + bytes((SMPP_3_4,)) + any_address


def address(ton: int, npi: int, digits: str) -> bytes:
    return bytes((ton, npi)) + c_octets(digits)


def submit_body(
    source: bytes, destination: bytes, validity: bytes, esm_class: int, registered: int, data_coding: int
) -> bytes:
    """Up to the text: its length, the text and the optional parameters follow."""
    return b"".join(
        (
            b"\0",  # service_type
            source,
            destination,
            bytes((esm_class, 0, 0)),  # protocol_id, priority_flag
            b"\0",  # schedule_delivery_time: at once
            validity,
            bytes((registered, 0, data_coding, 0)),  # replace_if_present_flag, sm_default_msg_id
        )
    )


def message_id_body(message_id: str, source: bytes, destination: bytes | None = None) -> bytes:
    """Of query_sm; with a destination of cancel_sm."""
    if destination is None:
        return c_octets(message_id) + source
    return b"\0" + c_octets(message_id) + source + destination


class Reader:
    """Cuts what arrives into PDUs."""

    def __init__(self) -> None:
        self._left = b""

    def feed(self, data: bytes) -> list[Pdu]:
        """Raises Malformed."""
        data = self._left + data if self._left else data
        found: list[Pdu] = []
        at, end = 0, len(data)
        unpack = HEADER.unpack_from
        while end - at >= 16:
            length, command, status, number = unpack(data, at)
            if not 16 <= length <= LARGEST:
                raise Malformed(f"a PDU of {length} octets")
            if end - at < length:
                break
            found.append(Pdu(command, status, number, data[at + 16 : at + length]))
            at += length
        self._left = data[at:]
        return found


class _Body:
    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def c_octets(self) -> str:
        end = self._octets.find(b"\0", self._at)
        if end < 0:
            raise Malformed("a text without its end")
        found = self._octets[self._at : end]
        self._at = end + 1
        return found.decode("latin-1")

    def octet(self) -> int:
        return self.octets(1)[0]

    def octets(self, count: int) -> bytes:
        found = self._octets[self._at : self._at + count]
        if len(found) < count:
            raise Malformed("a PDU that is cut short")
        self._at += count
        return found

    def tags(self) -> dict[int, bytes]:
        found = {}
        while self._at < len(self._octets):
            tag, length = struct.unpack(">HH", self.octets(4))
            found[tag] = self.octets(length)
        return found


def read_message_id(body: bytes) -> str:
    """Of a submit_sm_resp. Some SMSCs leave it out, or its final zero."""
    return body.partition(b"\0")[0].decode("latin-1")


def read_state(body: bytes) -> tuple[str, int, int]:
    """Of a query_sm_resp: the id, the message_state and the network's error code."""
    read = _Body(body)
    message_id = read.c_octets()
    read.c_octets()  # final_date
    return message_id, read.octet(), read.octet()


def read_delivered(body: bytes) -> Delivered:
    read = _Body(body)
    read.c_octets()  # service_type
    ton, _ = read.octet(), read.octet()
    source = read.c_octets()
    read.octets(2)
    destination = read.c_octets()
    esm_class = read.octet()
    read.octets(2)  # protocol_id, priority_flag
    read.c_octets()
    read.c_octets()
    read.octets(2)  # registered_delivery, replace_if_present_flag
    data_coding = read.octet()
    read.octet()
    text = read.octets(read.octet())
    tags = read.tags()
    return Delivered(
        source=source,
        source_ton=ton,
        destination=destination,
        esm_class=esm_class,
        data_coding=data_coding,
        text=text or tags.get(Tag.MESSAGE_PAYLOAD, b""),
        tags=tags,
    )


def joined(pdus: Iterable[bytes]) -> bytes:
    return b"".join(pdus)
