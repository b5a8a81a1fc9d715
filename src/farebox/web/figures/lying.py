"""Figures of lying bars: one number each, people by band of tokens, parts of a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from farebox.domain.amounts import MICRO, Tokens
from farebox.domain.bands import Band, bands_of
from farebox.web import charts, present
from farebox.web.charts import Series
from farebox.web.figures.model import Cell, Figure, Head, Spread, Words, Write, nothing, safe


@dataclass(frozen=True, slots=True)
class Item:
    """A bar: what it stands for, and its number."""

    label: str
    value: int


def bars(words: Words, items: Sequence[Item], *, write: Write = present.count) -> Figure:
    """Lay out one bar an item, in the order given."""
    return _bars(words, items, write, touching=False)


def histogram(words: Words, amounts: Sequence[Tokens]) -> Figure:
    """Lay out how many people are in each band of tokens: one amount a person (domain R5)."""
    items = [Item(band_name(band), band.members) for band in bands_of(amounts)]
    return _bars(words, items, present.count, touching=True)


def band_name(band: Band) -> str:
    """Write the bounds of a band in whole tokens: 101–500, where its lower bound is 100, exclusive."""
    first = band.above // MICRO + 1 if band.above else 0
    return _("%(first)s–%(last)s") % {
        "first": present.count(first),
        "last": present.count(band.through // MICRO),
    }


def shares(words: Words, labels: Sequence[str], parts: Sequence[Series], *, write: Write = present.count) -> Figure:
    """Lay out a bar a label, made of its value of each part in their order; the longest is as wide as the picture."""
    totals = [sum(values) for values in zip(*(part.values for part in parts), strict=True)]
    if not any(totals):
        return nothing(words, "bars", Spread.ROWS)
    kinds = tuple(charts.REST if part.rest else charts.kind_of(at) for at, part in enumerate(parts))
    made = [
        charts.Bar(label, tuple(part.values[at] for part in parts), write(totals[at]))
        for at, label in enumerate(labels)
    ]
    name = _("Stacked bars: %(title)s. Parts: %(parts)s.") % {
        "title": words.titled,
        "parts": ", ".join(part.name for part in parts),
    }
    chart = charts.BarChart(key=words.key, name=name, bars=tuple(made), kinds=kinds)
    return Figure(
        words=words,
        kind="bars",
        spread=Spread.ROWS,
        picture=safe(charts.bars_svg(chart)),
        axis=safe(charts.labels_svg(chart)),
        legend=tuple(
            (safe(charts.swatch_svg(words.key, kind)), part.name) for kind, part in zip(kinds, parts, strict=True)
        ),
        heads=(Head(words.place, is_number=False), *(Head(part.name) for part in parts), Head(_("Total"))),
        rows=tuple(
            (bar.label, (*(Cell(write(value), is_quiet=not value) for value in bar.values), Cell(bar.text)))
            for bar in made
        ),
    )


def _bars(words: Words, items: Sequence[Item], write: Write, *, touching: bool) -> Figure:
    if not any(item.value for item in items):
        return nothing(words, "bars", Spread.ROWS)
    highest = max(items, key=lambda item: item.value)
    name = _("Bar chart: %(title)s. Highest: %(value)s, %(place)s.") % {
        "title": words.titled,
        "value": write(highest.value),
        "place": highest.label,
    }
    made = tuple(charts.Bar(item.label, (item.value,), write(item.value)) for item in items)
    chart = charts.BarChart(key=words.key, name=name, bars=made, touching=touching)
    return Figure(
        words=words,
        kind="bars",
        spread=Spread.ROWS,
        picture=safe(charts.bars_svg(chart)),
        axis=safe(charts.labels_svg(chart)),
        heads=(Head(words.place, is_number=False), Head(words.value)),
        rows=tuple((bar.label, (Cell(bar.text),)) for bar in made),
    )
