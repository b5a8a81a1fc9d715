"""
The writing of export files: a request is claimed, its owner's rights are looked at again, and its file is written.

A file is one answer of the warehouse, at one ledger position (domain R4), streamed: memory does not grow with it.
Killed anywhere, the claim lapses and the next runner begins anew; what an earlier attempt left is not served.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from functools import partial
from threading import Event
from typing import TypeVar

from django.conf import settings

from farebox.domain.clock import DAY, SECOND, Instant
from farebox.domain.errors import NotFound, QueryRejected
from farebox.query.plan import Plan, make_plan
from farebox.query.rules import Surface
from farebox.records import db, exports
from farebox.records.exports import Written, question_of
from farebox.records.models import ExportRequest
from farebox.records.reading import contract_of
from farebox.services.export import files
from farebox.services.export.ahead import Ahead
from farebox.services.export.files import Part
from farebox.services.export.room import NoRoom, Room, check_finished, room_of
from farebox.warehouse.current import warehouse

T = TypeVar("T")

CLAIM_US = 60 * SECOND
"""For how long a writer that says nothing keeps its claim."""

HEARD_EVERY_US = SECOND
"""How often a writer says how far it is."""

PAUSE_SECONDS = 1.0
"""How long a writer waits for lines, which may have to be sorted first, before it looks up."""

TRIES_MAX = 3
"""After so many writers that were never heard of again, a request has failed: it may be what kills them."""

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class _Over(Exception):
    """The request was deleted or claimed by another meanwhile, or the process is about to end."""


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
        try:
            contract = contract_of(row.owner, row.contract.number)
            plan = make_plan(question_of(row), contract.asker, Surface.EXPORT, lenient=True)
        except NotFound:
            return "who asked for it may no longer read this contract"
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
            with Ahead(answer.parts, snapshot.interrupt) as ahead:
                rows = self._stream(row, answer.rows, _fitting(ahead, part, room), part)
        written = Written(rows, part.size_bytes, part.keep(), answer.position, answer.as_of)
        now = self._clock()
        if not _recorded(partial(_finish, row, written, names_hidden=plan.names_hidden, now=now)):
            raise _Over

    def _stream(self, row: ExportRequest, expected: int, lines: Iterator[tuple[int, bytes] | None], part: Part) -> int:
        """Write the parts as they come, and say from time to time how far it is. Raises `_Over`."""
        rows, heard = 0, Instant(0)
        for found in lines:
            if found is not None:
                rows += found[0]
                part.write(found[1])
            now = self._clock()
            if now - heard >= HEARD_EVERY_US:
                self._tell(row, rows, expected)
                heard = now
        return rows

    def _tell(self, row: ExportRequest, rows: int, expected: int) -> None:
        tell = partial(exports.heard, row, rows=rows, expected=expected, until=self._claimed())
        if self._halted.is_set() or not _recorded(tell):
            raise _Over

    def _claimed(self) -> Instant:
        return Instant(self._clock() + CLAIM_US)


def _recorded(change: Callable[[], T]) -> T:
    """Record a change in a transaction of its own."""

    def once() -> T:
        with db.atomic():
            return change()

    return db.insist(once)


def _fitting(ahead: Ahead[tuple[int, bytes]], part: Part, room: Room) -> Iterator[tuple[int, bytes] | None]:
    """Yield the parts as they come. Raises `NoRoom` before the first that there is no room for."""
    for found in ahead.items(pause_seconds=PAUSE_SECONDS):
        room.check(part.size_bytes, 0 if found is None else len(found[1]))
        yield found


def _finish(row: ExportRequest, written: Written, *, names_hidden: bool, now: Instant) -> bool:
    """Record that the file is there, and tell whether it counts. Raises `NoRoom` where the team then has too much."""
    expires = Instant(now + settings.EXPORT_DAYS * DAY)
    done = exports.finish(row, written, names_hidden=names_hidden, now=now, expires=expires)
    if done:
        check_finished(row.contract.team_id)
    return done
