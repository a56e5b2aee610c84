"""What of foreign files a browser may show."""

import pytest

from allstop.rules.attachments import opens_as

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("x-ray.png", b"\x89PNG\r\n\x1a\n....", "image/png"),
        ("x-ray.html", b"\xff\xd8\xff\xe0", "image/jpeg"),  # what it is, not what it is called
        ("letter.pdf", b"%PDF-1.7 ...", "application/pdf"),
        ("moving.gif", b"GIF89a....", "image/gif"),
        ("small.webp", b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        ("list.csv", "name\nZo\u00eb\n".encode(), "text/plain; charset=utf-8"),
        ("list.txt", b"\xff\xfe\0", None),
        ("page.html", b"<html><script>alert(1)</script>", None),
        ("picture.svg", SVG, None),
        ("picture.png", SVG, None),
        ("letter.docx", b"PK\x03\x04", None),
        ("run.exe", b"MZ\x90", None),
        ("", b"", None),
    ],
)
def test_only_what_cannot_run_is_shown(name: str, content: bytes, kind: str | None) -> None:
    """004-12."""
    assert opens_as(name, content) == kind
