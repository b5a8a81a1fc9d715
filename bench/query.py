"""
The questions of the report pages against hand-written SQL, in interleaved pairs, and how fast facts load.

    python bench/query.py [--rows 1000000] [--pairs 15]

Half of the facts belong to the contract that asks. The aim is a median ratio of at most 1.3 (plan, render and run
against execute and fetch of the hand-written SQL), and 200,000 facts a second.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Day, Instant
from farebox.query.plan import Asker, Question, make_plan
from farebox.query.present import json_rows
from farebox.warehouse import Batch, Fact, Warehouse, engine
from farebox.warehouse.schema import FACT_COLUMNS

ASKER = Asker(contract_id=1, names_hidden=False)
PEOPLE, PRODUCTS, DAYS = 3000, 60, 730
SINCE, UNTIL = "2025-01-01", "2026-01-01"
RANGE = f"usageDate >= '{SINCE}' AND usageDate < '{UNTIL}'"
ASKED = f"contract_id = 1 AND funding = 1 AND usage_date >= DATE '{SINCE}' AND usage_date < DATE '{UNTIL}'"

PAIRS: dict[str, tuple[Question, str]] = {
    "tokens per day": (
        Question(fields=("usageDate",), metrics=("tokensConsumed",), where=RANGE),
        f"SELECT usage_date, sum(tokens_micro) FROM fact WHERE {ASKED} GROUP BY usage_date ORDER BY usage_date",
    ),
    "totals of a range": (
        Question(metrics=("tokensConsumed", "uniqueProducts", "uniqueUsers"), where=RANGE),
        f"SELECT sum(tokens_micro), count(DISTINCT product_id), count(DISTINCT person_id) FROM fact WHERE {ASKED}",
    ),
    "by product": (
        Question(fields=("productLineCode", "productName"), metrics=("uniqueUsers", "tokensConsumed"), where=RANGE),
        f"""SELECT code, name, users, tokens
        FROM (SELECT product_id, count(DISTINCT person_id) AS users, sum(tokens_micro) AS tokens
              FROM fact WHERE {ASKED} GROUP BY product_id)
        JOIN dim_product USING (product_id) ORDER BY code, name""",
    ),
    "by user": (
        Question(fields=("userName",), metrics=("uniqueProducts", "tokensConsumed"), where=RANGE),
        f"""SELECT name, products, tokens
        FROM (SELECT person_id, count(DISTINCT product_id) AS products, sum(tokens_micro) AS tokens
              FROM fact WHERE {ASKED} GROUP BY person_id)
        JOIN dim_person USING (person_id) ORDER BY name""",
    ),
    "month × product": (
        Question(fields=("usageMonth", "productLineCode"), metrics=("tokensConsumed",), where=RANGE),
        f"""SELECT month, code, tokens
        FROM (SELECT date_trunc('month', usage_date) AS month, product_id, sum(tokens_micro) AS tokens
              FROM fact WHERE {ASKED} GROUP BY date_trunc('month', usage_date), product_id)
        JOIN dim_product USING (product_id) ORDER BY month, code""",
    ),
    "one product, filtered by name": (
        Question(fields=("usageMonth",), metrics=("tokensConsumed",), where=f"productName = 'Product 7' AND {RANGE}"),
        f"""SELECT date_trunc('month', usage_date) AS month, sum(tokens_micro) FROM fact
        WHERE {ASKED} AND product_id IN (SELECT product_id FROM dim_product WHERE name = 'Product 7')
        GROUP BY month ORDER BY month""",
    ),
}


def main() -> None:
    """Build the facts, measure every pair, and print a line for each."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--pairs", type=int, default=15)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.duckdb"
        took = seconds(lambda: build(path, chosen.rows))
        print(f"{chosen.rows:,} facts made in {took:.1f} s, {path.stat().st_size / 1e6:.0f} MB")
        warehouse = Warehouse.open(path)
        print(f"{'question':32}{'rows':>6}{'hand, ms':>10}{'ours, ms':>10}{'ratio':>7}")
        for name, (question, sql) in PAIRS.items():
            compare(warehouse, name, question, sql, chosen.pairs)
        load(warehouse)
        warehouse.close()


def build(path: Path, rows: int) -> None:
    """Make deterministic facts and dimensions inside the engine, clustered as a rebuild leaves them."""
    given = {
        "charge_id": "i",
        "contract_id": f"CASE WHEN i < {rows // 2} THEN 1 ELSE 2 + hash(i) % 49 END",
        "usage_date": f"DATE '2024-06-01' + CAST(hash(i + 1) % {DAYS} AS INTEGER)",
        "contract_year": "1",
        "usage_category": "1",
        "funding": "CASE WHEN hash(i + 2) % 20 = 0 THEN 2 ELSE 1 END",
        "charged": "hash(i + 3) % 2",
        "duration_us": "1000000 * (hash(i + 4) % 30000)",
        "tokens_micro": "100000 * (hash(i + 5) % 100)",
        "person_id": f"1 + hash(i + 6) % {PEOPLE}",
        "product_id": f"1 + hash(i + 7) % {PRODUCTS}",
        "version_id": "hash(i + 8) % 12",
        "machine_id": "hash(i + 9) % 4000",
        "custom_1": "hash(i + 10) % 30",
    }
    nullable = {name for name, kind in FACT_COLUMNS if "NOT NULL" not in kind}
    columns = ", ".join(given.get(name, "NULL" if name in nullable else "0") for name, _ in FACT_COLUMNS)
    connection = engine.connect(path, "4GB", 2)
    connection.execute(f"INSERT INTO fact SELECT {columns} FROM generate_series(0, {rows - 1}) AS s(i)")
    people = f"SELECT i, 'user' || i, 'p-' || i FROM generate_series(1, {PEOPLE}) AS s(i)"
    products = f"SELECT i, 'P' || i, 'Product ' || i FROM generate_series(1, {PRODUCTS}) AS s(i)"
    connection.execute(f"INSERT INTO dim_person {people}")
    connection.execute(f"INSERT INTO dim_product {products}")
    engine.cluster(connection)
    connection.close()


def compare(warehouse: Warehouse, name: str, question: Question, sql: str, pairs: int) -> None:
    """Run a question and its hand-written SQL in turn, and print the medians and the median ratio."""
    cursor = warehouse._connection.cursor()

    def by_hand() -> list[tuple[object, ...]]:
        return cursor.execute(sql).fetchall()

    def ours() -> list[tuple[object, ...]]:
        return list(warehouse.ask(make_plan(question, ASKER)).rows)

    assert ours() == by_hand(), f"{name}: the answers differ"
    assert list(json_rows(make_plan(question, ASKER), ours()))
    timed = [(seconds(by_hand), seconds(ours)) for _ in range(pairs)]
    hand_ms, ours_ms = (1000 * median(column) for column in zip(*timed, strict=True))
    ratio = median(our / hand for hand, our in timed)
    print(f"{name:32}{len(ours()):>6}{hand_ms:>10.1f}{ours_ms:>10.1f}{ratio:>7.2f}")


def load(warehouse: Warehouse) -> None:
    """Apply batches of new facts, and one of corrections, and print facts a second."""
    for label, first, count in (("new", 2**40, 100_000), ("new, small", 2**41, 1000), ("corrected", 0, 100_000)):
        facts = [made(first + n) for n in range(count)]
        position = warehouse.position() + 1
        took = seconds(lambda at=position, some=facts: warehouse.apply(Batch(at, Instant(0), some)))  # type: ignore[misc]
        print(f"{count:,} facts ({label}) applied in {1000 * took:.0f} ms: {count / took:,.0f} a second")


def made(charge_id: int) -> Fact:
    """Make one fact."""
    return Fact(
        charge_id=charge_id,
        contract_id=2,
        usage_date=Day(20_000 + charge_id % 500),
        contract_year=1,
        usage_category=1,
        funding=1,
        tokens_micro=Tokens(charge_id % 9_000_000),
        person_id=1 + charge_id % PEOPLE,
        product_id=1 + charge_id % PRODUCTS,
    )


def seconds(run: Callable[[], object]) -> float:
    """Return how long a call takes."""
    since = perf_counter()
    run()
    return perf_counter() - since


if __name__ == "__main__":
    main()
