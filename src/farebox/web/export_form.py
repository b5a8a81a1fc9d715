"""
The form of the export page: what an address or a sent form asks for, every problem of it, and what it holds again.

Reading is pure: the day it is comes in as an argument. An address fills the form in part; what it does not say has its
usual value, so that each page of a report can link to the file of what it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.http import QueryDict
from django.utils.translation import gettext as _

from farebox.domain.clock import Day, as_date
from farebox.domain.errors import Problem
from farebox.domain.periods import Days, last_months
from farebox.domain.recurring import Every
from farebox.domain.report_files import DATED, Format, ReportType, Schema, Spec, problems
from farebox.web.question import ALL, Range, read_date
from farebox.web.question import days_of as days_of_range
from farebox.web.report import style
from farebox.web.shown.export_words import SCHEMA_NAMES, TYPE_NAMES, either

ID_MAX = 36
"""Signs that the id of a recurring export has at most."""

LAST_MONTH = "1m"
RANGES = (LAST_MONTH, *Range)
"""The last complete month, which finance asks for most, and the ranges of the reports (domain T4)."""


_SAID = ("format", "contract", "range", "since", "until", "schema", "weekday", "day", "hour")
"""The fields of the form that hold one word."""


class Often(StrEnum):
    """How often the file is wanted: now, or each week or month from now on."""

    ONCE = "once"
    WEEK = Every.WEEK.value
    MONTH = Every.MONTH.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What the form holds, as it was typed."""

    format: str
    contract: str
    types: tuple[str, ...]
    range: str
    since: str
    until: str
    schema: str
    often: str
    weekday: str
    day: str
    hour: str
    change: str = ""
    """The recurring export that the form changes; none for a new one."""

    @property
    def is_recurring(self) -> bool:
        """Whether the file is wanted again and again."""
        return self.often != Often.ONCE


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often, on which day and at which hour of the team's clock."""

    every: Every
    on: int
    hour: int


@dataclass(frozen=True, slots=True)
class Read:
    """What a form asks for, or all that is wrong with it."""

    spec: Spec | None
    rhythm: Rhythm | None
    problems: tuple[Problem, ...]


def filled(params: QueryDict, contract: str, *, today: Day, is_sent: bool = False) -> Filled:
    """
    Return what the form holds after an address or a form that was sent; `contract` where an address names none.

    A date field can hold only dates, and an address that names no type means Usage. A form that was sent says
    everything itself: what it leaves out is nothing, and a problem.
    """
    if is_sent:
        return _sent(params)
    month = last_months(today, 1)
    first, last = as_date(month.since).isoformat(), as_date(Day(month.until - 1)).isoformat()
    typed = {name: params.get(name, "") for name in ("since", "until")}
    return Filled(
        format=params.get("format", Format.XLSX),
        contract=params.get("contract") or contract,
        types=_types(params) if "types" in params or "sent" in params else (ReportType.USAGE,),
        range=params.get("range", LAST_MONTH),
        since=typed["since"] if read_date(typed["since"]) is not None else "" if typed["since"] else first,
        until=typed["until"] if read_date(typed["until"]) is not None else "" if typed["until"] else last,
        schema=params.get("schema", Schema.FAREBOX_1),
        often=params.get("every", Often.ONCE),
        weekday=params.get("weekday", "1"),
        day=params.get("day", "1"),
        hour=params.get("hour", "8"),
        change=params.get("change", "")[:ID_MAX],
    )


def _sent(params: QueryDict) -> Filled:
    """Return what a form says that was sent."""
    said = {name: params.get(name, "") for name in _SAID}
    dates = {name: said[name] if read_date(said[name]) is not None else "" for name in ("since", "until")}
    change = params.get("change", "")[:ID_MAX]
    return Filled(**{**said, **dates}, types=_types(params), often=params.get("every", ""), change=change)


def read(form: Filled, numbers: Sequence[str], *, language: str, today: Day) -> Read:
    """Read a form that was sent by somebody who may read the contracts of these numbers."""
    found = [*_unknown(form), *_contract_problems(form, numbers)]
    rhythm = _rhythm(form, found)
    days = _days(form, today, found) if rhythm is None else Days(today, Day(today + 1))
    spec = _spec(form, days, language)
    if spec is not None:
        found += _translated(problems(spec), found, spec)
    if found:
        return Read(None, None, tuple(found))
    return Read(spec, rhythm, ())


def days_of(chosen: str, today: Day) -> Days:
    """Return the dates of a range; for any other word, and for custom dates, those of the last month."""
    if chosen not in list(Range) or chosen == Range.CUSTOM:
        return last_months(today, 1)
    return days_of_range(Range(chosen), today, style())


def _types(params: QueryDict) -> tuple[str, ...]:
    """Return the report types named, each once: an address may also write them with commas."""
    named = [one for text in params.getlist("types") for one in text.split(",") if one]
    return tuple(dict.fromkeys(named))


def _unknown(form: Filled) -> Iterable[Problem]:
    """Yield a problem for each choice that the form does not offer."""
    if form.format not in list(Format):
        yield Problem("/format", "unknown_format", _("There is no such file format."))
    if not set(form.types) <= set(ReportType):
        yield Problem("/types", "unknown_type", _("There is no such report type."))
    if form.schema not in list(Schema):
        yield Problem("/schema", "unknown_schema", _("There are no such columns."))
    if form.often not in list(Often):
        yield Problem("/every", "unknown_frequency", _("Choose once, each week or each month."))


def _contract_problems(form: Filled, numbers: Sequence[str]) -> Iterable[Problem]:
    if form.contract not in (ALL, *numbers):
        yield Problem("/contract", "unknown_contract", _("There is no such contract, or it is not yours to read."))


def _rhythm(form: Filled, found: list[Problem]) -> Rhythm | None:
    """Read when a recurring file is due; none for one that is wanted once."""
    if form.often not in list(Every):
        return None
    every = Every(form.often)
    on, hour = _number(form.weekday if every is Every.WEEK else form.day), _number(form.hour)
    pointer = "/weekday" if every is Every.WEEK else "/day"
    if not 1 <= on <= (7 if every is Every.WEEK else 31):
        found.append(Problem(pointer, "no_such_day", _("There is no such day.")))
    if not 0 <= hour <= 23:
        found.append(Problem("/hour", "no_such_hour", _("A day has hours from 0 to 23.")))
    return Rhythm(every, on, hour)


def _number(text: str) -> int:
    """Return a small whole number; −1 for any other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 2 else -1


def _days(form: Filled, today: Day, found: list[Problem]) -> Days | None:
    """Read the dates, where a type that is asked for has dates."""
    if not set(form.types) & DATED:
        return None
    if form.range != Range.CUSTOM:
        if form.range not in RANGES:
            known = ", ".join(RANGES)
            found.append(Problem("/range", "unknown_range", _("There is no such range. Choose one of: %s.") % known))
        return days_of(form.range, today)
    first, last = read_date(form.since), read_date(form.until)
    if first is None:
        message = _("The first date is not in the calendar. Write it like 2026-03-31.")
        found.append(Problem("/since", "not_a_date", message))
    if last is None:
        message = _("The last date is not in the calendar. Write it like 2026-03-31.")
        found.append(Problem("/until", "not_a_date", message))
    if first is None or last is None:
        return Days(today, Day(today + 1))
    if last < first:
        found.append(Problem("/until", "dates_reversed", _("The last date comes before the first date.")))
        return Days(today, Day(today + 1))
    return Days(first, Day(last + 1))


def _spec(form: Filled, days: Days | None, language: str) -> Spec | None:
    """Return what is asked for, as far as its words are known ones."""
    types = [one for one in ReportType if one in form.types]
    schema = Schema(form.schema) if form.schema in list(Schema) else Schema.FAREBOX_1
    return Spec(
        format=Format(form.format) if form.format in list(Format) else Format.CSV,
        types=tuple(types),
        contracts=() if form.contract == ALL else (form.contract,),
        days=days,
        rolling=form.range == Range.DAYS_30 and not form.is_recurring,
        schema=schema,
        language=language,
    )


def _translated(told: Iterable[Problem], known: Sequence[Problem], spec: Spec) -> list[Problem]:
    """
    Return the problems that the rules of report files found, in the reader's words; none at a field twice.

    Types that the columns have not are one problem, which names them all.
    """
    said = {problem.pointer for problem in known}
    texts = {
        "nothing_asked": _("Choose at least one report type."),
        "not_in_schema": _("Columns “%(columns)s” have no %(types)s. Choose other columns, or leave that out.")
        % {"columns": SCHEMA_NAMES[spec.schema], "types": either([str(TYPE_NAMES[one]) for one in spec.lacking])},
        "dates_needed": _("Choose the dates of the usage."),
        "range_too_long": _("The range is longer than ten years. Choose a shorter one."),
    }
    pointers: Mapping[str, str] = {"/days": "/range"}
    found = (one._replace(pointer=pointers.get(one.pointer, one.pointer)) for one in told)
    spoken = (one._replace(message=texts.get(one.code, one.message)) for one in found if one.pointer not in said)
    return list(dict.fromkeys(spoken))
