"""Figures over time: columns, a person's weeks, a line with what is expected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from farebox.domain.periods import Days
from farebox.web import charts, places, present
from farebox.web.charts import Mark, Series
from farebox.web.figures.model import Cell, Figure, Head, Row, Spread, Words, Write, nothing, safe, unit_of

_WEEKS_HEIGHT = 72


@dataclass(frozen=True, slots=True)
class Week:
    """The days of a week that a range holds, and on how many of them something was used (domain R6)."""

    days: Days
    used: int

    @property
    def length(self) -> int:
        """How many days there are."""
        return self.days.until - self.days.since


def columns(
    words: Words, pieces: Sequence[Days], series: Sequence[Series], *, write: Write, stacked: bool = True
) -> Figure:
    """Lay out a column a piece, of all series on one another or of each beside the other."""
    if not any(any(one.values) for one in series):
        return nothing(words, "columns", Spread.BANDS)
    names = [place.name for place in places.places(pieces)]
    totals = [sum(values) for values in zip(*(one.values for one in series), strict=True)]
    kinds = tuple(charts.REST if one.rest else charts.kind_of(at) for at, one in enumerate(series))
    chart = charts.ColumnChart(
        key=words.key,
        name=_columns_name(words, names, totals, write),
        series=tuple(one.values for one in series),
        kinds=kinds,
        ticks=places.ticks(pieces),
        stacked=stacked,
        as_label=write,
    )
    several = len(series) > 1
    return Figure(
        words=words,
        kind="columns",
        spread=Spread.BANDS,
        picture=safe(charts.columns_svg(chart, unit=unit_of(write))),
        axis=safe(charts.columns_axis_svg(chart, unit=unit_of(write))),
        legend=_legend(words, series, kinds) if several else (),
        heads=_heads(words, series),
        rows=_rows(names, series, totals if several else None, write),
    )


def weeks(words: Words, used: Sequence[Week]) -> Figure:
    """Lay out on how many days of each week something was used; the days that the week has stand pale behind."""
    if not any(week.used for week in used):
        return nothing(words, "columns", Spread.BANDS)
    pieces = [week.days for week in used]
    chart = charts.ColumnChart(
        key=words.key,
        name=_("Column chart: %(title)s. Used: %(share)s.")
        % {"title": words.titled, "share": of_days(sum(w.used for w in used), sum(w.length for w in used))},
        series=(tuple(week.used for week in used),),
        kinds=(0,),
        ticks=places.ticks(pieces),
        limits=tuple(week.length for week in used),
        lines=(0, 7),
        height=_WEEKS_HEIGHT,
        as_label=present.count,
    )
    names = [place.name for place in places.places(pieces)]
    return Figure(
        words=words,
        kind="columns flat",
        spread=Spread.BANDS,
        picture=safe(charts.columns_svg(chart)),
        axis=safe(charts.columns_axis_svg(chart)),
        heads=(Head(words.place, is_number=False), Head(words.value, is_bare=True)),
        rows=tuple((name, (Cell(of_days(week.used, week.length)),)) for name, week in zip(names, used, strict=True)),
    )


def of_days(used: int, days: int) -> str:
    """Write days of days: 3 of 7 days."""
    text = ngettext("%(used)s of %(days)s day", "%(used)s of %(days)s days", days)
    return text % {"used": present.count(used), "days": present.count(days)}


def line(
    words: Words,
    pieces: Sequence[Days],
    values: Sequence[int],
    *,
    write: Write,
    ahead: Sequence[int] = (),
    marks: Sequence[Mark] = (),
) -> Figure:
    """Lay out a line over pieces, the last of which are `ahead`: what is expected, dashed."""
    drawn = (*values, *ahead)
    if not any(drawn):
        return nothing(words, "lines", Spread.POINTS)
    names = [place.name for place in places.places(pieces)]
    chart = charts.LineChart(
        name=_line_name(words, names, values, write),
        values=drawn,
        marks=tuple(marks),
        ticks=places.ticks(pieces),
        ahead=len(ahead),
        as_label=write,
    )
    return Figure(
        words=words,
        kind="lines",
        spread=Spread.POINTS,
        picture=safe(charts.line_svg(chart, unit=unit_of(write))),
        axis=safe(charts.axis_svg(chart, unit=unit_of(write))),
        legend=_line_legend(words, chart),
        heads=_line_heads(words, has_events=bool(marks)),
        rows=_line_rows(names, chart, write),
    )


def _columns_name(words: Words, names: Sequence[str], totals: Sequence[int], write: Write) -> str:
    highest = max(range(len(totals)), key=lambda at: totals[at])
    return _("Column chart: %(title)s. Highest: %(value)s, %(place)s.") % {
        "title": words.titled,
        "value": write(totals[highest]),
        "place": names[highest],
    }


def _line_name(words: Words, names: Sequence[str], values: Sequence[int], write: Write) -> str:
    highest = max(range(len(values)), key=lambda at: values[at])
    return _("Line chart: %(title)s. Highest: %(value)s, %(place)s. Last: %(last)s.") % {
        "title": words.titled,
        "value": write(values[highest]),
        "place": names[highest],
        "last": write(values[-1]),
    }


def _legend(words: Words, series: Sequence[Series], kinds: Sequence[int]) -> tuple[tuple[SafeString, str], ...]:
    signs = (safe(charts.swatch_svg(words.key, kind)) for kind in kinds)
    return tuple((sign, one.name) for sign, one in zip(signs, series, strict=True))


def _heads(words: Words, series: Sequence[Series]) -> tuple[Head, ...]:
    place = Head(words.place, is_number=False)
    if len(series) == 1:
        return place, Head(words.value or series[0].name)
    return place, *(Head(one.name) for one in series), Head(_("Total"))


def _rows(
    names: Sequence[str], series: Sequence[Series], totals: Sequence[int] | None, write: Write
) -> tuple[Row, ...]:
    """Return a row a piece; a series with nothing at a place is not read out there, unless it is the only one."""
    rows: list[Row] = []
    for at, name in enumerate(names):
        cells = [Cell(write(one.values[at]), is_quiet=bool(totals) and not one.values[at]) for one in series]
        rows.append((name, (*cells, Cell(write(totals[at]))) if totals else tuple(cells)))
    return tuple(rows)


def mark_signs(marks: Sequence[Mark]) -> list[tuple[SafeString, str]]:
    """Return the sign and the name of each kind of mark that is drawn."""
    names = {"purchased": _("Tokens bought"), "expired": _("Tokens expired")}
    kinds = {mark.kind for mark in marks}
    return [(safe(charts.sign_svg(kind)), name) for kind, name in names.items() if kind in kinds]


def _line_legend(words: Words, chart: charts.LineChart) -> tuple[tuple[SafeString, str], ...]:
    """Return the signs of the lines where there are two of them, and of the marks."""
    kinds = {"daily only": words.value, "ahead": _("Expected")} if chart.ahead else {}
    return (*((safe(charts.stroke_svg(kind)), name) for kind, name in kinds.items()), *mark_signs(chart.marks))


def _line_heads(words: Words, *, has_events: bool) -> tuple[Head, ...]:
    heads = (Head(words.place, is_number=False), Head(words.value))
    return (*heads, Head(words.events, is_number=False, is_bare=True)) if has_events else heads


def _line_rows(names: Sequence[str], chart: charts.LineChart, write: Write) -> tuple[Row, ...]:
    events: defaultdict[int, list[str]] = defaultdict(list)
    for mark in chart.marks:
        events[mark.place].append(mark.title)
    known = len(chart.values) - chart.ahead
    rows: list[Row] = []
    for at, (name, value) in enumerate(zip(names, chart.values, strict=True)):
        text = write(value) if at < known else _("%(value)s (expected)") % {"value": write(value)}
        more = (Cell("; ".join(events[at]), is_number=False),) if chart.marks else ()
        rows.append((name, (Cell(text), *more)))
    return tuple(rows)
