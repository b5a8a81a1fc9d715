"""
The rows of a report's table: cells ready to show, or records of which a row is made when it is shown.

A contract of 20,000 people has as many rows, of which a page shows fifty: what orders and finds a row must cost little,
and what dresses it, addresses and small pictures above all, is only done for those that are seen.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from django.utils.safestring import SafeString

Value = str | int | None
R = TypeVar("R")


class Cell(NamedTuple):
    """
    A value, and what the page shows with it: where it leads, a second line, a small picture, other words for it.

    `drawn` was made by a chart. `words` stand for the value where they are not empty.
    """

    value: Value
    href: str = ""
    note: str = ""
    drawn: SafeString = SafeString("")
    words: str = ""


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Many(Generic[R]):
    """
    Rows that are made of records when they are shown.

    `values` reads what each column has, by its name, for files and for the order; `texts` what the page says in a
    column of texts, where that is not the value: the first of them orders, and all are searched. `order` are the
    records that the search finds, in the order asked for, where somebody arranged them already.
    """

    records: Sequence[R]
    make: Callable[[R], Row]
    values: Mapping[str, Callable[[R], Value]]
    texts: Mapping[str, Callable[[R], Sequence[str]]]
    order: Sequence[R] | None = None

    def texts_of(self, name: str) -> Callable[[R], Sequence[str]]:
        """Return what reads the texts of a column."""
        value = self.values[name]
        return self.texts.get(name, lambda record: (str(value(record) or ""),))


def ready(names: Sequence[str], rows: Sequence[Row]) -> Many[Row]:
    """Return rows that are made already, under the names of their columns."""
    return Many(
        records=rows,
        make=lambda row: row,
        values={name: _value_at(place) for place, name in enumerate(names)},
        texts={name: _texts_at(place) for place, name in enumerate(names)},
    )


def folded(text: str) -> str:
    """Return a text as it is compared: without case, accents apart, full width as half (NFKD)."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def _value_at(place: int) -> Callable[[Row], Value]:
    return lambda row: row[place].value


def _texts_at(place: int) -> Callable[[Row], Sequence[str]]:
    def texts(row: Row) -> Sequence[str]:
        cell = row[place]
        return cell.words or str(cell.value or ""), cell.note

    return texts
