"""What somebody with the database's own rights could do to the books: changes that no service makes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from farebox.records import db


@contextmanager
def tampering() -> Iterator[None]:
    """Let rows be changed that the database guards, and put the guards back."""
    if connection.vendor == "postgresql":
        with _on_postgresql():
            yield
        return
    triggers = db.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    db.execute("PRAGMA ignore_check_constraints = ON")
    try:
        yield
    finally:
        db.execute("PRAGMA ignore_check_constraints = OFF")
        for _, sql in triggers:
            db.execute(sql)


@contextmanager
def _on_postgresql() -> Iterator[None]:
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    checks = db.rows(
        "SELECT r.relname, c.conname FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid "
        "WHERE c.contype = 'c' AND r.relname LIKE 'records%%'"
    )
    for table, name in checks:
        db.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    db.execute("SET LOCAL session_replication_role = replica")
    yield
    db.execute("SET LOCAL session_replication_role = origin")


@contextmanager
def forgotten() -> Iterator[None]:
    """Do something that the database forgets."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
