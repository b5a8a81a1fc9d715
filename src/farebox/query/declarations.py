"""
The forms in which fields and metrics are declared.

A declaration is the only place that knows a field's name on the wire, its SQL, its kind and where it may be
used; the SQL, the CSV header, the reference page and the menus all read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto

from farebox.domain.usage import UsageCategory
from farebox.query.codes import CodeTable


def N_(text: str) -> str:  # noqa: N802 -- the name under which translators' tools find a text
    """Mark `text` for translation and return it as it is; the pages translate it when they show it."""
    return text


DESKTOP = frozenset({UsageCategory.DESKTOP_PRODUCT})
CLOUD_PRODUCT = frozenset({UsageCategory.CLOUD_PRODUCT})
CLOUD_SERVICE = frozenset({UsageCategory.CLOUD_SERVICE})
MANUAL = frozenset({UsageCategory.MANUAL_ADJUSTMENT, UsageCategory.MANUAL_CONSUMPTION})
ALL = DESKTOP | CLOUD_PRODUCT | CLOUD_SERVICE | MANUAL


class Kind(StrEnum):
    """How a field's values compare, are written in a where clause, and are shown."""

    TEXT = auto()
    DATE = auto()
    MONTH = auto()
    INTEGER = auto()
    ENUM = auto()
    MOMENT = auto()
    OFFSET = auto()
    ITEM = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """
    Where the text of an id is kept: a dimension table, its id and its text columns.

    `hidden` is the column shown, filtered and sorted by when names are hidden (quality P1). `unique` promises
    one text per id; without it, rows whose texts are equal are folded into one group. `across` says whether the
    shown texts are unique among the ids of several contracts too.
    """

    table: str
    key: str
    shown: str
    hidden: str = ""
    unique: bool = True
    across: bool = True

    def column(self, *, names_hidden: bool) -> str:
        """Return the text column for one who may, or may not, see names."""
        return self.hidden if names_hidden and self.hidden else self.shown

    def tells_apart(self, *, names_hidden: bool, several: bool) -> bool:
        """Return whether no two ids of the contracts asked about, one or `several`, have the same text."""
        return self.unique and (self.across or not several or (names_hidden and bool(self.hidden)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """An attribute of usage that results are grouped by; `sql` is its key over `fact`."""

    name: str
    label: str
    kind: Kind
    doc: str
    example: str
    categories: frozenset[UsageCategory]
    sql: str
    export_only: bool = False
    nullable: bool = False
    lookup: Lookup | None = None
    codes: CodeTable | None = None


class Unit(StrEnum):
    """What the whole number that the SQL of a metric yields counts."""

    COUNT = auto()
    TOKENS_MICRO = auto()
    MINUTES_US = auto()
    HOURS_US = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """
    A measure computed per group; `sql` yields a whole number, of which `unit` tells the meaning.

    `row_sql` yields the same number for a group of one fact, without grouping. `over` is the column of `fact` that is
    summed, or whose values are told apart: a roll-up with that column gives the same number. Where it is empty, only
    the facts do.
    """

    name: str
    label: str
    unit: Unit
    doc: str
    example: str
    sql: str
    row_sql: str
    over: str = ""
    categories: frozenset[UsageCategory] = ALL
    export_only: bool = False


Declared = Field | Metric
