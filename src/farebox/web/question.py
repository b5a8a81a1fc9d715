"""
What the URL of a report page asks: tab, range, dates, contract, format.

Reading is pure: the day it is comes in as an argument. A URL that cannot mean anything raises `Rejected` with
every problem in it, in the order of the form's fields.  (domain T4)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.translation import gettext as _

from farebox.domain.clock import Day, as_date, day
from farebox.domain.errors import Problem, Rejected

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


MONTHS = {Range.MONTHS_3: 3, Range.MONTHS_6: 6, Range.MONTHS_9: 9, Range.MONTHS_12: 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A readable URL; `since` and `until` are usage dates and both belong to the range."""

    range: Range
    since: Day
    until: Day
    format: Format = Format.PAGE

    @property
    def days(self) -> int:
        """The number of dates in the range."""
        return self.until - self.since + 1

    def before(self) -> tuple[Day, Day]:
        """Return the dates of the previous period: as many months, or as many days, right before."""
        last = Day(self.since - 1)
        months = MONTHS.get(self.range)
        return (month_start(self.since, -months) if months else Day(self.since - self.days)), last


def read(params: Mapping[str, str], *, today: Day) -> Question:
    """Read a question. Raises `Rejected` with every problem that the parameters have."""
    problems: list[Problem] = []
    if params.get("tab", "summary") != "summary":
        problems.append(Problem("/tab", "unknown_tab", _("There is no such tab. Choose “summary”.")))
    chosen = _choice(params.get("range", Range.DAYS_30), problems)
    since, until = dates_of(chosen or Range.DAYS_30, today)
    if chosen is Range.CUSTOM:
        since = _date(params.get("since", ""), "/since", problems) or since
        until = _date(params.get("until", ""), "/until", problems) or until
        if not problems:
            problems.extend(_order(since, until))
    wanted = params.get("format", Format.PAGE)
    if wanted not in list(Format):
        problems.append(Problem("/format", "unknown_format", _("There is no such format. Choose “csv”.")))
    if problems or chosen is None:
        raise Rejected(problems)
    return Question(range=chosen, since=since, until=until, format=Format(wanted))


def dates_of(chosen: Range, today: Day) -> tuple[Day, Day]:
    """Return the first and the last date of a range; for a custom one, what the form starts from."""
    months = MONTHS.get(chosen)
    if months is None:
        return Day(today - 29), today
    return month_start(today, -months), Day(month_start(today, 0) - 1)


def month_start(on: Day, months: int) -> Day:
    """Return the first of the month that lies `months` after the month of `on`."""
    given = as_date(on)
    turned = given.year * 12 + given.month - 1 + months
    return day(date(turned // 12, turned % 12 + 1, 1))


def _choice(text: str, problems: list[Problem]) -> Range | None:
    if text in list(Range):
        return Range(text)
    known = ", ".join(Range)
    problems.append(Problem("/range", "unknown_range", _("There is no such range. Choose one of: %s.") % known))
    return None


def _date(text: str, pointer: str, problems: list[Problem]) -> Day | None:
    match = _DATE.fullmatch(text)
    try:
        if match:
            return day(date(*(int(part) for part in match.groups())))
    except ValueError:
        pass  # shaped like a date, but not in the calendar
    message = _("The last date is not in the calendar. Write it like 2026-03-31.")
    if pointer == "/since":
        message = _("The first date is not in the calendar. Write it like 2026-03-31.")
    problems.append(Problem(pointer, "not_a_date", message))
    return None


def _order(since: Day, until: Day) -> list[Problem]:
    if since > until:
        return [Problem("/until", "dates_reversed", _("The last date comes before the first date."))]
    if until >= _months_later(since, MONTHS_MAX):
        message = _("The range is longer than %d months. Choose a shorter one.") % MONTHS_MAX
        return [Problem("/until", "range_too_long", message)]
    return []


def _months_later(on: Day, months: int) -> Day:
    """Return the same day of the month `months` later, or the first of the month after where it is missing."""
    first = month_start(on, months)
    return Day(min(first + as_date(on).day - 1, month_start(first, 1)))
