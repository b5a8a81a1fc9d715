"""What the tests of the commands share: a way to run one in this process, on the records of the test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import pytest
from typer.testing import CliRunner, Result

from farebox.cli import app
from farebox.warehouse import current


class Run(Protocol):
    """Runs a command line and returns its output and exit code."""

    def __call__(self, *words: str, typed: str = "", code: int = 0) -> Result:
        """Run, and check the exit code."""


@pytest.fixture
def run(db: None) -> Iterator[Run]:
    """Run commands on the records of the test."""

    def run_one(*words: str, typed: str = "", code: int = 0) -> Result:
        result = CliRunner().invoke(app, list(words), input=typed)
        assert result.exit_code == code, (result.output, result.exception)
        return result

    yield run_one
    current.close()
