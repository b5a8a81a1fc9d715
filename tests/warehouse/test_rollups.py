"""The roll-ups hold what the facts sum up to, after every batch (quality R1, L8)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.query.small_world import fact_of

from farebox.domain.clock import Instant
from farebox.query.rollups import ROLLUPS, Rollup
from farebox.warehouse import Batch, Fact, Warehouse

COMMON = "contract_id, {date}, contract_year, usage_category, funding, pool"
BY_HAND = {
    "daily": (COMMON.format(date="usage_date"), "product_id"),
    "monthly": (COMMON.format(date="CAST(date_trunc('month', usage_date) AS DATE)"), "person_id"),
}


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """An empty warehouse."""
    opened = Warehouse.open(tmp_path / "facts.duckdb", memory="500MB")
    yield opened
    opened.close()


def fact(charge_id: int, seed: int) -> Fact:
    """Make a fact of one of two contracts."""
    return fact_of(seed)._replace(charge_id=charge_id, contract_id=1 + seed % 2)


Change = tuple[dict[int, int], set[int]]
ids = st.integers(1, 12)
changes: st.SearchStrategy[Change] = st.tuples(
    st.dictionaries(ids, st.integers(0, 30), max_size=8), st.sets(ids, max_size=4)
)


@given(st.lists(changes, min_size=1, max_size=6))
@settings(max_examples=few(40), deadline=None)
def test_after_every_batch_they_are_the_sums_of_the_facts(
    tmp_path_factory: pytest.TempPathFactory, history: list[Change]
) -> None:
    """Facts that come, change, move to another contract and go leave the roll-ups as if summed anew, or rebuilt."""
    opened = Warehouse.open(tmp_path_factory.mktemp("warehouse") / "facts.duckdb", memory="500MB")
    batches = [
        Batch(n, Instant(0), [fact(charge_id, seed) for charge_id, seed in facts.items()], sorted(removed))
        for n, (facts, removed) in enumerate(history, 1)
    ]
    for batch in batches:
        opened.apply(batch)
        for rollup in ROLLUPS:
            assert rolled(opened, rollup) == summed(opened, rollup)

    kept = opened.fingerprint()
    opened.rebuild(iter(batches))
    assert opened.fingerprint() == kept
    opened.cluster()
    assert opened.fingerprint() == kept
    opened.close()


def test_a_batch_that_fails_leaves_them_as_they_were(warehouse: Warehouse) -> None:
    """Facts and roll-ups change together or not at all."""
    warehouse.apply(Batch(1, Instant(0), [fact(1, 7)]))
    before = warehouse.fingerprint()

    with pytest.raises(Exception, match="out of range"):
        warehouse.apply(Batch(2, Instant(0), [fact(2, 8), fact(3, 9)._replace(person_id=2**40)]))

    assert warehouse.fingerprint() == before
    assert warehouse.apply(Batch(2, Instant(0), [fact(2, 8)]))


def test_a_person_without_uses_left_is_not_counted(warehouse: Warehouse) -> None:
    """A row whose last fact is gone is gone."""
    warehouse.apply(Batch(1, Instant(0), [fact(1, 7), fact(2, 7)]))
    warehouse.apply(Batch(2, Instant(0), removed=[1]))
    assert all(len(rolled(warehouse, rollup)) == 1 for rollup in ROLLUPS)

    warehouse.apply(Batch(3, Instant(0), removed=[2, 99]))

    assert all(rolled(warehouse, rollup) == [] for rollup in ROLLUPS)


def rolled(warehouse: Warehouse, rollup: Rollup) -> list[tuple[object, ...]]:
    """Return the rows of a roll-up."""
    return rows(warehouse, f"SELECT * FROM {rollup.table}")


def summed(warehouse: Warehouse, rollup: Rollup) -> list[tuple[object, ...]]:
    """Return what the rows of a roll-up shall be, summed from the facts."""
    keys = ", ".join(BY_HAND[rollup.table])
    return rows(
        warehouse,
        f"SELECT {keys}, sum(charged), sum(duration_us), sum(tokens_micro), count(*) FROM fact GROUP BY {keys}",
    )


def rows(warehouse: Warehouse, sql: str) -> list[tuple[object, ...]]:
    """Return the rows of a query, sorted."""
    with warehouse.snapshot() as snapshot:
        return sorted(snapshot._cursor.execute(sql).fetchall())
