"""Files that emails take along: their names, what they are, and which are refused.

The rule that it guards: nothing leaves that runs when somebody opens it. Its name or its first bytes are enough to
refuse a file. What is packed is looked at by the names inside.
"""

import re
import unicodedata
from collections.abc import Sequence
from io import BytesIO
from zipfile import BadZipFile, ZipFile

USUAL_MB = 10  # of all attachments of one email
MOST_MB = 25  # what mail servers take at most, as a rule
MOST_FILES = 20
LONGEST_NAME = 120
MEGABYTE = 1_000_000
UNKNOWN = "application/octet-stream"

RUNS = frozenset(
    [
        "ade",
        "adp",
        "apk",
        "app",
        "appx",
        "appxbundle",
        "bat",
        "cab",
        "chm",
        "cmd",
        "com",
        "cpl",
        "deb",
        "diagcab",
        "dll",
        "dmg",
        "elf",
        "ex",
        "ex_",
        "exe",
        "hta",
        "img",
        "inf",
        "ins",
        "iso",
        "isp",
        "jar",
        "jnlp",
        "js",
        "jse",
        "lib",
        "lnk",
        "mde",
        "mjs",
        "msc",
        "msi",
        "msix",
        "msixbundle",
        "msp",
        "mst",
        "nsh",
        "pif",
        "pkg",
        "ps1",
        "psm1",
        "reg",
        "rpm",
        "scf",
        "scr",
        "sct",
        "sh",
        "shb",
        "sys",
        "vb",
        "vbe",
        "vbs",
        "vhd",
        "vhdx",
        "vxd",
        "wsc",
        "wsf",
        "wsh",
        "xll",
    ]
)
_BEGINS = (
    (b"MZ", "a program for Windows"),
    (b"\x7fELF", "a program for Linux"),
    (b"\xcf\xfa\xed\xfe", "a program for a Mac"),
    (b"\xfe\xed\xfa\xcf", "a program for a Mac"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"#!", "a script"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "a shortcut of Windows"),
)
_TYPES = {
    "avif": "image/avif",
    "bmp": "image/bmp",
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "gif": "image/gif",
    "heic": "image/heic",
    "ics": "text/calendar",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "application/json",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "pdf": "application/pdf",
    "png": "image/png",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "rtf": "application/rtf",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "txt": "text/plain",
    "vcf": "text/vcard",
    "wav": "audio/wav",
    "webp": "image/webp",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


def clean_name(said: str) -> str:
    """A name without folders and without what a mail program, a browser or a shell may trip over."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", said))[-1]
    kept = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*;%')
    name = " ".join(kept.split()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}" if stem else ending
    return name[:LONGEST_NAME] or "attachment"


def type_of(name: str) -> str:
    """What the mail calls it."""
    return _TYPES.get(_ending(name), UNKNOWN)


def refusal(name: str, content: bytes, most_mb: int) -> str:
    """Why it cannot be attached, and what to do; "" = it can. `name`: cleaned."""
    if not content:
        return f"{name} is empty. Choose another file."
    if len(content) > most_mb * MEGABYTE:
        return f"{name} is too large. {_at_most(most_mb)}"
    if why := _why_dangerous(name, content):
        return f"{name} is {why}. Such files are not sent: they may carry viruses. Attach a PDF or a picture instead."
    return ""


def refusal_of_all(sizes: Sequence[int], most_mb: int) -> str:
    """Of the attachments of one email together."""
    if len(sizes) > MOST_FILES:
        return f"An email takes at most {MOST_FILES} files. Leave some out."
    if sum(sizes) > most_mb * MEGABYTE:
        return f"These files have {megabytes(sum(sizes))} together. {_at_most(most_mb)}"
    return ""


def megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB"


def _at_most(most_mb: int) -> str:
    return f"An email takes at most {most_mb} MB: leave something out, or send a link."


def _ending(name: str) -> str:
    return name.rpartition(".")[2].casefold() if "." in name else ""


def _why_dangerous(name: str, content: bytes) -> str:
    if _ending(name) in RUNS:
        return f"a file that runs (.{_ending(name)})"
    for begins, what in _BEGINS:
        if content.startswith(begins):
            return what
    inside = next((one for one in _names_inside(content) if _ending(one.rstrip(". ")) in RUNS), "")
    return f"a packed file with {clean_name(inside)} in it" if inside else ""


def _names_inside(content: bytes) -> list[str]:
    if not content.startswith(b"PK"):
        return []
    try:
        with ZipFile(BytesIO(content)) as packed:
            return packed.namelist()
    except (BadZipFile, ValueError, NotImplementedError, OSError):
        return []  # no archive after all, or one that nothing opens
