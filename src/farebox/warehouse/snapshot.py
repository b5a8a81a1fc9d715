"""
Questions at one ledger position: answers whole, by page, or as a stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from farebox.domain.clock import Instant
from farebox.query.lines import csv_header, render_csv
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


class CsvFile(NamedTuple):
    """An answer as a CSV file: how many rows it has, its bytes with the rows in each part, and the moment it shows."""

    rows: int
    parts: Iterator[tuple[int, bytes]]
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

    def stream(self, plan: Plan, *, timeout_seconds: float | None = None) -> Stream:
        """
        Give all rows of a plan, fetched in parts. Nothing else may be asked until they are read.

        Reading them raises `TimeoutError` where they take longer than `timeout_seconds`.
        """
        return Stream(plan.names, self._parts(render(plan), timeout_seconds), self.position, self.as_of)

    def csv(self, plan: Plan) -> CsvFile:
        """
        Give a plan's answer as a CSV file, in parts that the engine writes, and how many rows it will have.

        Nothing else may be asked until the parts are read.
        """
        lines = render_csv(plan)
        return CsvFile(self._count(lines), self._texts(plan, lines), self.position, self.as_of)

    def read(self, statement: Statement) -> tuple[int, Iterator[RawRow]]:
        """
        Count the rows of a statement, and give them as they are read.

        Nothing else may be asked while they are read; they may be begun to be read later, but not twice.
        """
        return self._count(statement), self._parts(statement, None)

    def interrupt(self) -> None:
        """Stop what is being asked, from another thread; a question with a time limit raises `TimeoutError` then."""
        self._cursor.interrupt()

    def digest(self, table: str, columns: Iterable[str]) -> str:
        """Return a text that is equal for tables of equal rows, in whatever order."""
        row = f"hash({', '.join(columns)})"
        sql = f"SELECT count(*), coalesce(sum({row}), 0), coalesce(bit_xor({row}), 0) FROM {table}"  # noqa: S608
        return ".".join(f"{number:x}" for number in self._cursor.execute(sql).fetchall()[0])

    def _parts(self, statement: Statement, timeout_seconds: float | None) -> Iterator[RawRow]:
        with limited(self._cursor, timeout_seconds):
            self._cursor.execute(*statement)
            while part := self._cursor.fetchmany(_ROWS_PER_FETCH):
                yield from part

    def _texts(self, plan: Plan, lines: Statement) -> Iterator[tuple[int, bytes]]:
        yield 0, csv_header(plan).encode()
        self._cursor.execute(*lines)
        while part := self._cursor.fetchmany(_ROWS_PER_FETCH):
            yield len(part), "".join([line for (line,) in part]).encode()

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
