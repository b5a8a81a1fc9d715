"""What the tests of the commands share: a way to run one in this process, on the records of the test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Protocol

import pytest
from tests.cli.house import set_up
from typer.main import get_command
from typer.testing import CliRunner, Result

from farebox.cli import app
from farebox.warehouse import current


class Run(Protocol):
    """Runs a command line and returns its output and exit code."""

    def __call__(self, *words: str, typed: str = "", code: int = 0) -> Result:
        """Run, and check the exit code."""


_command = cache(get_command)
"""Typer makes all commands anew for each line that it runs; here they are made once."""


@pytest.fixture
def run(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run commands on the records of the test."""
    monkeypatch.setattr("typer.testing._get_command", _command)

    def run_one(*words: str, typed: str = "", code: int = 0) -> Result:
        result = CliRunner().invoke(app, list(words), input=typed)
        assert result.exit_code == code, (result.output, result.exception)
        return result

    yield run_one
    current.close()


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Set up a data folder once; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("installation") / "data"
    set_up(folder)
    return folder


@pytest.fixture
def folder(installation: Path, tmp_path: Path) -> Path:
    """Return a data folder of a test's own, with one product, one team and its contract."""
    return Path(shutil.copytree(installation, tmp_path / "data"))
