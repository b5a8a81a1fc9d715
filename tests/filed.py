"""
A record database in a file, as an installation has it, for tests in which several threads write.

Each job runs in a thread of its own, whose default connection leads to the file; the ordinary tests, which share one
database in memory and roll everything back, are not touched.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import TypeVar

from django.db import connection, connections

from farebox.records.sqlite.base import DatabaseWrapper

T = TypeVar("T")


class Filed:
    """A database file with all tables and no rows, and threads that work on it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        connection.ensure_connection()
        copy = connection.Database.connect(path)
        connection.connection.backup(copy)
        copy.close()

    def connect(self) -> DatabaseWrapper:
        """Return a new connection with the settings of an installation."""
        return DatabaseWrapper({**deepcopy(connections.settings["default"]), "NAME": self.path}, "default")

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
