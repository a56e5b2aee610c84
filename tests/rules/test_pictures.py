"""A picture is what its bytes are: whole, small, and one of four kinds."""

import zlib

import pytest

from allstop.rules.pictures import MOST_BYTES, Picture, PictureKind, read_picture
from allstop.rules.words import Problem


def chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)


def png(width: int = 2, height: int = 3) -> bytes:
    head = width.to_bytes(4) + height.to_bytes(4) + b"\x08\x02\x00\x00\x00"
    rows = zlib.compress((b"\0" + b"\xc0" * (3 * min(width, 9))) * min(height, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


PNG = png()
GIF = b"GIF89a\x02\x00\x03\x00\x80\x00\x00\0\0\0\xff\xff\xff,\0\0\0\0\x02\0\x03\0\0\x02\x02\x44\x01\0;"
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    b"\xff\xc0\x00\x11\x08\x00\x03\x00\x02\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xda\x00\x02\0\xff\xd9"
)


def webp(name: bytes, body: bytes) -> bytes:
    inside = b"WEBP" + name + len(body).to_bytes(4, "little") + body
    return b"RIFF" + len(inside).to_bytes(4, "little") + inside


LOSSY = webp(b"VP8 ", b"\x30\x01\x00\x9d\x01\x2a\x02\x00\x03\x00" + bytes(10))
LOSSLESS = webp(b"VP8L", b"\x2f" + (1 | 2 << 14).to_bytes(4, "little") + bytes(10))
EXTENDED = webp(b"VP8X", bytes(4) + b"\x01\0\0\x02\0\0" + bytes(4))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, PictureKind.PNG),
        (GIF, PictureKind.GIF),
        (JPEG, PictureKind.JPEG),
        (LOSSY, PictureKind.WEBP),
        (LOSSLESS, PictureKind.WEBP),
        (EXTENDED, PictureKind.WEBP),
    ],
)
def test_a_whole_picture_is_known_by_its_bytes(content: bytes, kind: PictureKind) -> None:
    assert read_picture(content) == Picture(kind, 2, 3)
    assert Picture(kind, 2, 3).media_type == f"image/{kind}"
    for part in range(len(content)):
        assert isinstance(read_picture(content[:part]), Problem), part


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<?xml version='1.0'?><svg/>",
        b"<!doctype html><script>alert(1)</script>",
        PNG + b"<script>alert(1)</script>",
        GIF[:-1] + b"<script>",
        JPEG + b"x",
        LOSSY + b"x",
        PNG.replace(b"IHDR", b"JHDR"),
        b"BM" + bytes(60),
    ],
)
def test_what_is_something_else_or_has_something_behind_it_is_refused(content: bytes) -> None:
    found = read_picture(content)
    assert isinstance(found, Problem)
    assert found.code == "no_picture"


@pytest.mark.parametrize("content", [png(0, 3), png(1025, 3), png(2, 1025), bytes(MOST_BYTES + 1)])
def test_one_that_is_too_large_or_of_no_size_is_refused(content: bytes) -> None:
    found = read_picture(content)
    assert isinstance(found, Problem)
    assert found.code == "too_large"
