"""
Figures: charts as pages show them, made of numbers and a few words.

Each maker returns a frozen `Figure` with picture, legend and the table that says the same; `_figure.html` shows it.
The words that every chart needs, and its name for those who do not see it, are said here in the reader's language.
"""

from django.utils.safestring import SafeString

from farebox.web import charts
from farebox.web.charts import Series, largest
from farebox.web.figures.lying import Item, band_name, bars, histogram, shares
from farebox.web.figures.model import Cell, Figure, Head, Row, Spread, Words, Write, safe, tokens, tokens_rounded
from farebox.web.figures.over_time import Week, columns, line, mark_signs, of_days, weeks

__all__ = [
    "Cell",
    "Figure",
    "Head",
    "Item",
    "Row",
    "Series",
    "Spread",
    "Week",
    "Words",
    "Write",
    "band_name",
    "bars",
    "columns",
    "histogram",
    "largest",
    "line",
    "mark_signs",
    "meter",
    "of_days",
    "safe",
    "shares",
    "spark",
    "tokens",
    "tokens_rounded",
    "weeks",
]


def spark(name: str, values: list[int] | tuple[int, ...]) -> SafeString:
    """Draw the course of a number for a cell or a tile; `name` says it in words."""
    return safe(charts.spark_svg(name, values))


def meter(name: str, part: int, whole: int) -> SafeString:
    """Draw how much of a whole a part is, for a cell or a tile; `name` says it in words."""
    return safe(charts.meter_svg(name, part, whole))
