"""
Terms of a where clause: as the parser builds them, and how they become a typed condition.

Positions are kept until every name is found in the catalogue and every value fits its field; what does not is
collected, so that a refusal lists every fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, assert_never

from farebox.domain.errors import Problem
from farebox.query.catalogue import METRIC_BY_NAME, field_named, guess_field
from farebox.query.conditions import AllOf, AnyOf, Compare, Condition, Fixed, Like, OneOf, Sign, Value
from farebox.query.declarations import Field, Kind
from farebox.query.values import WILDCARD, Literal, Misfit, pattern, typed

POINTER = "/where"
IN_MAX = 500
NO_NULL = "; there is no NULL: a text that is missing is ''"
PROBLEMS_MAX = 20

_FLIPPED = {Sign.LT: Sign.GT, Sign.LE: Sign.GE, Sign.GT: Sign.LT, Sign.GE: Sign.LE}


class Name(NamedTuple):
    """A field as it is called, and where (positions count from 1)."""

    at: int
    text: str
    quoted: bool = False


class Written(NamedTuple):
    """A value as it was written, and where."""

    at: int
    value: Literal


class Comparison(NamedTuple):
    """Two operands and a sign; which of them is a field is not known yet."""

    left: Name | Written
    sign: Sign
    right: Name | Written


class Pattern(NamedTuple):
    """A name that shall be like a text."""

    name: Name
    text: Written


class Choice(NamedTuple):
    """A name that shall be one of several values."""

    name: Name
    values: tuple[Written, ...]


class Range(NamedTuple):
    """A name that shall lie between two values, both included."""

    name: Name
    low: Written
    high: Written


class Joined(NamedTuple):
    """Terms joined by AND or by OR."""

    word: type[AllOf] | type[AnyOf]
    parts: tuple[Term, ...]


Term = Comparison | Pattern | Choice | Range | Joined


class Typing:
    """Looks up fields and types values, and collects what does not fit."""

    def __init__(self, custom_names: Sequence[str]) -> None:
        self.problems: list[Problem] = []
        self.fields: dict[Field, None] = {}
        self._custom_names = custom_names

    def condition(self, term: Term) -> Condition:
        """Return the condition of a term; what it holds is without meaning once a problem is noted."""
        match term:
            case Joined(word, parts):
                return word(tuple(self.condition(part) for part in parts))
            case Comparison(left, sign, right):
                return self._compare(left, sign, right)
            case Choice(name, values):
                return self._one_of(name, values)
            case Range(name, low, high):
                return AllOf((self._compare(name, Sign.GE, low), self._compare(name, Sign.LE, high)))
            case Pattern(name, text):
                field = self._field(name)
                return self._like(field, text) if field else Fixed(holds=False)
            case _:
                assert_never(term)

    def _compare(self, left: Name | Written, sign: Sign, right: Name | Written) -> Condition:
        match left, right:
            case Name(), Written():
                return self._compared(left, sign, right)
            case Written(), Name():
                return self._compared(right, _FLIPPED.get(sign, sign), left)
            case Written(), Written():
                return self._fixed(left, sign, right)
            case Name(), Name():
                message = f"a field is compared with a value, not with another field{self._meant(right)}"
                self._note(right.at, "where_value", message)
                return Fixed(holds=False)
            case _:
                raise AssertionError("an operand is a name or a value")

    def _compared(self, name: Name, sign: Sign, literal: Written) -> Condition:
        field = self._field(name)
        value = self._typed(field, sign, literal) if field else None
        return Fixed(holds=False) if field is None or value is None else Compare(field, sign, value)

    def _one_of(self, name: Name, literals: tuple[Written, ...]) -> Condition:
        if len(literals) > IN_MAX:
            self._note(literals[IN_MAX].at, "where_too_many_values", f"IN takes at most {IN_MAX} values")
            return Fixed(holds=False)
        field = self._field(name)
        if field is None:
            return Fixed(holds=False)
        values = (self._typed(field, Sign.EQ, literal) for literal in literals)
        return OneOf(field, tuple(dict.fromkeys(value for value in values if value is not None)))

    def _like(self, field: Field, text: Written) -> Condition:
        """Return the pattern; for one of a closed set, which takes no wildcard, the comparison that it amounts to."""
        if field.kind is Kind.ENUM and WILDCARD not in text.value.text:
            value = self._typed(field, Sign.EQ, text)
            return Fixed(holds=False) if value is None else Compare(field, Sign.EQ, value)
        try:
            return Like(field, pattern(field, text.value.text))
        except Misfit as misfit:
            self._note(text.at, "where_value", str(misfit))
            return Fixed(holds=False)

    def _fixed(self, left: Written, sign: Sign, right: Written) -> Condition:
        """Return what a comparison of two values says; only = and != make sense there (1=1)."""
        if sign not in (Sign.EQ, Sign.NE) or left.value.number != right.value.number:
            self._note(left.at, "where_value", "two values compare only with = or !=, and only if they are alike")
        return Fixed(holds=left.value.equals(right.value) is (sign is Sign.EQ))

    def _meant(self, name: Name) -> str:
        """Return what to write instead of a name where a value belongs."""
        if name.text.lower() == "null":
            return NO_NULL
        if field_named(name.text, self._custom_names) and not name.quoted:
            return ""
        text = name.text[:40].replace("'", "''")
        return f"; a text is written between single quotes: '{text}'"

    def _field(self, name: Name) -> Field | None:
        field = field_named(name.text, self._custom_names)
        if field is not None:
            self.fields[field] = None
        elif name.text in METRIC_BY_NAME:
            self._note(name.at, "where_metric", f"{name.text} is a metric; only fields can be filtered")
        elif len(self.problems) < PROBLEMS_MAX:  # guessing takes its time
            meant = guess_field(name.text, self._custom_names)
            self._note(name.at, "where_unknown_field", f"there is no field {name.text[:40]!r}{meant}")
        return field

    def _typed(self, field: Field, sign: Sign, literal: Written) -> Value | None:
        try:
            return typed(field, sign, literal.value)
        except Misfit as misfit:
            self._note(literal.at, "where_value", str(misfit))
            return None

    def _note(self, at: int, code: str, message: str) -> None:
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(Problem(POINTER, code, f"at position {at}: {message}"))
