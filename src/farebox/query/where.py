"""
The where clause: from text to a typed condition (usage-api 3).

An LALR grammar over terminals that never look at a sign more than a few times, so the time is linear in the
length; values never become SQL text. Refuses whatever it does not know with the position of the fault: other
words, `not`, field names it cannot find, values that do not fit the field, and clauses beyond the limits below.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from farebox.domain.errors import Problem, QueryRejected
from farebox.query.conditions import AllOf, AnyOf, Condition, Sign
from farebox.query.declarations import Field
from farebox.query.terms import (
    NO_NULL,
    POINTER,
    PROBLEMS_MAX,
    Choice,
    Comparison,
    Joined,
    Name,
    Pattern,
    Range,
    Term,
    Typing,
    Written,
)
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
QUOTED: /"(?:[^"]|"")+"(?!")/
TEXT: /'(?:[^']|'')*'(?!')/
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
_QUOTES_OF_PRINT = frozenset("‘’‚‛“”„‟‹›«»`´′″＇＂")
_INSTEAD = {False: "use !=", True: "use a != for each value, joined by AND"}
"""What to write for a `not`, and for one that an `in` follows."""
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
        quoted = token.type == "QUOTED"
        return Name(_at(token), token.value[1:-1].replace('""', '"') if quoted else token.value, quoted=quoted)

    def literal(self, token: Token) -> Written:
        if token.type == "NUMBER":
            return Written(_at(token), Literal(token.value, number=True))
        return Written(_at(token), Literal(token.value[1:-1].replace("''", "'"), number=False))


class Clause(NamedTuple):
    """What a where clause says: its condition, the fields that it names, and all that is wrong with it."""

    condition: Condition | None = None
    fields: tuple[Field, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_where(text: str, custom_names: Sequence[str] = ()) -> Clause:
    """
    Read a where clause; an empty one has no condition. With problems, what it means is not to be used.

    `custom_names` are the contract's own names of its custom fields, by position. Each problem tells its position,
    counted from 1.
    """
    if not text.strip():
        return Clause()
    try:
        _check_text(text)
        _check_tokens(text)
        term: Term = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as fault:
        return Clause(problems=_syntax(text, fault).problems)
    except QueryRejected as rejected:
        return Clause(problems=rejected.problems)
    typing = Typing(custom_names)
    condition = typing.condition(term)
    return Clause(condition, tuple(typing.fields), tuple(typing.problems))


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="basic", transformer=_Builder(), propagate_positions=False)


def _at(token: Token) -> int:
    return (token.start_pos or 0) + 1


def _problem(at: int, code: str, message: str) -> Problem:
    return Problem(POINTER, code, f"at position {at}: {message}")


def _refuse(at: int, code: str, message: str) -> QueryRejected:
    return QueryRejected([_problem(at, code, message)])


def _check_text(text: str) -> None:
    """Refuse a text that is too long, or that holds signs no clause and no name can hold."""
    if len(text) > WHERE_BYTES_MAX or len(text.encode("utf-8", "surrogatepass")) > WHERE_BYTES_MAX:
        raise _refuse(1, "where_too_long", f"a where clause has at most {WHERE_BYTES_MAX} bytes")
    for at, sign in enumerate(text, 1):
        if (sign < " " and sign not in "\t\r\n") or "\ud800" <= sign <= "\udfff":
            raise _refuse(at, "where_syntax", "this sign cannot be part of a where clause")


def _check_tokens(text: str) -> None:
    """Refuse each `not`, and clauses with too many comparisons or parentheses, before anything is built."""
    depth = terms = 0
    negations: list[Problem] = []
    before = None
    for token in _parser().lex(text):
        terms += token.type in _TERM_TOKENS
        depth += (token.type == "LPAR") - (token.type == "RPAR")
        if before is not None:
            negations.append(
                _problem(_at(before), "where_not", f"not is not supported; {_INSTEAD[token.type == 'IN']}")
            )
        before = token if token.type == "NAME" and token.value.lower() == "not" else None
        if terms > TERMS_MAX:
            raise _refuse(_at(token), "where_too_many_terms", f"a where clause has at most {TERMS_MAX} comparisons")
        if depth > DEPTH_MAX:
            raise _refuse(_at(token), "where_too_deep", f"parentheses nest at most {DEPTH_MAX} deep")
    if before is not None:
        negations.append(_problem(_at(before), "where_not", f"not is not supported; {_INSTEAD[False]}"))
    if negations:
        raise QueryRejected(negations[:PROBLEMS_MAX])


def _syntax(text: str, fault: UnexpectedInput) -> QueryRejected:
    """Turn the parser's fault into a position, what was expected there, and what was probably meant."""
    if isinstance(fault, UnexpectedCharacters):
        place = fault.pos_in_stream or 0
        return _refuse(place + 1, "where_syntax", f"{text[place]!r} is not understood here{_hint(text, place)}")
    assert isinstance(fault, UnexpectedToken), "the parser meets unknown signs or unexpected words, nothing else"
    known = [word for name, word in _WORDS.items() if name in (fault.accepts or fault.expected)]
    expected = f"expected {', '.join(known)}"
    if fault.token.type == "$END":
        return _refuse(len(text) + 1, "where_syntax", f"the clause ends too early; {expected}")
    found = str(fault.token)[:40]
    if fault.token.type == "NAME" and "LIKE" in fault.expected:  # what comes before is a name too
        expected += '; a name with spaces is written in double quotes: "Cost centre"'
    return _refuse(
        _at(fault.token), "where_syntax", f"{found!r} is not understood here; {expected}{_meant(text, fault.token)}"
    )


def _meant(text: str, found: Token) -> str:
    """Return what to write instead of words and signs of other languages."""
    if found == "=" and text[: found.start_pos].rstrip().endswith("="):
        return "; equality is a single ="
    return NO_NULL if found.lower() in ("is", "null") else ""


def _hint(text: str, place: int) -> str:
    """Return what to write instead of a sign that no clause has."""
    if text[place] in _QUOTES_OF_PRINT:
        return "; a text is written between plain quotes: 'text'"
    if text[place] in "'\"":
        return "; what this quote begins has no end (inside a text, a quote is written twice)"
    if text.startswith(("--", "/*"), place):
        return "; a where clause has no comments"
    return ""
