"""
What the URL of a report page asks: contract, tab, range, dates, grouping, search, order, page, format.

Reading is pure: the day it is comes in as an argument. A URL that cannot mean anything raises `Rejected` with
every problem in it, in the order of the form's fields. A question writes its own URL again, and that of a question
that differs in some of it, so that every link of a page leads to a whole state.  (domain T4, T5)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.utils.translation import gettext, gettext_lazy

from farebox.domain.clock import Day, as_date, day
from farebox.domain.errors import Problem, Rejected
from farebox.domain.periods import Days, Months, add_months, last_days, last_months, months_in

MONTHS_MAX = 24
"""The longest range that a page answers; exports go further."""

_DATE = re.compile(r"(19[7-9][0-9]|2[0-9]{3})-([0-9]{2})-([0-9]{2})", re.ASCII)


class Range(StrEnum):
    """The ranges that a report page offers (domain T4)."""

    DAYS_30 = "30d"
    MONTHS_3 = "3m"
    MONTHS_6 = "6m"
    MONTHS_9 = "9m"
    MONTHS_12 = "12m"
    CUSTOM = "custom"


class Format(StrEnum):
    """How the answer is wanted."""

    PAGE = "page"
    CSV = "csv"
    XLSX = "xlsx"


class By(StrEnum):
    """What days are gathered into."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Basis(StrEnum):
    """What a distribution sorts people by: tokens of the range, or the mean of a month (domain R5)."""

    TOTAL = "total"
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class Offers:
    """What a page can do beyond a range: its tabs, and what its table is sorted by; the first one is the default."""

    sorts: tuple[str, ...] = ()
    tabs: tuple[str, ...] = ()


W = TypeVar("W", By, Basis, Format)

ALL = "all"
"""Stands in the URL for all contracts that the reader may read."""

SEARCH_MAX = 100
PAGE_MAX = 1_000_000
MONTHS = {Range.MONTHS_3: 3, Range.MONTHS_6: 6, Range.MONTHS_9: 9, Range.MONTHS_12: 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    A readable URL: the usage dates that it means, and how they are to be shown.

    `contract` is a number, `ALL`, or empty where the reader chose none. `sort` is the name of a column, after a minus
    for the largest first; empty where the page's own order is meant. `search` is as typed. `page` counts from 1.
    """

    range: Range
    days: Days
    format: Format = Format.PAGE
    contract: str = ""
    tab: str = ""
    by: By | None = None
    basis: Basis = Basis.TOTAL
    search: str = ""
    sort: str = ""
    page: int = 1
    offers: Offers = field(default=Offers(), repr=False)

    @property
    def months(self) -> int:
        """What monthly averages divide by (domain T5)."""
        return months_in(self.days, rolling=self.range is Range.DAYS_30)

    @property
    def gathered(self) -> By:
        """What days are gathered into: as asked, else so that a chart has some dozens of places."""
        if self.by is not None:
            return self.by
        length = self.days.until - self.days.since
        return By.DAY if length <= DAYS_APART_MAX else By.WEEK if length <= WEEKS_APART_MAX else By.MONTH

    @property
    def first(self) -> date:
        """The first date of the range."""
        return as_date(self.days.since)

    @property
    def last(self) -> date:
        """The last date of the range."""
        return as_date(Day(self.days.until - 1))

    def but(self, **changes: Any) -> Question:
        """Return the question with some of it changed; what is no longer the same table starts at its first page."""
        return replace(self, **{"page": 1, **changes})

    def address(self, **changes: Any) -> str:
        """Return the query string of the question, or of one that differs; what is the default is left out."""
        asked = self.but(**changes) if changes else self
        return "?" + urlencode(asked.params())

    def params(self) -> dict[str, str]:
        """Return the parameters of the question, in the order of the form; what is the default is left out."""
        custom = self.range is Range.CUSTOM
        said = {
            "tab": self.tab if self.offers.tabs and self.tab != self.offers.tabs[0] else "",
            "contract": self.contract,
            "range": self.range if self.range is not Range.DAYS_30 else "",
            "since": self.first.isoformat() if custom else "",
            "until": self.last.isoformat() if custom else "",
            "by": self.by or "",
            "basis": self.basis if self.basis is not Basis.TOTAL else "",
            "q": self.search,
            "sort": self.sort if self.sort != next(iter(self.offers.sorts), "") else "",
            "page": str(self.page) if self.page > 1 else "",
            "format": self.format if self.format is not Format.PAGE else "",
        }
        return {name: value for name, value in said.items() if value}


DAYS_APART_MAX = 45
WEEKS_APART_MAX = 190
"""How long a range is shown day by day, and week by week, unless the reader says otherwise."""


def read(
    params: Mapping[str, str], *, today: Day, offers: Offers = Offers(), style: Months = Months.COMPLETE
) -> Question:
    """Read a question. Raises `Rejected` with every problem that the parameters have."""
    problems: list[Problem] = []
    tab = params.get("tab", "") or next(iter(offers.tabs), "")
    if tab not in (offers.tabs or ("", tab)):
        message = gettext("There is no such tab. Choose one of: %s.") % ", ".join(offers.tabs)
        problems.append(Problem("/tab", "unknown_tab", message))
    chosen = _choice(params.get("range", Range.DAYS_30), problems)
    days = _custom(params, problems) if chosen is Range.CUSTOM else days_of(chosen or Range.DAYS_30, today, style)
    by, basis = _one_of(By, params, "by", problems), _one_of(Basis, params, "basis", problems)
    search, sort = _search(params.get("q", ""), problems), _sort(params.get("sort", ""), offers, problems)
    page = _page(params.get("page", "1"), problems)
    wanted = _one_of(Format, params, "format", problems)
    if problems or chosen is None or days is None:
        raise Rejected(problems)
    return Question(
        range=chosen, days=days, format=wanted or Format.PAGE, contract=params.get("contract", ""), tab=tab,
        by=by, basis=basis or Basis.TOTAL, search=search, sort=sort, page=page, offers=offers,
    )  # fmt: skip


_WRONG_WORD = {
    "by": gettext_lazy("Days are gathered by “day”, “week” or “month”."),
    "basis": gettext_lazy("The distribution is by “total” or by “mean”."),
    "format": gettext_lazy("There is no such format. Choose “csv” or “xlsx”."),
}


def _one_of(words: type[W], params: Mapping[str, str], name: str, problems: list[Problem]) -> W | None:
    said = params.get(name, "")
    if not said:
        return None
    if said in list(words):
        return words(said)
    problems.append(Problem(f"/{name}", f"unknown_{name}", str(_WRONG_WORD[name])))
    return None


def _search(text: str, problems: list[Problem]) -> str:
    found = " ".join(text.split())
    if len(found) > SEARCH_MAX:
        problems.append(Problem("/q", "search_too_long", gettext("Search for %d characters at most.") % SEARCH_MAX))
    return found


def _sort(text: str, offers: Offers, problems: list[Problem]) -> str:
    if not text:
        return next(iter(offers.sorts), "")
    if text.removeprefix("-") in {sort.removeprefix("-") for sort in offers.sorts}:
        return text
    known = ", ".join(sort.removeprefix("-") for sort in offers.sorts)
    problems.append(Problem("/sort", "unknown_sort", gettext("The table is sorted by one of: %s.") % known))
    return ""


def _page(text: str, problems: list[Problem]) -> int:
    if text.isascii() and text.isdecimal() and 0 < len(text) <= len(str(PAGE_MAX)) and 1 <= int(text) <= PAGE_MAX:
        return int(text)
    problems.append(Problem("/page", "unknown_page", gettext("The page is a number from 1 on.")))
    return 1


def days_of(chosen: Range, today: Day, style: Months = Months.COMPLETE) -> Days:
    """Return the dates of a range; for a custom one, those that the form starts from."""
    months = MONTHS.get(chosen)
    return last_days(today, 30) if months is None else last_months(today, months, style)


def _choice(text: str, problems: list[Problem]) -> Range | None:
    if text in list(Range):
        return Range(text)
    known = ", ".join(Range)
    problems.append(Problem("/range", "unknown_range", gettext("There is no such range. Choose one of: %s.") % known))
    return None


def read_date(text: str) -> Day | None:
    """Read a date like 2026-03-31; none where it is not in the calendar."""
    match = _DATE.fullmatch(text)
    try:
        return day(date(*(int(part) for part in match.groups()))) if match else None
    except ValueError:
        return None  # shaped like a date, but not in the calendar


def _custom(params: Mapping[str, str], problems: list[Problem]) -> Days | None:
    first = _date(params.get("since", ""), "/since", problems)
    last = _date(params.get("until", ""), "/until", problems)
    if first is None or last is None:
        return None
    if last < first:
        problems.append(Problem("/until", "dates_reversed", gettext("The last date comes before the first date.")))
    elif last >= add_months(first, MONTHS_MAX):
        message = gettext("The range is longer than %d months. Choose a shorter one.") % MONTHS_MAX
        problems.append(Problem("/until", "range_too_long", message))
    return Days(first, Day(last + 1))


def _date(text: str, pointer: str, problems: list[Problem]) -> Day | None:
    found = read_date(text)
    if found is not None:
        return found
    message = gettext("The last date is not in the calendar. Write it like 2026-03-31.")
    if pointer == "/since":
        message = gettext("The first date is not in the calendar. Write it like 2026-03-31.")
    problems.append(Problem(pointer, "not_a_date", message))
    return None
