"""
Clients that keep a PostgreSQL database busy while it is torn down under them, and what they were promised.

Each client sends events one request after the other. A request that fails has an unknown outcome: it is sent again
under the same identities until it is answered. What was answered is written to a file that the database never sees.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

from django.db import Error, connections
from django.db.utils import ConnectionHandler
from tests.faults.sound import faults
from tests.postgres import Private
from tests.world import NOW, World, event

from farebox.domain.errors import FareboxError
from farebox.records.models import Charge, Event
from farebox.records.postgres.address import database_of
from farebox.services.ingest import SourceKey, State, ingest

T = TypeVar("T")
PATIENCE_SECONDS = 60.0


@contextmanager
def records_on(server: Private, database: str) -> Iterator[None]:
    """Lead threads that start from now on to a database of a server."""
    settings, before = connections.settings, connections.settings["default"]
    handler = ConnectionHandler({"default": database_of(server.url(database), pooled=False)})
    settings["default"] = handler.settings["default"]
    settings["default"]["OPTIONS"].pop("tcp_user_timeout")  # means nothing on a socket file
    try:
        yield
    finally:
        settings["default"] = before


def in_thread(job: Callable[[], T]) -> T:
    """Run a job in a thread of its own, which has its own connection, and return what it returned."""
    done: list[T] = []
    raised: list[BaseException] = []

    def work() -> None:
        try:
            done.append(job())
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
    return done[0]


class Tally(NamedTuple):
    """What came of a run: answered, failed with unknown outcome, and how many of those had been committed."""

    acked: int
    unknown: int
    committed: int
    lost: int
    doubled: int
    wrong: list[str]


class Clients:
    """Threads that send events until they are told to stop."""

    def __init__(self, world: World, history: Path, *, count: int = 6) -> None:
        self.team, self.history = world.flex.pk, history
        self.unknown = self.committed = 0
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._work, args=(nth,)) for nth in range(count)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let each finish its last request, and wait for them."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _work(self, client: int) -> None:
        nth = 0
        try:
            with self.history.open("a", encoding="ascii") as history:
                while not self._over.is_set():
                    name = f"c{client}n{nth}"
                    if self._send(name, f"p{client}x{nth}@example.com"):
                        history.write(name + "\n")
                        history.flush()
                    nth += 1
        finally:
            connections.close_all()

    def _send(self, name: str, person: str) -> bool:
        """Send an event until it is answered; return whether it was."""
        raw, end = event(name, person, "A", "2026-03-02 08:00", "2026-03-02 09:00"), time.monotonic() + PATIENCE_SECONDS
        failed = False
        while time.monotonic() < end:
            try:
                (verdict,) = ingest([raw], key=SourceKey(0, self.team), now=NOW).verdicts
            except (FareboxError, Error):
                failed = True
                self._let_go()
                continue
            with self._lock:
                self.unknown += failed
                self.committed += failed and verdict.state is State.DUPLICATE
            return verdict.state in (State.ACCEPTED, State.DUPLICATE)
        return False

    def _let_go(self) -> None:
        with suppress(Error):
            connections["default"].close()
        time.sleep(0.02)


def tally(clients: Clients) -> Tally:
    """Compare what clients were promised with what the database holds."""
    acked = clients.history.read_text(encoding="ascii").split()
    stored = list(Event.objects.values_list("event_id", flat=True))
    live = list(Charge.objects.filter(ended_us=None).values_list("use__event__event_id", flat=True))
    return Tally(
        len(acked),
        clients.unknown,
        clients.committed,
        len(set(acked) - set(live)),
        len(stored) - len(set(stored)) + len(live) - len(set(live)),
        faults(),
    )
