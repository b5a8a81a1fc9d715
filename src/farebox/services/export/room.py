"""
Room for files: what a team may have of it, and what of the disk is left to the records, which need it more.

Both are looked at while a file is written, and the team's once more when it counts: two files may be written at once.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from farebox.records import exports

MEGABYTE = 10**6
HEADROOM_BYTES = 10**9
HEADROOM_PERCENT = 5
"""What files leave free of the disk: so many bytes, or so much of it, whichever is less."""

DISK_FULL = "there was no room for the file: what is left of the disk is for the records; ask who runs the server"


class NoRoom(Exception):
    """A file that there is no room for; its text says what to do."""


@dataclass(frozen=True, slots=True)
class Room:
    """What one file may take: the rest of what its team may have, on the disk where it is written."""

    left_bytes: int
    folder: Path

    def check(self, size_bytes: int, more_bytes: int = 0) -> None:
        """Raise `NoRoom` where a file of so many bytes, to which more are to be added, takes too much."""
        if size_bytes + more_bytes > self.left_bytes:
            raise NoRoom(_team_full())
        disk = shutil.disk_usage(self.folder)
        if disk.free - more_bytes < headroom(disk.total):
            raise NoRoom(DISK_FULL)


def room_of(team_id: int, folder: Path) -> Room:
    """Return what a team may still take of the disk on which a folder is."""
    return Room(settings.EXPORT_MEGABYTES * MEGABYTE - exports.finished_bytes(team_id), folder)


def check_finished(team_id: int) -> None:
    """Raise `NoRoom` where the finished files of a team take too much; none is added until the transaction ends."""
    exports.hold(team_id)
    if exports.finished_bytes(team_id) > settings.EXPORT_MEGABYTES * MEGABYTE:
        raise NoRoom(_team_full())


def headroom(total_bytes: int) -> int:
    """Return how much of a disk stays free."""
    return min(HEADROOM_BYTES, total_bytes * HEADROOM_PERCENT // 100)


def _team_full() -> str:
    allowed = f"{settings.EXPORT_MEGABYTES:,} MB"
    return f"the team's export files may take {allowed}, and would take more; delete finished exports, then retry"
