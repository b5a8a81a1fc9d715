"""
The warehouse on DuckDB: one native file, opened by one process.

Questions run side by side, each on a cursor of its own and at one snapshot; batches are written one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Lock

import duckdb
from duckdb import DuckDBPyConnection

from farebox.query.plan import Plan
from farebox.query.rollups import ROLLUPS
from farebox.warehouse import engine, rolling
from farebox.warehouse.facts import Batch
from farebox.warehouse.gate import Gate
from farebox.warehouse.loading import load
from farebox.warehouse.schema import DIMENSIONS, FACT_COLUMNS
from farebox.warehouse.snapshot import Answer, Snapshot, Stream


class Warehouse:
    """
    An open warehouse file, used by any number of threads. Make one with `Warehouse.open`.

    A thread that holds a snapshot or a stream must not apply, cluster, rebuild or close: it would wait for itself.
    """

    def __init__(self, path: Path, connect: Callable[[Path], DuckDBPyConnection]) -> None:
        self._path = path
        self._connect = connect
        self._gate = Gate()
        self._writing = Lock()
        self._connection = connect(path)
        self._idle: list[DuckDBPyConnection] = []

    @classmethod
    def open(cls, path: Path, *, memory: str = "2GB", threads: int = 2) -> Warehouse:
        """
        Open the file at `path`, or make an empty one there; one of another schema version, or broken, is dropped.

        An empty warehouse has position 0, so that the projector fills it from the start. `memory` is the engine's
        limit, as in "2GB"; beyond it, it spills to a folder beside the file.
        """
        connect = partial(engine.connect, memory=memory, threads=threads)
        if not path.exists() or not engine.is_sound(path, connect):
            engine.remove(path)
        return cls(path, connect)

    def close(self) -> None:
        """Close the file, once the questions that are being answered are done."""
        with self._writing, self._gate.alone():
            self._close()

    def position(self) -> int:
        """Return the ledger position of the last applied batch; 0 when there is none."""
        with self.snapshot() as snapshot:
            return snapshot.position

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Hold the warehouse at one ledger position, for several questions by one thread (domain R4)."""
        with self._gate.shared():
            cursor = self._cursor()
            cursor.execute("BEGIN TRANSACTION READ ONLY")
            try:
                yield Snapshot(cursor)
            finally:
                self._put_back(cursor)

    def _put_back(self, cursor: DuckDBPyConnection) -> None:
        """End what the cursor holds and keep it for the next; one that an interrupt hit in its end is closed."""
        try:
            cursor.execute("ROLLBACK")
        except duckdb.Error:
            cursor.close()
        else:
            self._idle.append(cursor)

    def ask(
        self, plan: Plan, *, offset: int = 0, limit: int | None = None, timeout_seconds: float | None = None
    ) -> Answer:
        """Answer a plan at the newest position, as `Snapshot.ask` does."""
        with self.snapshot() as snapshot:
            return snapshot.ask(plan, offset=offset, limit=limit, timeout_seconds=timeout_seconds)

    @contextmanager
    def stream(self, plan: Plan) -> Iterator[Stream]:
        """Give all rows of a plan at one position, for exports; the rows are read inside the `with`."""
        with self.snapshot() as snapshot:
            yield snapshot.stream(plan)

    def apply(self, batch: Batch) -> bool:
        """
        Write a batch and its position in one transaction, and return whether it was news.

        A batch at or before the last position was applied already and changes nothing.
        """
        with self._writing, self._gate.shared(), self._connection.cursor() as cursor, engine.transaction(cursor):
            news = batch.position > Snapshot(cursor).position
            if news:
                with rolling.kept(cursor, {fact.charge_id for fact in batch.facts} | set(batch.removed)):
                    load(cursor, batch)
            return news

    def rebuild(self, batches: Iterable[Batch]) -> None:
        """
        Fill a fresh file from nothing, cluster it, and put it in the place of this one.

        Questions are answered from the old file meanwhile; batches wait. If `batches` raises, the old file stays.
        """
        fresh = self._path.with_name(f"{self._path.name}.rebuild")
        with self._writing:
            engine.remove(fresh)
            try:
                with self._connect(fresh) as connection:
                    for batch in batches:
                        with engine.transaction(connection):
                            load(connection, batch)
                    engine.cluster(connection)
                self._swap(fresh)
            finally:
                engine.remove(fresh)

    def cluster(self) -> None:
        """Lay the facts in the order of contract and date again; batches wait meanwhile, questions do not."""
        with self._writing, self._gate.shared(), self._connection.cursor() as cursor:
            engine.cluster(cursor)

    def fingerprint(self) -> str:
        """Return a text that is equal for warehouses with equal contents, however their rows lie."""
        tables = {"fact": tuple(name for name, _ in FACT_COLUMNS)} | dict(DIMENSIONS)
        tables |= {rollup.table: rolling.columns(rollup) for rollup in ROLLUPS}
        with self.snapshot() as snapshot:
            parts = [str(snapshot.position), *(snapshot.digest(table, names) for table, names in tables.items())]
        return "-".join(parts)

    def _cursor(self) -> DuckDBPyConnection:
        """Return a cursor that nobody uses: an idle one, which answers sooner than a fresh one, or a fresh one."""
        try:
            return self._idle.pop()
        except IndexError:
            return self._connection.cursor()

    def _swap(self, fresh: Path) -> None:
        with self._gate.alone():
            self._close()
            fresh.replace(self._path)
            self._connection = self._connect(self._path)

    def _close(self) -> None:
        while self._idle:
            self._idle.pop().close()
        self._connection.close()
