"""
Power cuts, in a child of the zygote: work is recorded on a watched disk, then the disk is cut and opened (X3).

What opens it after a cut is the program with its own engine, as after a real one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

from django.db import connection, connections
from tests.faults.chance import dice
from tests.faults.judging import judge
from tests.faults.shim_disk import Disk, Mark, Platter, Shim
from tests.faults.shim_engine import ShimmedWrapper
from tests.faults.traffic import event
from tests.faults.zygote import RECORDS

from farebox.domain.amounts import tokens
from farebox.domain.clock import read_instant
from farebox.domain.packs import Pool
from farebox.records.models import Charge, Contract, Pack, Team
from farebox.services.expire import expire
from farebox.services.give import Purchase, give
from farebox.services.ingest import SourceKey, ingest

NOW = read_instant("2026-06-01T00:00:00Z")
CHECKPOINT_PAGES = 100
"""Small, so that many checkpoints lie between the cuts."""

THOROUGH_EVERY = 10
"""Each cut is checked for what was acknowledged; every so many for all that the books must be."""

BATCH_EVENTS = 3


@contextmanager
def watched(disk: Disk, *, synchronous: str = "FULL") -> Iterator[None]:
    """Let this thread's records lie on a watched disk while the block runs."""
    vfs = Shim("watched", disk)
    settings = deepcopy(connections.settings["default"])
    settings["OPTIONS"]["init_command"] += (
        f" PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}; PRAGMA synchronous={synchronous};"
    )
    honest = connections["default"]
    ShimmedWrapper.vfs = "watched"
    connections["default"] = ShimmedWrapper(settings, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = honest
        vfs.unregister()


def cut(cuts: int, requests: int, synchronous: str) -> dict[str, int]:
    """Work on a watched disk, cut its power so often, each time open what is left; return what was found."""
    path = Path(connection.settings_dict["NAME"])
    disk, before = Disk(), {RECORDS: path.read_bytes()}
    with watched(disk, synchronous=synchronous):
        _work(disk, requests)
    thrown = dice("power", synchronous)
    found = {"steps": len(disk.steps), "cuts": 0, "acked": 0, "lost": 0, "doubled": 0, "broken": 0}
    places = sorted(thrown.randrange(1, len(disk.steps) + 1) for _ in range(cuts))
    platter, acked, done = Platter(before), set[str](), 0
    for nth, place in enumerate(places):
        for step in disk.steps[done:place]:
            platter.go(step)
            if isinstance(step, Mark):
                acked |= set(step.what.split())
        done = place
        lay(platter.cut(thrown), path)
        _look(acked, found, thorough=nth % THOROUGH_EVERY == 0)
    return found


def _work(disk: Disk, requests: int) -> None:
    """Send, buy and expire, and mark on the disk what was acknowledged; now and then the connection is new."""
    team = Team.objects.get(slug="fleet").pk
    contract = Contract.objects.get(team=team)
    thrown = dice("work")
    for nth in range(requests):
        names = [f"w{nth}-{part}" for part in range(BATCH_EVENTS)]
        ingest([event(name) for name in names], key=SourceKey(0, team), now=NOW)
        disk.mark(" ".join(names))
        if thrown.random() < 0.2:
            _buy(disk, contract, f"order-{nth}")
        if thrown.random() < 0.1:
            expire(now=NOW)
        if thrown.random() < 0.1:
            connection.close()


def _buy(disk: Disk, contract: Contract, order: str) -> None:
    bought = Purchase(
        contract=contract.number,
        pool=Pool.FLEX,
        tokens=tokens("5"),
        since=read_instant("2026-01-01T00:00:00Z"),
        until=read_instant("2026-02-01T00:00:00Z"),
        order_number=order,
    )
    give(bought, now=NOW, key=order)
    disk.mark(order)


def lay(files: dict[str, bytes], path: Path) -> None:
    """Lay the files as a power cut left them; the shared memory beside them is gone."""
    connection.close()
    for name in (RECORDS, f"{RECORDS}-wal", f"{RECORDS}-shm", f"{RECORDS}-journal"):
        path.with_name(name).unlink(missing_ok=True)
    for name, data in files.items():
        if data:
            path.with_name(name).write_bytes(data)


def _look(acked: set[str], found: dict[str, int], *, thorough: bool) -> None:
    """Open what is left and count what is lost, doubled or broken."""
    found["cuts"] += 1
    found["acked"] += len(acked)
    charged = list(Charge.objects.filter(ended_us=None).values_list("use__event__event_id", flat=True))
    ordered = set(Pack.objects.exclude(order_number="").values_list("order_number", flat=True))
    found["lost"] += len(acked - set(charged) - ordered)
    found["doubled"] += len(charged) - len(set(charged))
    with connection.cursor() as cursor:
        found["broken"] += cursor.execute("PRAGMA quick_check").fetchall() != [("ok",)]
    if thorough:
        found["broken"] += len(judge(()).faults)
