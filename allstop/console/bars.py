"""A plot that the server draws: bars in an SVG, with the same numbers in a table beneath. See parts/bars.html."""

from collections.abc import Sequence
from typing import Any

HEIGHT = 100  # of the drawing, in its own units
WIDTH = 10  # of one bar with its gap


def bars(identity: str, title: str, about: str, unit: str, rows: Sequence[tuple[str, int]], note: str = "") -> Any:
    """`rows`: what stands under a bar, and how many. The highest bar fills the height."""
    top = max((value for _, value in rows), default=0)
    columns = [
        {"x": number * WIDTH + 1, "y": HEIGHT - height, "width": WIDTH - 2, "height": height}
        for number, (_, value) in enumerate(rows)
        if (height := _height(value, top))
    ]
    return {
        "id": identity,
        "title": title,
        "about": about,
        "unit": unit,
        "rows": rows,
        "columns": columns,
        "box": f"0 0 {max(1, len(rows)) * WIDTH} {HEIGHT}",
        "top": top,
        "first": rows[0][0] if rows else "",
        "last": rows[-1][0] if len(rows) > 1 else "",
        "note": note,
    }


def _height(value: int, top: int) -> float:
    """One of a million is still seen."""
    return max(1.5, round(HEIGHT * value / top, 2)) if value else 0
