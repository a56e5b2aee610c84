"""Growth curves as SVG. Light and dark follow the reader's setting; dashes tell the curves apart without colours."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, TOP, BOTTOM = 78, 24, 48, 76  # what lies around the plot
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #3d4653 } .title { font-size: 16px; font-weight: 600; fill: #1b2430 }
  .grid { stroke: #d9dee5 } .axis { stroke: #8a94a3 } .paper { fill: #ffffff }
  .s0 { stroke: #0b6bcb; fill: #0b6bcb } .s1 { stroke: #b45309; fill: #b45309 } .s2 { stroke: #15803d; fill: #15803d }
  .s3 { stroke: #9333ea; fill: #9333ea } .line { fill: none !important; stroke-width: 2.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #c3cad5 } .title { fill: #eef2f7 } .grid { stroke: #2d3642 } .axis { stroke: #6b7686 }
    .paper { fill: #131a23 } .s0 { stroke: #6cb4ff; fill: #6cb4ff } .s1 { stroke: #f5b04c; fill: #f5b04c }
    .s2 { stroke: #5fd08a; fill: #5fd08a } .s3 { stroke: #c99bff; fill: #c99bff }
  }
"""

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves over a logarithmic x."""

    title: str
    x: str
    y: str
    curves: dict[str, Points]
    y_is_logarithmic: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    ticks: list[float]
    place: Callable[[float], float]


def svg(plot: Plot) -> str:
    points = [point for curve in plot.curves.values() for point in curve]
    across = _powers([x for x, _ in points], LEFT, WIDTH - RIGHT)
    ys = [y for _, y in points]
    up = (_powers if plot.y_is_logarithmic else _even)(ys, HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-label="{escape(plot.title)}">',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
        _text(LEFT, 28, plot.title, "start", "title"),
        *_grid(across, up),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 40, plot.x),
        f'<text transform="translate(18 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) rotate(-90)" text-anchor="middle">'
        f"{escape(plot.y)}</text>",
        *_curves(plot, across, up),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _grid(across: Axis, up: Axis) -> list[str]:
    lines = []
    for y in up.ticks:
        at = up.place(y)
        lines.append(f'<path class="grid" d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}"/>')
        lines.append(_text(LEFT - 8, at + 4, short(y), "end"))
    for x in across.ticks:
        at = across.place(x)
        lines.append(f'<path class="axis" d="M{at:.1f} {HEIGHT - BOTTOM}v5"/>')
        lines.append(_text(at, HEIGHT - BOTTOM + 20, short(x)))
    lines.append(f'<path class="axis" d="M{LEFT} {HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>')
    return lines


def _curves(plot: Plot, across: Axis, up: Axis) -> list[str]:
    parts = []
    for number, (name, curve) in enumerate(plot.curves.items()):
        style = f"s{number % 4}"
        at = [(across.place(x), up.place(y)) for x, y in sorted(curve)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in at)
        dashes = f' stroke-dasharray="{3 + 3 * number} 4"' if number else ""
        parts.append(f'<path class="line {style}" d="M{path}"{dashes}/>')
        parts += [f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in at]
        left = LEFT + number * (WIDTH - LEFT - RIGHT) / max(1, len(plot.curves))
        parts.append(f'<path class="line {style}" d="M{left:.0f} {HEIGHT - 14}h22"{dashes}/>')
        parts.append(_text(left + 28, HEIGHT - 10, name, "start"))
    return parts


def _powers(values: Sequence[float], start: float, end: float) -> Axis:
    """Logarithmic, with a tick at each power of ten."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)

    def place(value: float) -> float:
        return start + (math.log10(value) - low) / (high - low) * (end - start)

    return Axis([10.0**power for power in range(low, high + 1)], place)


def _even(values: Sequence[float], start: float, end: float) -> Axis:
    """From zero, with about five ticks at round numbers."""
    step = 10.0 ** math.floor(math.log10(max(values)))
    while max(values) / step < 4:
        step /= 2
    count = math.ceil(max(values) / step)
    return Axis([step * i for i in range(count + 1)], lambda value: start + value / (step * count) * (end - start))


def _text(x: float, y: float, words: str, anchor: str = "middle", style: str = "") -> str:
    of_class = f' class="{style}"' if style else ""
    return f'<text{of_class} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def short(value: float) -> str:
    for size, letter in ((1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
