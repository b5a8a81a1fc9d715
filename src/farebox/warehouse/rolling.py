"""
The roll-ups on DuckDB: made with the tables, kept with every batch, and made anew with the facts.

A batch takes off what the facts that it replaces had added, and adds what its own sum up to, in the transaction that
writes them. A row whose last fact is gone goes too, so that distinct counts stay those of the facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import msgspec
from duckdb import DuckDBPyConnection

from farebox.query.rollups import DATE, ROLLUPS, SUMS, Rollup
from farebox.warehouse.schema import FACT_COLUMNS

_COUNT = "facts"
"""The column that tells how many facts a row sums up."""

_NUMBERS = (*SUMS, _COUNT)
_KEYS = tuple(dict.fromkeys(key for rollup in ROLLUPS for key in rollup.keys))
_TYPES = dict(FACT_COLUMNS) | dict.fromkeys(SUMS, "HUGEINT NOT NULL") | {_COUNT: "BIGINT NOT NULL"}


def columns(rollup: Rollup) -> tuple[str, ...]:
    """Return the columns of a roll-up's table, the keys first."""
    return (*rollup.keys, *_NUMBERS)


def create(connection: DuckDBPyConnection) -> None:
    """Make the empty tables."""
    for rollup in ROLLUPS:
        named = ", ".join(f"{column} {_TYPES[column]}" for column in columns(rollup))
        connection.execute(f"CREATE TABLE {rollup.table} ({named})")


def fill(connection: DuckDBPyConnection) -> None:
    """Make every roll-up anew from the facts, in the caller's transaction, laid in the order of its keys."""
    for rollup in ROLLUPS:
        connection.execute(f"DROP TABLE {rollup.table}")
    create(connection)
    counted = f"(SELECT *, 1 AS {_COUNT} FROM fact)"  # noqa: S608 -- names of our tables
    for rollup in ROLLUPS:
        rows, order = _summed(rollup, counted), ", ".join(rollup.keys)
        connection.execute(f"INSERT INTO {rollup.table} {rows} ORDER BY {order}")


@contextmanager
def kept(connection: DuckDBPyConnection, charge_ids: Iterable[int]) -> Iterator[None]:
    """Bring the roll-ups along with what is done inside to the facts of these charges, in the caller's transaction."""
    ordered = sorted(charge_ids)
    if not ordered:
        yield
        return
    ids = [ordered[0], msgspec.json.encode(ordered).decode()]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE changed AS {_signed('-')}", ids)
    yield
    connection.execute(f"INSERT INTO changed {_signed('+')}", ids)
    for rollup in ROLLUPS:
        connection.execute(_merge(rollup))
    connection.execute("DROP TABLE changed")


def _signed(sign: str) -> str:
    """Return the query of what facts add to a roll-up, or take off; the lower bound lets the engine skip old ones."""
    numbers = ", ".join(f"{sign}CAST({column} AS HUGEINT) AS {column}" for column in SUMS)
    listed = "SELECT unnest(from_json_strict(?, '[\"BIGINT\"]'))"
    return (
        f"SELECT {', '.join(_KEYS)}, {numbers}, {sign}1 AS {_COUNT} FROM fact"  # noqa: S608 -- names of our columns
        f" WHERE charge_id >= ? AND charge_id IN ({listed})"
    )


def _summed(rollup: Rollup, source: str) -> str:
    """Return the query that sums rows of a source by the keys of a roll-up."""
    month = f"CAST(date_trunc('month', {DATE}) AS DATE) AS {DATE}"
    keys = ", ".join(month if rollup.monthly and key == DATE else key for key in rollup.keys)
    sums = ", ".join(f"sum({column}) AS {column}" for column in _NUMBERS)
    return f"SELECT {keys}, {sums} FROM {source} AS source GROUP BY ALL"  # noqa: S608 -- names of our columns


def _merge(rollup: Rollup) -> str:
    """Return the statement that adds what changed to a roll-up, and drops the rows that sum up nothing any more."""
    table, every = rollup.table, columns(rollup)
    alike = " AND ".join(f"{table}.{key} = delta.{key}" for key in rollup.keys)
    added = ", ".join(f"{column} = {table}.{column} + delta.{column}" for column in _NUMBERS)
    given = ", ".join(f"delta.{column}" for column in every)
    return "\n".join(
        [
            f"MERGE INTO {table} USING ({_summed(rollup, 'changed')}) AS delta",
            f"ON {alike}",
            f"WHEN MATCHED AND {table}.{_COUNT} + delta.{_COUNT} = 0 THEN DELETE",
            f"WHEN MATCHED THEN UPDATE SET {added}",
            f"WHEN NOT MATCHED THEN INSERT ({', '.join(every)}) VALUES ({given})",  # noqa: S608 -- declared names
        ]
    )
