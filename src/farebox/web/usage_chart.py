"""The chart of tokens per day and the table that says the same: texts and places for `charts`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from farebox.domain.amounts import MICRO, Tokens
from farebox.domain.clock import Day, as_date
from farebox.domain.periods import Days
from farebox.web import charts, present
from farebox.web.token_usage import Happening, Mark, Summary, UsageDay

_UNIT = MICRO // 10
"""No grid line stands closer to the next than a tenth of a token."""

_YEAR_NAMED_MAX = 9
"""A picture that begins after September does not name its first year: January follows too soon."""

_LABEL_DAYS_MIN = 15
"""A month at the edge gets a label only when half of it is in the picture."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: the same numbers as the chart, written out."""

    date: str
    tokens: str
    mean: str
    events: str


@dataclass(frozen=True, slots=True)
class UsageChart:
    """The picture, its axis, its table, and the signs that explain its marks."""

    lines: SafeString
    axis: SafeString
    rows: tuple[Row, ...]
    dates: str
    signs: tuple[tuple[SafeString, str], ...]


def usage_chart(summary: Summary) -> UsageChart:
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
        as_label=lambda value: present.amount(Tokens(value)),
    )
    rows = tuple(_row(day, mean, events) for day, mean in zip(summary.year, means, strict=True))
    return UsageChart(
        lines=_safe(charts.line_svg(chart, unit=_UNIT)),
        axis=_safe(charts.axis_svg(chart, unit=_UNIT)),
        rows=rows,
        dates=present.dates(_days(summary.year)),
        signs=_signs(chart.marks),
    )


def _safe(svg: str) -> SafeString:
    return mark_safe(svg)  # noqa: S308 — every text in it was escaped by the XML writer


def _name(year: tuple[UsageDay, ...]) -> str:
    highest = max(year, key=lambda day: day.tokens)
    return _("Line chart of tokens used per day, %(dates)s. Highest: %(tokens)s on %(date)s.") % {
        "dates": present.dates(_days(year)),
        "tokens": present.amount(highest.tokens),
        "date": present.long_date(highest.day),
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
    tokens = present.amount(mark.tokens)
    if mark.what is Happening.PURCHASED:
        return _("Bought: %(tokens)s tokens") % {"tokens": tokens}
    return _("Expired: %(tokens)s tokens") % {"tokens": tokens}


def _marks(summary: Summary, events: dict[Day, list[str]]) -> tuple[charts.Mark, ...]:
    first, last = summary.year[0].day, summary.year[-1].day
    seen = sorted({(mark.day, mark.what) for mark in summary.marks if first <= mark.day <= last})
    return tuple(
        charts.Mark(day - first, what, f"{present.long_date(day)}: {'; '.join(events[day])}") for day, what in seen
    )


def _signs(marks: tuple[charts.Mark, ...]) -> tuple[tuple[SafeString, str], ...]:
    names = {Happening.PURCHASED: _("Tokens bought"), Happening.EXPIRED: _("Tokens expired")}
    kinds = {mark.kind for mark in marks}
    return tuple((_safe(charts.sign_svg(kind)), name) for kind, name in names.items() if kind in kinds)


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
    if summary.period is None:
        return None
    shown, chosen = _days(summary.year), summary.period.days
    since, until = max(chosen.since, shown.since), min(chosen.until, shown.until)
    return (since - shown.since, until - 1 - shown.since) if since < until else None


def _row(day: UsageDay, mean: int | None, events: dict[Day, list[str]]) -> Row:
    return Row(
        date=present.weekday_date(day.day),
        tokens=present.amount(day.tokens),
        mean="" if mean is None else present.rounded(Tokens(mean)),
        events="; ".join(events.get(day.day, [])),
    )
