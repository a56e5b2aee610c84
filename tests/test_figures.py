"""docs/performance.md shows the figures that were kept, and its plots are readable."""

import xml.etree.ElementTree as ET

from tools.figures import PAGE, PICTURES, page, pictures
from tools.plots import Plot, svg

SVG = "{http://www.w3.org/2000/svg}"


def words_of(drawn: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(drawn).iter(f"{SVG}text")]


def test_the_tables_and_plots_are_those_of_the_kept_figures() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert page(written) == written
    for name, drawn in pictures().items():
        assert (PICTURES / name).read_text(encoding="utf-8") == drawn


def test_a_plot_names_its_axes_and_its_curves() -> None:
    plot = Plot("Growth <of> it", "queued", "a second", {"ours": [(10, 5), (1000, 7)], "theirs": [(10, 70), (1000, 9)]})
    words = words_of(svg(plot))
    assert {"Growth <of> it", "queued", "a second", "ours", "theirs"} <= set(words)
    assert {"10", "100", "1 k"} <= set(words)


def test_a_larger_value_is_drawn_higher_and_further_right() -> None:
    drawn = ET.fromstring(svg(Plot("", "x", "y", {"one": [(10, 5), (1000, 50)]}, y_is_logarithmic=True)))
    low, high = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in drawn.iter(f"{SVG}circle")]
    assert low[0] < high[0]
    assert low[1] > high[1]
