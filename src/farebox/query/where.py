"""
The where clause: from text to a typed condition (usage-api 3).

An LALR grammar, so the time is linear in the length; values never become SQL text. Refuses whatever it does not
know with the position of the fault: other words, `not`, field names it cannot find, values that do not fit the
field, and clauses beyond the limits below.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from farebox.domain.errors import Problem, QueryRejected
from farebox.query.conditions import AllOf, AnyOf, Condition, Sign
from farebox.query.terms import POINTER, Choice, Comparison, Joined, Name, Pattern, Range, Term, Typing, Written
from farebox.query.values import Literal

WHERE_BYTES_MAX = 4096
TERMS_MAX = 200
DEPTH_MAX = 16

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
_SIGNS = {sign.value: sign for sign in Sign} | {"!=": Sign.NE}
_TERM_TOKENS = frozenset({"SIGN", "LIKE", "IN", "BETWEEN"})


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    """Builds plain terms while the text is parsed; nothing is looked up yet."""

    def start(self, term: Term) -> Term:
        return term

    def either(self, *parts: Term | Token) -> Joined:
        return Joined(AnyOf, tuple(part for part in parts if not isinstance(part, Token)))

    def both(self, *parts: Term | Token) -> Joined:
        return Joined(AllOf, tuple(part for part in parts if not isinstance(part, Token)))

    def compare(self, left: Name | Written, sign: Token, right: Name | Written) -> Comparison:
        return Comparison(left, _SIGNS[sign.value], right)

    def like(self, name: Name, _word: Token, text: Written) -> Pattern:
        return Pattern(name, text)

    def one_of(self, name: Name, _word: Token, *values: Written) -> Choice:
        return Choice(name, values)

    def between(self, name: Name, _word: Token, low: Written, _and: Token, high: Written) -> Range:
        return Range(name, low, high)

    def name(self, token: Token) -> Name:
        return Name(_at(token), token.value.strip('"'))

    def literal(self, token: Token) -> Written:
        if token.type == "NUMBER":
            return Written(_at(token), Literal(token.value, number=True))
        return Written(_at(token), Literal(token.value[1:-1].replace("''", "'"), number=False))


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
        term: Term = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as fault:
        raise _syntax(text, fault) from None
    typing = Typing(custom_names)
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
