"""
A record database as an installation has it, for tests in which several threads write.

Each job runs in a thread of its own, whose default connection leads to it: to a file, or to a database of the run's
PostgreSQL server. The ordinary tests, which share one database and roll everything back, are not touched.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import TypeVar

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from farebox.records import db, tenancy
from farebox.records.postgres import base as postgres
from farebox.records.sqlite import base as sqlite
from tests import engine

T = TypeVar("T")


class Filed(ABC):
    """A database with all tables and no rows, and threads that work on it."""

    @abstractmethod
    def connect(self) -> BaseDatabaseWrapper:
        """Return a new connection with the settings of an installation."""

    @abstractmethod
    def close(self) -> None:
        """Give back what it took."""

    def run(self, job: Callable[[], T]) -> T:
        """Run one job and return what it returned."""
        return self.run_together([job])[0]

    def run_together(self, jobs: Sequence[Callable[[], T]]) -> list[T]:
        """Run jobs in threads that start together; return what each returned, or raise what one raised."""
        together = threading.Barrier(len(jobs))
        done: dict[int, T] = {}
        raised: list[BaseException] = []

        def work(nth: int, job: Callable[[], T]) -> None:
            connections["default"] = self.connect()
            try:
                together.wait()
                done[nth] = job()
            except BaseException as error:
                raised.append(error)
            finally:
                connections["default"].close()

        threads = [threading.Thread(target=work, args=(nth, job)) for nth, job in enumerate(jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for error in raised:
            raise error
        return [done[nth] for nth in range(len(jobs))]


class OnFile(Filed):
    """The tables of the test run, in a file of the embedded engine."""

    def __init__(self, path: Path) -> None:
        self.path = path
        connection.ensure_connection()
        copy = connection.Database.connect(path)
        connection.connection.backup(copy)
        copy.close()

    def connect(self) -> BaseDatabaseWrapper:
        """Open the file."""
        return sqlite.DatabaseWrapper({**deepcopy(connections.settings["default"]), "NAME": self.path}, "default")

    def close(self) -> None:
        """Leave the file to its folder."""


class OnServer(Filed):
    """A database of the run's PostgreSQL server."""

    def __init__(self, name: str) -> None:
        self.name = name

    def connect(self) -> BaseDatabaseWrapper:
        """Connect to it."""
        return postgres.DatabaseWrapper(engine.settings_of(self.name), "default")

    def order(self, sql: str, *values: object) -> None:
        """Have its superuser run a statement."""

        def work() -> None:
            with tenancy.as_login():
                db.rows(sql, values)

        self.run(work)

    def close(self) -> None:
        """Remove it."""
        engine.drop(self.name)
