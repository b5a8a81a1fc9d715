"""The chart that every report of token usage has: tokens over time, in all or by product."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from farebox.domain.periods import Days
from farebox.web import figures, present
from farebox.web.figures import Figure, Series, Words
from farebox.web.question import By, Question
from farebox.web.report import BY_NAMES

BY_HAND = gettext_lazy("Adjustments by hand")

_IN_ALL = {
    By.DAY: gettext_lazy("Tokens per day"),
    By.WEEK: gettext_lazy("Tokens per week"),
    By.MONTH: gettext_lazy("Tokens per month"),
}
_BY_PRODUCT = {
    By.DAY: gettext_lazy("Tokens per day, by product"),
    By.WEEK: gettext_lazy("Tokens per week, by product"),
    By.MONTH: gettext_lazy("Tokens per month, by product"),
}


class Called(Protocol):
    """A product as a report calls it; without `code` it is what was adjusted by hand."""

    @property
    def code(self) -> str:
        """The product line code."""

    @property
    def name(self) -> str:
        """The name, which another product may have as well."""


class Drawn(Called, Protocol):
    """A product with its tokens in each piece of the chart."""

    @property
    def by_piece(self) -> tuple[int, ...]:
        """The tokens, by piece."""


_Product = TypeVar("_Product", bound=Called)


def tokens(question: Question, pieces: Sequence[Days], values: tuple[int, ...], *, empty: str = "") -> Figure:
    """Draw the tokens of each day, week or month; `empty` says why there are none."""
    words = _words(question, _IN_ALL, _("Tokens"), empty)
    return figures.columns(words, pieces, [Series(_("Tokens"), values)], write=figures.tokens)


def by_product(question: Question, pieces: Sequence[Days], products: Sequence[Drawn], *, empty: str = "") -> Figure:
    """Draw the tokens of the largest products, and of the others together."""
    series = [Series(name, one.by_piece) for name, one in told_apart(products) if any(one.by_piece)]
    drawn = figures.largest(series, other=_("Other products"))
    return figures.columns(_words(question, _BY_PRODUCT, "", empty), pieces, drawn, write=figures.tokens)


def told_apart(products: Sequence[_Product]) -> list[tuple[str, _Product]]:
    """Return the products with names that tell them apart: with their codes where several have one name."""
    times = Counter(one.name for one in products)
    return [(_name(one, times[one.name]), one) for one in products]


def _name(one: Called, times: int) -> str:
    if not one.code:
        return str(BY_HAND)
    return f"{one.name} ({one.code})" if times > 1 else one.name


def _words(question: Question, titles: Mapping[By, str | Promise], value: str, empty: str) -> Words:
    by = question.gathered
    return Words(
        key="over-time",
        title=str(titles[by]),
        place=str(BY_NAMES[by]),
        value=value,
        dates=present.dates(question.days),
        empty=empty or _("Only uses without a charge on these dates: no tokens."),
    )
