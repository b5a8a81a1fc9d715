"""
The writing of export files: a request is claimed, its owner's rights are looked at again, and its file is written.

A file is one answer of the warehouse, at one ledger position (domain R4), streamed: memory does not grow with it.
Killed anywhere, the claim lapses and the next runner begins anew; what an earlier attempt left is not served.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Event
from typing import TypeVar

import structlog
from django.conf import settings
from django.db import Error

from farebox.domain.clock import DAY, SECOND, Instant
from farebox.domain.errors import Busy, NotFound, QueryRejected, Unavailable
from farebox.domain.report_files import Spec
from farebox.query.plan import Plan, make_plan
from farebox.query.rules import Surface
from farebox.records import db, exports
from farebox.records.exports import Written, question_of, spec_of
from farebox.records.models import ExportRequest
from farebox.records.outage import outage
from farebox.records.reading import Readable, contract_of, contracts_of
from farebox.records.trouble import is_passing
from farebox.services.export import files
from farebox.services.export.ahead import Ahead
from farebox.services.export.asking import reports_about
from farebox.services.export.files import Part, ending_of, workroom
from farebox.services.export.reports.book import open_book
from farebox.services.export.reports.sections import Chunk
from farebox.services.export.reports.writers import writing
from farebox.services.export.room import NoRoom, Room, check_finished, room_of
from farebox.warehouse.current import warehouse

T = TypeVar("T")

log = structlog.get_logger()

CLAIM_US = 60 * SECOND
"""For how long a writer that says nothing keeps its claim."""

HEARD_EVERY_US = SECOND
"""How often a writer says how far it is."""

PAUSE_SECONDS = 1.0
"""How long a writer waits for lines, which may have to be sorted first, before it looks up."""

TRIES_MAX = 3
"""After so many writers that were never heard of again, a request has failed: it may be what kills them."""

NO_LONGER = "who asked for it may no longer read this contract"

FAULT = "the file could not be made: a fault of the program, which is in its log"

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class _Over(Exception):
    """The request was deleted or claimed by another meanwhile, or the process is about to end."""


class _Heard:
    """Says from time to time how far a file is; `rows` are written of about as many as are `expected`."""

    def __init__(self, runner: Runner, row: ExportRequest, expected: int) -> None:
        self._runner = runner
        self._row = row
        self._expected = expected
        self._last = Instant(0)
        self.rows = 0

    def look_up(self) -> None:
        """Say how far it is, unless that was said a moment ago. Raises `_Over`."""
        now = self._runner.now()
        if now - self._last >= HEARD_EVERY_US:
            self._runner.tell(self._row, self.rows, max(self.rows, self._expected))
            self._last = now


class _Sink:
    """Where the bytes of a file of reports go: putting a workbook together takes long after its last row."""

    def __init__(self, part: Part, room: Room, heard: _Heard) -> None:
        self._part = part
        self._room = room
        self._heard = heard

    def write(self, part: bytes) -> int:
        """Append to the file, if there is room for it. Raises `NoRoom`, `OSError` and `_Over`."""
        self._room.check(self._part.size_bytes, len(part))
        self._part.write(part)
        self._heard.look_up()
        return len(part)


class Runner:
    """Writes files, one at a time; several may run side by side, in one process or in many."""

    def __init__(self, clock: Callable[[], Instant]) -> None:
        self._clock = clock
        self._halted = Event()

    def halt(self) -> None:
        """Stop within a moment: what is being written is given back, to be begun anew."""
        self._halted.set()

    def run(self) -> int:
        """Write every file that is asked for, and return how many requests were taken."""
        taken = 0
        while not self._halted.is_set():
            row = _recorded(lambda: exports.claim(now=self._clock(), until=self._claimed()))
            if row is None:
                break
            self._make(row)
            taken += 1
        return taken

    def _make(self, row: ExportRequest) -> None:
        """Write one file, or record why there is none."""
        try:
            reason = self._write(row)
        except _Over:
            _recorded(lambda: exports.release(row))
            files.remove(row.pk, row.attempt, unless=exports.kept([row.pk]))
            return
        except OSError as error:
            full = error.errno in NO_ROOM
            reason = "there was no room for the file" if full else "the file could not be written"
        except NoRoom as error:
            reason = str(error)
        except Exception as error:
            if self._halted.is_set() or _is_passing(error):
                raise  # the claim lapses, and it is begun anew
            log.exception("export failed", export=row.pk)
            reason = FAULT
        if reason:
            _recorded(lambda: exports.fail(row, reason, now=self._clock()))
            files.remove(row.pk, row.attempt, unless=exports.kept([row.pk]))

    def _write(self, row: ExportRequest) -> str:
        """
        Write the file of a claimed request; return why there is none, or an empty text.

        Raises `OSError` and `NoRoom`.
        """
        if row.tries > TRIES_MAX:
            return f"whoever wrote it was stopped {TRIES_MAX} times before the file was done"
        spec = spec_of(row)
        if spec is not None:
            return self._write_reports(row, spec)
        try:
            contract = contract_of(row.owner, row.contract.number)
            plan = make_plan(question_of(row), contract.asker, Surface.EXPORT, lenient=True)
        except NotFound:
            return NO_LONGER
        except QueryRejected as rejected:
            return f"it can no longer be asked for: {rejected}"
        room = room_of(row.contract.team_id, files.folder())
        room.check(0)
        with Part(row.pk, row.attempt) as part:
            self._fill(row, plan, part, room)
        return ""

    def _fill(self, row: ExportRequest, plan: Plan, part: Part, room: Room) -> None:
        with warehouse().snapshot() as snapshot:
            answer = snapshot.csv(plan)
            heard = _Heard(self, row, answer.rows)
            with Ahead(answer.parts, snapshot.interrupt) as ahead:
                for found in _fitting(ahead, part, room, lambda lines: len(lines[1])):
                    if found is not None:
                        heard.rows += found[0]
                        part.write(found[1])
                    heard.look_up()
        written = Written(heard.rows, part.size_bytes, part.keep(), answer.position, answer.as_of)
        self._finish(row, written, names_hidden=plan.names_hidden)

    def _write_reports(self, row: ExportRequest, spec: Spec) -> str:
        """Write the file of reports of a claimed request, about what its owner may read by now; likewise."""
        contracts = _covered(row, spec)
        if not contracts:
            return NO_LONGER
        room = room_of(row.contract.team_id, files.folder())
        room.check(0)
        try:
            with workroom(row.pk, row.attempt) as folder, Part(row.pk, row.attempt, ending_of(row.file_name)) as part:
                self._fill_reports(row, spec, contracts, part, room, folder)
        except QueryRejected as rejected:
            return f"it can no longer be asked for: {rejected}"
        return ""

    def _fill_reports(
        self, row: ExportRequest, spec: Spec, contracts: list[Readable], part: Part, room: Room, folder: Path
    ) -> None:
        with warehouse().snapshot() as snapshot:
            book = open_book(spec, contracts, snapshot, now=self._clock())
            heard = _Heard(self, row, book.expected)
            sink = _Sink(part, room, heard)
            with Ahead(book.chunks(), snapshot.interrupt) as ahead, writing(book, sink, folder) as writer:
                for found in _fitting(ahead, part, room, _of_no_size):
                    heard.rows += 0 if found is None else writer.write(found)
                    heard.look_up()
        written = Written(heard.rows, part.size_bytes, part.keep(), book.position, book.as_of)
        self._finish(row, written, names_hidden=book.names_hidden)

    def _finish(self, row: ExportRequest, written: Written, *, names_hidden: bool) -> None:
        """Record that the file is there. Raises `_Over` where it is not wanted any more."""
        if not _recorded(partial(_finish, row, written, names_hidden=names_hidden, now=self._clock())):
            raise _Over

    def now(self) -> Instant:
        """Tell the time."""
        return self._clock()

    def tell(self, row: ExportRequest, rows: int, expected: int) -> None:
        """Say how far it is, and keep the claim. Raises `_Over`."""
        tell = partial(exports.heard, row, rows=rows, expected=expected, until=self._claimed())
        if self._halted.is_set() or not _recorded(tell):
            raise _Over

    def _claimed(self) -> Instant:
        return Instant(self._clock() + CLAIM_US)


def _is_passing(error: Exception) -> bool:
    """Tell whether the records or the warehouse are out of reach for now, which is no fault of the program."""
    if isinstance(error, Error):
        return is_passing(error) or outage(error) is not None
    return isinstance(error, Busy | Unavailable)


def _recorded(change: Callable[[], T]) -> T:
    """Record a change in a transaction of its own."""

    def once() -> T:
        with db.atomic():
            return change()

    return db.insist(once)


def _fitting(ahead: Ahead[T], part: Part, room: Room, size: Callable[[T], int]) -> Iterator[T | None]:
    """Yield what is read as it comes. Raises `NoRoom` before the first that there is no room for."""
    for found in ahead.items(pause_seconds=PAUSE_SECONDS):
        room.check(part.size_bytes, 0 if found is None else size(found))
        yield found


def _of_no_size(_: Chunk) -> int:
    """Return what some rows take before they are written: nothing."""
    return 0


def _covered(row: ExportRequest, spec: Spec) -> list[Readable]:
    """
    Return what a file is about, once it is recorded which teams that are: those that its owner may read by now.

    Whoever hides a team's names begins the files anew that are recorded as being about it. So whether names are hidden
    counts only where it was read after that was recorded.
    """
    while contracts := reports_about(spec, contracts_of(row.owner)):
        if not _recorded(partial(_cover, row, contracts)):
            break
    return contracts


def _cover(row: ExportRequest, contracts: list[Readable]) -> bool:
    """Record which teams a file is about, and tell whether that is news."""
    about = next((one for one in contracts if one.id == row.contract_id), contracts[0])
    is_news = exports.cover(row, contract_id=about.id, teams=[one.team_id for one in contracts])
    row.contract_id = about.id
    return is_news


def _finish(row: ExportRequest, written: Written, *, names_hidden: bool, now: Instant) -> bool:
    """Record that the file is there, and tell whether it counts. Raises `NoRoom` where the team then has too much."""
    expires = Instant(now + settings.EXPORT_DAYS * DAY)
    done = exports.finish(row, written, names_hidden=names_hidden, now=now, expires=expires)
    if done:
        check_finished(row.contract.team_id)
    return done
