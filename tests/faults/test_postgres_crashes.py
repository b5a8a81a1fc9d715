"""
PostgreSQL goes down under load, and its backends are ended in the middle of a commit (X19, X20).

The server is the tests' own, with fsync on. Nothing that was acknowledged is lost or counted twice, and every request
whose outcome was unknown is resolved by its identity. (I1, I2, I3)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import psycopg
import pytest
from pytest_django.plugin import DjangoDbBlocker
from tests import tables
from tests.faults.chance import dice, size, tell
from tests.faults.loaded import Clients, Tally, in_thread, records_on, tally
from tests.postgres import Private
from tests.world import World

from farebox.records.postgres.grants import make_roles
from farebox.records.upgrade import upgrade

RESTARTS = size("RESTARTS", 5)
BACKENDS = size("BACKENDS", 40)
DELAYED = {"wal_writer_delay": "10s"}
"""Who relies on the log being written soon loses more with this; who waits for it loses nothing."""

TEMPLATE = "migrated"
CARELESS = "SELECT set_config('synchronous_commit', 'off', false)"
Harm = Callable[[Private, Random], None]


@pytest.fixture(scope="module")
def server(django_db_blocker: DjangoDbBlocker) -> Iterator[Private]:
    """Return a server that keeps what it acknowledged, with a database that has all tables."""
    with django_db_blocker.unblock(), Private(durable=True, settings=DELAYED) as started:
        started.run(f"CREATE DATABASE {TEMPLATE}")
        with records_on(started, TEMPLATE):
            in_thread(lambda: tables.fill(started.url(TEMPLATE), upgrade, make_roles))
        yield started


def under_load(server: Private, name: str, harm: Harm, *, times: int, folder: Path) -> Tally:
    """Harm the server again and again while clients write, and return what came of it."""
    thrown = dice("X19", name)
    server.clone(name, of=TEMPLATE)
    with records_on(server, name):
        clients = Clients(in_thread(World), folder / "history.txt")
        try:
            for _ in range(times):
                time.sleep(thrown.uniform(0.1, 0.5))
                harm(server, thrown)
            time.sleep(0.2)
        finally:
            clients.stop()
        return in_thread(lambda: tally(clients))


def go_down(server: Private, thrown: Random) -> None:
    """Kill the postmaster, or end the server without a checkpoint; then start it again."""
    if thrown.random() < 0.5:
        server.crash()
    else:
        server.stop(mode="immediate")
    server.start()


def end_backends(server: Private, thrown: Random) -> None:
    """End one backend of a client after another, at any moment of what it does."""
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'farebox' AND pid = %s"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'farebox'").fetchall()
        for (pid,) in found:
            if thrown.random() < 0.5:
                time.sleep(thrown.uniform(0, 0.004))
                connection.execute(end, (pid,))


def figures(what: str, came: Tally, **more: object) -> None:
    """Print what came of a run."""
    tell(
        what, **more, acked=came.acked, lost=came.lost, doubled=came.doubled, unknown=came.unknown,
        committed_of_those=came.committed, faults=len(came.wrong),
    )  # fmt: skip


def test_a_server_that_goes_down_loses_nothing(server: Private, tmp_path: Path) -> None:
    """Restart after restart under load: what was acknowledged is there, once, and the books are sound (X19)."""
    came = under_load(server, "down", go_down, times=RESTARTS, folder=tmp_path)

    figures("X19 PostgreSQL restarts", came, restarts=RESTARTS)
    assert came.acked > RESTARTS
    assert (came.lost, came.doubled, came.wrong) == (0, 0, [])


def test_a_backend_that_is_ended_loses_nothing(server: Private, tmp_path: Path) -> None:
    """Connections ended at any moment, in a commit too: each request is resolved by its identity (X20)."""
    came = under_load(server, "ended", end_backends, times=BACKENDS, folder=tmp_path)

    figures("X20 backends ended", came, rounds=BACKENDS)
    assert came.unknown > 0 or BACKENDS < 200  # of a few backends, none may be ended in the middle of a commit
    assert (came.lost, came.doubled, came.wrong) == (0, 0, [])


def test_a_commit_that_does_not_wait_is_noticed(
    server: Private, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build that lets commits be answered before they are on disk loses acknowledged events: the test can see it."""
    monkeypatch.setattr("farebox.records.postgres.base._DURABLE", CARELESS)
    came = under_load(server, "careless", _power_off, times=2, folder=tmp_path)

    figures("X19 canary: commits that do not wait", came)
    assert came.lost > 0


def _power_off(server: Private, thrown: Random) -> None:
    time.sleep(1.0)
    server.stop(mode="immediate")
    server.start()
