"""
What every report page has around its own content: tabs, chooser, range, dates, files, and how to ask the API the same.

A page fills a `Report` with its tables; the frame, the files and the commands are made from it, so that all of them say
the same (domain R3).
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from farebox.domain.clock import Day, Instant, as_date
from farebox.domain.errors import Problem, Rejected
from farebox.domain.periods import Days, Months
from farebox.query.plan import Question as Asked
from farebox.web import files, present
from farebox.web.choice import Choice
from farebox.web.question import ALL, MONTHS, SEARCH_MAX, Basis, By, Format, Offers, Question, Range, read, read_date
from farebox.web.tables import Table, piece, sheet

TAB_NAMES = {
    "summary": gettext_lazy("Summary"),
    "product": gettext_lazy("By product"),
    "user": gettext_lazy("By user"),
}
API_ROWS_MAX = 10_000
"""How many rows the usage API gives at once, at most."""

BY_NAMES = {By.DAY: gettext_lazy("Day"), By.WEEK: gettext_lazy("Week"), By.MONTH: gettext_lazy("Month")}


class Titled(NamedTuple):
    """A question of the usage API, and in words what it asks."""

    words: str
    asked: Asked


class Command(NamedTuple):
    """A command of a shell, and in words what it asks."""

    words: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """
    A report page, gathered: the moment and ledger position that it shows, its tables, and what the API is asked.

    The first table is what the page downloads as CSV; `asked` are the questions of the usage API that give its rows.
    `name` is the word for it in the names of files.
    """

    name: str
    title: str
    as_of: Instant
    position: int
    tables: tuple[Table, ...] = ()
    asked: tuple[Titled, ...] = ()


def asked(request: HttpRequest, offers: Offers, *, today: Day) -> tuple[Question, tuple[Problem, ...]]:
    """Return the question of a request; where it is refused, one with what can be kept of it, and every problem."""
    params = request.GET.dict()
    try:
        return read(params, today=today, offers=offers, style=style()), ()
    except Rejected as refused:
        kept: dict[str, str] = {name: params[name] for name in ("contract", "tab") if name in params}
        kept["tab"] = kept.get("tab", "") if kept.get("tab") in offers.tabs else ""
        return read(kept, today=today, offers=offers, style=style()), refused.problems


def download(report: Report, question: Question, choice: Choice) -> HttpResponse:
    """Return the file of a report: its tables as the page shows them, on all their pages (domain R3, R4)."""
    sheets = [sheet(table, question) for table in report.tables]
    return files.response(sheets, _about(report, question, choice), question.format)


def frame(
    request: HttpRequest, report: Report, question: Question, choice: Choice, problems: Sequence[Problem] = ()
) -> dict[str, Any]:
    """Return the variables of the templates that every report page includes."""
    return {
        "report": report,
        "question": question,
        "choice": choice,
        "address": request.path,
        "dates": present.dates(question.days),
        "days": question.days.until - question.days.since,
        "range_form": _range_form(request, question, problems),
        "problems": problems,
        "names_hidden": choice.names_hidden,
        "pieces": {table.key: piece(table, question) for table in report.tables},
        "csv_address": question.address(format=Format.CSV, page=1),
        "xlsx_address": question.address(format=Format.XLSX, page=1),
        "commands": [Command(one.words, command(one.asked, choice)) for one in report.asked],
        "rows_max": API_ROWS_MAX,
        "all_value": ALL,
        "chooser_keeps": _kept(question, "contract", "page", "format"),
        "search_keeps": _kept(question, "q", "page", "format"),
        "tabs": _tabs(question),
        "search_max": SEARCH_MAX,
    }


def where(days: Days, *more: str) -> str:
    """Write the condition of `days`, and of what else must hold, as the usage API reads it."""
    first, last = as_date(days.since), as_date(Day(days.until - 1))
    return " AND ".join([f"usageDate >= '{first}' AND usageDate <= '{last}'", *more])


def equals(field: str, value: str) -> str:
    """Write the condition that a field has a value, quoted as the where clause wants it."""
    doubled = value.replace("'", "''")
    return f"{field} = '{doubled}'"


def among(field: str, values: Iterable[str]) -> str:
    """Write the condition that a field has one of several values."""
    quoted = ("'" + value.replace("'", "''") + "'" for value in values)
    return f"{field} IN ({', '.join(quoted)})"


def command(asked: Asked, choice: Choice) -> str:
    """Write the command that asks the usage API the same; of several contracts, one after the other."""
    body = json.dumps({"fields": asked.fields, "metrics": asked.metrics, "where": asked.where}, ensure_ascii=False)
    base, page = f"{settings.BASE_URL}/tokenflex/v1/usage", f"query?limit={API_ROWS_MAX}"
    lines = (
        '--header "Authorization: Bearer $FAREBOX_TOKEN" \\\n'
        "  --header 'Content-Type: application/json' \\\n"
        f"  --data @- <<'JSON'\n{body}\nJSON"
    )
    numbers = [quote(contract.number, safe="") for contract in choice.chosen]
    if len(numbers) == 1:
        return f"curl --silent --show-error --request POST {shlex.quote(f'{base}/{numbers[0]}/{page}')} \\\n  {lines}"
    loop = f"for contract in {' '.join(map(shlex.quote, numbers))}; do\nprintf '%s\\n' \"$contract\""
    post = "curl --silent --show-error --write-out '\\n' --request POST"
    return f'{loop}\n{post} "{base}/$contract/{page}" \\\n  {lines}\ndone'


def _range_form(request: HttpRequest, question: Question, problems: Sequence[Problem]) -> dict[str, object]:
    """Return what the range form holds: the question as understood, or what was typed where it was refused."""
    chosen = request.GET.get("range", "") if problems else question.range
    return {
        "ranges": [(value, name, value == chosen) for value, name in range_names().items()],
        "since": _typed_date(request, "since") if problems else question.first.isoformat(),
        "until": _typed_date(request, "until") if problems else question.last.isoformat(),
        "kept": _kept(question, "range", "since", "until", "by", "page", "format"),
        "bys": [("", _("Automatic"), question.by is None)]
        + [(value, name, value == question.by) for value, name in BY_NAMES.items()],
    }


def range_names() -> dict[Range, str]:
    """Name the ranges that a page offers; what their months are is a setting (domain T4)."""
    match style():
        case Months.COMPLETE:
            of_months = _("Last %d complete months")
        case Months.TO_DATE:
            of_months = _("Last %d months, this one so far")
        case Months.ROLLING:
            of_months = _("Last %d months up to today")
    months = {value: of_months % count for value, count in MONTHS.items()}
    return {Range.DAYS_30: _("Last 30 days"), **months, Range.CUSTOM: _("Custom dates")}


def style() -> Months:
    """Return what the last months of a page are here."""
    return Months(settings.MONTHS)


def _kept(question: Question, *others: str) -> list[tuple[str, str]]:
    """Return what a form sends along that asks for `others` itself."""
    return [(name, value) for name, value in question.params().items() if name not in others]


def _tabs(question: Question) -> list[dict[str, object]]:
    """Return the tabs of the report; each keeps the contract and the range."""
    fresh: dict[str, Any] = {"search": "", "sort": "", "basis": Basis.TOTAL, "by": None}
    return [
        {"name": TAB_NAMES[tab], "address": question.address(tab=tab, **fresh), "is_here": tab == question.tab}
        for tab in question.offers.tabs
        if tab in TAB_NAMES
    ]


def _typed_date(request: HttpRequest, name: str) -> str:
    """Return a date as typed, or nothing where it is none: a date field can hold nothing else."""
    typed = request.GET.get(name, "")
    return typed if read_date(typed) is not None else ""


def _about(report: Report, question: Question, choice: Choice) -> files.About:
    """Return what a file says about itself (exports.md: the filters used)."""
    numbers = ", ".join(contract.number for contract in choice.chosen)
    facts = (
        (_("Report"), report.title),
        (_("Team"), ", ".join(dict.fromkeys(contract.team for contract in choice.chosen))),
        (_("Contract"), numbers),
        (_("First date"), question.first.isoformat()),
        (_("Last date"), question.last.isoformat()),
        (_("Search"), question.search),
        (_("Sorted by"), order(report.tables, question.sort)),
        (_("As of"), present.clock(report.as_of)),
        (_("Ledger position"), str(report.position)),
    )
    name = (report.name, "all" if choice.is_all else choice.one.number, f"{question.first}--{question.last}")
    return files.About(facts, name)


def order(tables: Sequence[Table], sort: str) -> str:
    """Say in words what the first table is ordered by; nothing where it has an order of its own."""
    name = sort.removeprefix("-")
    labels = {column.name: column.label for table in tables[:1] for column in table.columns}
    if name not in labels:
        return ""
    label = {"column": labels[name]}
    return _("%(column)s, descending") % label if sort.startswith("-") else _("%(column)s, ascending") % label
