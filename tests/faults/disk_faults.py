"""Every write and every sync of a request fails once, in a child of the zygote (X4, X5)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import apsw
from django.db import connection
from tests.faults.chance import dice
from tests.faults.judging import judge
from tests.faults.powercuts import NOW, lay, watched
from tests.faults.shim_disk import Disk, Mark, Platter
from tests.faults.traffic import event
from tests.faults.zygote import RECORDS

from farebox.domain.errors import FareboxError, Unavailable
from farebox.records.models import Team
from farebox.services import ingest as service
from farebox.services.ingest import Receipt, SourceKey, State

BEFORE = 4
"""Requests before the one that meets the fault, so that there is a log to write to."""

EVENTS = [event(f"d{nth}") for nth in range(3)]
NAMES = {f"d{nth}" for nth in range(3)}
ERRORS: dict[str, Callable[[], Exception]] = {
    "io": lambda: apsw.IOError("disk I/O error"),
    "full": lambda: apsw.FullError("database or disk is full"),
}
"""The errors in the words in which the engine tells them."""


def every_step(kind: str, every: int, shrugging: bool = False) -> dict[str, int]:
    """
    Fail each `every`-th step of a request, one at a time; return how often what happened.

    After the fault the disk is well again: the request is repeated, and counts once. What was acknowledged in spite of
    a fault (a checkpoint that failed after the commit) must survive a power cut right then.
    """
    path = Path(connection.settings_dict["NAME"])
    before = {RECORDS: path.read_bytes()}
    found = {"injected": 0, "refused": 0, "acked": 0, "wrongly_acked": 0, "not_once": 0, "faults": 0}
    step = 0
    while True:
        lay(before, path)
        disk = Disk()
        with watched(disk):
            hit = _one(disk, step, ERRORS[kind], found, shrugging=shrugging)
        if not hit:
            return found
        _look_after(before, disk, path, found)
        step += every


class _Fault:
    """Fails the n-th step from now, and no other."""

    def __init__(self, nth: int, error: Callable[[], Exception]) -> None:
        self.left = nth
        self.hit = False
        self._error = error

    def __call__(self, step: str) -> None:
        self.left -= 1
        if self.left == -1:
            self.hit = True
            raise self._error()


def _one(disk: Disk, step: int, error: Callable[[], Exception], found: dict[str, int], *, shrugging: bool) -> bool:
    """Send with a fault at one step, then again without; tell whether there was such a step."""
    team = Team.objects.get(slug="fleet").pk
    key = SourceKey(0, team)
    for nth in range(BEFORE):
        service.ingest([event(f"before-{nth}")], key=key, now=NOW)
    disk.fault = fault = _Fault(step, error)
    try:
        _send(key, shrugging=shrugging)
        disk.mark("acked")
    except Unavailable:
        found["refused"] += fault.hit
    finally:
        disk.fault = lambda _: None
    if not fault.hit:
        return False
    found["injected"] += 1
    again = service.ingest(EVENTS, key=key, now=NOW)
    found["not_once"] += {verdict.state for verdict in again.verdicts} not in ({State.ACCEPTED}, {State.DUPLICATE})
    return True


def _send(key: SourceKey, *, shrugging: bool) -> Receipt | None:
    """Send, and close the connection as a request does; a build that shrugs at errors is the canary."""
    try:
        return service.ingest(EVENTS, key=key, now=NOW)
    except FareboxError:
        if shrugging:
            return None
        raise
    finally:
        connection.close()


def _look_after(before: dict[str, bytes], disk: Disk, path: Path, found: dict[str, int]) -> None:
    """Judge the books after the repetition, and what a power cut at the acknowledgement would have left."""
    found["faults"] += len(judge(NAMES).faults) + judge(NAMES).lost + judge(NAMES).doubled
    marks = [nth for nth, step in enumerate(disk.steps) if isinstance(step, Mark)]
    if not marks:
        return
    found["acked"] += 1
    platter = Platter(before)
    for step in disk.steps[: marks[0]]:
        platter.go(step)
    lay(platter.cut(dice("fault", marks[0])), path)
    found["wrongly_acked"] += judge(NAMES).lost > 0
