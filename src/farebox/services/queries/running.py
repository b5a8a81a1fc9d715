"""One run of a query: the rows of one snapshot, stored a thousand at a time, the word that it is done last."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice

import msgspec
import structlog

from farebox.domain.clock import MINUTE, SECOND, Instant
from farebox.query.present import JsonCell, json_rows
from farebox.records import answers, db
from farebox.records.answers import Outcome
from farebox.records.models.answers import QueryStatus
from farebox.records.tenancy import acting_for
from farebox.services.queries.workers import Task
from farebox.warehouse import Stream
from farebox.warehouse.current import warehouse

PART_ROWS = 1_000
"""Rows of a part: a page is read from a few parts, whatever comes before it."""

RESULT_US = 10 * MINUTE
"""How long an answer is kept from when it first existed; at least five minutes are documented (usage-api 1.3)."""

CLAIM_US = 30 * SECOND
"""How long a run that says nothing is left to whoever began it."""

_TRANSACTION_BYTES = 1_000_000
"""Stored bytes that one transaction carries, about: others write in between."""
_FAST = 1

Clock = Callable[[], Instant]

log = structlog.get_logger()
_encoder = msgspec.json.Encoder(decimal_format="number")


def carry_out(task: Task, *, clock: Clock, run_seconds: float) -> None:
    """Run a query to its end and note what became of it; a run that is stopped is left to whoever asks next."""
    with acting_for(task.team):
        if task.stopped.is_set():
            answers.let_go(task.query, task.run)
            return
        now = clock()
        if not answers.start(task.query, task.run, now=now, claimed_until=Instant(now + CLAIM_US)):
            return
        try:
            _Run(task, clock, run_seconds).store()
        except TimeoutError:
            if task.stopped.is_set():
                answers.let_go(task.query, task.run)
            else:
                _end(task, QueryStatus.TIMEOUT, clock())
        except Exception:
            log.exception("query failed", query=task.query)
            _end(task, QueryStatus.FAILED, clock())


def rows_in(body: bytes) -> list[msgspec.Raw]:
    """Return the rows of a part, each as the JSON text that it is."""
    return msgspec.json.decode(zlib.decompress(body), type=list[msgspec.Raw])


class _Run:
    """What a run has read and stored so far."""

    def __init__(self, task: Task, clock: Clock, run_seconds: float) -> None:
        self._task = task
        self._clock = clock
        self._run_seconds = run_seconds
        self._until = clock() + int(run_seconds * SECOND)
        self._waiting: list[bytes] = []
        self._parts = self._total = self._stored_bytes = 0

    def store(self) -> None:
        """Store the whole answer, as of one ledger position, and then that it is done."""
        answers.rest()  # others may have the connection until there are rows
        with warehouse().snapshot() as snapshot:
            self._task.interrupt = snapshot.interrupt
            try:
                stream = snapshot.stream(self._task.plan, timeout_seconds=self._run_seconds)
                self._store_parts(json_rows(self._task.plan, stream.rows))
            finally:
                self._task.interrupt = None
        db.insist(partial(self._finish, stream))

    def _store_parts(self, rows: Iterator[tuple[JsonCell, ...]]) -> None:
        for part in _parted(rows):
            if self._clock() > self._until or self._task.stopped.is_set():
                raise TimeoutError("the query ran out of its time")
            self._total += len(part)
            self._waiting.append(zlib.compress(_encoder.encode(part), _FAST))
            if sum(map(len, self._waiting)) >= _TRANSACTION_BYTES:
                db.insist(self._write)
                self._note_written()

    def _write(self) -> None:
        with db.atomic():
            answers.add_parts(self._task.query, self._task.run, self._parts, self._waiting)

    def _note_written(self) -> None:
        self._parts += len(self._waiting)
        self._stored_bytes += sum(map(len, self._waiting))
        self._waiting = []

    def _finish(self, stream: Stream) -> None:
        """Write what is left, and that the answer is whole, in one transaction."""
        now = self._clock()
        stored_bytes = self._stored_bytes + sum(map(len, self._waiting))
        outcome = Outcome(stream.columns, self._total, stored_bytes, stream.position, stream.as_of)
        with db.atomic():
            answers.add_parts(self._task.query, self._task.run, self._parts, self._waiting)
            _noted(self._task, QueryStatus.DONE, now, outcome)


def _parted(rows: Iterator[tuple[JsonCell, ...]]) -> Iterable[list[tuple[JsonCell, ...]]]:
    while part := list(islice(rows, PART_ROWS)):
        yield part


def _end(task: Task, status: QueryStatus, now: Instant) -> None:
    with db.atomic():
        _noted(task, status, now, None)


def _noted(task: Task, status: QueryStatus, now: Instant, outcome: Outcome | None) -> None:
    answers.end(task.query, task.run, status, now=now, expires=Instant(now + RESULT_US), outcome=outcome)
