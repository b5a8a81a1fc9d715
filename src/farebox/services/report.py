"""Questions about usage: names to a plan, the plan to the warehouse, and what comes back with its position."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from farebox.domain.clock import Instant
from farebox.query.latest import WithLastUse, with_last_use
from farebox.query.plan import Asker, Plan, Question, make_plan
from farebox.query.present import JsonCell, Raw, json_rows
from farebox.records.reading import Readable, contract_of, contracts_of
from farebox.warehouse import Answer, Snapshot
from farebox.warehouse.current import warehouse

__all__ = [
    "Ask",
    "Found",
    "Question",
    "Raw",
    "Readable",
    "Table",
    "WithLastUse",
    "answer",
    "answers",
    "answers_of_all",
    "at_one_position",
    "contract_of",
    "contracts_of",
]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """
    An answer to go on with: rows as the warehouse has them, which cost nothing to make.

    Tokens are millionths, dates are dates, what is missing is none.
    """

    rows: Sequence[Sequence[Raw]]
    position: int
    as_of: Instant


Ask = Callable[[Sequence[Question]], list[Found]]
"""Asks several questions of one snapshot."""


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
    plans = [_plan(question, contract.asker) for question in questions]
    with warehouse().snapshot() as snapshot:
        found = [snapshot.ask(plan, offset=offset, limit=limit, timeout_seconds=QUERY_SECONDS) for plan in plans]
    return [_table(one, tuple(json_rows(plan, one.rows))) for plan, one in zip(plans, found, strict=True)]


@contextmanager
def at_one_position(contracts: Sequence[Readable]) -> Iterator[Ask]:
    """
    Hold one ledger position, so that a question can depend on the answer to another (domain R4).

    Questions are about one or more contracts together. Where one of them hides names, all do (product K1). Own names
    of custom fields are known where all have the same.
    """
    asker = _asker_of_all(contracts)
    with warehouse().snapshot() as snapshot:
        yield lambda questions: [_found(snapshot, _plan(question, asker)) for question in questions]


def answers_of_all(questions: Sequence[Question], contracts: Sequence[Readable]) -> list[Found]:
    """Answer several questions about one or more contracts together, all at one ledger position (domain R4)."""
    with at_one_position(contracts) as ask:
        return ask(questions)


def _asker_of_all(contracts: Sequence[Readable]) -> Asker:
    first, *others = contracts
    return Asker(
        contract_id=first.id,
        names_hidden=any(contract.names_hidden for contract in contracts),
        custom_names=first.fields if all(other.fields == first.fields for other in others) else (),
        also=tuple(other.id for other in others),
    )


def _found(snapshot: Snapshot, plan: Plan) -> Found:
    answered = snapshot.ask(plan, timeout_seconds=QUERY_SECONDS)
    return Found(rows=answered.rows, position=answered.position, as_of=answered.as_of)


def _plan(question: Question, asker: Asker) -> Plan:
    plan = make_plan(question, asker, lenient=True)
    return with_last_use(plan) if isinstance(question, WithLastUse) else plan


def _table(found: Answer, rows: tuple[tuple[JsonCell, ...], ...]) -> Table:
    return Table(columns=found.columns, rows=rows, total=found.total, position=found.position, as_of=found.as_of)
