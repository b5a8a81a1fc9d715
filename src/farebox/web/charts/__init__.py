"""
Charts: pure functions from numbers to SVG, styled by class.

A picture has no fixed width: horizontal places are percents, vertical ones pixels, so letters keep their size
on every screen. All geometry is whole numbers. Texts come in ready for the reader's language; nothing
here translates, reads a clock or knows what a token is.
"""

from farebox.web.charts.bars import Bar, BarChart, bars_svg, labels_svg
from farebox.web.charts.columns import ColumnChart, Piece, columns_axis_svg, columns_svg, pieces_of
from farebox.web.charts.drawing import Tick
from farebox.web.charts.kinds import REST, kind_of, swatch_svg
from farebox.web.charts.line import (
    LANES_MAX,
    PLOT_BOTTOM,
    PLOT_TOP,
    SIGN_HEIGHT,
    LineChart,
    Mark,
    axis_svg,
    lanes,
    line_svg,
    sign_svg,
    stroke_svg,
)
from farebox.web.charts.scale import GRID_LINES_MAX, grid, rolling_means, shortened, width_of
from farebox.web.charts.series import Series, largest
from farebox.web.charts.small import meter_svg, spark_points, spark_svg

__all__ = [
    "GRID_LINES_MAX",
    "LANES_MAX",
    "PLOT_BOTTOM",
    "PLOT_TOP",
    "REST",
    "SIGN_HEIGHT",
    "Bar",
    "BarChart",
    "ColumnChart",
    "LineChart",
    "Mark",
    "Piece",
    "Series",
    "Tick",
    "axis_svg",
    "bars_svg",
    "columns_axis_svg",
    "columns_svg",
    "grid",
    "kind_of",
    "labels_svg",
    "lanes",
    "largest",
    "line_svg",
    "meter_svg",
    "pieces_of",
    "rolling_means",
    "shortened",
    "sign_svg",
    "spark_points",
    "spark_svg",
    "stroke_svg",
    "swatch_svg",
    "width_of",
]
