"""How much of the disk the files of exports take: of a team's share, and of what the records need (quality X18)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from pytest_django import Settings
from tests.filed import Filed
from tests.services.asking import readable
from tests.services.test_exporting import asked, boss, boss_of, folder, fresh, names, now
from tests.world import NOW, World

from farebox.domain.clock import DAY, Instant
from farebox.records import exports
from farebox.records.models import ExportRequest, User
from farebox.records.models.exports import ExportState
from farebox.services import export
from farebox.services.export import Runner, Whose, room, sweep
from farebox.services.export.files import Part
from farebox.warehouse.duck import Warehouse

__all__ = ["boss", "folder"]

FILE_BYTES = 66
"""The size of the file that these tests have made."""


class Disk(NamedTuple):
    """What the system says of a disk."""

    total: int
    used: int
    free: int


def disk(monkeypatch: pytest.MonkeyPatch, *, total: int, free: int) -> None:
    """Let the disk be of some size."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Disk(total, total - free, free))


def share(monkeypatch: pytest.MonkeyPatch, settings: Settings, size_bytes: int) -> None:
    """Let a team have so many bytes."""
    monkeypatch.setattr(room, "MEGABYTE", 1)
    settings.EXPORT_MEGABYTES = size_bytes


def test_a_team_has_its_share(
    world: World, boss: User, folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file over it is an error that says what to do; when another was deleted, a retry makes it."""
    share(monkeypatch, settings, 2 * FILE_BYTES)
    rows = [asked(world, boss) for _ in range(3)]
    whose = Whose(boss, [readable(world.flex_contract)], named=True)

    Runner(now).run()
    states, left = [fresh(row).state for row in rows], len(names(folder))
    reason = fresh(rows[2]).reason
    export.delete(whose, rows[0].key, now=NOW)
    export.retry(whose, rows[2].key)
    Runner(now).run()

    assert fresh(rows[1]).size_bytes == FILE_BYTES
    assert (states, left) == ([ExportState.READY, ExportState.READY, ExportState.FAILED], 2)
    assert reason == "the team's export files may take 132 MB, and would take more; delete finished exports, then retry"
    assert fresh(rows[2]).state == ExportState.READY


def test_what_expired_takes_no_room(
    world: World, boss: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file whose days are over makes room for the next."""
    share(monkeypatch, settings, FILE_BYTES)
    asked(world, boss)
    Runner(now).run()
    second, later = asked(world, boss), Instant(NOW + 14 * DAY)
    sweep(now=later)
    Runner(lambda: later).run()

    assert fresh(second).state == ExportState.READY


def test_a_file_that_grows_too_large_ends_while_it_is_written(
    world: World, boss: User, folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not written to its end first: not a byte over the share reaches the disk."""
    share(monkeypatch, settings, FILE_BYTES - 1)
    row, sizes, honest = asked(world, boss), [0], Part.write

    def write(part: Part, lines: bytes) -> None:
        honest(part, lines)
        sizes.append(part.size_bytes)

    monkeypatch.setattr(Part, "write", write)
    Runner(now).run()

    assert fresh(row).state == ExportState.FAILED
    assert max(sizes) < FILE_BYTES
    assert names(folder) == []


def test_files_written_at_once_share_the_room(
    filed: Filed, house: Warehouse, folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each fits alone, and all do not: what counts in the end is within the share, and the others leave no file."""

    def prepare() -> None:
        world = World()
        boss = boss_of(world)
        for _ in range(6):
            asked(world, boss)

    header = len(b"productName,userName,tokensConsumed\r\n")
    share(monkeypatch, settings, 2 * header)
    filed.run(prepare)
    filed.run_together([Runner(now).run for _ in range(3)])

    states = filed.run(lambda: list(ExportRequest.objects.order_by("state").values_list("state", flat=True)))
    assert states == [ExportState.FAILED] * 4 + [ExportState.READY] * 2
    assert len(names(folder)) == 2


def test_what_was_written_meanwhile_counts(
    world: World, boss: User, folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that fitted when it was begun, and does not any more when it is done, is an error and is removed."""
    share(monkeypatch, settings, FILE_BYTES)
    first, second = asked(world, boss), asked(world, boss)
    keep = Part.keep

    def slow(part: Part) -> str:
        monkeypatch.setattr(Part, "keep", keep)
        Runner(now).run()
        return keep(part)

    monkeypatch.setattr(Part, "keep", slow)
    Runner(now).run()

    assert (fresh(first).state, fresh(second).state) == (ExportState.FAILED, ExportState.READY)
    assert names(folder) == [f"{second.pk}.1.csv"]


@pytest.mark.parametrize(
    ("total", "free", "state"),
    [
        (10**12, 10**9 + 10**4, ExportState.READY),
        (10**12, 10**9 - 1, ExportState.FAILED),
        (10**12, 10**9 + 9, ExportState.FAILED),
        (10**9, 5 * 10**7 + 10**4, ExportState.READY),
        (10**9, 5 * 10**7 - 1, ExportState.FAILED),
    ],
)
def test_the_records_keep_their_room(
    world: World, boss: User, folder: Path, monkeypatch: pytest.MonkeyPatch, total: int, free: int, state: ExportState
) -> None:
    """A gigabyte of the disk stays free, or a twentieth of a small one."""
    disk(monkeypatch, total=total, free=free)
    row = asked(world, boss)
    Runner(now).run()

    assert fresh(row).state == state
    assert fresh(row).reason == (room.DISK_FULL if state == ExportState.FAILED else "")
    assert len(names(folder)) == (state == ExportState.READY)


def test_others_keep_their_share(world: World, boss: User, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A team that has taken all of its share takes nothing of another's."""
    asked(world, boss)
    Runner(now).run()

    assert exports.finished_bytes(world.flex.pk) == FILE_BYTES
    assert exports.finished_bytes(world.ent.pk) == 0
