"""What the walk shares: the world with everybody in it, and folders that go with the test."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings
from tests.authorization.principals import House
from tests.world import World

from farebox.warehouse.duck import Warehouse


@pytest.fixture(autouse=True)
def _folders(settings: Settings, tmp_path: Path) -> None:
    """Give mails and files folders of their own."""
    settings.OUTBOX, settings.EXPORTS = tmp_path / "outbox", tmp_path / "exports"


@pytest.fixture
def full(world: World, house: Warehouse) -> House:
    """Return the world with everybody in it."""
    return House(world)
