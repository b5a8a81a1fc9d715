"""What every test has: a data folder of its own, and the smallest world in which something can be charged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from farebox.warehouse import current
from farebox.warehouse.duck import Warehouse
from tests.filed import Filed
from tests.world import World


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """A team with a Flex contract, and an enterprise team, a few products and their rates."""
    return World()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Warehouse]:
    """Give the process an empty warehouse of its own."""
    current.place(tmp_path / "warehouse.duckdb", memory_mb=256)
    yield current.warehouse()
    current.close()


@pytest.fixture
def filed(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> Iterator[Filed]:
    """Return a record database in a file, for threads; nothing of it is rolled back."""
    with django_db_blocker.unblock():
        yield Filed(tmp_path / "filed.sqlite3")
