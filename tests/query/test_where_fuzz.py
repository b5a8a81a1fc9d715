"""The where clause under hostile texts: our own refusal and nothing else, in linear time, and no word of it in SQL."""

from __future__ import annotations

import re
from itertools import product
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as regexes  # type: ignore[attr-defined]
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.query.clauses import OWN_NAMES, clauses
from tests.query.small_world import FULL, as_row, fact_of

from farebox.domain.usage import UsageCategory
from farebox.query import where as parsing
from farebox.query.conditions import AllOf, AnyOf, Compare, Condition, Fixed, Like, OneOf, Sign
from farebox.query.declarations import Field, Kind
from farebox.query.fields import FIELDS
from farebox.query.metrics import METRICS
from farebox.query.plan import Asker, Column, Plan, Question, make_plan
from farebox.query.render import render
from farebox.query.rules import Surface
from farebox.query.where import DEPTH_MAX, WHERE_BYTES_MAX, read_where

ROWS = [as_row(FULL, names_hidden=False), *(as_row(fact_of(seed), names_hidden=False) for seed in range(20))]
NAMES = tuple(sorted(ROWS[0].fields))
PIECES = (
    "'", '"', "''", '""', "(", ")", "%", "_", "\\", ";", "--", "/*", "*/", "\0", "\ufeff", "\u2019", "\u037e", "\ud800",
    "＝",     "not", " not ", "NULL", " is null", " UNION SELECT ", "=", "==", "<>", "!", ",", "1e9", "-", "0x1F",
    "1.", ".5", "\x85",
    "$1", "?", ":a", "{}", "%s", "usageDate", "tokensConsumed", "uѕerName", "\u202e", "e\u0301", "𝟙", "²", "\r\n",
)  # fmt: skip
pieces = st.sampled_from(PIECES) | st.characters()


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """Draw a clause that can be read, and then cut it, swap its parts and put pieces into it."""
    text, _ = draw(clauses(NAMES, ROWS))
    for _ in range(draw(st.integers(1, 4))):
        since = draw(st.integers(0, len(text)))
        until = draw(st.integers(since, min(len(text), since + 6)))
        between = draw(st.just("") | pieces | st.just(text[since:until] * 2))
        text = text[:since] + between + text[until:]
    return text


@given(mutants())
@settings(max_examples=few(300), deadline=None)
def test_a_mutated_clause_means_something_or_is_refused(text: str) -> None:
    """Nothing but a condition or problems comes out, and each problem has a position within the text, or at its end."""
    clause = read_where(text, OWN_NAMES)

    assert clause.problems or (clause.condition is None) is (not text.strip())
    for problem in clause.problems:
        assert problem.pointer == "/where"
        place = re.match(r"at position (\d+): ", problem.message)
        assert place is not None
        assert 1 <= int(place[1]) <= len(text) + 1


UNITS = ("''x", "a'b'", '"" ', "1.1", "((a)", "a=1 or ", "not ")


@pytest.mark.parametrize(
    "text",
    [
        *(sign * WHERE_BYTES_MAX for sign in "'\"(),=<-%1a_. \n"),
        *((unit * WHERE_BYTES_MAX)[:WHERE_BYTES_MAX] for unit in UNITS),
        "x = '" + "''" * 2000,
        "x = " + "9" * 4000 + "x",
        "x IN (" + "1," * 2000,
        "(" * DEPTH_MAX + "1=1 OR " * 300,
    ],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_a_long_hostile_clause_is_refused(text: str) -> None:
    """Repetition up to the limit of length is refused like anything else; only blanks mean no filter."""
    assert bool(read_where(text).problems) is bool(text.strip())


def test_the_time_is_linear_by_construction() -> None:
    """
    The parser is LALR, and no terminal can be matched in two ways: no repetition within another, and where a repetition
    has alternatives, their first signs differ. So each sign is looked at a bounded number of times.
    """
    parser = parsing._parser()

    assert (parser.options.parser, parser.options.lexer) == ("lalr", "basic")
    for terminal in parser.terminals:
        assert_unambiguous(regexes.parse(terminal.pattern.to_regexp()), repeated=False)


@pytest.mark.parametrize("regex", ["(?:a+)+b", "(?:a|ab)*c", "(?:a|[^b])*c", "(?:a*|b)*"])
def test_a_regex_that_could_be_slow_is_caught(regex: str) -> None:
    """The check of terminals is no empty one."""
    with pytest.raises(AssertionError):
        assert_unambiguous(regexes.parse(regex), repeated=False)


def assert_unambiguous(tree: Any, *, repeated: bool) -> None:
    """Assert that a regex has no repetition within a repetition, and no repeated alternatives that begin alike."""
    for code, arguments in tree:
        if code in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            _least, most, inner = arguments
            unbounded = most == sre.MAXREPEAT
            assert not (repeated and unbounded), "a repetition within a repetition"
            assert_unambiguous(inner, repeated=repeated or unbounded)
        elif code is sre.SUBPATTERN:
            assert_unambiguous(arguments[-1], repeated=repeated)
        elif code is sre.BRANCH:
            branches = arguments[1]
            assert not repeated or begin_apart(branches), "alternatives that begin alike"
            for branch in branches:
                assert_unambiguous(branch, repeated=repeated)


def begin_apart(branches: Any) -> bool:
    """Return whether of two alternatives one begins with the sign that the other excludes."""
    firsts = {branch[0] if branch else None for branch in branches}
    return any(firsts == {(sre.LITERAL, sign), (sre.NOT_LITERAL, sign)} for sign in range(128))


WORDS = re.compile(r"\w+")
ALIASES = re.compile(r"[kmtc][0-9]+")


def words_of(plan: Plan) -> set[str]:
    """Return the words of the SQL of a plan, without its numbered aliases."""
    return {word for word in WORDS.findall(render(plan).sql) if not ALIASES.fullmatch(word)}


def plan_of(*columns: Any, where: Condition | None = None, hidden: bool) -> Plan:
    """Return a plan made by hand."""
    named = tuple(Column(declared.name, declared) for declared in columns)
    return Plan(contract_id=1, names_hidden=hidden, columns=named, usage_categories=(), where=where)


def vocabulary() -> set[str]:
    """Return every word that the declared fragments have: of each field and metric alone, and of each way to filter."""
    found = {"IN", "OR", "AND", "INNER"}
    for declared, hidden in product((*FIELDS, *METRICS), (False, True)):
        found |= words_of(plan_of(declared, hidden=hidden))
    for field, hidden in product(FIELDS, (False, True)):
        for condition in ways(field):
            found |= words_of(plan_of(field, where=AnyOf((AllOf((condition,)), Fixed(holds=True))), hidden=hidden))
    return found


def ways(field: Field) -> list[Condition]:
    """Return every way to filter by a field."""
    compared: list[Condition] = [Compare(field, sign, 1) for sign in Sign if field.kind not in (Kind.DATE, Kind.MONTH)]
    liked: list[Condition] = [Like(field, "abc")] if field.lookup else []
    return [*compared, OneOf(field, (1,)), *liked]


VOCABULARY = vocabulary()
MARK = "zqjx"
AT_ANY_LEVEL = [field.name for field in FIELDS if not field.export_only]


@given(data=st.data(), hidden=st.booleans(), surface=st.sampled_from(Surface))
@settings(max_examples=few(200), deadline=None)
def test_no_word_of_a_question_is_in_its_sql(data: st.DataObject, hidden: bool, surface: Surface) -> None:
    """The SQL of any question has only words that declarations have: no value, name or category of the question."""
    value = data.draw(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=30), label="value")
    text, _ = data.draw(clauses(AT_ANY_LEVEL, ROWS), label="where")
    names = [*AT_ANY_LEVEL, "Cost centre", "Kostnadsställe"]
    fields = data.draw(st.lists(st.sampled_from(names), max_size=4, unique=True), label="fields")
    measures = [metric.name for metric in METRICS if not metric.export_only]
    metrics = data.draw(st.lists(st.sampled_from(measures), min_size=not fields, max_size=3, unique=True))
    categories = data.draw(st.just(()) | st.just(tuple(map(str, UsageCategory))), label="categories")
    quoted = "'{}'".format((MARK + value).replace("'", "''"))
    where = f"({text}) AND \"Cost centre\" != {quoted} AND (userName = {quoted} OR productName IN ({quoted}, 'x'))"
    question = Question(fields=tuple(fields), metrics=tuple(metrics), usage_categories=categories, where=where)
    asker = Asker(contract_id=1, names_hidden=hidden, custom_names=OWN_NAMES)
    plan = make_plan(question, asker, surface)

    statement = render(plan)

    assert MARK not in statement.sql
    assert words_of(plan) <= VOCABULARY
    assert statement.sql.count("?") == len(statement.values)
    assert statement.values.count(MARK + value) == 3
