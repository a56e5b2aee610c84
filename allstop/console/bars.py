"""A plot that the server draws: bars in an SVG, with the same numbers in a table beneath. See parts/bars.html."""

from collections.abc import Sequence
from typing import Any

HEIGHT = 100  # of the drawing, in its own units
WIDTH = 10  # of one bar with its gap


def bars(  # noqa: PLR0913 - what stands around a plot
    identity: str,
    title: str,
    about: str,
    unit: str,
    rows: Sequence[tuple[str, int] | tuple[str, int, int]],
    note: str = "",
    names: Sequence[str] = (),
) -> Any:
    """`rows`: what stands under a bar, and how many. The highest bar fills the height.

    With `names`, as many numbers in each row: their bars stand side by side, in this order.
    """
    values = [row[1:] for row in rows]
    top = max((value for numbers in values for value in numbers), default=0)
    each = (WIDTH - 2) / max(1, len(names))
    columns = [
        {
            "x": number * WIDTH + 1 + place * each,
            "y": HEIGHT - height,
            "width": each,
            "height": height,
            "series": place + 1,
        }
        for number, numbers in enumerate(values)
        for place, value in enumerate(numbers)
        if (height := _height(value, top))
    ]
    return {
        "id": identity,
        "title": title,
        "about": about,
        "unit": unit,
        "rows": [(row[0], row[1:]) for row in rows],
        "names": names,
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
