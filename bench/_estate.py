"""What the benchmarks of questions measure over: facts made inside the engine, the same each time, and their names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from farebox.warehouse import engine
from farebox.warehouse.schema import FACT_COLUMNS

PART = 2_000_000
"""How many facts are made by one statement."""


class Size(NamedTuple):
    """Of how many people, products and other names there is use, and over how many days."""

    people: int
    products: int
    labels: int
    days: int


LARGE = Size(people=20_000, products=60, labels=20_000, days=730)

SESSION = {
    "charge_id": "i",
    "charged": "hash(i + 3) % 2",
    "duration_us": "1000000 * (hash(i + 4) % 30000)",
    "tokens_micro": "100000 * (hash(i + 5) % 100)",
}
"""What every fact has: the SQL of its columns, of its number `i`."""

PERSON = f"hash(i + 6) % {LARGE.people}"
_PRODUCT = f"hash(hash(i + 6) % {LARGE.people} * 7 + hash(i + 7) % 6) % {LARGE.products}"
"""Everybody uses six products."""


def with_others(sessions: int) -> int:
    """Return how many facts there are where others have a fifth more."""
    return sessions * 6 // 5


def large(sessions: int) -> dict[str, str]:
    """Return the columns of so many sessions of the first contract, and others of forty-nine more; without dates."""
    return SESSION | {
        "contract_id": f"CASE WHEN i < {sessions} THEN 1 ELSE 2 + hash(i) % 49 END",
        "usage_category": f"CASE WHEN {_PRODUCT} < 40 THEN 1 WHEN {_PRODUCT} < 55 THEN 2 ELSE 3 END",
        "funding": "CASE WHEN hash(i + 2) % 20 = 0 THEN 2 ELSE 1 END",
        "person_id": f"1 + {PERSON}",
        "product_id": f"1 + {_PRODUCT}",
        "pool": "2",
        "version_id": "hash(i + 8) % 12",
        "machine_id": f"1 + {PERSON}",
    }


def build(path: Path, facts: int, given: Mapping[str, str], size: Size = LARGE, *, memory: str = "4GB") -> None:
    """Make facts with the columns that are given, and the names, clustered as a rebuild leaves them."""
    nullable = {name for name, kind in FACT_COLUMNS if "NOT NULL" not in kind}
    columns = ", ".join(given.get(name, "NULL" if name in nullable else "0") for name, _ in FACT_COLUMNS)
    connection = engine.connect(path, memory, 2)
    for since in range(0, facts, PART):
        numbers = f"generate_series({since}, {min(since + PART, facts) - 1}) AS s(i)"
        connection.execute(f"INSERT INTO fact SELECT {columns} FROM {numbers}")
    for table, count, names in (
        ("dim_person", size.people, "'user' || i || '@example.com', 'p-' || i"),
        ("dim_product", size.products, "'P' || i, 'Product ' || i"),
        ("dim_label", size.labels, "'Label ' || i, 'm-' || i"),
    ):
        connection.execute(f"INSERT INTO {table} SELECT i, {names} FROM generate_series(1, {count}) AS s(i)")
    engine.cluster(connection)
    connection.close()
