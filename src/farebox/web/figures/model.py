"""What a page shows of a chart: the picture, its legend, and the table that says the same in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from farebox.domain.amounts import MICRO, Tokens
from farebox.web import present

Write = Callable[[int], str]
"""Writes a value in the reader's language: `present.count`, or `tokens` for millionths."""

_TENTH = MICRO // 10
_NOTHING = SafeString("")


class Spread(StrEnum):
    """How the places of a picture are spread: as points or bands from left to right, or as rows from the top."""

    POINTS = "points"
    BANDS = "bands"
    ROWS = "rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """
    The texts of a figure, in the reader's language.

    `key` is ASCII and unique on the page: ids are made of it. `place` and `value` head the first column of the
    table and the numbers, `events` what happened at a place. Without `card` the figure has no frame of its own.
    """

    key: str
    title: str
    place: str
    value: str = ""
    events: str = ""
    dates: str = ""
    note: str = ""
    empty: str = ""
    level: int = 2
    card: bool = True

    @property
    def titled(self) -> str:
        """The title, and the dates where the figure has some."""
        return present.aside(self.title, self.dates) if self.dates else self.title


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column of the table; what is said of a `bare` one is said without it."""

    text: str
    is_number: bool = True
    is_bare: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the table; what is `quiet` is not read out at a place."""

    text: str
    is_number: bool = True
    is_quiet: bool = False


Row = tuple[str, tuple[Cell, ...]]
"""A place in words and its cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart as the template shows it; without a picture it says why there is none."""

    words: Words
    kind: str
    spread: Spread
    picture: SafeString = _NOTHING
    axis: SafeString = _NOTHING
    legend: tuple[tuple[SafeString, str], ...] = ()
    heads: tuple[Head, ...] = ()
    rows: tuple[Row, ...] = ()

    @property
    def reach(self) -> str:
        """The name of the picture where keys read it."""
        title = {"title": self.words.title}
        if self.spread is Spread.ROWS:
            return _("%(title)s. Up and down arrow keys read one value after another.") % title
        return _("%(title)s. Left and right arrow keys read one value after another.") % title

    @property
    def table_name(self) -> str:
        """The name of the table's region."""
        return _("Table: %(title)s") % {"title": self.words.titled}

    @property
    def empty(self) -> str:
        """The sentence that stands where there is no picture."""
        return self.words.empty or _("There is nothing to draw here yet.")


def nothing(words: Words, kind: str, spread: Spread) -> Figure:
    """Return the figure of no numbers: a sentence instead of a picture."""
    return Figure(words=words, kind=kind, spread=spread)


def safe(svg: str) -> SafeString:
    """Mark a picture as one: every text in it was escaped by the XML writer."""
    return mark_safe(svg)  # noqa: S308 — see above


def tokens(value: int) -> str:
    """Write millionths of a token exactly."""
    return present.amount(Tokens(value))


def tokens_rounded(value: int) -> str:
    """Write millionths of a token with one decimal at most: for means."""
    return present.rounded(Tokens(value))


def unit_of(write: Write) -> int:
    """Return what lines of a grid stand apart at least: one, or a tenth of a token."""
    return _TENTH if write in (tokens, tokens_rounded) else 1
