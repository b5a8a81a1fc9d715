"""The line over time, with its mean, marks, a shaded stretch and what is expected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from xml.etree.ElementTree import Element, SubElement

from farebox.web.charts import drawing
from farebox.web.charts.drawing import Tick, along
from farebox.web.charts.scale import Scale, grid, percent, tenths

PLOT_TOP = 18
PLOT_HEIGHT = 216
PLOT_BOTTOM = PLOT_TOP + PLOT_HEIGHT
SIGN_HEIGHT = 18
LANES_MAX = 6
_SIGN_PERCENT = 7
"""What a sign takes of the width on the narrowest screen; closer signs stand below one another."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a place on the line; `kind` is its class, `title` says it in words."""

    place: int
    kind: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart:
    """What a line chart shows: a value a place, means, marks, ticks, the shaded places, how many are `ahead`."""

    name: str
    values: tuple[int, ...]
    means: tuple[int | None, ...] = ()
    marks: tuple[Mark, ...] = ()
    ticks: tuple[Tick, ...] = ()
    shade: tuple[int, int] | None = None
    ahead: int = 0
    as_label: Callable[[int], str] = str


def line_svg(chart: LineChart, *, unit: int = 1) -> str:
    """Draw the lines, grid, shade, marks and the labels under them."""
    scale = _scale(chart, unit)
    picture = drawing.plot("lines", chart.name, scale)
    _draw_shade(picture, chart)
    drawing.draw_grid(picture, scale)
    _draw_values(picture, chart, scale)
    _draw_marks(picture, chart)
    drawing.draw_ticks(picture, chart.ticks, scale, along(len(chart.values)))
    return drawing.written(picture)


def axis_svg(chart: LineChart, *, unit: int = 1) -> str:
    """Draw the labels of the grid, as a column of its own to the left of the lines."""
    return drawing.axis(_scale(chart, unit), chart.as_label)


def lanes(places: Sequence[int], apart: int) -> tuple[int, ...]:
    """
    Return the lane of each place, in the order given: the first one whose last place is `apart` or more before.

    `places` ascend. Where all `LANES_MAX` are taken, the one taken longest ago is used again.
    """
    taken: list[int] = []
    found: list[int] = []
    for place in places:
        free = (at for at, last in enumerate(taken) if place - last >= apart)
        lane = next(free, len(taken))
        if lane == LANES_MAX:
            lane = taken.index(min(taken))
        taken[lane : lane + 1] = [place]
        found.append(lane)
    return tuple(found)


def sign_svg(kind: str) -> str:
    """Draw the sign of a mark by itself, for the legend."""
    picture = Element("svg", {"xmlns": drawing.NAMESPACE, "class": f"mark {kind}", "aria-hidden": "true"})
    picture.attrib |= {"width": "16", "height": "16", "viewBox": "-8 -8 16 16"}
    _draw_sign(picture, kind)
    return drawing.written(picture)


def stroke_svg(kind: str) -> str:
    """Draw a piece of a line, or of the shade, for the legend."""
    picture = drawing.canvas("stroke", 14, {"aria-hidden": "true", "width": "24"})
    if kind == "shade":
        SubElement(picture, "rect", {"class": kind, "width": "24", "height": "14"})
    else:
        SubElement(picture, "line", {"class": kind, "x2": "24", "y1": "7", "y2": "7"})
    return drawing.written(picture)


def _scale(chart: LineChart, unit: int) -> Scale:
    lines = grid(min(chart.values, default=0), max(chart.values, default=0), unit=unit)
    return Scale(lines, PLOT_TOP, PLOT_HEIGHT)


def _draw_shade(picture: Element, chart: LineChart) -> None:
    if chart.shade is None:
        return
    first, last = chart.shade
    spaces = max(len(chart.values) - 1, 1)
    where = {"x": percent(first, spaces), "width": percent(last - first, spaces)}
    SubElement(picture, "rect", {"class": "shade", "y": str(PLOT_TOP), "height": str(PLOT_HEIGHT), **where})


def _draw_values(picture: Element, chart: LineChart, scale: Scale) -> None:
    """Draw what was as an area and a line, what is ahead as a line of its own that begins where the other ends."""
    width, height = max(len(chart.values) - 1, 1), scale.floor + drawing.TICKS_HEIGHT
    frame = {"width": "100%", "height": str(height), "viewBox": f"0 0 {width} {height}", "preserveAspectRatio": "none"}
    inner = SubElement(picture, "svg", frame)
    known = len(chart.values) - chart.ahead
    points = _points(enumerate(chart.values[:known]), scale)
    zero = tenths(scale.y(0))
    SubElement(inner, "polygon", {"class": "area", "points": f"0,{zero} {points} {max(known - 1, 1)},{zero}"})
    SubElement(inner, "polyline", {"class": "daily" if chart.means else "daily only", "points": points})
    if chart.ahead:
        expected = list(enumerate(chart.values))[max(known - 1, 0) :]
        SubElement(inner, "polyline", {"class": "ahead", "points": _points(expected, scale)})
    if chart.means:
        means = ((at, mean) for at, mean in enumerate(chart.means) if mean is not None)
        SubElement(inner, "polyline", {"class": "mean", "points": _points(means, scale)})


def _points(values: Iterable[tuple[int, int]], scale: Scale) -> str:
    return " ".join(f"{at},{tenths(scale.y(value))}" for at, value in values)


def _draw_marks(picture: Element, chart: LineChart) -> None:
    """Draw each mark with its line from its sign down; the lowest signs come last and cover the lines of others."""
    marks = sorted(chart.marks, key=lambda mark: mark.place)
    apart = -(-len(chart.values) * _SIGN_PERCENT // 100)
    place = along(len(chart.values))
    for lane, mark in sorted(zip(lanes([mark.place for mark in marks], apart), marks, strict=True), key=itemgetter(0)):
        x, y = place(mark.place), str(PLOT_TOP + lane * SIGN_HEIGHT)
        group = SubElement(picture, "g", {"class": f"mark {mark.kind}"})
        SubElement(group, "title").text = mark.title
        SubElement(group, "line", {"x1": x, "x2": x, "y1": y, "y2": str(PLOT_BOTTOM)})
        sign = SubElement(group, "svg", {"x": x, "y": y, "overflow": "visible"})
        _draw_sign(sign, mark.kind)


def _draw_sign(parent: Element, kind: str) -> None:
    """Draw the sign of a mark around the origin: a disc with a plus, or a square with a minus."""
    if kind == "purchased":
        SubElement(parent, "circle", {"r": "7"})
        SubElement(parent, "path", {"d": "M-3.5 0h7M0 -3.5v7"})
    else:
        SubElement(parent, "rect", {"x": "-6.5", "y": "-6.5", "width": "13", "height": "13", "rx": "2.5"})
        SubElement(parent, "path", {"d": "M-3.5 0h7"})
