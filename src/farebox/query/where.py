"""
The where clause: from text to a typed condition (usage-api 3).

An LALR grammar, so the time is linear in the length; values never become SQL text. Refuses whatever it does not
know with the position of the fault: other words, `not`, field names it cannot find, values that do not fit the
field, and clauses beyond the limits below.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, assert_never

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from farebox.domain.errors import Problem, QueryRejected
from farebox.query.catalogue import METRIC_BY_NAME, field_named, guess_field
from farebox.query.conditions import AllOf, AnyOf, Compare, Condition, Fixed, Like, OneOf, Sign, Value
from farebox.query.declarations import Field
from farebox.query.values import Literal, Misfit, pattern, typed

WHERE_BYTES_MAX = 4096
TERMS_MAX = 200
DEPTH_MAX = 16
IN_MAX = 500
PROBLEMS_MAX = 20

POINTER = "/where"

_GRAMMAR = r"""
start: either
?either: both (OR both)*
?both: term (AND term)*
?term: "(" either ")"
     | operand SIGN operand             -> compare
     | name LIKE literal                -> like
     | name IN "(" literal ("," literal)* ")" -> one_of
     | name BETWEEN literal AND literal -> between
?operand: name | literal
name: NAME | QUOTED
literal: TEXT | NUMBER

SIGN: "=" | "!=" | "<>" | "<=" | ">=" | "<" | ">"
AND.2: /and\b/i
OR.2: /or\b/i
LIKE.2: /like\b/i
IN.2: /in\b/i
BETWEEN.2: /between\b/i
NAME: /[^\W\d]\w*/
QUOTED: /"[^"]+"/
TEXT: /'(?:[^']|'')*'/
NUMBER: /-?[0-9]+(?:\.[0-9]+)?(?![\w.])/
%ignore /[ \t\r\n]+/
"""

_WORDS = {
    "AND": "AND",
    "OR": "OR",
    "LIKE": "LIKE",
    "IN": "IN",
    "BETWEEN": "BETWEEN",
    "SIGN": "a comparison",
    "NAME": "a field",
    "TEXT": "a 'text'",
    "NUMBER": "a number",
    "LPAR": "(",
    "RPAR": ")",
    "COMMA": "a comma",
    "$END": "the end",
}
_FLIPPED = {Sign.LT: Sign.GT, Sign.LE: Sign.GE, Sign.GT: Sign.LT, Sign.GE: Sign.LE}
_SIGNS = {sign.value: sign for sign in Sign} | {"!=": Sign.NE}
_TERM_TOKENS = frozenset({"SIGN", "LIKE", "IN", "BETWEEN"})


class _Name(NamedTuple):
    at: int
    text: str


class _Literal(NamedTuple):
    at: int
    value: Literal


class _Compare(NamedTuple):
    left: _Name | _Literal
    sign: Sign
    right: _Name | _Literal


class _Like(NamedTuple):
    name: _Name
    text: _Literal


class _OneOf(NamedTuple):
    name: _Name
    values: tuple[_Literal, ...]


class _Between(NamedTuple):
    name: _Name
    low: _Literal
    high: _Literal


class _Joined(NamedTuple):
    word: type[AllOf] | type[AnyOf]
    parts: tuple[_Term, ...]


_Term = _Compare | _Like | _OneOf | _Between | _Joined


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    """Builds plain terms while the text is parsed; nothing is looked up yet."""

    def start(self, term: _Term) -> _Term:
        return term

    def either(self, *parts: _Term | Token) -> _Joined:
        return _Joined(AnyOf, tuple(part for part in parts if not isinstance(part, Token)))

    def both(self, *parts: _Term | Token) -> _Joined:
        return _Joined(AllOf, tuple(part for part in parts if not isinstance(part, Token)))

    def compare(self, left: _Name | _Literal, sign: Token, right: _Name | _Literal) -> _Compare:
        return _Compare(left, _SIGNS[sign.value], right)

    def like(self, name: _Name, _word: Token, text: _Literal) -> _Like:
        return _Like(name, text)

    def one_of(self, name: _Name, _word: Token, *values: _Literal) -> _OneOf:
        return _OneOf(name, values)

    def between(self, name: _Name, _word: Token, low: _Literal, _and: Token, high: _Literal) -> _Between:
        return _Between(name, low, high)

    def name(self, token: Token) -> _Name:
        return _Name(_at(token), token.value.strip('"'))

    def literal(self, token: Token) -> _Literal:
        if token.type == "NUMBER":
            return _Literal(_at(token), Literal(token.value, number=True))
        return _Literal(_at(token), Literal(token.value[1:-1].replace("''", "'"), number=False))


def parse_where(text: str, custom_names: Sequence[str] = ()) -> Condition | None:
    """
    Return the condition that `text` states, or None for an empty one.

    `custom_names` are the contract's own names of its custom fields, by position. Raises `QueryRejected` with the
    position, counted from 1, of each fault.
    """
    if not text.strip():
        return None
    _check_text(text)
    try:
        _check_tokens(text)
        term: _Term = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as fault:
        raise _syntax(text, fault) from None
    typing = _Typing(custom_names)
    condition = typing.condition(term)
    if typing.problems:
        raise QueryRejected(typing.problems)
    return condition


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="basic", transformer=_Builder(), propagate_positions=False)


def _at(token: Token) -> int:
    return (token.start_pos or 0) + 1


def _refuse(at: int, code: str, message: str) -> QueryRejected:
    return QueryRejected([Problem(POINTER, code, f"at position {at}: {message}")])


def _check_text(text: str) -> None:
    """Refuse a text that is too long, or that holds signs no clause and no name can hold."""
    if len(text) > WHERE_BYTES_MAX or len(text.encode("utf-8", "surrogatepass")) > WHERE_BYTES_MAX:
        raise _refuse(1, "where_too_long", f"a where clause has at most {WHERE_BYTES_MAX} bytes")
    for at, sign in enumerate(text, 1):
        if (sign < " " and sign not in "\t\r\n") or "\ud800" <= sign <= "\udfff":
            raise _refuse(at, "where_syntax", "this sign cannot be part of a where clause")


def _check_tokens(text: str) -> None:
    """Refuse `not`, and clauses with too many comparisons or parentheses, before anything is built."""
    depth = terms = 0
    for token in _parser().lex(text):
        terms += token.type in _TERM_TOKENS
        depth += (token.type == "LPAR") - (token.type == "RPAR")
        if token.type == "NAME" and token.value.lower() == "not":
            raise _refuse(_at(token), "where_not", "not is not supported; use !=")
        if terms > TERMS_MAX:
            raise _refuse(_at(token), "where_too_many_terms", f"a where clause has at most {TERMS_MAX} comparisons")
        if depth > DEPTH_MAX:
            raise _refuse(_at(token), "where_too_deep", f"parentheses nest at most {DEPTH_MAX} deep")


def _syntax(text: str, fault: UnexpectedInput) -> QueryRejected:
    """Turn the parser's fault into a position and what was expected there."""
    if isinstance(fault, UnexpectedCharacters):
        place = fault.pos_in_stream or 0
        return _refuse(place + 1, "where_syntax", f"{text[place]!r} is not understood here")
    assert isinstance(fault, UnexpectedToken), "the parser meets unknown signs or unexpected words, nothing else"
    known = [word for name, word in _WORDS.items() if name in (fault.accepts or fault.expected)]
    expected = f"expected {', '.join(known)}"
    if fault.token.type == "$END":
        return _refuse(len(text) + 1, "where_syntax", f"the clause ends too early; {expected}")
    return _refuse(_at(fault.token), "where_syntax", f"{str(fault.token)[:40]!r} is not understood here; {expected}")


class _Typing:
    """Looks up fields and types values, and collects what does not fit."""

    def __init__(self, custom_names: Sequence[str]) -> None:
        self.problems: list[Problem] = []
        self._custom_names = custom_names

    def condition(self, term: _Term) -> Condition:
        """Return the condition of a term; what it holds is without meaning once a problem is noted."""
        match term:
            case _Joined(word, parts):
                return word(tuple(self.condition(part) for part in parts))
            case _Compare(left, sign, right):
                return self._compare(left, sign, right)
            case _OneOf(name, values):
                return self._one_of(name, values)
            case _Between(name, low, high):
                return AllOf((self._compare(name, Sign.GE, low), self._compare(name, Sign.LE, high)))
            case _Like(name, text):
                field = self._field(name)
                return self._like(field, text) if field else Fixed(holds=False)
            case _:
                assert_never(term)

    def _compare(self, left: _Name | _Literal, sign: Sign, right: _Name | _Literal) -> Condition:
        match left, right:
            case _Name(), _Literal():
                return self._compared(left, sign, right)
            case _Literal(), _Name():
                return self._compared(right, _FLIPPED.get(sign, sign), left)
            case _Literal(), _Literal():
                return self._fixed(left, sign, right)
            case _:
                self._note(right.at, "where_value", "a field is compared with a value, not with another field")
                return Fixed(holds=False)

    def _compared(self, name: _Name, sign: Sign, literal: _Literal) -> Condition:
        field = self._field(name)
        value = self._typed(field, sign, literal) if field else None
        return Fixed(holds=False) if field is None or value is None else Compare(field, sign, value)

    def _one_of(self, name: _Name, literals: tuple[_Literal, ...]) -> Condition:
        if len(literals) > IN_MAX:
            self._note(literals[IN_MAX].at, "where_too_many_values", f"IN takes at most {IN_MAX} values")
            return Fixed(holds=False)
        field = self._field(name)
        if field is None:
            return Fixed(holds=False)
        values = (self._typed(field, Sign.EQ, literal) for literal in literals)
        return OneOf(field, tuple(dict.fromkeys(value for value in values if value is not None)))

    def _like(self, field: Field, text: _Literal) -> Condition:
        try:
            return Like(field, pattern(field, text.value.text))
        except Misfit as misfit:
            self._note(text.at, "where_value", str(misfit))
            return Fixed(holds=False)

    def _fixed(self, left: _Literal, sign: Sign, right: _Literal) -> Condition:
        """Return what a comparison of two values says; only = and != make sense there (1=1)."""
        if sign not in (Sign.EQ, Sign.NE) or left.value.number != right.value.number:
            self._note(left.at, "where_value", "two values compare only with = or !=, and only if they are alike")
        return Fixed(holds=(left.value == right.value) is (sign is Sign.EQ))

    def _field(self, name: _Name) -> Field | None:
        field = field_named(name.text, self._custom_names)
        if field is None and name.text in METRIC_BY_NAME:
            self._note(name.at, "where_metric", f"{name.text} is a metric; only fields can be filtered")
        elif field is None:
            meant = guess_field(name.text, self._custom_names)
            self._note(name.at, "where_unknown_field", f"there is no field {name.text[:40]!r}{meant}")
        return field

    def _typed(self, field: Field, sign: Sign, literal: _Literal) -> Value | None:
        try:
            return typed(field, sign, literal.value)
        except Misfit as misfit:
            self._note(literal.at, "where_value", str(misfit))
            return None

    def _note(self, at: int, code: str, message: str) -> None:
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(Problem(POINTER, code, f"at position {at}: {message}"))
