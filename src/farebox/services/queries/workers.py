"""
The threads that carry questions out, beside those that serve requests.

They are few, so that questions cannot take the whole machine, and one contract never has all of them: somebody else's
question does not wait for its slow ones. Questions of one contract begin in the order in which they came.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

import structlog
from django.conf import settings

from farebox.domain.clock import Instant
from farebox.query.plan import Plan
from farebox.records import answers

RUN_SECONDS = 300
"""How long a query may run (usage-api 1.3)."""

STOP_SECONDS = 10.0
INTERRUPT_AGAIN_SECONDS = 0.05

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True, eq=False)
class Task:
    """One run of a query, from its submission until it has ended."""

    query: str
    run: int
    team: int
    plan: Plan
    claimed_until: Instant
    ended: threading.Event = field(default_factory=threading.Event)
    interrupt: Callable[[], None] | None = None
    """Stops what the warehouse is being asked for it, while it is being asked."""
    stopped: threading.Event = field(default_factory=threading.Event)
    """Whether it was stopped for reasons of ours, and is left to whoever asks next."""

    @property
    def contract(self) -> int:
        """The contract that is asked about."""
        return self.plan.contract_id


Work = Callable[[Task], None]
Surroundings = Callable[[], AbstractContextManager[object]]


@contextmanager
def _own_connection() -> Iterator[None]:
    """Let go of the thread's connection to the records after each question."""
    try:
        yield
    finally:
        answers.rest()


class Pool:
    """
    Carries tasks out in at most `threads` threads, which are started when they are needed.

    Without any, each task is carried out by whoever brings it. `within` is what each task is surrounded by, and
    `run_seconds` how long one may take.
    """

    def __init__(
        self, threads: int, *, within: Surroundings = _own_connection, run_seconds: float = RUN_SECONDS
    ) -> None:
        self.run_seconds = run_seconds
        self._threads = threads
        self._within = within if threads else nullcontext
        self._changed = threading.Condition()
        self._waiting: list[tuple[Task, Work]] = []
        self._running: Counter[int] = Counter()
        self._held: dict[str, Task] = {}
        self._started: list[threading.Thread] = []
        self._is_over = False

    def put(self, task: Task, work: Work) -> None:
        """Have a task carried out by `work`, which raises nothing that matters to others."""
        if not self._threads:
            self._carry_out(task, work)
            return
        with self._changed:
            self._held[task.query] = task
            self._waiting.append((task, work))
            if len(self._started) < self._threads and len(self._held) > len(self._started):
                self._started.append(threading.Thread(target=self._serve, name="query", daemon=True))
                self._started[-1].start()
            self._changed.notify()

    def held(self) -> list[Task]:
        """Return the tasks that have not ended."""
        with self._changed:
            return list(self._held.values())

    def find(self, query: str) -> Task | None:
        """Return the task of a query, if it waits or runs here."""
        with self._changed:
            return self._held.get(query)

    def stop(self) -> None:
        """Interrupt what runs, give up what waits, and wait for the threads, for a while."""
        with self._changed:
            self._is_over = True
            for task, _ in self._waiting:
                task.stopped.set()
            self._changed.notify_all()
        for thread in self._started:
            self._interrupt_until_over(thread)

    def _interrupt_until_over(self, thread: threading.Thread) -> None:
        for _ in range(int(STOP_SECONDS / INTERRUPT_AGAIN_SECONDS)):
            for task in self.held():
                task.stopped.set()
                interrupt = task.interrupt
                if interrupt is not None:
                    interrupt()
            thread.join(INTERRUPT_AGAIN_SECONDS)
            if not thread.is_alive():
                return

    def _serve(self) -> None:
        while (taken := self._take()) is not None:
            self._carry_out(*taken)

    def _take(self) -> tuple[Task, Work] | None:
        """Wait for a task whose turn it is; None when all is over, and nothing waits to be given up."""
        with self._changed:
            while (place := self._turn()) is None:
                if self._is_over:
                    return None
                self._changed.wait()
            task, work = self._waiting.pop(place)
            self._running[task.contract] += 1
            return task, work

    def _turn(self) -> int | None:
        """Return the place of the task whose contract has the fewest running, the oldest of them, if one may run."""
        most = len(self._started) if self._is_over else max(1, self._threads - 1)
        places = [place for place, (task, _) in enumerate(self._waiting) if self._running[task.contract] < most]
        return min(places, key=lambda place: self._running[self._waiting[place][0].contract], default=None)

    def _carry_out(self, task: Task, work: Work) -> None:
        try:
            with self._within():
                work(task)
        except Exception:
            log.exception("query failed", query=task.query)
        finally:
            with self._changed:
                self._running[task.contract] = max(0, self._running[task.contract] - 1)
                if self._held.get(task.query) is task:
                    del self._held[task.query]
                self._changed.notify_all()
            task.ended.set()


_lock = threading.Lock()
_pool: Pool | None = None


def pool() -> Pool:
    """Return the pool of this process, made on first use."""
    global _pool
    with _lock:
        if _pool is None:
            _pool = Pool(settings.QUERY_THREADS)
        return _pool


def stop() -> None:
    """End the pool of this process; what it had is left to whoever is asked for it next."""
    global _pool
    with _lock:
        over, _pool = _pool, None
    if over is not None:
        over.stop()
