"""
The run's PostgreSQL server: started once, for a run on that engine or when the first test asks for it.

It belongs to the process that hands out the tests, or runs them. Whoever comes first makes the template with all
tables; everybody works on copies of it, which take a blink.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg
from django.db import connections
from django.db.utils import ConnectionHandler

from farebox.records.postgres.address import database_of
from farebox.records.postgres.base import DatabaseWrapper
from farebox.records.postgres.grants import make_roles
from farebox.records.upgrade import upgrade
from tests import tables
from tests.postgres import Private

TEMPLATE, HALF_MADE = "farebox_template", "farebox_half_made"
_SERVER = "FAREBOX_TEST_SERVER"
_copies = count(1)


def start_server() -> Private | None:
    """Start the run's server, unless it runs; its folder goes to other processes of the run by name."""
    if _SERVER in os.environ:
        return None
    server = Private()
    server.start()
    os.environ[_SERVER] = str(server.home)
    return server


def url(name: str) -> str:
    """Return the address of one of its databases."""
    return f"postgresql://postgres@/{name}?host={os.environ[_SERVER].replace('/', '%2F')}"


def settings_of(name: str, *, pooled: bool = False) -> dict[str, Any]:
    """Return the settings of a connection to one of its databases, as an installation has them."""
    return whole(database_of(url(name), pooled=pooled))


def whole(database: dict[str, Any]) -> dict[str, Any]:
    """Return Django's settings of a database with all that they do not say."""
    return dict(ConnectionHandler({"default": database}).settings["default"])


def clone() -> str:
    """Make one more database with all tables and no rows, and return its name."""
    name = f"farebox_{os.getpid()}_{next(_copies)}"
    with _as_superuser() as server:
        server.execute("SELECT pg_advisory_lock(1)")  # one makes the template, and copies it, at a time
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (TEMPLATE,)).fetchone():
            server.execute(f"DROP DATABASE IF EXISTS {HALF_MADE}")
            server.execute(f"CREATE DATABASE {HALF_MADE}")
            _migrate(HALF_MADE)
            server.execute(f"ALTER DATABASE {HALF_MADE} RENAME TO {TEMPLATE}")
        server.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    return name


def drop(name: str) -> None:
    """Remove a database, whoever may still be connected."""
    with _as_superuser() as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def led_to(wrapper: DatabaseWrapper) -> Iterator[None]:
    """Lead this thread's default connection elsewhere for a while."""
    before = connections["default"]
    connections["default"] = wrapper
    try:
        yield
    finally:
        wrapper.close()
        connections["default"] = before


def _migrate(name: str) -> None:
    with led_to(DatabaseWrapper(settings_of(name), "default")):
        tables.fill(url(name), upgrade, make_roles)


def _as_superuser() -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(url("postgres"), autocommit=True)
