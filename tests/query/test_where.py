"""The where clause: what it accepts, what it refuses and where, and that values never become SQL (usage-api 3)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.clock import read_instant
from farebox.domain.errors import Problem, QueryRejected
from farebox.domain.ids import charged_item_id
from farebox.query.catalogue import FIELD_BY_NAME
from farebox.query.codes import CHARGE_CATEGORIES, USAGE_CATEGORIES
from farebox.query.conditions import AllOf, AnyOf, Compare, Condition, Fixed, Like, OneOf, Sign, Value
from farebox.query.plan import Asker, Question, make_plan
from farebox.query.render import render
from farebox.query.terms import IN_MAX, PROBLEMS_MAX
from farebox.query.where import DEPTH_MAX, TERMS_MAX, WHERE_BYTES_MAX, read_where


def compare(name: str, sign: str, value: Value) -> Compare:
    """Return the comparison of a declared field."""
    return Compare(FIELD_BY_NAME[name], Sign(sign), value)


def one_of(name: str, *values: Value) -> OneOf:
    """Return the choice of a declared field."""
    return OneOf(FIELD_BY_NAME[name], values)


def like(name: str, pattern: str) -> Like:
    """Return the pattern of a declared field."""
    return Like(FIELD_BY_NAME[name], pattern)


def parse_where(text: str, custom_names: tuple[str, ...] = ()) -> Condition | None:
    """Return the condition that a clause states. Raises `QueryRejected` with every problem."""
    clause = read_where(text, custom_names)
    if clause.problems:
        raise QueryRejected(clause.problems)
    return clause.condition


YEAR = compare("contractYear", "=", 1)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", None),
        (" \r\n\t ", None),
        ("1=1", Fixed(holds=True)),
        ("'a' != 'a'", Fixed(holds=False)),
        ("1 = 01.0", Fixed(holds=True)),
        ("-0 <> 0", Fixed(holds=False)),
        (
            "usageCategory LIKE 'CLOUD_CONSUMPTION'",
            compare("usageCategory", "=", USAGE_CATEGORIES.code("CLOUD_SERVICE")),
        ),
        ("contractYear=1", YEAR),
        ("contractYear = '1'", YEAR),
        ("1 = contractYear", YEAR),
        ("2 <= contractYear", compare("contractYear", ">=", 2)),
        ("2 > contractYear", compare("contractYear", "<", 2)),
        ("contractYear <> -3", compare("contractYear", "<>", -3)),
        ("((contractYear=1))", YEAR),
        ("contractYear=1 AND productName IN ('A','B')", AllOf((YEAR, one_of("productName", "A", "B")))),
        ("contractYear=1 and userName LIKE 'admin%'", AllOf((YEAR, like("userName", "admin%")))),
        (
            "contractYear = 1 oR contractYear=1 AnD userName != 'x'",
            AnyOf((YEAR, AllOf((YEAR, compare("userName", "<>", "x"))))),
        ),
        (
            "usageDate >= '2018-01-01' and usageDate < '2018-02-01'",
            AllOf((compare("usageDate", ">=", date(2018, 1, 1)), compare("usageDate", "<", date(2018, 2, 1)))),
        ),
        (
            "usageDate BETWEEN '2018-01-01' AND '2018-01-31' AND contractYear=1",
            AllOf(
                (
                    AllOf(
                        (compare("usageDate", ">=", date(2018, 1, 1)), compare("usageDate", "<=", date(2018, 1, 31)))
                    ),
                    YEAR,
                )
            ),
        ),
        ("usageMonth = '2017-10-01'", compare("usageMonth", "=", date(2017, 10, 1))),
        ("usageMonth > '2017-10-15'", compare("usageMonth", ">", date(2017, 10, 15))),
        ("userName = 'O''Brien -- not; DROP'", compare("userName", "=", "O'Brien -- not; DROP")),
        ("userName = ''", compare("userName", "=", "")),
        ("productVersion = 2018", compare("productVersion", "=", "2018")),
        ("productName IN ('A', 'A')", one_of("productName", "A")),
        (
            "usageCategory = 'CLOUD_CONSUMPTION'",
            compare("usageCategory", "=", USAGE_CATEGORIES.code("CLOUD_SERVICE")),
        ),
        ("chargeCategory IN ('FREE')", one_of("chargeCategory", CHARGE_CATEGORIES.code("FREE"))),
        (
            "sessionStartDate >= '2018-03-01T16:24:53'",
            compare("sessionStartDate", ">=", read_instant("2018-03-01T16:24:53Z")),
        ),
        ("sessionEndDate < '2018-03-01'", compare("sessionEndDate", "<", read_instant("2018-03-01T00:00:00Z"))),
        ("licenseServerTimeZoneOffset = '-8:00'", compare("licenseServerTimeZoneOffset", "=", -28800)),
        ("licenseServerTimeZoneOffset = '+05:30'", compare("licenseServerTimeZoneOffset", "=", 19800)),
        (f"chargedItemID = '{charged_item_id(42)}'", compare("chargedItemID", "=", 42)),
        ("Geo = 'x'", compare("customField2", "=", "x")),
        ("\"Cost centre\" = 'x'", compare("customField3", "=", "x")),
        ('"Cost centre" = \'a "b" c\'', compare("customField3", "=", 'a "b" c')),
        ('"5"" pipes" = \'x\'', compare("customField7", "=", "x")),
        ("\"In\" IN ('x')", one_of("customField8", "x")),
        (
            "sessionEndDate < '2018-03-01 00:00:01'",
            compare("sessionEndDate", "<", read_instant("2018-03-01T00:00:01Z")),
        ),
        ("Kostnadsställe LIKE 'abc%'", like("customField4", "abc%")),
        ("andra = 'x'", compare("customField5", "=", "x")),
    ],
)
def test_a_clause_means_this(text: str, meaning: Condition | None) -> None:
    """Each form that clients send is typed against the catalogue; custom fields may be called by their own names."""
    names = ("", "Geo", "Cost centre", "Kostnadsställe", "andra", "Geo", '5" pipes', "In")

    assert parse_where(text, names) == meaning


@pytest.mark.parametrize(
    ("text", "code", "at", "says"),
    [
        ("not contractYear = 1", "where_not", 1, "use !="),
        ("contractYear = 1 AND NOT (userName = 'x')", "where_not", 22, "use !="),
        ("contractYear NOT IN (1)", "where_not", 14, "use a != for each value, joined by AND"),
        ("contractYear NOT", "where_not", 14, "use !="),
        ("userName IS NULL", "where_syntax", 10, "there is no NULL: a text that is missing is ''"),
        ("userName = NULL", "where_value", 12, "there is no NULL"),
        ("userName == 'x'", "where_syntax", 11, "equality is a single ="),
        ("productName = Revit", "where_value", 15, "between single quotes: 'Revit'"),
        ("contractYear = 1 and", "where_syntax", 21, "ends too early"),
        ("contractYear 1", "where_syntax", 14, "expected"),
        ("contractYear = 1 userName = 'x'", "where_syntax", 18, "expected AND, OR"),
        ("(contractYear = 1", "where_syntax", 18, "expected"),
        ("contractYear = 1)", "where_syntax", 17, "expected"),
        ("contractYear in ()", "where_syntax", 18, "expected"),
        ("contractYear = 1; DROP TABLE fact", "where_syntax", 17, "not understood"),
        ("contractYear = 1 -- x", "where_syntax", 18, "no comments"),
        ("contractYear = 1 /* x */", "where_syntax", 18, "no comments"),
        ("userName = 'x", "where_syntax", 12, "has no end"),
        ("userName = 'a''b", "where_syntax", 12, "has no end"),
        ('"userName = 1', "where_syntax", 1, "has no end"),
        ("userName = ’x’", "where_syntax", 12, "plain quotes: 'text'"),
        ("userName = “x”", "where_syntax", 12, "plain quotes: 'text'"),
        ('userName = "x"', "where_value", 12, "single quotes: 'x'"),
        ("Cost centre = 'x'", "where_syntax", 6, 'double quotes: "Cost centre"'),
        ("contractYear = 1 IN (2)", "where_syntax", 18, "expected AND, OR"),
        ("IN = 'x'", "where_syntax", 1, "expected a field"),
        ("contractYear IN (userName)", "where_syntax", 18, "expected a 'text', a number"),
        ("userName ＝ 'x'", "where_syntax", 10, "not understood"),
        ("userName = 'a\0b'", "where_syntax", 14, "sign"),
        ("userName = 'a\ud800b'", "where_syntax", 14, "sign"),
        ("contractYear = 1e3", "where_syntax", 16, "not understood"),
        ("contractYear = ١", "where_syntax", 16, "not understood"),
        ("username = 'x'", "where_unknown_field", 1, "did you mean userName?"),
        ("usageMoth = '2020-01-01'", "where_unknown_field", 1, "did you mean usageMonth?"),
        ("uѕerName = 'x'", "where_unknown_field", 1, "did you mean userName?"),
        ("gep = 'x'", "where_unknown_field", 1, "did you mean Geo?"),
        ("zzzzzz = 'x'", "where_unknown_field", 1, "there is no field"),
        ("tokensConsumed > 5", "where_metric", 1, "metric"),
        ("userName = machineName", "where_value", 12, "not with another field"),
        ("1 = 'a'", "where_value", 1, "alike"),
        ("1 < 2", "where_value", 1, "alike"),
        ("contractYear = 'x'", "where_value", 16, "whole number"),
        ("contractYear = 1.5", "where_value", 16, "whole number"),
        ("contractYear = 99999999999999999999", "where_value", 16, "whole number"),
        ("usageDate = '2014-02-30'", "where_value", 13, "calendar"),
        ("usageDate = '20140228'", "where_value", 13, "write it like '2025-03-04'"),
        ("usageDate = 2014", "where_value", 13, "write it like '2025-03-04'"),
        ("usageMonth = '2014-02-15'", "where_value", 14, "write '2014-02-01'"),
        ("usageMonth IN ('2014-02-01', '2014-02-15')", "where_value", 30, "write '2014-02-01'"),
        ("usageDate LIKE '2014%'", "where_value", 16, "LIKE does not apply"),
        ("usageType LIKE 'Norm%'", "where_value", 16, "takes no %; name its values: Normal, Borrowed"),
        ("usageType LIKE 'norma'", "where_value", 16, "did you mean Normal?"),
        ("usageType = 'normal'", "where_value", 13, "did you mean Normal?"),
        ("usageType < 'Normal'", "where_value", 13, "no order"),
        ("tokenPool = 1", "where_value", 13, "one of FLEX"),
        ("userName LIKE '%ab%'", "where_value", 15, "at least 3"),
        ("userName LIKE '%%%'", "where_value", 15, "at least 3"),
        ("sessionStartDate > '2018-13-01T00:00:00'", "where_value", 20, "calendar"),
        ("sessionStartDate > 'today'", "where_value", 20, "moment in UTC"),
        ("licenseServerTimeZoneOffset = '8'", "where_value", 31, "offset"),
        ("chargedItemID = '1'", "where_value", 17, "not a chargedItemID"),
    ],
)
def test_a_fault_is_refused_with_its_position(text: str, code: str, at: int, says: str) -> None:
    """Whatever is not known is refused: with a stable code, the position from 1, and how to write it."""
    problem = only_problem(text)

    assert problem.code == code
    assert problem.message.startswith(f"at position {at}: ")
    assert says in problem.message


def test_every_wrong_value_is_told() -> None:
    """A clause that can be read has all its faults listed, in order."""
    with pytest.raises(QueryRejected) as rejected:
        parse_where("usageDate = 'x' OR (Geoo = 'y' AND contractYear BETWEEN 1 AND 'z')", ("Geo",))

    assert [problem.message[:14] for problem in rejected.value.problems] == [
        "at position 13", "at position 21", "at position 63",
    ]  # fmt: skip


def test_every_not_is_told() -> None:
    """Each `not` is refused, with its place."""
    problems = read_where("NOT userName = 'not' AND contractYear not in (1) OR \"not\" = 1").problems

    assert [problem.message[:14] for problem in problems] == ["at position 1:", "at position 39"]


def test_a_clause_full_of_faults_lists_the_first_of_them() -> None:
    """A refusal has a bounded length, whatever was sent."""
    assert len(read_where(" OR ".join(f"userNam{n} = 1" for n in range(TERMS_MAX))).problems) == PROBLEMS_MAX
    assert len(read_where(" NOT" * 1000).problems) == PROBLEMS_MAX


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("userName = '" + "x" * WHERE_BYTES_MAX + "'", "where_too_long"),
        ("userName = '" + "å" * (WHERE_BYTES_MAX // 2) + "'", "where_too_long"),
        (" OR ".join(["1=1"] * (TERMS_MAX + 1)), "where_too_many_terms"),
        ("(" * (DEPTH_MAX + 1) + "1=1" + ")" * (DEPTH_MAX + 1), "where_too_deep"),
        ("(" * WHERE_BYTES_MAX, "where_too_deep"),
        (f"contractYear IN ({','.join(['1'] * (IN_MAX + 1))})", "where_too_many_values"),
    ],
)
def test_a_clause_beyond_a_limit_is_refused(text: str, code: str) -> None:
    """Length, comparisons, depth and IN lists are limited."""
    assert only_problem(text).code == code


@pytest.mark.parametrize(
    "text",
    [
        "userName = '" + "x" * (WHERE_BYTES_MAX - 13) + "'",
        " OR ".join(["1=1"] * TERMS_MAX),
        "(" * DEPTH_MAX + "1=1" + ")" * DEPTH_MAX,
        f"contractYear IN ({','.join(['1'] * IN_MAX)})",
    ],
)
def test_a_clause_at_a_limit_is_accepted(text: str) -> None:
    """The limits themselves are within the limits."""
    assert parse_where(text) is not None


WORDS = st.sampled_from(
    [*"()=<>,'\"%-;", "!=", "<=", ">=", "<>", "and", "OR", "Not", "LIKE", "in", "between", "userName", "usageDate",
     "contractYear", "tokenPool", "tokensConsumed", "'2014-01-18'", "'abc%'", "''", "1", "1.5", "\0", "é", "--"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=30).map(" ".join), st.lists(WORDS).map("".join)))
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    """Nothing but our own refusal comes out of any text, and it names a position."""
    problems: tuple[Problem, ...] = ()
    try:
        parse_where(text)
    except QueryRejected as rejected:
        problems = rejected.problems

    assert all(problem.message.startswith("at position ") for problem in problems)


VALUES = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=60)


@given(VALUES, VALUES, st.sampled_from(["=", "!=", "<", "LIKE", "IN"]), st.booleans())
def test_a_value_never_becomes_sql(one: str, other: str, sign: str, names_hidden: bool) -> None:
    """The SQL is the same whatever the values are; they are bound (quality, structural property)."""
    asker = Asker(contract_id=1, names_hidden=names_hidden)

    def rendered(value: str) -> str:
        quoted = "'{}'".format(value.replace("'", "''"))
        written = f"({quoted})" if sign == "IN" else quoted
        where = f"userName {sign} {written} AND customField1 = {quoted}"
        statement = render(make_plan(Question(fields=("userName",), where=where), asker))
        assert value in statement.values
        return statement.sql

    with suppress(QueryRejected):
        assert rendered(one) == rendered(other)


def only_problem(text: str) -> Problem:
    """Return the one problem of a clause that is refused."""
    with pytest.raises(QueryRejected) as rejected:
        parse_where(text, ("Geo",))
    (problem,) = rejected.value.problems
    assert problem.pointer == "/where"
    return problem
