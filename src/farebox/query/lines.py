"""
From a plan to SQL that yields the lines of a CSV file: the very lines that `present.csv_lines` makes of the rows.

An export has a million rows of thirty cells, and a cell that becomes an object of the program costs more than the
whole line costs the engine. So the engine writes the lines. A text is made harmless and quoted once for each entry of
its dimension, and not once for each row; rows are sorted by the places of their texts, which are numbers; and where
the charged item is asked for, every fact is a row of its own and nothing is grouped. A test holds each line to
`present`, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from farebox.domain.ids import ALPHABET, CHARGES_MAX, FACTOR, HALF
from farebox.query.codes import CodeTable
from farebox.query.declarations import Field, Kind, Lookup, Metric, Unit
from farebox.query.fields import FIELDS
from farebox.query.plan import Plan
from farebox.query.present import csv_lines
from farebox.query.render import Grouped, Statement, groups_of, where_of, worded

_BLANK = (
    r"\x{9}-\x{d}\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
    r"\x{200b}-\x{200d}\x{2060}\x{feff}\x{ad}"
)
"""The signs that nobody sees before what would start a formula: blanks of every script, and signs without width."""

_RUN_AT_START = rf"^([\t\r\n]|[{_BLANK}]*[-=+@\x00＝＋－＠])"
_QUOTED = r'[",\r\n]'

_CHARGE_ID = next(field.sql for field in FIELDS if field.kind is Kind.ITEM)
"""What tells facts apart: a group that has it is one fact."""


class _Column(NamedTuple):
    """What a column asked for gives: the text of its cell, and what its rows are sorted by."""

    cell: str
    order: str


def csv_header(plan: Plan) -> str:
    """Return the first line of the file: the names asked for."""
    return next(csv_lines(plan, ()))


def render_csv(plan: Plan) -> Statement:
    """Return the statement that yields the lines below the header, one text a row, in the order of the answer."""
    groups = groups_of(plan)
    where, values = where_of(plan)
    whole = any(group.key == _CHARGE_ID for group in groups)
    columns = [_column(place, group) for place, group in enumerate(groups)]
    cells = [column.cell for column in columns]
    cells += [_number(f"grouped.m{place}", metric) for place, metric in enumerate(plan.metrics)]
    line = ", ',', ".join(cells)
    lines = [
        *_dimensions(groups, plan),
        f"SELECT concat({line}, chr(13), chr(10)) AS line",
        f"FROM ({_facts(plan, groups, where, whole=whole)}) AS grouped",
        *_joins(groups, plan),
        *_order(groups, columns, whole=whole),
    ]
    return Statement("\n".join(lines), values)


def _facts(plan: Plan, groups: Sequence[Grouped], where: str, *, whole: bool) -> str:
    """Return the query of the groups by ids, or of the facts themselves where each is a group of its own."""
    keys = {group.key: group.alias for group in groups}
    metrics = [metric.row_sql if whole else metric.sql for metric in plan.metrics]
    inner = [f"{key} AS {alias}" for key, alias in keys.items()]
    inner += [f"{sql} AS m{place}" for place, sql in enumerate(metrics)]
    lines = [
        f"SELECT {', '.join(inner)}",
        "FROM fact",
        *dict.fromkeys(group.join for group in groups if group.join),
        f"WHERE {where}",
        *([f"GROUP BY {', '.join(keys)}"] if keys and not whole else []),
    ]
    return "\n".join(lines)


def _dimensions(groups: Sequence[Grouped], plan: Plan) -> list[str]:
    """Return what makes each text a cell once, and numbers the texts in their order; equal texts have one place."""
    made = {}
    for group in groups:
        if group.field.lookup:
            name, text = _cells_of(group.field.lookup, plan), group.field.lookup.column(names_hidden=plan.names_hidden)
            place = f"CAST(dense_rank() OVER (ORDER BY {text}) AS INTEGER) AS place"
            source = f"SELECT {group.field.lookup.key}, {_text(text)} AS cell, {place} FROM {group.field.lookup.table}"  # noqa: S608 -- declared fragments only
            made[name] = f"{name} AS MATERIALIZED ({source})"
    return [f"WITH {', '.join(made.values())}"] if made else []


def _cells_of(lookup: Lookup, plan: Plan) -> str:
    return f"{lookup.table}_{lookup.column(names_hidden=plan.names_hidden)}"


def _joins(groups: Sequence[Grouped], plan: Plan) -> Iterator[str]:
    for place, group in enumerate(groups):
        lookup = group.field.lookup
        if lookup:
            yield f"LEFT JOIN {_cells_of(lookup, plan)} AS t{place} ON t{place}.{lookup.key} = grouped.{group.alias}"


def _order(groups: Sequence[Grouped], columns: Sequence[_Column], *, whole: bool) -> list[str]:
    """Order as `render` does: by what is shown, then by the ids; behind what tells facts apart nothing can differ."""
    by = [column.order for column in columns]
    if whole:
        by = by[: [group.key for group in groups].index(_CHARGE_ID) + 1]
    else:
        by += dict.fromkeys(f"grouped.{group.alias}" for group in groups if group.field.lookup)
    return [f"ORDER BY {', '.join(by)}"] if by else []


def _column(place: int, group: Grouped) -> _Column:
    """Return the cell of a field, and what sorts as the field sorts."""
    key, field = f"grouped.{group.alias}", group.field
    if field.lookup:  # id 0 has the empty text, which is the first of them all
        return _Column(f"coalesce(t{place}.cell, '')", f"coalesce(t{place}.place, 1)")
    if field.codes:
        return _Column(worded(key, field.codes), _place_of(key, field.codes))
    return _Column(_plain(key, field), key)


def _place_of(key: str, codes: CodeTable) -> str:
    """Return the SQL of the place that a code's word has among the words, counted from 1; no word comes first."""
    words = sorted(codes.values())
    cases = " ".join(f"WHEN {code} THEN {words.index(text) + 1}" for code, text in codes.codes())
    return f"CASE {key} {cases} ELSE 0 END"


def _plain(key: str, field: Field) -> str:
    """Return the cell of a field that is its own value; what is missing is an empty one."""
    cell = _PLAIN[field.kind].format(key=key)
    return f"coalesce({cell}, '')" if field.nullable else cell


def _text(text: str) -> str:
    """Return a text as a cell: neutralised as `present.neutralised` does it, then quoted (RFC 4180)."""
    harmless = f"(CASE WHEN regexp_matches({text}, '{_RUN_AT_START}') THEN '''' || {text} ELSE {text} END)"
    quoted = f"""'"' || replace({harmless}, '"', '""') || '"'"""
    return f"CASE WHEN regexp_matches({harmless}, '{_QUOTED}') THEN {quoted} ELSE {harmless} END"


def _item_id(key: str) -> str:
    """Return the id of a charged item, as `domain.ids` makes it: 60 bits are multiplied exactly in 128."""
    first = _mixed(key)
    second = _mixed(f"xor({first}, {first} >> {HALF})")
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
    return f"translate(to_base({second}, 32, 12), '{digits[18:]}', '{ALPHABET[18:]}')"


def _mixed(number: str) -> str:
    return f"CAST(CAST({number} AS HUGEINT) * {FACTOR} & CAST({CHARGES_MAX - 1} AS HUGEINT) AS BIGINT)"


def _number(raw: str, metric: Metric) -> str:
    """Return a metric as text: whole numbers whole, others with as many of six decimals as they need, half up."""
    if metric.unit is Unit.COUNT:
        return f"CAST({raw} AS VARCHAR)"
    micro = raw if metric.unit is Unit.TOKENS_MICRO else _rounded(raw, _DIVISORS[metric.unit])
    size = f"abs(CAST({micro} AS HUGEINT))"
    decimals = f"rtrim(lpad(CAST({size} % 1000000 AS VARCHAR), 6, '0'), '0')"
    sign = f"CASE WHEN {micro} < 0 THEN '-' ELSE '' END"
    broken = f"{sign} || CAST({size} // 1000000 AS VARCHAR) || '.' || {decimals}"
    return f"CASE WHEN {micro} % 1000000 = 0 THEN CAST({micro} // 1000000 AS VARCHAR) ELSE {broken} END"


def _rounded(raw: str, divisor: int) -> str:
    """Return millionths ÷ divisor, half up; the engine's own division cuts towards nought, below it too."""
    doubled, by = f"(2 * CAST({raw} AS HUGEINT) + {divisor})", 2 * divisor
    return f"(({doubled} - (({doubled} % {by}) + {by}) % {by}) // {by})"


_DIVISORS: Mapping[Unit, int] = MappingProxyType({Unit.MINUTES_US: 60, Unit.HOURS_US: 3600})
_DATE = "CAST(CAST({key} AS DATE) AS VARCHAR)"
_OFFSET = (
    "CASE WHEN {key} < 0 THEN '-' ELSE '+' END || CAST(abs({key}) // 3600 AS VARCHAR) || ':' "
    "|| lpad(CAST(abs({key}) % 3600 // 60 AS VARCHAR), 2, '0')"
)
_PLAIN: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.DATE: _DATE,
        Kind.MONTH: _DATE,
        Kind.INTEGER: "CAST({key} AS VARCHAR)",
        Kind.MOMENT: "replace(CAST(make_timestamp({key}) AS VARCHAR), ' ', 'T')",
        Kind.OFFSET: _OFFSET,
        Kind.ITEM: _item_id("{key}"),
    }
)
"""The cell of each kind that is neither looked up nor a code, which every text and every word is."""
