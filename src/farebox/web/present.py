"""
Numbers, dates and percents as the reader's language writes them.

The language is the one that is active for the request. Nothing is computed here but the change between two
numbers; amounts stay exact up to the last digit shown.
"""

from __future__ import annotations

from datetime import UTC
from decimal import ROUND_HALF_UP, Decimal

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time, get_datetime_format
from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language

from farebox.domain.amounts import Tokens, as_decimal
from farebox.domain.clock import Day, Instant, as_date, moment
from farebox.domain.periods import Days

_EXACT = "#,##0.######"
_TENTHS = Decimal("0.1")


def locale() -> Locale:
    """Return the locale of the active language; English where none is active."""
    return Locale.parse(get_language() or "en", sep="-")


def amount(tokens: Tokens) -> str:
    """Write an amount exactly, with as many decimals as it has: 13,005 or 0.5."""
    return _written(as_decimal(tokens), _EXACT)


def rounded(tokens: Tokens) -> str:
    """Write an amount with one decimal at most, half up: for means, never for balances."""
    return _written(as_decimal(tokens).quantize(_TENTHS, ROUND_HALF_UP), "#,##0.#")


def signed(tokens: Tokens) -> str:
    """Write an amount with its sign in front, zero included."""
    sign = "−" if tokens < 0 else "+"
    return sign + amount(Tokens(abs(tokens)))


def count(number: int) -> str:
    """Write a whole number with the language's grouping."""
    return _written(Decimal(number), _EXACT)


def share(part: int, whole: int) -> str:
    """Write `part` of `whole` as a percent, one decimal below ten percent. `whole` is positive."""
    ratio = Decimal(part) / Decimal(whole)
    step = Decimal("0.001") if abs(ratio) < _TENTHS else Decimal("0.01")
    written: str = format_percent(ratio.quantize(step, ROUND_HALF_UP), locale=locale(), decimal_quantization=False)
    return written


def change(thousandths: int) -> str:
    """Write a change in thousandths as a percent with its sign in front: +12%, −3.4%, 0%."""
    sign = {True: "+", False: "−"}[thousandths > 0] if thousandths else ""
    return sign + share(abs(thousandths), 1000)


def long_date(day: Day) -> str:
    """Write a date with its month in words: August 1, 2026."""
    written: str = format_date(as_date(day), "long", locale=locale())
    return written


def short_date(day: Day) -> str:
    """Write a date as it fits a tile: Aug 1, 2026."""
    written: str = format_date(as_date(day), "medium", locale=locale())
    return written


def weekday_date(day: Day) -> str:
    """Write a date with its weekday: Sat, Aug 1, 2026."""
    return format_skeleton("yMMMEd", as_date(day), locale=locale())


def dates(days: Days) -> str:
    """Write the first and the last of `days` as one phrase: Aug 1 – Oct 31, 2026."""
    first, last = days.since, Day(days.until - 1)
    if first == last:
        return long_date(first)
    return format_interval(as_date(first), as_date(last), "yMMMd", locale=locale())


def month(day: Day) -> str:
    """Write the month of a date, short: Aug."""
    return format_skeleton("MMM", as_date(day), locale=locale())


def year(day: Day) -> str:
    """Write the year of a date as an axis shows it."""
    return format_skeleton("y", as_date(day), locale=locale())


def clock(at: Instant) -> str:
    """Write a moment to the minute, in UTC and saying so."""
    spoken = locale()
    date = format_skeleton("yMMMd", moment(at), tzinfo=UTC, locale=spoken)
    time = format_time(moment(at), "short", tzinfo=UTC, locale=spoken)
    order = str(get_datetime_format("medium", locale=spoken))
    return order.replace("{1}", date).replace("{0}", time) + " UTC"


def _written(number: Decimal, pattern: str) -> str:
    written: str = format_decimal(number, format=pattern, locale=locale())
    return written.replace("-", "−", 1) if number < 0 else written
