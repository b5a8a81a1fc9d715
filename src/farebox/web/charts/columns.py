"""
Columns over time: stacked, or side by side.

All columns of a series are one path in whole numbers, a hundred to a place, that clips a filling: so a year of
days stays small, and the filling keeps its shape however wide the picture is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from farebox.web.charts import drawing, kinds
from farebox.web.charts.drawing import Tick, amid
from farebox.web.charts.scale import Scale, grid

COLUMNS_TOP = 10
COLUMNS_HEIGHT = 200
_PLACE = 100
_WIDTH_MAX = 72
_WIDTH_EACH = 9
"""A lonely column takes no more than this many percent of its place."""

_GAP = 10
"""A pixel between the pieces of a stack, in tenths, where they are thick enough to lose it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChart:
    """
    What columns show: for each series a value a place, from the floor up, and the kind that fills it.

    `limits` are pale columns behind: what a place could hold at most. `lines` replaces the round scale.
    """

    key: str
    name: str
    series: tuple[tuple[int, ...], ...]
    kinds: tuple[int, ...]
    ticks: tuple[Tick, ...] = ()
    limits: tuple[int, ...] = ()
    lines: tuple[int, ...] = ()
    stacked: bool = True
    height: int = COLUMNS_HEIGHT
    as_label: Callable[[int], str] = str

    @property
    def places(self) -> int:
        """How many places there are."""
        return len(self.series[0])


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a column: the values that it reaches from and to, and whether another lies under it."""

    place: int
    since: int
    until: int
    lies_on: bool


def columns_svg(chart: ColumnChart, *, unit: int = 1) -> str:
    """Draw the columns, the grid behind and the labels under them."""
    scale = _scale(chart, unit)
    picture = drawing.plot("columns", chart.name, scale)
    kinds.draw_fills(picture, chart.key, chart.kinds)
    drawing.draw_grid(picture, scale)
    if chart.limits:
        path = _path(_side_by_side(chart.limits), scale, _column(chart.places, 0, 1))
        _draw_pieces(picture, chart, f"{chart.key}-limits", path, {"class": "limits"})
    for at, pieces in enumerate(pieces_of(chart)):
        column = _column(chart.places, 0, 1) if chart.stacked else _column(chart.places, at, len(chart.series))
        filled = {"fill": kinds.fill(chart.key, chart.kinds[at])}
        _draw_pieces(picture, chart, f"{chart.key}-clip-{at}", _path(pieces, scale, column), filled)
    drawing.draw_ticks(picture, chart.ticks, scale, amid(chart.places))
    return drawing.written(picture)


def columns_axis_svg(chart: ColumnChart, *, unit: int = 1) -> str:
    """Draw the labels of the grid, as a column of its own to the left."""
    return drawing.axis(_scale(chart, unit), chart.as_label)


def pieces_of(chart: ColumnChart) -> list[list[Piece]]:
    """Return the pieces of each series: what is above zero stands on what is before it, what is below hangs from it."""
    if not chart.stacked:
        return [_side_by_side(values) for values in chart.series]
    tops, floors = [0] * chart.places, [0] * chart.places
    return [list(_stacked(values, tops, floors)) for values in chart.series]


def _side_by_side(values: tuple[int, ...]) -> list[Piece]:
    return [Piece(at, 0, value, lies_on=False) for at, value in enumerate(values) if value]


def _stacked(values: tuple[int, ...], tops: list[int], floors: list[int]) -> Iterator[Piece]:
    for at, value in enumerate(values):
        ends = tops if value > 0 else floors
        if value:
            yield Piece(at, ends[at], ends[at] + value, lies_on=ends[at] != 0)
        ends[at] += value


def _scale(chart: ColumnChart, unit: int) -> Scale:
    ends = [piece.until for pieces in pieces_of(chart) for piece in pieces]
    lines = chart.lines or grid(min(ends, default=0), max(ends, default=0), unit=unit)
    return Scale(lines, COLUMNS_TOP, chart.height)


def _column(places: int, at: int, of: int) -> tuple[int, int]:
    """Return where a column starts in its place and how wide it is, where `of` stand side by side."""
    whole = min(_WIDTH_MAX, _WIDTH_EACH * (places + 1))
    width = max(whole // of, 1)
    return (_PLACE - width * of) // 2 + at * width, width if of == 1 else max(width - 2, 1)


def _path(pieces: list[Piece], scale: Scale, column: tuple[int, int]) -> str:
    """Write the pieces as one path, a hundred units a place across, tenths of a pixel down."""
    start, width = column
    return "".join(
        f"M{piece.place * _PLACE + start} {top}h{width}v{thick}h-{width}z"
        for piece in pieces
        for top, thick in [_extent(piece, scale)]
    )


def _extent(piece: Piece, scale: Scale) -> tuple[int, int]:
    """Return where a piece begins and how thick it is; one that is something is never nothing to see."""
    top, bottom = sorted((scale.y(piece.since), scale.y(piece.until)))
    thick = max(bottom - top, _GAP)
    if piece.lies_on and thick > 2 * _GAP:
        return (top, thick - _GAP) if piece.until > 0 else (top + _GAP, thick - _GAP)
    return min(top, bottom - thick) if piece.until > 0 else top, thick


def _draw_pieces(picture: Element, chart: ColumnChart, clip: str, path: str, attributes: dict[str, str]) -> None:
    """Draw a filling through the path: the path is stretched with the picture, the filling is not."""
    height = COLUMNS_TOP + chart.height + drawing.TICKS_HEIGHT
    window = SubElement(picture, "clipPath", {"id": clip, "clipPathUnits": "objectBoundingBox"})
    scales = f"scale({_inverse(chart.places * _PLACE)} {_inverse(height * 10)})"
    SubElement(window, "path", {"transform": scales, "d": path})
    whole = {"width": "100%", "height": str(height), "clip-path": f"url(#{clip})"}
    SubElement(picture, "rect", whole | attributes)


def _inverse(number: int) -> str:
    """Write one divided by a whole number."""
    return f"{10**12 // number}e-12"
