"""
Questions at one ledger position: answers whole, by page, or as a stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from farebox.domain.clock import Instant
from farebox.query.plan import Plan
from farebox.query.present import Raw
from farebox.query.render import Statement, render
from farebox.warehouse.engine import limited

RawRow = tuple[Raw, ...]

_ROWS_PER_FETCH = 10_000


class Answer(NamedTuple):
    """The rows of a page of an answer, how many the whole answer has, and the moment it shows."""

    columns: tuple[str, ...]
    rows: list[RawRow]
    total: int
    position: int
    as_of: Instant


class Stream(NamedTuple):
    """All rows of an answer, one by one, and the moment they show."""

    columns: tuple[str, ...]
    rows: Iterator[RawRow]
    position: int
    as_of: Instant


class Snapshot:
    """The warehouse at one ledger position; all questions of one page are asked of one (domain R4)."""

    def __init__(self, cursor: DuckDBPyConnection) -> None:
        self._cursor = cursor
        row = cursor.execute("SELECT position, as_of_us FROM meta").fetchone()
        assert row is not None, "the schema makes the one row of meta"
        self.position: int = row[0]
        self.as_of = Instant(row[1])

    def ask(
        self, plan: Plan, *, offset: int = 0, limit: int | None = None, timeout_seconds: float | None = None
    ) -> Answer:
        """
        Answer a plan: all rows, or a page of them. An offset past the end gives no rows and the true total.

        Raises `TimeoutError` when it takes longer than `timeout_seconds`.
        """
        with limited(self._cursor, timeout_seconds):
            rows, total = self._page(plan, offset, limit)
        return Answer(plan.names, rows, total, self.position, self.as_of)

    def stream(self, plan: Plan) -> Stream:
        """Give all rows of a plan, fetched in parts. Nothing else may be asked until they are read."""
        return Stream(plan.names, self._parts(render(plan)), self.position, self.as_of)

    def digest(self, table: str, columns: Iterable[str]) -> str:
        """Return a text that is equal for tables of equal rows, in whatever order."""
        row = f"hash({', '.join(columns)})"
        sql = f"SELECT count(*), coalesce(sum({row}), 0), coalesce(bit_xor({row}), 0) FROM {table}"  # noqa: S608
        return ".".join(f"{number:x}" for number in self._cursor.execute(sql).fetchall()[0])

    def _parts(self, statement: Statement) -> Iterator[RawRow]:
        self._cursor.execute(*statement)
        while part := self._cursor.fetchmany(_ROWS_PER_FETCH):
            yield from part

    def _page(self, plan: Plan, offset: int, limit: int | None) -> tuple[list[RawRow], int]:
        """Return a page and the total; the total rides along with the rows, unless there are none."""
        if limit is None:
            rows = self._cursor.execute(*render(plan)).fetchall()
            return rows[offset:], len(rows)
        sql, values = render(plan, counted=True)
        found = self._cursor.execute(f"{sql}\nLIMIT ? OFFSET ?", [*values, limit, offset]).fetchall()
        if found:
            return [row[:-1] for row in found], found[0][-1]
        return [], self._count(render(plan)) if offset or not limit else 0

    def _count(self, statement: Statement) -> int:
        sql = f"SELECT count(*) FROM ({statement.sql}) AS answer"  # noqa: S608 -- rendered from declarations
        count: int = self._cursor.execute(sql, statement.values).fetchall()[0][0]
        return count
