"""
Typed values: what a literal of a where clause means for the field that it is compared with.

Refuses, with a sentence that tells how to write it, whatever the field's kind cannot be compared with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from farebox.domain.clock import SECOND, instant
from farebox.domain.errors import NotFound
from farebox.domain.ids import charge_of
from farebox.query.catalogue import OLD_CATEGORIES, guess
from farebox.query.codes import USAGE_CATEGORIES
from farebox.query.conditions import Sign, Value
from farebox.query.declarations import Field, Kind

NUMBER_MAX = 2**31 - 1
"""The largest number that a field can be compared with."""

WILDCARD = "%"
WILDCARD_REST_MIN = 3
"""How many other characters a pattern with a wildcard needs (usage-api Q5)."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}Z?)?")
_OFFSET = re.compile(r"([+-]?)([0-9]{1,2}):([0-9]{2})")
_INTEGER = re.compile(r"-?[0-9]{1,10}")
_ORDERED = frozenset({Kind.TEXT, Kind.DATE, Kind.MONTH, Kind.INTEGER, Kind.MOMENT, Kind.OFFSET})
_EQUALITY = frozenset({Sign.EQ, Sign.NE})


class Literal(NamedTuple):
    """A value as it was written: its text, without quotes, and whether it was a number."""

    text: str
    number: bool

    def equals(self, other: Literal) -> bool:
        """Return whether both are the same number, or the same text."""
        if self.number and other.number:
            return Fraction(self.text) == Fraction(other.text)
        return self == other


class Misfit(Exception):
    """A literal that the field cannot be compared with."""


def typed(field: Field, sign: Sign, literal: Literal) -> Value:
    """Return the value to bind for `field sign literal`. Raises `Misfit`."""
    if sign not in _EQUALITY and field.kind not in _ORDERED:
        raise Misfit(f"{field.name} has no order; compare it with = or !=")
    value = _READERS[field.kind](field, literal)
    if field.kind is Kind.MONTH and sign in _EQUALITY and isinstance(value, date) and value.day != 1:
        raise Misfit(f"{field.name} is always the first of a month; write '{value:%Y-%m}-01'")
    return value


def operators(field: Field) -> tuple[str, ...]:
    """Return the operators with which a clause may compare a field."""
    ordered = ("<", "<=", ">", ">=", "BETWEEN") if field.kind in _ORDERED else ()
    return ("=", "!=", "IN", *ordered, *(("LIKE",) if field.kind is Kind.TEXT else ()))


def pattern(field: Field, text: str) -> str:
    """Return the pattern of `field LIKE text`. Raises `Misfit` (usage-api Q5)."""
    if field.kind is Kind.ENUM:
        raise Misfit(f"{field.name} takes no {WILDCARD}; name its values: {', '.join(_words(field))}")
    if field.kind is not Kind.TEXT:
        raise Misfit(f"{field.name} is not a text, so LIKE does not apply; compare it with =")
    if WILDCARD in text and len(text.replace(WILDCARD, "")) < WILDCARD_REST_MIN:
        raise Misfit(f"a pattern with {WILDCARD} needs at least {WILDCARD_REST_MIN} other characters")
    return text


def _text(field: Field, literal: Literal) -> Value:
    return literal.text


def _date(field: Field, literal: Literal) -> Value:
    if not literal.number and _DATE.fullmatch(literal.text):
        try:
            return date.fromisoformat(literal.text)
        except ValueError:
            raise Misfit(f"{literal.text} is not in the calendar") from None
    raise Misfit(f"{field.name} is a date; write it like '{field.example}'")


def _integer(field: Field, literal: Literal) -> Value:
    if _INTEGER.fullmatch(literal.text) and abs(int(literal.text)) <= NUMBER_MAX:
        return int(literal.text)
    raise Misfit(f"{field.name} is a whole number; write it like {field.example}")


def _enum(field: Field, literal: Literal) -> Value:
    assert field.codes is not None, "an enumerated field declares its codes"
    text = literal.text
    if field.codes is USAGE_CATEGORIES and text in OLD_CATEGORIES:
        text = OLD_CATEGORIES[text].value
    if literal.number or text not in field.codes.values():
        raise Misfit(f"{field.name} is one of {', '.join(_words(field))}{guess(text, _words(field))}")
    return field.codes.code(text)


def _words(field: Field) -> tuple[str, ...]:
    return field.codes.values() if field.codes else ()


def _moment(field: Field, literal: Literal) -> Value:
    if not literal.number and _MOMENT.fullmatch(literal.text):
        try:
            return instant(datetime.fromisoformat(literal.text).replace(tzinfo=UTC)) // SECOND * SECOND
        except ValueError:
            raise Misfit(f"{literal.text} is not in the calendar") from None
    raise Misfit(f"{field.name} is a moment in UTC; write it like '{field.example}'")


def _offset(field: Field, literal: Literal) -> Value:
    match = _OFFSET.fullmatch(literal.text)
    if literal.number or match is None or int(match[3]) > 59:
        raise Misfit(f"{field.name} is an offset; write it like '{field.example}'")
    seconds = int(match[2]) * 3600 + int(match[3]) * 60
    return -seconds if match[1] == "-" else seconds


def _item(field: Field, literal: Literal) -> Value:
    try:
        return charge_of(literal.text)
    except NotFound:
        raise Misfit(f"{literal.text[:40]!r} is not a {field.name}; it looks like '{field.example}'") from None


_READERS: Mapping[Kind, Callable[[Field, Literal], Value]] = MappingProxyType(
    {
        Kind.TEXT: _text,
        Kind.DATE: _date,
        Kind.MONTH: _date,
        Kind.INTEGER: _integer,
        Kind.ENUM: _enum,
        Kind.MOMENT: _moment,
        Kind.OFFSET: _offset,
        Kind.ITEM: _item,
    }
)
