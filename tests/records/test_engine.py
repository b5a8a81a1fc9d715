"""The embedded engine refuses a SQLite that can lose commits, and the tables are what the models say."""

from __future__ import annotations

import io
import sqlite3
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader

from farebox.records.sqlite import base

OLD = """
import sys, types
old = types.ModuleType("pysqlite3")
real = __import__("sqlite3")
old.__dict__.update({name: getattr(real, name) for name in dir(real) if not name.startswith("__")})
old.sqlite_version, old.sqlite_version_info = %(text)r, %(version)r
old.dbapi2 = old
sys.modules["pysqlite3"] = sys.modules["pysqlite3.dbapi2"] = old
import farebox.records.sqlite.base
print("opened")
"""
"""A program whose SQLite says that it is of another version."""


def opened_with(*version: int) -> subprocess.CompletedProcess[str]:
    """Import the engine in a process of its own, with a SQLite of that version."""
    program = OLD % {"text": ".".join(map(str, version)), "version": version}
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 2)])
def test_a_sqlite_with_the_bug_is_refused(version: tuple[int, ...]) -> None:
    """An affected library does not open anything; what is wrong and what to do is said."""
    found = opened_with(*version)

    assert found.returncode != 0
    assert "opened" not in found.stdout
    assert ".".join(map(str, version)) in found.stderr
    assert "Install the pysqlite3 wheel" in found.stderr


def test_the_first_good_sqlite_is_let_in() -> None:
    """The first version without the bug opens."""
    assert opened_with(*base.SQLITE_MINIMUM).stdout == "opened\n"


def test_this_sqlite_is_good_enough() -> None:
    """The library in use here has passed the gate, and Python's own modules are left as they were."""
    assert base.base.Database.sqlite_version_info >= base.SQLITE_MINIMUM
    assert sys.modules["sqlite3"] is sqlite3
    assert sqlite3.__name__ == "sqlite3"


def test_the_migrations_say_what_the_models_say(db: None) -> None:
    """Nothing about a table is decided that no migration writes down."""
    out = io.StringIO()

    call_command("makemigrations", "--check", "--dry-run", stdout=out, no_color=True)

    assert out.getvalue().strip() == "No changes detected"


def test_what_makes_all_tables_at_once_says_what_the_single_steps_say() -> None:
    """Whoever starts anew has the tables of whoever came here step by step."""
    whole, single = (MigrationLoader(None, load=False, replace_migrations=at_once) for at_once in (True, False))
    for loader in (whole, single):
        loader.build_graph()

    seen = MigrationAutodetector(single.project_state(), whole.project_state()).changes(whole.graph)

    assert len(single.graph.nodes) > len(whole.graph.nodes)
    assert seen == {}


def test_the_tables_are_sound(db: None) -> None:
    """The freshly migrated database passes its own checks."""
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert cursor.execute("PRAGMA foreign_key_check").fetchall() == []
