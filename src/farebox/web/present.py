"""
Numbers, dates and percents as the reader's language writes them.

The language is the one that is active for the request. Nothing is computed here but the change between two
numbers; amounts stay exact up to the last digit shown. A page writes the same dates and patterns again and again, and
reading a pattern takes longer than using it: both are kept.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_interval, format_skeleton, format_time, get_datetime_format
from babel.numbers import NumberPattern, format_percent, get_decimal_symbol, parse_pattern
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from farebox.domain.amounts import Tokens, as_decimal
from farebox.domain.clock import Day, Instant, as_date, moment
from farebox.domain.periods import Days

_DATE = "yMMMd"
_EXACT = "#,##0.######"
_KEPT = 4_096
"""How many dates are kept as they are written; a page has some hundreds."""
_TENTHS = Decimal("0.1")
_MAYBE_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2},[0-9]{3}")


def locale() -> Locale:
    """Return the locale of the active language; English where none is active."""
    return _locale(_language())


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


def pointed(text: str) -> str:
    """
    Write the decimal sign of the reader's language as a point: one comma, where the pages write commas.

    1,500 may be meant as 1500: three digits after a comma that may part thousands stay as they are, and are refused.
    """
    if get_decimal_symbol(locale()) != "," or _MAYBE_THOUSANDS.fullmatch(text):
        return text
    return text if "." in text else text.replace(",", ".", 1)


def count(number: int) -> str:
    """Write a whole number with the language's grouping."""
    return _written(Decimal(number), _EXACT)


def plural(tokens: Tokens, *, tenths: bool = False) -> int:
    """
    Return what number a noun goes with that stands after an amount: 1 as after one, else 2.

    Languages count an amount with decimals differently: 0.5 tokens, but 0,5 jeton. `tenths`: after `rounded`.
    """
    exact = as_decimal(tokens)
    written = exact.quantize(_TENTHS, ROUND_HALF_UP).normalize() if tenths else exact
    return 1 if locale().plural_form(written) == "one" else 2


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


def short_date(day: Day) -> str:
    """Write a date, the same way in tables and sentences: Aug 1, 2026."""
    return by_skeleton(_DATE, day)


def weekday_date(day: Day) -> str:
    """Write a date with its weekday: Sat, Aug 1, 2026."""
    return by_skeleton("yMMMEd", day)


def dates(days: Days) -> str:
    """Write the first and the last of `days` as one phrase: Aug 1 – Oct 31, 2026."""
    first, last = days.since, Day(days.until - 1)
    if first == last:
        return short_date(first)
    return format_interval(as_date(first), as_date(last), _DATE, locale=locale())


def month(day: Day) -> str:
    """Write the month of a date, short: Aug."""
    return by_skeleton("MMM", day)


def year(day: Day) -> str:
    """Write the year of a date as an axis shows it."""
    return by_skeleton("y", day)


def by_skeleton(skeleton: str, day: Day) -> str:
    """Write the parts of a date that a skeleton names, in the language's order."""
    return _by_skeleton(skeleton, day, _language())


def clock(at: Instant) -> str:
    """Write a moment to the minute, in UTC and saying so."""
    return on_clock(moment(at)) + " UTC"


def on_clock(here: datetime) -> str:
    """Write a moment to the minute, as the clock shows it that it was taken from; without saying which."""
    spoken = locale()
    date, time = format_skeleton(_DATE, here, locale=spoken), format_time(here, "short", locale=spoken)
    order = str(get_datetime_format("medium", locale=spoken))
    return order.replace("{1}", date).replace("{0}", time)


def labelled(name: str, words: str) -> str:
    """Write whose the words are before them, with the language's colon: Demo Works: no tokens are left."""
    return _("%(name)s: %(words)s") % {"name": name, "words": words}


def colon() -> str:
    """Write the language's colon, for templates."""
    return labelled("", "")


def comma() -> str:
    """Write the language's comma, for templates."""
    return aside("", "")


def aside(first: str, second: str) -> str:
    """Write two pieces one after the other, with the language's comma: 166 before, +36%."""
    return _("%(first)s, %(second)s") % {"first": first, "second": second}


def _written(number: Decimal, pattern: str) -> str:
    written: str = _pattern(pattern).apply(number, locale())
    return written.replace("-", "−", 1) if number < 0 else written


def _language() -> str:
    return get_language() or "en"


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


@lru_cache(maxsize=64)
def _pattern(pattern: str) -> NumberPattern:
    return parse_pattern(pattern)


@lru_cache(maxsize=_KEPT)
def _by_skeleton(skeleton: str, day: Day, language: str) -> str:
    return format_skeleton(skeleton, as_date(day), locale=_locale(language))
