"""
Charts: pure functions from numbers to SVG, styled by class.

The picture has no fixed width: horizontal places are percents, vertical ones pixels, so letters keep their size
on every screen. All geometry is whole tenths of a pixel. Texts come in ready for the reader's language; nothing
here translates, reads a clock or knows what a token is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from xml.etree.ElementTree import Element, SubElement, tostring

PLOT_TOP = 18
PLOT_HEIGHT = 216
PLOT_BOTTOM = PLOT_TOP + PLOT_HEIGHT
HEIGHT = PLOT_BOTTOM + 36
AXIS_WIDTH = 56
GRID_LINES_MAX = 5
SIGN_HEIGHT = 18
LANES_MAX = 6
_SIGN_PERCENT = 7
"""What a sign takes of the width on the narrowest screen; closer signs stand below one another."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A label under the line: the place it stands at, its text, and a second line where the year turns."""

    place: int
    label: str
    under: str = ""
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a place on the line; `kind` is its class, `title` says it in words."""

    place: int
    kind: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart:
    """What a line chart shows: one value a day, their means, marks, ticks and the shaded places."""

    name: str
    values: tuple[int, ...]
    means: tuple[int | None, ...]
    marks: tuple[Mark, ...] = ()
    ticks: tuple[Tick, ...] = ()
    shade: tuple[int, int] | None = None
    as_label: Callable[[int], str] = str


def rolling_means(values: Sequence[int], width: int = 7) -> tuple[int | None, ...]:
    """Return the mean of each value and the `width` − 1 before it, half up; none where they are too few."""
    means: list[int | None] = [None] * min(width - 1, len(values))
    total = sum(values[: width - 1])
    for at in range(width - 1, len(values)):
        total += values[at]
        means.append((2 * total + width) // (2 * width))
        total -= values[at - width + 1]
    return tuple(means)


def grid(lowest: int, highest: int, *, unit: int = 1) -> tuple[int, ...]:
    """
    Return round values from below `lowest` to above `highest`, zero among them, at most one more than fits.

    Steps are 1, 2 or 5 times a power of ten, in `unit`s and never smaller than one.
    """
    low, high = min(lowest, 0), max(highest, 0)
    step = unit
    for factor in _steps():
        step = factor * unit
        if -(-high // step) - low // step <= GRID_LINES_MAX:
            break
    first, last = low // step, max(-(-high // step), low // step + 1)
    return tuple(at * step for at in range(first, last + 1))


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


def line_svg(chart: LineChart, *, unit: int = 1) -> str:
    """Draw the lines, grid, shade, marks and the labels under them."""
    lines = grid(min(chart.values, default=0), max(chart.values, default=0), unit=unit)
    picture = _canvas("lines", {"role": "img", "aria-label": chart.name, "width": "100%"})
    _draw_shade(picture, chart)
    for value in lines:
        y = _tenths(_height(value, lines))
        SubElement(picture, "line", {"class": "grid" if value else "grid zero", "x2": "100%", "y1": y, "y2": y})
    _draw_values(picture, chart, lines)
    _draw_marks(picture, chart)
    _draw_ticks(picture, chart)
    return tostring(picture, encoding="unicode")


def axis_svg(chart: LineChart, *, unit: int = 1) -> str:
    """Draw the labels of the grid, as a column of its own to the left of the lines."""
    lines = grid(min(chart.values, default=0), max(chart.values, default=0), unit=unit)
    picture = _canvas("axis", {"aria-hidden": "true", "width": str(AXIS_WIDTH)})
    for value in lines:
        y = _tenths(_height(value, lines) + 40)
        text = SubElement(picture, "text", {"class": "value", "x": str(AXIS_WIDTH - 8), "y": y})
        text.text = chart.as_label(value)
    return tostring(picture, encoding="unicode")


def _steps() -> Sequence[int]:
    return [digit * 10**power for power in range(19) for digit in (1, 2, 5)]


def _canvas(kind: str, attributes: dict[str, str]) -> Element:
    return Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": kind, "height": str(HEIGHT), **attributes})


def _height(value: int, lines: tuple[int, ...]) -> int:
    low, high = lines[0], lines[-1]
    return PLOT_TOP * 10 + PLOT_HEIGHT * 10 * (high - value) // (high - low)


def _tenths(number: int) -> str:
    whole, tenth = divmod(number, 10)
    return f"{whole}.{tenth}" if tenth else str(whole)


def _percent(place: int, places: int) -> str:
    hundredths = 10_000 * place // max(places - 1, 1)
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def _draw_shade(picture: Element, chart: LineChart) -> None:
    if chart.shade is None:
        return
    first, last = chart.shade
    places = len(chart.values)
    SubElement(
        picture,
        "rect",
        {
            "class": "shade",
            "x": _percent(first, places),
            "y": str(PLOT_TOP),
            "width": _percent(last - first, places),
            "height": str(PLOT_HEIGHT),
        },
    )


def _draw_values(picture: Element, chart: LineChart, lines: tuple[int, ...]) -> None:
    width = max(len(chart.values) - 1, 1)
    frame = {"width": "100%", "height": str(HEIGHT), "viewBox": f"0 0 {width} {HEIGHT}", "preserveAspectRatio": "none"}
    inner = SubElement(picture, "svg", frame)
    points = " ".join(f"{at},{_tenths(_height(value, lines))}" for at, value in enumerate(chart.values))
    means = " ".join(f"{at},{_tenths(_height(v, lines))}" for at, v in enumerate(chart.means) if v is not None)
    zero = _tenths(_height(0, lines))
    SubElement(inner, "polygon", {"class": "area", "points": f"0,{zero} {points} {width},{zero}"})
    SubElement(inner, "polyline", {"class": "daily", "points": points})
    SubElement(inner, "polyline", {"class": "mean", "points": means})


def _draw_marks(picture: Element, chart: LineChart) -> None:
    """Draw each mark with its line from its sign down; the lowest signs come last and cover the lines of others."""
    marks = sorted(chart.marks, key=lambda mark: mark.place)
    apart = -(-len(chart.values) * _SIGN_PERCENT // 100)
    for lane, mark in sorted(zip(lanes([mark.place for mark in marks], apart), marks, strict=True), key=itemgetter(0)):
        x, y = _percent(mark.place, len(chart.values)), str(PLOT_TOP + lane * SIGN_HEIGHT)
        group = SubElement(picture, "g", {"class": f"mark {mark.kind}"})
        SubElement(group, "title").text = mark.title
        SubElement(group, "line", {"x1": x, "x2": x, "y1": y, "y2": str(PLOT_BOTTOM)})
        sign = SubElement(group, "svg", {"x": x, "y": y, "overflow": "visible"})
        draw_sign(sign, mark.kind)


def draw_sign(parent: Element, kind: str) -> None:
    """Draw the sign of a mark around the origin: a disc with a plus, or a square with a minus."""
    if kind == "purchased":
        SubElement(parent, "circle", {"r": "7"})
        SubElement(parent, "path", {"d": "M-3.5 0h7M0 -3.5v7"})
    else:
        SubElement(parent, "rect", {"x": "-6.5", "y": "-6.5", "width": "13", "height": "13", "rx": "2.5"})
        SubElement(parent, "path", {"d": "M-3.5 0h7"})


def sign_svg(kind: str) -> str:
    """Draw the sign of a mark by itself, for the legend."""
    picture = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": f"mark {kind}", "aria-hidden": "true"})
    picture.attrib |= {"width": "16", "height": "16", "viewBox": "-8 -8 16 16"}
    draw_sign(picture, kind)
    return tostring(picture, encoding="unicode")


def _draw_ticks(picture: Element, chart: LineChart) -> None:
    for tick in chart.ticks:
        x = _percent(tick.place, len(chart.values))
        kind = "tick spare" if tick.spare else "tick"
        label = SubElement(picture, "text", {"class": kind, "x": x, "y": str(PLOT_BOTTOM + 17)})
        label.text = tick.label
        if tick.under:
            year = SubElement(picture, "text", {"class": f"{kind} under", "x": x, "y": str(PLOT_BOTTOM + 31)})
            year.text = tick.under
