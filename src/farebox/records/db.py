"""The few calls through which hand-written SQL reaches the record database; values are always bound."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, Error, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from farebox.domain.errors import Busy
from farebox.records.outage import outage
from farebox.records.trouble import is_passing

T = TypeVar("T")
Params = Sequence[Any]
CHUNK_ROWS = 4_000
"""Rows that one SELECT names in a VALUES list; engines cap bound values at some 32,000."""

INSERT_ROWS = 1_000
"""Rows that one INSERT carries."""

ATTEMPTS = 5
"""How often a transaction is tried when others keep it from finishing."""

PAUSE_SECONDS = 0.02
"""How long who was in the way stands back at most, times the tries so far."""


@contextmanager
def atomic() -> Iterator[None]:
    """
    Open a transaction: all of what is inside it is recorded, or nothing.

    Raises `Busy` where others were in the way or the database was lost. If it was lost during the commit, nobody
    knows whether that came through: whoever tries again finds what is there by its identity or key (I2, I7).
    Raises `Unavailable` where the disk is full or fails, and lets go of the connection: what it holds in memory of a
    file that could not be written is not to be believed.
    """
    try:
        with transaction.atomic():
            yield
    except Error as error:
        if connection.in_atomic_block:
            raise
        if is_passing(error):
            raise Busy(f"the records are busy: {type(error.__cause__ or error).__name__}") from error
        refusal = outage(error)
        if refusal is None:
            raise
        connection.close()
        raise refusal from error


@contextmanager
def reading() -> Iterator[None]:
    """
    Let everything that is read inside be of one commit, while others go on writing; nothing can be written.

    Inside a transaction it is that one's. Otherwise it is one that only reads, and neither waits nor makes wait.
    """
    connection.ensure_connection()
    if connection.in_atomic_block or (connection.vendor == "sqlite" and connection.connection.in_transaction):
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        execute("BEGIN")
        try:
            yield
        finally:
            execute("ROLLBACK")


def insist(job: Callable[[], T]) -> T:
    """
    Run a job that opens a transaction of its own; try again where it raises `Busy`, a few times at most.

    Between two tries it stands back for a moment of no fixed length, so that two do not meet in step again.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return job()
        except Busy:
            if connection.in_atomic_block:
                raise
            time.sleep(random.uniform(0, attempt * PAUSE_SECONDS))  # noqa: S311 -- nothing secret depends on it
    return job()


def rehearse(job: Callable[[], T]) -> T:
    """Do a job, undo all that it wrote, and return what it returned; tried again as `insist` does."""

    def once() -> T:
        with atomic():
            found = job()
            transaction.set_rollback(True)
            return found

    return insist(once)


def rows(sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
    """Run a SELECT, or a statement that returns rows, and return them."""
    here = connections[DEFAULT_DB_ALIAS]  # looked up once: the proxy `connection` asks anew for each attribute
    if here.vendor == "sqlite":
        return list(_run_embedded(here, _in_question_marks(sql), params))
    with here.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def execute(sql: str, params: Params = ()) -> int:
    """Run one statement and return how many rows it touched."""
    here = connections[DEFAULT_DB_ALIAS]
    if here.vendor == "sqlite":
        return int(_run_embedded(here, _in_question_marks(sql), params).rowcount)
    with here.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def _run_embedded(here: BaseDatabaseWrapper, sql: str, params: Params) -> Any:
    """Run a statement in SQLite's own placeholders: Django's way there costs more than a short statement."""
    if here.connection is None:
        here.ensure_connection()
    with here.wrap_database_errors:
        return here.connection.execute(sql, params)


@lru_cache(maxsize=1024)
def _in_question_marks(sql: str) -> str:
    """Return a statement with SQLite's own placeholders."""
    return sql.replace("%%", "\0").replace("%s", "?").replace("\0", "%")


def many(sql: str, params: Sequence[Params]) -> None:
    """Run one statement for each of `params`."""
    if params:
        with connection.cursor() as cursor:
            cursor.executemany(sql, params)


def insert(table: str, columns: Sequence[str], values: Sequence[Params]) -> None:
    """
    Insert rows, many to a statement.

    One long step instead of many short ones lets other threads compute meanwhile, and costs less.
    """
    head = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "
    one = _marks_of(len(columns))
    for chunk in chunks(values, INSERT_ROWS):
        _run(head + ", ".join([one] * len(chunk)), tuple(chain.from_iterable(chunk)))


def rows_for(sql: str, keys: Sequence[Params]) -> Iterator[tuple[Any, ...]]:
    """Run a SELECT that names its keys as `{keys}` in a VALUES list, a chunk at a time."""
    for chunk in chunks(keys, CHUNK_ROWS):
        one = _marks_of(len(chunk[0]))
        yield from _run(sql.format(keys=", ".join([one] * len(chunk))), tuple(chain.from_iterable(chunk)))


def _marks_of(count: int) -> str:
    mark = "?" if connection.vendor == "sqlite" else "%s"
    return "(" + ", ".join([mark] * count) + ")"


def _run(sql: str, params: Params) -> list[tuple[Any, ...]]:
    """Run a statement that was written in the engine's own placeholders."""
    here = connections[DEFAULT_DB_ALIAS]
    if here.vendor == "sqlite":
        return list(_run_embedded(here, sql, params))
    return rows(sql, params)


def word(member: StrEnum) -> str:
    """Return the plain text of a word: the driver adapts anything but a plain `str` slowly, one value at a time."""
    return _WORDS.get(member) or _WORDS.setdefault(member, str(member.value))


_WORDS: dict[StrEnum, str] = {}


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut `items` into pieces of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def marks(items: Sequence[object] | Iterable[object]) -> str:
    """Return as many placeholders as there are items, for an IN list."""
    return ", ".join("%s" for _ in items)


def commits_in_order() -> bool:
    """Tell whether rows become visible in the order of their numbers: yes where one writer follows another."""
    return bool(connection.vendor == "sqlite")


def reserve(series: str, count: int) -> int:
    """
    Take `count` consecutive numbers of a series and return the first; others start after them.

    PostgreSQL takes them from a sequence, for which nobody waits until another's commit. Only the series without one
    does: batches, which are to be seen in their order.
    """
    if connection.vendor == "postgresql":
        return int(rows("SELECT farebox_reserve(%s, %s)", (series, count))[0][0])
    return _count_on(series, count)


def _count_on(series: str, count: int) -> int:
    last = rows(
        "INSERT INTO records_counter (name, value) VALUES (%s, %s) "
        "ON CONFLICT (name) DO UPDATE SET value = records_counter.value + EXCLUDED.value RETURNING value",
        (series, count),
    )[0][0]
    return int(last) - count + 1
