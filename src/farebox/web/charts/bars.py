"""
Lying bars, one below the other: each with its label, its parts and its number at the end.

The labels are a column of their own, or stand above their bars where one of them is long. The picture takes its
width from the stylesheet, which leaves room for the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from xml.etree.ElementTree import Element, SubElement

from farebox.web.charts import drawing, kinds
from farebox.web.charts.scale import percent, shortened, widest

LABEL_WIDTH_MAX = 104
"""Wider labels stand above their bars: there is no room beside them on a telephone."""

_ABOVE_WIDTH_MAX = 290
_ROW = 28
_ROW_LABELLED = 44
_BAR = 18
_BAR_TOUCHING = 27
_SEEN_AT_LEAST = 250
"""What is something takes at least this part of the width."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its label, the value of each of its parts, and the text at its end."""

    label: str
    values: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart:
    """What bars show; those of a histogram are `touching`."""

    key: str
    name: str
    bars: tuple[Bar, ...]
    kinds: tuple[int, ...] = (0,)
    touching: bool = False


def bars_svg(chart: BarChart) -> str:
    """Draw the bars with their numbers, and their labels where those stand above."""
    row, thick = _row(chart), _BAR_TOUCHING if chart.touching else _BAR
    named = {"role": "img", "aria-label": chart.name}
    picture = drawing.canvas("bars", row * len(chart.bars), named)
    kinds.draw_fills(picture, chart.key, chart.kinds)
    longest = max(sum(_parts(bar)) for bar in chart.bars)
    for at, bar in enumerate(chart.bars):
        below = 20 if _has_labels_above(chart) else (_ROW - thick) // 2
        _draw_bar(picture, chart, bar, (row * at + below, thick), longest)
        if _has_labels_above(chart):
            label = SubElement(picture, "text", {"class": "label", "y": str(row * at + 15)})
            label.text = shortened(bar.label, _ABOVE_WIDTH_MAX)
    return drawing.written(picture)


def labels_svg(chart: BarChart) -> str:
    """Draw the labels as a column of their own; nothing where they stand above their bars."""
    if _has_labels_above(chart):
        return ""
    width = widest(bar.label for bar in chart.bars) + 10
    picture = drawing.canvas("axis", _ROW * len(chart.bars), {"aria-hidden": "true", "width": str(width)})
    for at, bar in enumerate(chart.bars):
        place = {"class": "value", "x": str(width - 10), "y": str(_ROW * at + _ROW // 2 + 4)}
        SubElement(picture, "text", place).text = bar.label
    return drawing.written(picture)


def _has_labels_above(chart: BarChart) -> bool:
    return widest(bar.label for bar in chart.bars) > LABEL_WIDTH_MAX


def _row(chart: BarChart) -> int:
    return _ROW_LABELLED if _has_labels_above(chart) else _ROW


def _parts(bar: Bar) -> tuple[int, ...]:
    """Return how long the parts are; what is below zero has no length."""
    return tuple(max(value, 0) for value in bar.values)


def _draw_bar(picture: Element, chart: BarChart, bar: Bar, place: tuple[int, int], longest: int) -> None:
    y, thick = place
    parts = _parts(bar)
    for start, part, kind in zip(accumulate(parts, initial=0), parts, chart.kinds, strict=False):
        if part:
            width = percent(max(part, longest // _SEEN_AT_LEAST), longest)
            where = {"x": percent(start, longest), "y": str(y), "width": width, "height": str(thick)}
            SubElement(picture, "rect", {"class": "part", "fill": kinds.fill(chart.key, kind), **where})
    end = {"class": "end", "x": percent(sum(parts), longest), "dx": "7", "y": str(y + thick // 2 + 4)}
    SubElement(picture, "text", end).text = bar.text
