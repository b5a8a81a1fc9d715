"""A data folder on disk, and the program run in it as a person runs it: in a process of its own."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests import tables
from tests.environ import environment

SETTING_UP = (
    ("product", "add", "ACD", "AutoCAD", "--offer", "all", "--since", "2016-01-01"),
    ("product", "rate", "ACD", "7", "--card", "standard", "--since", "2016-01-01"),
    ("team", "add", "design", "Design"),
    ("contract", "add", "design", "flex", "--offer", "all", "--card", "standard", "--start", "2016-01-01"),
)
"""An installation with one product, one team and its contract."""

ALL = "from farebox.cli import app\nfor words in {words!r}:\n    app(words, standalone_mode=False)\n{then}"


def farebox(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    line = [sys.executable, "-m", "farebox", *words]
    return subprocess.run(
        line, env=environment(folder, **more), capture_output=True, text=True, timeout=120, check=False
    )


def start(folder: Path, *words: str, stdout: int = subprocess.PIPE, **more: str) -> subprocess.Popen[str]:
    """Start a command and return at once."""
    line = [sys.executable, "-m", "farebox", *words]
    return subprocess.Popen(line, env=environment(folder, **more), stdout=stdout, stderr=subprocess.PIPE, text=True)


def set_up(folder: Path, *commands: Sequence[str], then: str = "", **more: str) -> list[str]:
    """Run several commands in one process, as most of a command's time is its start, and return the printed lines."""
    tables.lay(folder)
    script = ALL.format(words=[list(words) for words in (*SETTING_UP, *commands)], then=then)
    line, env = [sys.executable, "-c", script], environment(folder, **more)
    return subprocess.run(line, env=env, capture_output=True, text=True, timeout=120, check=True).stdout.splitlines()


def count(folder: Path, table: str) -> int:
    """Count the rows of a table while another process may be writing."""
    with closing(sqlite3.connect(folder / "farebox.sqlite3", timeout=30)) as records:
        return int(records.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])
