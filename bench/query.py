"""
Every question that a page or the documented examples ask, against hand-written SQL, and how fast facts load.

    python -m bench.query [--rows 1000000] [--pairs 15]

So many sessions of the contract that asks, two years long, and a fifth more of forty-nine others; all warm, in
interleaved pairs. `hand` is the best SQL by hand on the same warehouse, roll-ups included; `facts` is the same SQL
over the facts alone; `ours` is plan, render and run; `CPU` is what ours takes of both cores together, which others
on the machine change less. The aims: 100 ms where sums are asked, 300 ms for distinct
users by month and category, and a median ratio of ours to hand of at most 1.3; 200,000 facts a second.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple

from bench import _estate
from bench._estate import LARGE, PERSON, large, with_others
from farebox.domain.amounts import Tokens
from farebox.domain.clock import Day, Instant
from farebox.query.plan import Asker, Question, make_plan
from farebox.query.present import json_rows
from farebox.query.where import read_where
from farebox.warehouse import Batch, Fact, Warehouse

ASKER = Asker(contract_id=1, names_hidden=False)
SINCE, UNTIL = "2025-05-10", "2026-05-10"
RANGE = f"usageDate >= '{SINCE}' AND usageDate < '{UNTIL}'"
ALL = "FROM {table} WHERE contract_id = 1 AND funding = 1"
YEAR = f"{ALL} AND usage_date >= DATE '{SINCE}' AND usage_date < DATE '{UNTIL}'"
MONTH = "date_trunc('month', usage_date) AS month"
USERS = "count(DISTINCT person_id) FILTER (WHERE person_id <> 0)"
KINDS = "CASE usage_category WHEN 1 THEN 'DESKTOP_PRODUCT' WHEN 2 THEN 'CLOUD_PRODUCT' ELSE 'CLOUD_SERVICE' END"


class Pair(NamedTuple):
    """A question, the best SQL by hand, and the table that this reads."""

    question: Question
    sql: str
    table: str = "fact"


WIDTHS = (7, 8, 10, 8, 10, 8, 7, 7)
PAIRS: dict[str, Pair] = {
    "page: tokens per day": Pair(
        Question(fields=("usageDate",), metrics=("tokensConsumed",), where=RANGE),
        f"SELECT usage_date, sum(tokens_micro) {YEAR} GROUP BY usage_date ORDER BY usage_date",
        "daily",
    ),
    "page: totals of a range": Pair(
        Question(metrics=("tokensConsumed", "uniqueProducts", "uniqueUsers"), where=RANGE),
        f"SELECT sum(tokens_micro), count(DISTINCT product_id), {USERS} {YEAR}",
    ),
    "API: summary": Pair(
        Question(
            fields=("usageMonth", "contractYear", "usageCategory"), metrics=("uniqueUsers", "tokensConsumed")
        ),
        f"""SELECT month, contract_year, {KINDS} AS kind, users, tokens
        FROM (SELECT {MONTH}, contract_year, usage_category, {USERS} AS users, sum(tokens_micro) AS tokens {ALL}
              GROUP BY ALL) ORDER BY month, contract_year, kind""",
        "monthly",
    ),
    "API: values of productName": Pair(
        Question(fields=("productName",)),
        f"SELECT name FROM (SELECT DISTINCT product_id {ALL}) JOIN dim_product USING (product_id) ORDER BY name",
        "daily",
    ),
    "API: values of userName": Pair(
        Question(fields=("userName",)),
        f"SELECT name FROM (SELECT DISTINCT person_id {ALL}) JOIN dim_person USING (person_id) ORDER BY name",
        "monthly",
    ),
    "API: values of machineName": Pair(
        Question(fields=("machineName",)),
        f"""SELECT text FROM (SELECT DISTINCT machine_id AS label_id {ALL})
        JOIN dim_label USING (label_id) ORDER BY text""",
    ),
    "month, of one year": Pair(
        Question(fields=("usageMonth",), metrics=("tokensConsumed", "usageHours"), where="contractYear = 1"),
        f"""SELECT {MONTH}, sum(tokens_micro), sum(duration_us) {ALL} AND contract_year = 1
        GROUP BY month ORDER BY month""",
        "daily",
    ),
    "month × product": Pair(
        Question(
            fields=("usageMonth", "productLineCode"), metrics=("tokensConsumed", "useCount"), where="contractYear >= 1"
        ),
        f"""SELECT month, code, tokens, uses
        FROM (SELECT {MONTH}, product_id, sum(tokens_micro) AS tokens, sum(charged) AS uses {ALL}
              AND contract_year >= 1 GROUP BY ALL)
        JOIN dim_product USING (product_id) ORDER BY month, code""",
        "daily",
    ),
    "category × product, of two products": Pair(
        Question(
            fields=("usageCategory", "productName"), metrics=("tokensConsumed",),
            where="contractYear=1 AND productName IN ('Product 7','Product 8')",
        ),
        f"""SELECT {KINDS} AS kind, name, tokens
        FROM (SELECT usage_category, product_id, sum(tokens_micro) AS tokens {ALL} AND contract_year = 1
              AND product_id IN (SELECT product_id FROM dim_product WHERE name IN ('Product 7', 'Product 8'))
              GROUP BY ALL)
        JOIN dim_product USING (product_id) ORDER BY kind, name""",
        "daily",
    ),
    "users by name": Pair(
        Question(
            fields=("userName",), metrics=("tokensConsumed",), where="contractYear >= 2 AND userName LIKE 'user12%'"
        ),
        f"""SELECT name, tokens
        FROM (SELECT person_id, sum(tokens_micro) AS tokens {ALL} AND contract_year >= 2
              AND person_id IN (SELECT person_id FROM dim_person WHERE name LIKE 'user12%') GROUP BY ALL)
        JOIN dim_person USING (person_id) ORDER BY name""",
        "monthly",
    ),
    "product, with users": Pair(
        Question(fields=("productLineCode", "productName"), metrics=("uniqueUsers", "tokensConsumed"), where=RANGE),
        f"""SELECT code, name, users, tokens
        FROM (SELECT product_id, {USERS} AS users, sum(tokens_micro) AS tokens {YEAR} GROUP BY product_id)
        JOIN dim_product USING (product_id) ORDER BY code, name""",
    ),
    "user, with products": Pair(
        Question(fields=("userName",), metrics=("uniqueProducts", "tokensConsumed"), where=RANGE),
        f"""SELECT name, products, tokens
        FROM (SELECT person_id, count(DISTINCT product_id) FILTER (WHERE product_id <> 0) AS products,
                     sum(tokens_micro) AS tokens {YEAR} GROUP BY person_id)
        JOIN dim_person USING (person_id) ORDER BY name""",
    ),
    "custom field": Pair(
        Question(fields=("customField1",), metrics=("tokensConsumed",)),
        f"""SELECT coalesce(text, ''), tokens
        FROM (SELECT custom_1 AS label_id, sum(tokens_micro) AS tokens {ALL} GROUP BY ALL)
        LEFT JOIN dim_label USING (label_id) ORDER BY 1""",
    ),
}  # fmt: skip


def main() -> None:
    """Build the facts, measure every pair, and print a line for each."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--pairs", type=int, default=15)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.duckdb"
        took = seconds(lambda: build(path, chosen.rows))
        print(f"{with_others(chosen.rows):,} facts made in {took:.1f} s, {path.stat().st_size / 1e6:.0f} MB")
        warehouse = Warehouse.open(path)
        for table in ("daily", "monthly"):
            with warehouse.snapshot() as snapshot:
                print(f"{int(snapshot.digest(table, ['1']).split('.')[0], 16):,} rows of {table}")
        heads = ("rows", "facts", "hand", "p95", "ours", "p95", "ratio", "CPU")
        print(f"{'question':36}" + "".join(f"{head:>{width}}" for head, width in zip(heads, WIDTHS, strict=True)))
        for name, pair in PAIRS.items():
            compare(warehouse, name, pair, chosen.pairs)
        clauses()
        load(warehouse)
        warehouse.close()


def build(path: Path, rows: int) -> None:
    """Make the facts, over two years."""
    after = f"hash(i + 1) % {LARGE.days}"
    more = {
        "usage_date": f"DATE '2024-06-01' + CAST({after} AS INTEGER)",
        "contract_year": f"1 + {after} // 365",
        "custom_1": f"1 + hash({PERSON}) % 30",
    }
    _estate.build(path, with_others(rows), large(rows) | more)


def compare(warehouse: Warehouse, name: str, pair: Pair, pairs: int) -> None:
    """Run a question and its hand-written SQL in turn, and print medians, 95th percentiles and the median ratio."""
    cursor = warehouse._connection.cursor()

    def by_hand(table: str = pair.table) -> list[tuple[object, ...]]:
        return cursor.execute(pair.sql.format(table=table)).fetchall()

    def ours() -> list[tuple[object, ...]]:
        return list(warehouse.ask(make_plan(pair.question, ASKER)).rows)

    assert ours() == by_hand() == by_hand("fact"), f"{name}: the answers differ"
    assert list(json_rows(make_plan(pair.question, ASKER), ours()))
    facts_ms = 1000 * median(seconds(lambda: by_hand("fact")) for _ in range(3))
    began = process_time()
    for _ in range(3):
        ours()
    cpu_ms = 1000 * (process_time() - began) / 3
    timed = [(seconds(by_hand), seconds(ours)) for _ in range(pairs)]
    hand, our = (sorted(1000 * one for one in column) for column in zip(*timed, strict=True))
    ratio = median(one / other for other, one in timed)
    print(
        f"{name:36}{len(ours()):>7}{facts_ms:>8.1f}{median(hand):>10.1f}{hand[-1 - pairs // 20]:>8.1f}"
        f"{median(our):>10.1f}{our[-1 - pairs // 20]:>8.1f}{ratio:>7.2f}{cpu_ms:>7.0f}"
    )


def clauses() -> None:
    """Print what reading a where clause takes, short and long; twice the length shall take twice the time."""
    for unit in ("productName != 'Modeller' AND ", "contractYear IN (1,2,3,4,5,6,7,8,9) OR ", "(", "''"):
        texts = [(unit * 4096)[:length] for length in (1024, 2048, 4096)]
        took = [min(seconds(lambda text=text: read_where(text)) for _ in range(9)) for text in texts]  # type: ignore[misc]
        print(f"where {unit!r} of 1, 2 and 4 KB: " + ", ".join(f"{1000 * one:.2f} ms" for one in took))


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
        person_id=1 + charge_id % LARGE.people,
        product_id=1 + charge_id % LARGE.products,
    )


def seconds(run: Callable[[], object]) -> float:
    """Return how long a call takes."""
    since = perf_counter()
    run()
    return perf_counter() - since


if __name__ == "__main__":
    main()
