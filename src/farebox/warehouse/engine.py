"""The DuckDB engine: opened closed off from everything else, with transactions and a time limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock, Thread

import duckdb
from duckdb import DuckDBPyConnection

from farebox.warehouse import rolling
from farebox.warehouse.schema import CLUSTERED, FACT_COLUMNS, SCHEMA_VERSION, statements

_INTERRUPT_AGAIN_SECONDS = 0.05
"""How often a question out of time is interrupted, in case it had not begun to run."""


def connect(path: Path, memory: str, threads: int) -> DuckDBPyConnection:
    """Open a file, without access to other files, the network or extensions, and make its tables if it has none."""
    connection = duckdb.connect(
        str(path),
        config={
            "memory_limit": memory,
            "threads": threads,
            "enable_external_access": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "lock_configuration": True,
        },
    )
    if connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'meta'").fetchone() != (1,):
        with transaction(connection):
            for statement in statements():
                connection.execute(statement)
            rolling.create(connection)
    return connection


_BROKEN = (
    duckdb.IOException,
    duckdb.SerializationException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.CatalogException,
    duckdb.BinderException,
)


def is_sound(path: Path, connect: Callable[[Path], DuckDBPyConnection]) -> bool:
    """Return whether the file can be read and its tables are of this version. Raises where another process has it."""
    try:
        with connect(path) as connection:
            return connection.execute("SELECT schema FROM meta").fetchone() == (SCHEMA_VERSION,)
    except _BROKEN as error:
        if "lock" in str(error).lower():
            raise
        return False


def remove(path: Path) -> None:
    """Remove a warehouse file that is not open, if it is there."""
    for leftover in (path, path.with_name(f"{path.name}.wal")):
        leftover.unlink(missing_ok=True)


def cluster(connection: DuckDBPyConnection) -> None:
    """Write the facts anew in the order of contract and date, with the constraints that they have, and the roll-ups."""
    columns = ", ".join(f"{name} {kind}" for name, kind in FACT_COLUMNS)
    with transaction(connection):
        connection.execute(f"CREATE TABLE clustered ({columns})")
        connection.execute(f"INSERT INTO clustered SELECT * FROM fact ORDER BY {CLUSTERED}")  # noqa: S608
        connection.execute("DROP TABLE fact")
        connection.execute("ALTER TABLE clustered RENAME TO fact")
        rolling.fill(connection)


@contextmanager
def transaction(connection: DuckDBPyConnection) -> Iterator[None]:
    """Commit what is done inside, or undo all of it."""
    connection.execute("BEGIN TRANSACTION")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def limited(cursor: DuckDBPyConnection, timeout_seconds: float | None) -> Iterator[None]:
    """Interrupt what the cursor runs after `timeout_seconds`, and raise `TimeoutError` then."""
    if timeout_seconds is None:
        yield
        return
    done, guard = Event(), Lock()
    Thread(target=_interrupt, args=(cursor, done, guard, timeout_seconds), daemon=True).start()
    try:
        yield
    except duckdb.InterruptException as interrupted:
        raise TimeoutError(f"the question took longer than {timeout_seconds} s") from interrupted
    finally:
        with guard:  # no interrupt may hit the cursor's next question
            done.set()


def _interrupt(cursor: DuckDBPyConnection, done: Event, guard: Lock, timeout_seconds: float) -> None:
    wait_seconds = timeout_seconds
    while not done.wait(wait_seconds):
        with guard:
            if not done.is_set():
                cursor.interrupt()
        wait_seconds = _INTERRUPT_AGAIN_SECONDS
