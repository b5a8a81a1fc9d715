"""What every test has: a data folder of its own, and the smallest world in which something can be charged."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

_HOME = tempfile.TemporaryDirectory(prefix="farebox-tests-")
os.environ["FAREBOX_DATA"] = str(Path(_HOME.name))

import pytest  # noqa: E402 — the data folder must be known before the settings are read

from tests.world import World  # noqa: E402


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """A team with a Flex contract, and an enterprise team, a few products and their rates."""
    return World()
