"""
Rows into tables, many at a time and without a file.

Rows travel as JSON texts of a thousand rows each, bound as one list, and are taken apart by the engine. Measured
on two cores with 40 columns, this loads 470,000 facts a second; lists of integers bound per column 32,000, a CSV
file 185,000. It needs no access to files, so the engine is opened without any.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from duckdb import DuckDBPyConnection

from farebox.warehouse.facts import Batch, Enriched, Fact
from farebox.warehouse.schema import DIMENSIONS, FACT_COLUMNS, LABELS, PEOPLE, PRODUCTS, Dimension

_ROWS_PER_TEXT = 1000
_ROWS_PER_STATEMENT = 100_000
"""Bounds the memory that one statement takes."""

Row = Sequence[int | str | None]


def load(connection: DuckDBPyConnection, batch: Batch) -> None:
    """Write a batch inside the caller's transaction: what it replaces goes first (idempotent)."""
    rows = {PEOPLE: batch.people, PRODUCTS: batch.products, LABELS: batch.labels}
    for dimension in DIMENSIONS:
        _load_dimension(connection, dimension, rows[dimension])
    facts = {fact.charge_id: fact for fact in batch.facts}
    _delete(connection, "fact", "charge_id", facts.keys() | set(batch.removed))
    _insert(connection, _INSERT_FACTS, tuple(facts.values()))
    for enriched in batch.enriched:
        _enrich(connection, enriched)
    connection.execute("UPDATE meta SET position = ?, as_of_us = ?", [batch.position, batch.as_of_us])


def _enrich(connection: DuckDBPyConnection, enriched: Enriched) -> None:
    """Write the value in force on each usage date, or none, where no value came with the use itself."""
    assert 1 <= enriched.position <= _FIELDS, "a contract has ten charge-back fields"
    column, bit = f"custom_{enriched.position}", 1 << (enriched.position - 1)
    rows = enriched.values
    texts = [msgspec.json.encode(rows[at : at + _ROWS_PER_TEXT]).decode() for at in range(0, len(rows), _ROWS_PER_TEXT)]
    connection.execute(_ENRICH.format(column=column, bit=bit), [texts, enriched.contract_id])


_FIELDS = 10
_EPOCH = "DATE '1970-01-01'"
_ENRICH = f"""
UPDATE fact SET {{column}} = meant.label
FROM (
    WITH listed AS (SELECT unnest(CAST(? AS VARCHAR[])) AS texts),
    valued AS (
        SELECT CAST(j[1] AS INTEGER) AS person, CAST(j[4] AS INTEGER) AS label,
            {_EPOCH} + CAST(j[2] AS INTEGER) AS since, {_EPOCH} + CAST(j[3] AS INTEGER) AS until
        FROM (SELECT unnest(from_json_strict(texts, '[["BIGINT"]]')) AS j FROM listed)
    )
    SELECT used.charge_id, coalesce(valued.label, 0) AS label
    FROM fact AS used LEFT JOIN valued
        ON valued.person = used.person_id AND used.usage_date >= valued.since AND used.usage_date < valued.until
    WHERE used.contract_id = ? AND used.told & {{bit}} = 0
) AS meant
WHERE fact.charge_id = meant.charge_id AND fact.{{column}} <> meant.label
"""  # noqa: S608 -- names of our columns, put in by position
"""One statement, so that no answer ever sees half of it; only rows that change are written."""


def _load_dimension(connection: DuckDBPyConnection, dimension: Dimension, rows: Iterable[Row]) -> None:
    last = {row[0]: row for row in rows}
    _delete(connection, dimension.table, dimension.columns[0], {int(key) for key in last if key is not None})
    texts = ", ".join(f"j[{place}]" for place in range(2, len(dimension.columns) + 1))
    sql = _insert_sql(dimension.table, f"CAST(j[1] AS INTEGER), {texts}", "VARCHAR")
    _insert(connection, sql, tuple(last.values()))


def _delete(connection: DuckDBPyConnection, table: str, key: str, ids: Iterable[int]) -> None:
    """Delete rows by id; the lower bound lets the engine skip what is older than all of them."""
    ordered = sorted(ids)
    if ordered:
        listed = "SELECT unnest(from_json_strict(?, '[\"BIGINT\"]'))"
        sql = f"DELETE FROM {table} WHERE {key} >= ? AND {key} IN ({listed})"  # noqa: S608 -- names of our tables
        connection.execute(sql, [ordered[0], msgspec.json.encode(ordered).decode()])


def _insert(connection: DuckDBPyConnection, sql: str, rows: Sequence[Row]) -> None:
    for start in range(0, len(rows), _ROWS_PER_STATEMENT):
        part = rows[start : start + _ROWS_PER_STATEMENT]
        texts = [
            msgspec.json.encode(part[at : at + _ROWS_PER_TEXT]).decode() for at in range(0, len(part), _ROWS_PER_TEXT)
        ]
        connection.execute(sql, [texts])


def _insert_sql(table: str, values: str, kind: str) -> str:
    unpacked = f"SELECT unnest(from_json_strict(texts, '[[\"{kind}\"]]')) AS j FROM listed"  # noqa: S608
    listed = "SELECT unnest(CAST(? AS VARCHAR[])) AS texts"
    return f"INSERT INTO {table} WITH listed AS ({listed}) SELECT {values} FROM ({unpacked})"  # noqa: S608


def _fact_values() -> str:
    """Return the SQL that takes each column out of the list `j`; a date travels as its day."""
    values = []
    for place, (_, kind) in enumerate(FACT_COLUMNS, 1):
        type_name = kind.removesuffix(" NOT NULL")
        values.append(
            f"DATE '1970-01-01' + CAST(j[{place}] AS INTEGER)"
            if type_name == "DATE"
            else f"CAST(j[{place}] AS {type_name})"
        )
    return ", ".join(values)


_INSERT_FACTS = _insert_sql("fact", _fact_values(), "BIGINT")

assert len(FACT_COLUMNS) == len(Fact._fields), "a column for every field of a fact"
