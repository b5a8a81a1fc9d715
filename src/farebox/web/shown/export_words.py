"""
What the export page says of files and of when they are made, in the reader's words.

Texts that the services keep in English, such as why a file failed, are listed here so that the catalogues have them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from decimal import ROUND_HALF_UP, Decimal
from typing import assert_never

from babel.dates import format_time, get_day_names
from babel.lists import format_list
from babel.units import format_unit
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from farebox.domain.clock import Instant
from farebox.domain.recurring import UTC_ZONE, Every, local
from farebox.domain.report_files import Format, ReportType, Schema
from farebox.web import present

TYPE_NAMES = {
    ReportType.SUBSCRIPTIONS: gettext_lazy("Subscriptions"),
    ReportType.USERS: gettext_lazy("Users"),
    ReportType.USAGE: gettext_lazy("Usage"),
    ReportType.USAGE_REPORT: gettext_lazy("Usage report"),
    ReportType.TOKEN_USAGE: gettext_lazy("Token usage"),
    ReportType.SEAT_USAGE: gettext_lazy("Seat usage"),
}
TYPE_TEXTS = {
    ReportType.SUBSCRIPTIONS: gettext_lazy("What was bought: one row for each token pack, with amount and end."),
    ReportType.USERS: gettext_lazy(
        "Who there is, which products each may open, and who has no account yet (unclaimed)."
    ),
    ReportType.USAGE: gettext_lazy(
        "Day by day: who used which product, and the tokens of each row, but for columns 2022. The file for finance."
    ),
    ReportType.USAGE_REPORT: gettext_lazy(
        "One row for each person and product over all the dates: assigned or not, days used, monthly average, tokens."
    ),
    ReportType.TOKEN_USAGE: gettext_lazy(
        "Day by day, only what tokens pay for. In columns farebox-1 Usage is just that already."
    ),
    ReportType.SEAT_USAGE: gettext_lazy("Use by day over a named subscription or a trial, which costs no tokens."),
}
FORMAT_NAMES = {Format.CSV: "CSV", Format.XLSX: "XLSX"}
FORMAT_TEXTS = {
    Format.CSV: gettext_lazy("Plain text for scripts: one file for each type, in a zip where there are several."),
    Format.XLSX: gettext_lazy("A spreadsheet: a sheet for each type, with real numbers and dates."),
}
SCHEMA_NAMES = {Schema.FAREBOX_1: "farebox-1", Schema.Y2022: "2022", Schema.Y2025: "2025"}
SCHEMA_TEXTS = {
    Schema.FAREBOX_1: gettext_lazy(
        "The usual choice: the field names of the usage API. Usage is what tokens pay for, so it needs no Token usage."
    ),
    Schema.Y2022: gettext_lazy(
        "Names with underscores, such as hashed_autodesk_id, for macros that expect them. Its Usage has no tokens."
    ),
    Schema.Y2025: gettext_lazy("Names in words, such as Day used and Tokens used."),
}

_UNITS = ((10**9, "digital-gigabyte"), (10**6, "digital-megabyte"), (0, "digital-kilobyte"))


def size(in_bytes: int) -> str:
    """Write how large a file is, with one decimal at most: 14.2 MB."""
    least, unit = next(found for found in _UNITS if in_bytes >= found[0])
    number = (Decimal(in_bytes) / max(least, 10**3)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return format_unit(number, unit, "short", locale=present.locale())


def listed(names: Sequence[str]) -> str:
    """Write names one after another, with the language's commas and its "and" before the last."""
    return format_list(names, locale=present.locale())


def either(names: Sequence[str]) -> str:
    """Write names one after another, with the language's "or" before the last."""
    return format_list(names, style="or", locale=present.locale())


def clock_in(at: Instant, zone: str) -> str:
    """Write a moment to the minute as the clock of a zone shows it, and say whose clock it is."""
    if zone == UTC_ZONE:
        return present.clock(at)
    return f"{present.on_clock(local(at, zone))} ({zone})"


def rhythm(every: Every, on: int, hour: int) -> str:
    """Write when a file is made: each Monday at 08:00."""
    at = hour_of_day(hour)
    match every:
        case Every.WEEK:
            return _("Each week on %(day)s at %(time)s") % {"day": weekday(on), "time": at}
        case Every.MONTH:
            if on == 31:
                return _("Each month on its last day at %(time)s") % {"time": at}
            return _("Each month on day %(day)s at %(time)s") % {"day": on, "time": at}
        case _:
            assert_never(every)


def weekday(on: int) -> str:
    """Write the name of a day of the week; 1 is Monday."""
    return str(get_day_names("wide", context="format", locale=present.locale())[on - 1])


def hour_of_day(hour: int) -> str:
    """Write a full hour: 08:00."""
    written: str = format_time(time(hour), "short", locale=present.locale())
    return written
