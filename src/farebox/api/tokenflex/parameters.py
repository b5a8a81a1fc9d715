"""
Parameters of addresses that several endpoints have, and what they mean.

They come as texts and are read here, after the contract was found: so a contract that is not the asker's looks the same
whatever else was asked (T2), and every fault of a request is listed at once. An empty parameter is as good as none.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import WithJsonSchema

from farebox.domain.errors import Problem
from farebox.domain.usage import UsageCategory
from farebox.query.catalogue import OLD_CATEGORIES, category_named, guess
from farebox.query.fields import FIELDS
from farebox.query.metrics import METRICS

CATEGORIES = (*(category.value for category in UsageCategory), *OLD_CATEGORIES)
"""The names of usage categories that are understood, older ones too."""

YEAR_MAX = 9999
"""The highest contract year that can be asked for."""

_NONE = {"type": "string", "maxLength": 0}
_MOMENTS = [
    {"type": "string", "format": "date"},
    {"type": "string", "pattern": "^[1-9][0-9]{3}-(0[1-9]|1[0-2])$"},
    {"type": "string", "format": "date-time"},
]
Category = Annotated[str, WithJsonSchema({"type": "string", "enum": [*CATEGORIES, ""]})]
Month = Annotated[str, WithJsonSchema({"anyOf": [*_MOMENTS, _NONE]})]
Year = Annotated[str, WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1, "maximum": YEAR_MAX}, _NONE]})]

_OWN_NAME = {"type": "string", "description": "The contract's own name of a custom field."}
FieldName = Annotated[
    str, WithJsonSchema({"anyOf": [{"type": "string", "enum": [field.name for field in FIELDS]}, _OWN_NAME]})
]
MetricName = Annotated[str, WithJsonSchema({"type": "string", "enum": [metric.name for metric in METRICS]})]
"""What a question may name, as the OpenAPI document lists it."""

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9-]{10}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?")
_YEAR = re.compile(r"0*[1-9][0-9]{0,3}")


def category_of(name: str, text: str, problems: list[Problem]) -> UsageCategory | None:
    """Return the usage category of that name, new or old; None, and a problem noted, where there is none."""
    found = category_named(text)
    if text and found is None:
        known = ", ".join(UsageCategory)
        message = f"there is no usage category {text[:40]!r}; they are {known}{guess(text, CATEGORIES)}"
        problems.append(Problem(f"/{name}", "unknown_category", message))
    return found


def month_of(name: str, text: str, problems: list[Problem]) -> date | None:
    """Return the first day of the month (UTC) that a month, a date or a moment lies in."""
    try:
        return _first_of_month(text) if text else None
    except (ValueError, OverflowError):
        message = "write a month like 2026-03, a date like 2026-03-04, or a moment like 2026-03-04T09:12:00Z"
        problems.append(Problem(f"/{name}", "invalid_value", message))
        return None


def year_of(name: str, text: str, problems: list[Problem]) -> int | None:
    """Return the number of a contract year."""
    if not text:
        return None
    if not _YEAR.fullmatch(text):
        problems.append(Problem(f"/{name}", "invalid_value", f"a contract year is a whole number from 1 to {YEAR_MAX}"))
        return None
    return int(text)


def _first_of_month(text: str) -> date:
    if _MONTH.fullmatch(text):
        return date.fromisoformat(f"{text}-01")
    if _DATE.fullmatch(text):
        return date.fromisoformat(text).replace(day=1)
    sent = text.replace(" ", "+")  # what a plus that was not encoded arrives as
    if not _MOMENT.fullmatch(sent):
        raise ValueError(text)
    at = datetime.fromisoformat(sent)
    return (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)).date().replace(day=1)
