"""What the tests of the APIs share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from tests.api.sending import Sender
from tests.world import World

from farebox.warehouse import current


@pytest.fixture
def sender(client: Client, world: World) -> Sender:
    """Return a program that may send events for the Flex team."""
    return Sender(client, world)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[None]:
    """Give the process a warehouse of its own."""
    current.place(tmp_path / "warehouse.duckdb", memory_mb=256)
    yield
    current.close()
