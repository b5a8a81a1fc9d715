"""
From a plan to SQL text and the values bound to it.

The text is put together from declared fragments only: no word of a question ever becomes part of it. It keeps
to what column stores share. What a roll-up answers is read from there, under the names of the facts. Rows are
grouped by ids first, and the texts are joined to the groups, so that a name costs one lookup a group and not one
a fact. A field whose texts can coincide is grouped by the smallest id that has the same text. Rows come in the
order of the field columns, with the ids last, so that pages are stable.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple, assert_never

from farebox.domain.usage import Funding
from farebox.query.codes import FUNDINGS, USAGE_CATEGORIES, CodeTable
from farebox.query.conditions import AllOf, AnyOf, Compare, Condition, Fixed, Like, OneOf, Sign, Value
from farebox.query.declarations import Field, Kind, Lookup
from farebox.query.plan import Plan
from farebox.query.rollups import table_of

_ONLY_TOKENS = f"fact.funding = {FUNDINGS.code(Funding.TOKENS)}"
"""Only rows that tokens pay for count in the usage API (domain R9)."""


_DAY = "fact.usage_date"
_LAST_MONTH = date(9999, 12, 1)
"""After it the calendar has no month, so that its comparisons stay those of months."""


class Statement(NamedTuple):
    """SQL text, and the values bound to its question marks, in order."""

    sql: str
    values: tuple[Value, ...]


class Grouped(NamedTuple):
    """A field's place in the groups: the key's SQL over the facts, its alias, and the join the key needs."""

    field: Field
    key: str
    alias: str
    join: str


def render(plan: Plan, *, counted: bool = False) -> Statement:
    """
    Return the statement that answers a plan: one column per column asked for, in order.

    `counted` adds a last column with the number of rows of the whole answer, for those who read a page of it.
    """
    groups = groups_of(plan)
    where, values = where_of(plan)
    keys = {group.key: group.alias for group in groups}
    inner = [f"{key} AS {alias}" for key, alias in keys.items()]
    inner += [f"{metric.sql} AS m{place}" for place, metric in enumerate(plan.metrics)]
    outer = _outer_columns(plan, groups) + (["count(*) OVER () AS total"] if counted else [])
    lines = [
        f"SELECT {', '.join(outer)}",
        f"FROM (SELECT {', '.join(inner)}",
        _from(plan),
        *dict.fromkeys(group.join for group in groups if group.join),
        f"WHERE {where}",
        *([f"GROUP BY {', '.join(keys)}"] if keys else []),
        ") AS grouped",
        *_text_joins(groups),
        *_order(groups),
    ]
    return Statement("\n".join(lines), values)


def _from(plan: Plan) -> str:
    """Return where a plan reads from, under the name of the facts."""
    table = table_of(plan)
    return "FROM fact" if table == "fact" else f"FROM {table} AS fact"


def groups_of(plan: Plan) -> tuple[Grouped, ...]:
    """Return how each field is grouped; fields of one dimension share a key where one of them tells ids apart."""
    told = {"names_hidden": plan.names_hidden, "several": bool(plan.also)}
    unique = {field.sql for field in plan.fields if field.lookup and field.lookup.tells_apart(**told)}
    aliases: dict[str, str] = {}
    groups = []
    for field in plan.fields:
        key, join = field.sql, ""
        if field.lookup and field.sql not in unique:
            key, join = _folded(field)
        groups.append(Grouped(field, key, aliases.setdefault(key, f"k{len(aliases)}"), join))
    return tuple(groups)


def _folded(field: Field) -> tuple[str, str]:
    """Return key and join that map each id to the smallest id with the same text."""
    lookup = field.lookup
    assert lookup is not None, "only a field with a lookup has texts that coincide"
    name = f"same_{field.name}"
    smallest = f"min({lookup.key}) OVER (PARTITION BY {lookup.shown}) AS first_id"
    firsts = f"SELECT {lookup.key}, {smallest} FROM {lookup.table}"  # noqa: S608 -- declared fragments only
    return f"{name}.first_id", f"INNER JOIN ({firsts}) AS {name} ON {name}.{lookup.key} = {field.sql}"


def _outer_columns(plan: Plan, groups: Sequence[Grouped]) -> list[str]:
    fields = [_shown(place, group, plan) for place, group in enumerate(groups)]
    metrics = [f"grouped.m{place}" for place in range(len(plan.metrics))]
    return [f"{sql} AS c{place}" for place, sql in enumerate(fields + metrics)]


def _shown(place: int, group: Grouped, plan: Plan) -> str:
    """Return the SQL that shows a group's key: the joined text, the word of a code, or the key itself."""
    if group.field.lookup:
        column = group.field.lookup.column(names_hidden=plan.names_hidden)
        return f"coalesce(t{place}.{column}, '')"
    if group.field.codes:
        return worded(f"grouped.{group.alias}", group.field.codes)
    return f"grouped.{group.alias}"


def worded(key: str, codes: CodeTable) -> str:
    """Return the SQL of the word that a code stands for."""
    cases = " ".join(f"WHEN {code} THEN '{text}'" for code, text in codes.codes())
    return f"CASE {key} {cases} ELSE '' END"


def _text_joins(groups: Sequence[Grouped]) -> list[str]:
    return [
        f"LEFT JOIN {group.field.lookup.table} AS t{place} ON t{place}.{group.field.lookup.key} = grouped.{group.alias}"
        for place, group in enumerate(groups)
        if group.field.lookup
    ]


def _order(groups: Sequence[Grouped]) -> list[str]:
    """Order by the columns as they are shown, then by the ids, which are unique together (usage-api Q6)."""
    columns = [f"c{place}" for place in range(len(groups))]
    ids = dict.fromkeys(f"grouped.{group.alias}" for group in groups if group.field.lookup)
    return [f"ORDER BY {', '.join([*columns, *ids])}"] if columns else []


def where_of(plan: Plan) -> tuple[str, tuple[Value, ...]]:
    """Return the condition on facts that the question and who asks it make, and what it binds."""
    values: list[Value] = [*plan.contract_ids]
    contracts = f"fact.contract_id IN ({_marks(len(values))})" if plan.also else "fact.contract_id = ?"
    parts = [contracts, _ONLY_TOKENS]
    if plan.usage_categories:
        values += [USAGE_CATEGORIES.code(category) for category in plan.usage_categories]
        parts.append(f"fact.usage_category IN ({_marks(len(plan.usage_categories))})")
    if plan.where is not None:
        parts.append(_condition(plan.where, values, names_hidden=plan.names_hidden))
    return " AND ".join(parts), tuple(values)


def _condition(condition: Condition, values: list[Value], *, names_hidden: bool) -> str:
    """Return the SQL of a condition, and append what it binds to `values`, in the order of the marks."""
    match condition:
        case Fixed(holds):
            return "1 = 1" if holds else "1 = 0"
        case AllOf(parts):
            return f"({' AND '.join(_condition(part, values, names_hidden=names_hidden) for part in parts)})"
        case AnyOf(parts):
            return f"({' OR '.join(_condition(part, values, names_hidden=names_hidden) for part in parts)})"
        case Compare(field, sign, value):
            if field.kind is Kind.MONTH and isinstance(value, date) and value < _LAST_MONTH:
                return _month_compared(sign, value, values)
            values.append(value)
            return _compared(field, sign, names_hidden=names_hidden)
        case OneOf(field, several):
            values.extend(several)
            return _tested(field, f"IN ({_marks(len(several))})", names_hidden=names_hidden)
        case Like(field, pattern):
            values.append(_literal_pattern(pattern))
            return _alike(field, names_hidden=names_hidden)
        case _:
            assert_never(condition)


def _month_compared(sign: Sign, on: date, values: list[Value]) -> str:
    """Return a comparison of months as one of days, by which the engine knows what it need not read."""
    after = (on.replace(day=1) + timedelta(days=31)).replace(day=1)
    since = on if on.day == 1 else after
    match sign:
        case Sign.EQ | Sign.NE:
            values += [since, after]
            return f"({_DAY} >= ? AND {_DAY} < ?)" if sign is Sign.EQ else f"({_DAY} < ? OR {_DAY} >= ?)"
        case Sign.GE | Sign.LT:
            values.append(since)
            return f"{_DAY} {sign} ?"
        case Sign.GT | Sign.LE:
            values.append(after)
            return f"{_DAY} {'>=' if sign is Sign.GT else '<'} ?"
        case _:
            assert_never(sign)


def _compared(field: Field, sign: Sign, *, names_hidden: bool) -> str:
    """Return the SQL of one comparison; what is missing differs from every value."""
    if sign is not Sign.NE:
        return _tested(field, f"{sign} ?", names_hidden=names_hidden)
    if field.lookup:
        return _tested(field, "= ?", names_hidden=names_hidden, inside="NOT IN")
    return f"({field.sql} <> ? OR {field.sql} IS NULL)" if field.nullable else f"{field.sql} <> ?"


def _tested(field: Field, test: str, *, names_hidden: bool, inside: str = "IN") -> str:
    """Return the SQL that tests a field: its own key, or the ids whose text passes the test."""
    if field.lookup is None:
        return f"{field.sql} {test}"
    column = field.lookup.column(names_hidden=names_hidden)
    return f"{field.sql} {inside} ({_ids(field.lookup, f'{column} {test}')})"


def _alike(field: Field, *, names_hidden: bool) -> str:
    lookup = field.lookup
    assert lookup is not None, "LIKE is for texts, and texts are looked up"
    column = lookup.column(names_hidden=names_hidden)
    alike = rf"lower({column}) LIKE lower(?) ESCAPE '\'"
    return f"{field.sql} IN ({_ids(lookup, alike)})"


def _ids(lookup: Lookup, test: str) -> str:
    """Return the query of the ids whose text passes a test."""
    return f"SELECT {lookup.key} FROM {lookup.table} WHERE {test}"  # noqa: S608 -- declared fragments only


def _literal_pattern(pattern: str) -> str:
    """Return the pattern in which only % is special: an underscore and a backslash stand for themselves."""
    return pattern.replace("\\", "\\\\").replace("_", "\\_")


def _marks(count: int) -> str:
    return ", ".join("?" * count)
