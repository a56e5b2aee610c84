"""The GSM 7-bit alphabet (3GPP TS 23.038) as SMPP carries it: one octet for each septet, two for the extension.

Which texts fit into it is said by rules/segments.py; this table is its order. Octets that mean nothing are read as
a replacement character, since a reply with one odd sign is still a reply.
"""

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|"}
EXTENSION[0x65] = "€"
ESCAPE = 0x1B
UNREADABLE = "\N{REPLACEMENT CHARACTER}"

_OCTETS = {ord(sign): chr(octet) for octet, sign in enumerate(BASIC) if octet != ESCAPE}
_OCTETS |= {ord(sign): f"\x1b{chr(octet)}" for octet, sign in EXTENSION.items()}


def to_gsm(text: str) -> bytes:
    """`text` is of the alphabet: a sign outside it is a fault of the caller."""
    return text.translate(_OCTETS).encode("ascii")


def from_gsm(octets: bytes) -> str:
    signs = []
    escaped = False
    for octet in octets:
        if escaped:  # an unknown second half shows as the sign of the basic table, as phones do it
            signs.append(EXTENSION.get(octet) or _basic(octet))
            escaped = False
        elif octet == ESCAPE:
            escaped = True
        else:
            signs.append(_basic(octet))
    return "".join(signs)


def _basic(octet: int) -> str:
    return BASIC[octet] if octet < len(BASIC) else UNREADABLE
