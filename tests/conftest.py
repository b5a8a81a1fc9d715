"""What every test has: a data folder of its own, and the smallest world in which something can be charged."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as drawing
from pytest_django.plugin import DjangoDbBlocker

from farebox.records import tenancy
from farebox.warehouse import current
from farebox.warehouse.duck import Warehouse
from tests import engine, once, tables
from tests.drawn import AT_RANDOM, EVERYTHING, few
from tests.filed import Filed, OnFile, OnServer
from tests.house.source import ROOT
from tests.world import World
from tests.worlds import a_world

ON_POSTGRESQL: bool = settings.ON_POSTGRESQL
LONG_FIRST = ("web", "authorization", "faults", "demo", "clients", "client", "cli", "postgresql", "api")
"""Folders of tests in the order of what their longest files take."""

gc.set_threshold(100_000, 20, 20)  # a process full of modules and pages, most of which stay: one look in fifty will do

drawing.register_profile(
    "farebox",
    deadline=None,  # a busy machine is no fault
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=few(100),
    derandomize=not AT_RANDOM,  # what a change broke, it breaks every time
    database=None,
    print_blob=True,
)
drawing.load_profile("farebox")


def pytest_configure(config: pytest.Config) -> None:
    """Start the server for a run on PostgreSQL; it ends with the run."""
    server = engine.start_server() if ON_POSTGRESQL else None
    if server is not None:
        config.add_cleanup(server.close)
    tenancy.start_as_login()  # a test may change what no role may; services and other threads say who they are


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what starts browsers and servers: where a long file comes last, a worker waits for it alone."""
    place = {ROOT / "tests" / folder: nth for nth, folder in enumerate(LONG_FIRST)}
    items.sort(key=lambda item: place.get(item.path.parent, len(place)))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out of a run on PostgreSQL what says nothing about the engine."""
    choosy = ON_POSTGRESQL and not EVERYTHING
    return True if choosy and once.is_left_out(collection_path, config.args) else None


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Make the tables once: in memory, or as a copy of the server's template."""
    with django_db_blocker.unblock():
        if ON_POSTGRESQL:
            connections.settings["default"].update(engine.settings_of(engine.clone()))
            yield
            connections["default"].close()
        else:
            tables.load()
            yield
            connections["default"].close()


@pytest.fixture(scope="session")
def server() -> Iterator[None]:
    """Have the run's PostgreSQL server running."""
    started = engine.start_server()
    yield
    if started is not None:
        started.close()


@pytest.fixture
def served(server: None, django_db_blocker: DjangoDbBlocker) -> Iterator[OnServer]:
    """Return a PostgreSQL database of the test's own, whatever engine the run is on."""
    with django_db_blocker.unblock():
        made = OnServer(engine.clone())
        yield made
        made.close()


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """A team with a Flex contract, and an enterprise team, a few products and their rates."""
    return a_world()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Warehouse]:
    """Give the process an empty warehouse of its own."""
    current.place(tmp_path / "warehouse.duckdb", memory_mb=256)
    yield current.warehouse()
    current.close()


@pytest.fixture
def filed(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> Iterator[Filed]:
    """Return a record database of the test's own, for threads; nothing of it is rolled back."""
    with django_db_blocker.unblock():
        made = OnServer(engine.clone()) if ON_POSTGRESQL else OnFile(tmp_path / "filed.sqlite3")
        yield made
        made.close()
