"""
Empty records with all tables, made by the migrations once and copied from then on.

The migrations take longer than most files of tests, and every run, every server and every data folder needs them. What
they made is kept in the checkout under a name that says what made it: whoever comes first makes it, the others copy.
The migrations themselves are proven where a program starts in an empty folder (tests/demo, tests/faults).
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path

from django.db import connection

from tests.environ import environment
from tests.house.source import ROOT, SRC
from tests.postgres import program

KEPT = ROOT / ".pytest_cache"
LOCK = ROOT / "requirements" / "runtime.lock"
RECORDS = "farebox.sqlite3"
_MAKING = """
from farebox.house import open_house

open_house()
from django.db import connection

connection.cursor().execute("PRAGMA journal_mode=DELETE")
connection.close()
"""
"""A first start, which leaves one file."""


def on_sqlite() -> Path:
    """Return a file of the embedded engine that nobody writes to."""
    return _kept("sqlite3", _make_file)


def load() -> None:
    """Have this process work on tables in memory from now on."""
    connection.close()
    connection.settings_dict["NAME"] = connection.creation._get_test_db_name()
    connection.ensure_connection()
    with closing(connection.Database.connect(on_sqlite())) as kept:
        kept.backup(connection.connection)


def lay(folder: Path) -> None:
    """Put empty records into a data folder that has none, as its first start would."""
    if not (folder / RECORDS).exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(on_sqlite(), folder / RECORDS)


def fill(url: str, upgrade: Callable[[], None], make_roles: Callable[[], None]) -> None:
    """Make the tables of an empty database of PostgreSQL: by its upgrade, or as one was dumped after that."""
    there = _path("sql")
    if there.exists():
        make_roles()
        quiet = ("--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--output", "/dev/null")
        subprocess.run([program("psql"), *quiet, "--file", there, url], check=True)
    else:
        upgrade()
        _kept("sql", lambda to: subprocess.run([program("pg_dump"), "--file", to, url], check=True))


def _kept(kind: str, make: Callable[[Path], object]) -> Path:
    path = _path(kind)
    if not path.exists():
        KEPT.mkdir(exist_ok=True)
        with (KEPT / f"tables.{kind}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                _replace(path, make)
    return path


def _replace(path: Path, make: Callable[[Path], object]) -> None:
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        made = Path(folder) / path.name
        make(made)
        for old in KEPT.glob(f"tables-*{path.suffix}"):
            old.unlink(missing_ok=True)
        made.rename(path)


def _make_file(to: Path) -> None:
    folder = to.parent / "data"
    subprocess.run([sys.executable, "-c", _MAKING], env=environment(folder), check=True)
    (folder / RECORDS).rename(to)


def _path(kind: str) -> Path:
    """Return where the tables of this very program are kept."""
    return KEPT / f"tables-{_made_by()}.{kind}"


@cache
def _made_by() -> str:
    made_by = (LOCK, SRC / "farebox" / "settings.py", *sorted((SRC / "farebox" / "records").rglob("*.py")))
    return hashlib.sha256(b"\0".join(hashlib.sha256(path.read_bytes()).digest() for path in made_by)).hexdigest()[:16]
