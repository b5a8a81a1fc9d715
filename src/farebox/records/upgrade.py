"""The tables, brought up to date by one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import close_old_connections, connection

_UNLIMITED = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
"""Limits that a migration does not have: it may build an index for an hour, or wait for who does."""

_LOCK = "farebox migrations"


def upgrade() -> None:
    """Apply the migrations that the records lack; several servers may start at once."""
    with _alone():
        call_command("migrate", verbosity=0)
    close_old_connections()


@contextmanager
def _alone() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        for limit in _UNLIMITED:
            cursor.execute(f"SET {limit} = 0")
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", (_LOCK,))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", (_LOCK,))
            for limit in _UNLIMITED:
                cursor.execute(f"RESET {limit}")
