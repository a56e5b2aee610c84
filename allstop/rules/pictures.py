"""What a small picture really is, by its bytes: never by its name, nor by what a browser says of it.

The rule that it guards: only four kinds of raster pictures pass, whole ones, of a size that a page can show. No SVG,
which is a document that may run things.
"""

from enum import StrEnum
from typing import NamedTuple

from allstop.rules.words import Problem

MOST_BYTES = 256 * 1024
MOST_PIXELS = 1024  # to each side


class PictureKind(StrEnum):
    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"
    WEBP = "webp"


class Picture(NamedTuple):
    kind: PictureKind
    width: int
    height: int

    @property
    def media_type(self) -> str:
        return media_type(self.kind)


def media_type(kind: PictureKind) -> str:
    return f"image/{kind.value}"


def read_picture(content: bytes) -> Picture | Problem:
    if len(content) > MOST_BYTES:
        return Problem(
            "too_large", f"The picture has {len(content) // 1024:,} KB. At most {MOST_BYTES // 1024} KB are taken."
        )
    found = _png(content) or _gif(content) or _webp(content) or _jpeg(content)
    if found is None:
        return Problem("no_picture", "This is no PNG, JPEG, GIF or WebP picture, or not a whole one.")
    if not (0 < found.width <= MOST_PIXELS and 0 < found.height <= MOST_PIXELS):
        return Problem(
            "too_large",
            f"The picture is {found.width} by {found.height} pixels. At most {MOST_PIXELS} by {MOST_PIXELS} are taken.",
        )
    return found


def _png(content: bytes) -> Picture | None:
    """Chunk by chunk: length, name, data, checksum; the first is IHDR, the last IEND and the end of the file."""
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    at, size = 8, (0, 0)
    while at + 12 <= len(content):
        length, name = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        if at == 8:
            if name != b"IHDR" or length != 13:
                return None
            size = int.from_bytes(content[at + 8 : at + 12]), int.from_bytes(content[at + 12 : at + 16])
        at += 12 + length
        if name == b"IEND":
            return Picture(PictureKind.PNG, *size) if at == len(content) else None
    return None


def _gif(content: bytes) -> Picture | None:
    if content[:6] not in (b"GIF87a", b"GIF89a") or len(content) < 14 or content[-1:] != b"\x3b":
        return None
    return Picture(PictureKind.GIF, int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little"))


def _webp(content: bytes) -> Picture | None:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or len(content) < 30:
        return None
    if int.from_bytes(content[4:8], "little") + 8 != len(content):
        return None
    name, body = content[12:16], content[20:]
    if name == b"VP8X":
        width, height = int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    elif name == b"VP8L" and body[0] == 0x2F:
        packed = int.from_bytes(body[1:5], "little")
        width, height = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    elif name == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(body[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    else:
        return None
    return Picture(PictureKind.WEBP, width, height)


def _jpeg(content: bytes) -> Picture | None:
    """Segment by segment up to the frame, which has the size; after it come the pixels, and at the end EOI."""
    if content[:3] != b"\xff\xd8\xff" or content[-2:] != b"\xff\xd9":
        return None
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4])
        if marker in _FRAMES:
            height, width = int.from_bytes(content[at + 5 : at + 7]), int.from_bytes(content[at + 7 : at + 9])
            return Picture(PictureKind.JPEG, width, height)
        if marker == _PIXELS or length < 2:
            return None
        at += 2 + length
    return None


_FRAMES = frozenset({*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})
_PIXELS = 0xDA
