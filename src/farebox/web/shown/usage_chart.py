"""The chart of tokens per day and the table that says the same: texts and places for `charts`."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from farebox.domain.amounts import MICRO, Tokens
from farebox.domain.clock import Day, as_date
from farebox.domain.periods import Days
from farebox.web import charts, figures, present
from farebox.web.figures import Cell, Figure, Head, Row, Spread, Words
from farebox.web.reports.standing import UsageDay
from farebox.web.reports.summary import Happening, Mark, Summary

_UNIT = MICRO // 10
"""No grid line stands closer to the next than a tenth of a token."""

_YEAR_NAMED_MAX = 9
"""A picture that begins after September does not name its first year: January follows too soon."""

_LABEL_DAYS_MIN = 15
"""A month at the edge gets a label only when half of it is in the picture."""


def usage_chart(summary: Summary) -> Figure:
    """Lay out the year of a summary as a chart and a table in the reader's language."""
    events = _events(summary)
    values = tuple(int(day.tokens) for day in summary.year)
    means = charts.rolling_means(values)
    chart = charts.LineChart(
        name=_name(summary.year),
        values=values,
        means=means,
        marks=_marks(summary, events),
        ticks=_ticks(summary.year),
        shade=_shade(summary),
        as_label=figures.tokens,
    )
    return Figure(
        words=_words(summary.year),
        kind="lines",
        spread=Spread.POINTS,
        picture=figures.safe(charts.line_svg(chart, unit=_UNIT)),
        axis=figures.safe(charts.axis_svg(chart, unit=_UNIT)),
        legend=_legend(chart),
        heads=_heads(),
        rows=tuple(_row(day, mean, events) for day, mean in zip(summary.year, means, strict=True)),
    )


def _words(year: tuple[UsageDay, ...]) -> Words:
    return Words(
        key="year",
        title=_("Tokens used per day"),
        place=_("Date"),
        dates=_("Last 365 days: %(dates)s") % {"dates": present.dates(_days(year))},
    )


def _heads() -> tuple[Head, ...]:
    return (
        Head(_("Date"), is_number=False),
        Head(_("Tokens")),
        Head(_("Mean of 7 days")),
        Head(_("Packs"), is_number=False, is_bare=True),
    )


def _name(year: tuple[UsageDay, ...]) -> str:
    highest = max(year, key=lambda day: day.tokens)
    return _("Line chart of tokens used per day, %(dates)s. Highest: %(tokens)s on %(date)s.") % {
        "dates": present.dates(_days(year)),
        "tokens": present.amount(highest.tokens),
        "date": present.short_date(highest.day),
    }


def _events(summary: Summary) -> dict[Day, list[str]]:
    """Return what happened on each day, in words, tokens of one kind and day added up."""
    sums: defaultdict[tuple[Day, Happening], int] = defaultdict(int)
    for mark in summary.marks:
        sums[mark.day, mark.what] += mark.tokens
    words: defaultdict[Day, list[str]] = defaultdict(list)
    for (day, what), tokens in sorted(sums.items()):
        words[day].append(_in_words(Mark(day, what, Tokens(tokens))))
    return words


def _in_words(mark: Mark) -> str:
    tokens, number = {"tokens": present.amount(mark.tokens)}, present.plural(mark.tokens)
    if mark.what is Happening.PURCHASED:
        return ngettext("Bought: %(tokens)s token", "Bought: %(tokens)s tokens", number) % tokens
    return ngettext("Expired: %(tokens)s token", "Expired: %(tokens)s tokens", number) % tokens


def _marks(summary: Summary, events: dict[Day, list[str]]) -> tuple[charts.Mark, ...]:
    first, last = summary.year[0].day, summary.year[-1].day
    seen = sorted({(mark.day, mark.what) for mark in summary.marks if first <= mark.day <= last})
    return tuple(
        charts.Mark(day - first, what, present.labelled(present.short_date(day), "; ".join(events[day])))
        for day, what in seen
    )


def _legend(chart: charts.LineChart) -> tuple[tuple[SafeString, str], ...]:
    """Return the signs of the picture with their names; of marks and shade only those that are in it."""
    shade = ((_stroke("shade"), _("The time range chosen below")),) if chart.shade else ()
    lines = ((_stroke("daily"), _("Each day")), (_stroke("mean"), _("Mean of 7 days")))
    return (*lines, *figures.mark_signs(chart.marks), *shade)


def _stroke(kind: str) -> SafeString:
    return figures.safe(charts.stroke_svg(kind))


def _ticks(year: tuple[UsageDay, ...]) -> tuple[charts.Tick, ...]:
    ticks: list[charts.Tick] = []
    for (_year, month), days in groupby(enumerate(year), key=lambda at: _month(at[1].day)):
        places = [place for place, _day in days]
        if len(places) < _LABEL_DAYS_MIN:
            continue
        middle = places[len(places) // 2]
        names_year = month == 1 or (not ticks and month <= _YEAR_NAMED_MAX)
        under = present.year(year[middle].day) if names_year else ""
        ticks.append(charts.Tick(middle, present.month(year[middle].day), under, spare=month % 2 == 0))
    return tuple(ticks)


def _month(day: Day) -> tuple[int, int]:
    date = as_date(day)
    return date.year, date.month


def _days(year: tuple[UsageDay, ...]) -> Days:
    return Days(year[0].day, Day(year[-1].day + 1))


def _shade(summary: Summary) -> tuple[int, int] | None:
    """Return the part of the chosen range that the year shows, if any."""
    shown, chosen = _days(summary.year), summary.period.days
    since, until = max(chosen.since, shown.since), min(chosen.until, shown.until)
    return (since - shown.since, until - 1 - shown.since) if since < until else None


def _row(day: UsageDay, mean: int | None, events: dict[Day, list[str]]) -> Row:
    """Return a row of the table: the same numbers as the chart, written out."""
    written = "" if mean is None else figures.tokens_rounded(mean)
    happened = Cell("; ".join(events.get(day.day, [])), is_number=False)
    return present.weekday_date(day.day), (Cell(figures.tokens(day.tokens)), Cell(written), happened)
