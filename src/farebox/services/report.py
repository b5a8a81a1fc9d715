"""Questions about usage: names to a plan, the plan to the warehouse, and what comes back with its position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from farebox.domain.clock import Instant
from farebox.query.plan import Question, make_plan
from farebox.query.present import JsonCell, json_rows
from farebox.records.reading import Readable, contract_of, contracts_of
from farebox.warehouse import Answer
from farebox.warehouse.current import warehouse

__all__ = ["Question", "Readable", "Table", "answer", "answers", "contract_of", "contracts_of"]

QUERY_SECONDS = 300.0
"""How long a question may run (usage-api 1.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """An answer ready to show: columns, rows of cells, how many rows there are in all, and what moment it shows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[JsonCell, ...], ...]
    total: int
    position: int
    as_of: Instant


def answer(question: Question, contract: Readable, *, offset: int = 0, limit: int | None = None) -> Table:
    """
    Answer one question about one contract, all rows or a page of them.

    Raises `QueryRejected` with every problem of the question, `TimeoutError` when it runs for too long.
    """
    return answers([question], contract, offset=offset, limit=limit)[0]


def answers(
    questions: Sequence[Question], contract: Readable, *, offset: int = 0, limit: int | None = None
) -> list[Table]:
    """Answer several questions about one contract, all at one ledger position (domain R4)."""
    plans = [make_plan(question, contract.asker, lenient=True) for question in questions]
    with warehouse().snapshot() as snapshot:
        found = [snapshot.ask(plan, offset=offset, limit=limit, timeout_seconds=QUERY_SECONDS) for plan in plans]
    return [_table(one, tuple(json_rows(plan, one.rows))) for plan, one in zip(plans, found, strict=True)]


def _table(found: Answer, rows: tuple[tuple[JsonCell, ...], ...]) -> Table:
    return Table(columns=found.columns, rows=rows, total=found.total, position=found.position, as_of=found.as_of)
