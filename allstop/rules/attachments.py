"""What of the files that people send us a browser may open in its own window.

The rule that it guards: nothing that can run. A file is what its first bytes say, never what its sender says: pictures,
PDF and plain text may be shown, when the account wants that; HTML, SVG, programs and office files are only ever saved.
"""

KINDS: tuple[tuple[bytes, int, str], ...] = (  # what stands there, where, and what it then is
    (b"%PDF-", 0, "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
)
PLAIN = "text/plain; charset=utf-8"
TEXT_NAMES = (".txt", ".csv", ".log", ".md")
WARNING = "Files may carry viruses: open only what you expected, on a machine with a virus scanner."


def opens_as(name: str, content: bytes) -> str | None:
    """The type under which a browser may show it; None: it is only saved."""
    for signature, at, kind in KINDS:
        if content[at : at + len(signature)] == signature:
            return kind
    if name.lower().endswith(TEXT_NAMES) and _is_text(content):
        return PLAIN
    return None


def _is_text(content: bytes) -> bool:
    try:
        words = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return "\0" not in words
