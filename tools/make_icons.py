"""Builds the console's icon sprite from an unpacked copy of the npm package @tabler/icons.

    python tools/make_icons.py path/to/node_modules/@tabler/icons

The sprite is checked in, so nobody needs npm to run or to work on Allstop. An icon that the list below does not name
is not in the sprite, and the template tag `icon` refuses it.
"""

import re
import sys
from pathlib import Path

SPRITE = Path(__file__).parent.parent / "allstop" / "console" / "static" / "console" / "icons.svg"

OUTLINE = (
    "activity-heartbeat",
    "address-book",
    "adjustments",
    "alert-triangle",
    "arrow-back-up",
    "arrow-right",
    "ban",
    "bell",
    "building",
    "calendar-event",
    "calendar-time",
    "check",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "chevron-up",
    "circle-check",
    "circle-x",
    "clock",
    "clock-pause",
    "copy",
    "currency-dollar-off",
    "device-desktop",
    "dots",
    "download",
    "external-link",
    "eye",
    "file-spreadsheet",
    "file-text",
    "file-upload",
    "filter",
    "flag",
    "folder",
    "hand-stop",
    "help-circle",
    "history",
    "home",
    "inbox",
    "info-circle",
    "key",
    "list-check",
    "lock",
    "logout",
    "mail",
    "map-pin",
    "menu-2",
    "message",
    "message-2",
    "moon",
    "phone",
    "plus",
    "refresh",
    "search",
    "send",
    "settings",
    "shield-lock",
    "sun",
    "trash",
    "upload",
    "user",
    "users",
    "users-group",
    "wifi-off",
    "x",
)
FILLED = ("player-stop", "player-play")

STROKE = 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'
FILL = 'fill="currentColor"'
EMPTY_BOX = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>')


def symbol(source: Path, paint: str) -> str:
    drawing = re.search(r"<svg[^>]*>(.*)</svg>", source.read_text(encoding="utf-8"), re.DOTALL)
    if drawing is None:
        raise SystemExit(f"{source} holds no drawing")
    paths = re.sub(r"\s+", " ", EMPTY_BOX.sub("", drawing.group(1))).strip()
    return f'<symbol id="{source.stem}" viewBox="0 0 24 24" {paint}>{paths}</symbol>'


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    icons = Path(sys.argv[1]) / "icons"
    symbols = [symbol(icons / "outline" / f"{name}.svg", STROKE) for name in OUTLINE]
    symbols += [symbol(icons / "filled" / f"{name}.svg", FILL) for name in FILLED]
    lines = ['<svg xmlns="http://www.w3.org/2000/svg">', *symbols, "</svg>"]
    SPRITE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(symbols)} icons in {SPRITE}")


if __name__ == "__main__":
    main()
