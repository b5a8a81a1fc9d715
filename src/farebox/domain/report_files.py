"""
What a file of reports may be: its format, its reports, the schema of its columns, and the days that it covers.

Schemas are versioned, because the columns of published files changed under people's macros: a version never changes,
and a new one is added beside it.  (product H1)
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import count
from types import MappingProxyType

from farebox.domain.clock import Day, as_date
from farebox.domain.errors import Problem
from farebox.domain.periods import Days, months_in

DAYS_MAX = 3_660
"""The longest stretch of days that one file covers: ten years."""

NAME_PART_MAX = 40
"""So much of a team's name stands in the name of a file."""


SHEET_NAME_MAX = 31
"""So many signs the name of a sheet has at most; a spreadsheet with a longer one is none."""

_NOT_IN_A_SHEET_NAME = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


class Format(StrEnum):
    """How a file is written; several reports as CSV are a zip of files."""

    CSV = "csv"
    XLSX = "xlsx"


class ReportType(StrEnum):
    """What a file can tell, in the order in which its parts stand."""

    SUBSCRIPTIONS = "subscriptions"
    """What was bought: one row a pack."""
    USERS = "users"
    """Who there is, and what each may open."""
    USAGE = "usage"
    """Who used what on which day."""
    USAGE_REPORT = "usage-report"
    """One row a person and product: assigned or not, days used, monthly average, tokens."""
    TOKEN_USAGE = "token-usage"  # noqa: S105 -- tokens of a pack, not of a sign-in
    """Who used what on which day, as far as tokens pay for it."""
    SEAT_USAGE = "seat-usage"
    """Who used what on which day, as far as a named subscription or a trial pays for it."""


class Schema(StrEnum):
    """Which columns the reports have."""

    FAREBOX_1 = "farebox-1"
    """Farebox's own: the names of the usage API."""
    Y2022 = "2022"
    """As published in 2022: words with underscores."""
    Y2025 = "2025"
    """As published in 2025: words with blanks."""


_FIRST_FOUR = (ReportType.SUBSCRIPTIONS, ReportType.USERS, ReportType.USAGE, ReportType.USAGE_REPORT)
OFFERED: Mapping[Schema, tuple[ReportType, ...]] = MappingProxyType(
    {
        Schema.FAREBOX_1: (*_FIRST_FOUR, ReportType.SEAT_USAGE),
        Schema.Y2022: _FIRST_FOUR,
        Schema.Y2025: tuple(ReportType),
    }
)
"""The reports that each schema has columns for; Usage of Farebox's own is what tokens pay for already."""

DATED = frozenset(ReportType) - {ReportType.SUBSCRIPTIONS, ReportType.USERS}
"""The reports about a stretch of days; the others tell what is so when they are made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """
    What a file is to be.

    Without `contracts` it is about all that its owner administers when it is made. `rolling` days are the last 30, by
    which averages divide by one month (domain T5). `language` is that of the words around the rows, never of columns.
    """

    format: Format
    types: tuple[ReportType, ...]
    contracts: tuple[str, ...] = ()
    days: Days | None = None
    rolling: bool = False
    schema: Schema = Schema.FAREBOX_1
    language: str = "en"

    @property
    def reports(self) -> tuple[ReportType, ...]:
        """The reports, each once and in their order."""
        return tuple(one for one in ReportType if one in self.types)

    @property
    def lacking(self) -> tuple[ReportType, ...]:
        """The reports that its columns do not have."""
        return tuple(one for one in self.reports if one not in OFFERED[self.schema])

    @property
    def dated(self) -> bool:
        """Tell whether any of the reports is about a stretch of days."""
        return any(one in DATED for one in self.types)

    @property
    def ending(self) -> str:
        """The ending of the file's name."""
        return "zip" if self.format is Format.CSV and len(self.reports) > 1 else self.format.value

    @property
    def months(self) -> int:
        """By how many months its averages divide (domain T5)."""
        return months_in(self.days, rolling=self.rolling) if self.days else 1


def problems(spec: Spec) -> list[Problem]:
    """Return everything that keeps a file from being made."""
    return [*_about_types(spec), *_about_days(spec)]


def _about_types(spec: Spec) -> Iterator[Problem]:
    if not spec.types:
        yield Problem("/types", "nothing_asked", "choose at least one report")
    for one in spec.lacking:
        yield Problem("/types", "not_in_schema", f"the columns of {spec.schema} have no report {one}")


def _about_days(spec: Spec) -> Iterator[Problem]:
    if not spec.dated:
        return
    if spec.days is None:
        yield Problem("/days", "dates_needed", "say which days the usage is of")
    elif spec.days.until <= spec.days.since:
        yield Problem("/days", "dates_reversed", "the last day comes before the first")
    elif spec.days.until - spec.days.since > DAYS_MAX:
        yield Problem("/days", "range_too_long", f"a file covers at most {DAYS_MAX:,} days")


def file_name(spec: Spec, *, teams: Sequence[str], on: date) -> str:
    """Return the name of a file: what it tells, of whom, of when, and by which schema; `on` where it has no days."""
    what = spec.reports[0].value if len(spec.reports) == 1 else "reports"
    whose = _plain(teams[0]) if len(teams) == 1 else "all-teams"
    stem = "-".join(part for part in ("farebox", what, whose, _when(spec, on), spec.schema.value) if part)
    return f"{stem}.{spec.ending}"


def _when(spec: Spec, on: date) -> str:
    if spec.days is None or not spec.dated:
        return on.isoformat()
    return f"{as_date(spec.days.since)}--{as_date(Day(spec.days.until - 1))}"


def _plain(name: str) -> str:
    """Return the letters and digits of a name, with hyphens between its words."""
    return "-".join(re.findall(r"\w+", name.casefold()))[:NAME_PART_MAX].strip("-_")


def sheet_name(title: str, taken: Collection[str]) -> str:
    """Return a name that a spreadsheet allows: the title, cut, and with a number behind it where it is taken."""
    name = title.translate(_NOT_IN_A_SHEET_NAME).strip()[:SHEET_NAME_MAX] or "1"
    known = {one.casefold() for one in taken}
    endings = (f" ({number})" for number in count(2))
    while name.casefold() in known:
        ending = next(endings)
        name = title.translate(_NOT_IN_A_SHEET_NAME).strip()[: SHEET_NAME_MAX - len(ending)] + ending
    return name
