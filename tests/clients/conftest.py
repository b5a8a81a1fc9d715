"""What the tests of the stand-in programs share: one running Farebox, and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import chromium
from tests.clients.estate import Estate, running


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """Return a running Farebox with a team, 60 days of use, and registered programs."""
    with running(tmp_path_factory.mktemp("estate") / "data") as made:
        yield made


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Start Debian's Chromium."""
    return chromium.launch_args()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder for what a program writes."""
    made = tmp_path / "written"
    made.mkdir()
    return made
