"""The tables, brought up to date by one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import close_old_connections, connection
from django.db.migrations.loader import MigrationLoader

from farebox.records import tenancy
from farebox.records.postgres import grants

_UNLIMITED = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
"""Limits that a migration does not have: it may build an index for an hour, or wait for who does."""

_LOCK = "farebox migrations"


def upgrade() -> None:
    """Apply the migrations that the records lack; several servers may start at once."""
    with _alone():
        grants.make_roles()
        with tenancy.as_owner():
            if _is_behind():
                call_command("migrate", verbosity=0)
            grants.apply()
    if not connection.in_atomic_block:  # who is inside a transaction goes on with it
        close_old_connections()


def _is_behind() -> bool:
    """Tell whether the records lack a migration: every command asks, and most often they lack none."""
    loader = MigrationLoader(connection)
    return not loader.disk_migrations.keys() <= loader.applied_migrations.keys()


@contextmanager
def _alone() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with tenancy.as_login(), connection.cursor() as cursor:
        for limit in _UNLIMITED:
            cursor.execute(f"SET {limit} = 0")
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", (_LOCK,))
    try:
        yield
    finally:
        with tenancy.as_login(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", (_LOCK,))
            for limit in _UNLIMITED:
                cursor.execute(f"RESET {limit}")
