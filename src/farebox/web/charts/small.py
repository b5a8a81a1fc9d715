"""Small pictures for cells and tiles: the course of a number, and a part of a whole."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import SubElement

from farebox.web.charts import drawing
from farebox.web.charts.scale import percent

SPARK_WIDTH = 96
SPARK_HEIGHT = 24
_MARGIN = 30
_METER_HEIGHT = 8


def spark_svg(name: str, values: Sequence[int]) -> str:
    """Draw the course of a number without scale or labels, in tenths of a pixel; the last value has a dot."""
    size = {"width": str(SPARK_WIDTH), "viewBox": f"0 0 {SPARK_WIDTH * 10} {SPARK_HEIGHT * 10}"}
    picture = drawing.canvas("spark", SPARK_HEIGHT, {"role": "img", "aria-label": name, **size})
    points = spark_points(values)
    SubElement(picture, "polyline", {"points": " ".join(f"{x},{y}" for x, y in points)})
    for x, y in points[-1:]:
        SubElement(picture, "circle", {"cx": str(x), "cy": str(y), "r": "25"})
    return drawing.written(picture)


def spark_points(values: Sequence[int]) -> list[tuple[int, int]]:
    """Return where each value stands: zero is part of the scale, so that a small change looks small."""
    low, high = min([*values, 0]), max([*values, 0])
    width, height = SPARK_WIDTH * 10 - 2 * _MARGIN, SPARK_HEIGHT * 10 - 2 * _MARGIN
    spaces, span = max(len(values) - 1, 1), max(high - low, 1)
    return [
        (_MARGIN + width * at // spaces, _MARGIN + height * (high - value) // span if high > low else _MARGIN + height)
        for at, value in enumerate(values)
    ]


def meter_svg(name: str, part: int, whole: int) -> str:
    """Draw how much of a whole a part is; what is more than the whole fills it."""
    picture = drawing.canvas("meter", _METER_HEIGHT, {"role": "img", "aria-label": name, "width": str(SPARK_WIDTH)})
    shape = {"height": str(_METER_HEIGHT), "rx": str(_METER_HEIGHT // 2)}
    SubElement(picture, "rect", {"class": "whole", "width": "100%", **shape})
    held = min(max(part, 0), max(whole, 0))
    if held:
        SubElement(picture, "rect", {"class": "part", "width": percent(held, whole), **shape})
    return drawing.written(picture)
