"""
The record database on APSW, so that a watched disk lies under it: the program's own SQL, and another SQLite library.

Only what the program calls is here: a connection and a cursor that look like those of Python's driver.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import apsw

from farebox.records.sqlite import base

BUSY_MS = 5_000


class Driver:
    """The errors of APSW under the names that Django looks for."""

    Error = DatabaseError = apsw.Error
    IntegrityError = apsw.ConstraintError
    OperationalError = (apsw.IOError, apsw.FullError, apsw.BusyError, apsw.CantOpenError, apsw.CorruptError)
    DataError = (apsw.MismatchError, apsw.TooBigError)
    InternalError = apsw.InternalError
    ProgrammingError = (apsw.SQLError, apsw.MisuseError, apsw.BindingsError)
    NotSupportedError = InterfaceError = apsw.NotFoundError
    Binary = bytes
    sqlite_version_info = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))


class Cursor:
    """A cursor as Django uses it."""

    description = None

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._rows: Iterator[tuple[Any, ...]] = iter(())
        self.rowcount = -1
        self.lastrowid: int | None = None

    def execute(self, sql: str, params: Sequence[Any] | None = None) -> Cursor:
        """Run a statement; `%s` stands for a value where values are given."""
        if params is not None:
            sql = base.base.FORMAT_QMARK_REGEX.sub("?", sql).replace("%%", "%")
        return self.run(sql, params or ())

    def run(self, sql: str, params: Sequence[Any]) -> Cursor:
        """Run a statement in the engine's own placeholders."""
        self._rows = iter(list(self._connection.execute(sql, [_plain(value) for value in params])))
        self.rowcount = self._connection.changes()
        self.lastrowid = self._connection.last_insert_rowid()
        return self

    def executemany(self, sql: str, params: Iterable[Sequence[Any]]) -> Cursor:
        """Run a statement for each of `params`."""
        self.rowcount = sum(self.execute(sql, each).rowcount for each in params)
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row."""
        return next(self._rows, None)

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """Return the next rows."""
        return [row for _, row in zip(range(size), self._rows, strict=False)]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all further rows."""
        return list(self._rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._rows

    def close(self) -> None:
        """Let go of nothing: rows were read at once."""


class Connection:
    """A connection as Django uses it."""

    isolation_level = None

    def __init__(self, path: str, vfs: str) -> None:
        self._inner = apsw.Connection(path, vfs=vfs)
        self._inner.set_busy_timeout(BUSY_MS)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return bool(self._inner.in_transaction)

    def cursor(self) -> Cursor:
        """Return a new cursor."""
        return Cursor(self._inner)

    def execute(self, sql: str, params: Sequence[Any] = ()) -> Cursor:
        """Run a statement in the engine's own placeholders."""
        return self.cursor().run(sql, params)

    def commit(self) -> None:
        """Commit, if there is something to."""
        if self.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        """Roll back, if there is something to."""
        if self.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        """Close it; what fails while the log is folded away is no error to the library, nor to the program's driver."""
        with suppress(apsw.IOError, apsw.FullError):
            self._inner.close()


class ShimmedWrapper(base.DatabaseWrapper):
    """The program's engine, with APSW and a watched disk below."""

    Database = Driver
    vfs = ""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        """Open the file on the watched disk, with the settings of an installation."""
        connection = Connection(str(conn_params["database"]), self.vfs)
        for command in ("PRAGMA foreign_keys = ON", *self.init_commands):
            if command.strip():
                connection.execute(command)
        return connection

    def create_cursor(self, name: str | None = None) -> Cursor:
        """Return a cursor."""
        cursor: Cursor = self.connection.cursor()
        return cursor


def _plain(value: Any) -> Any:
    """Return a value as the engine stores it."""
    match value:
        case bool():
            return int(value)
        case int() | float() | bytes() | None:
            return value
        case str():
            return str.__str__(value)
        case memoryview():
            return bytes(value)
        case datetime.datetime() | datetime.date():
            return value.isoformat(" ") if isinstance(value, datetime.datetime) else value.isoformat()
        case Decimal():
            return str(value)
    raise AssertionError(f"no column holds a {type(value).__name__}")
