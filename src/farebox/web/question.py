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

from farebox.domain.clock import Day, day
from farebox.domain.errors import Problem, Rejected
from farebox.domain.periods import Days, add_months, last_days, last_months

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


@dataclass(frozen=True, slots=True)
class Question:
    """A readable URL: which range, the usage dates that it means, and how the answer is wanted."""

    range: Range
    days: Days
    format: Format = Format.PAGE


def read(params: Mapping[str, str], *, today: Day) -> Question:
    """Read a question. Raises `Rejected` with every problem that the parameters have."""
    problems: list[Problem] = []
    if params.get("tab", "summary") != "summary":
        problems.append(Problem("/tab", "unknown_tab", _("There is no such tab. Choose “summary”.")))
    chosen = _choice(params.get("range", Range.DAYS_30), problems)
    days = _custom(params, problems) if chosen is Range.CUSTOM else days_of(chosen or Range.DAYS_30, today)
    wanted = params.get("format", Format.PAGE)
    if wanted not in list(Format):
        problems.append(Problem("/format", "unknown_format", _("There is no such format. Choose “csv”.")))
    if problems or chosen is None or days is None:
        raise Rejected(problems)
    return Question(chosen, days, Format(wanted))


def days_of(chosen: Range, today: Day) -> Days:
    """Return the dates of a range; for a custom one, those that the form starts from."""
    months = MONTHS.get(chosen)
    return last_days(today, 30) if months is None else last_months(today, months)


def _choice(text: str, problems: list[Problem]) -> Range | None:
    if text in list(Range):
        return Range(text)
    known = ", ".join(Range)
    problems.append(Problem("/range", "unknown_range", _("There is no such range. Choose one of: %s.") % known))
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
        problems.append(Problem("/until", "dates_reversed", _("The last date comes before the first date.")))
    elif last >= add_months(first, MONTHS_MAX):
        message = _("The range is longer than %d months. Choose a shorter one.") % MONTHS_MAX
        problems.append(Problem("/until", "range_too_long", message))
    return Days(first, Day(last + 1))


def _date(text: str, pointer: str, problems: list[Problem]) -> Day | None:
    found = read_date(text)
    if found is not None:
        return found
    message = _("The last date is not in the calendar. Write it like 2026-03-31.")
    if pointer == "/since":
        message = _("The first date is not in the calendar. Write it like 2026-03-31.")
    problems.append(Problem(pointer, "not_a_date", message))
    return None
