"""A server whose clock is set from outside, while it serves: by a file that holds how far it is off (X9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from farebox import settings, wallclock

OFFSET = "offset.txt"


def step(folder: Path, seconds: int) -> None:
    """Set the clock of the server of a folder off by so much, in one step."""
    fresh = folder / f"{OFFSET}.new"
    fresh.write_text(str(seconds), encoding="ascii")
    fresh.replace(folder / OFFSET)


class SteppedClock(datetime):
    """The machine's clock, off by what the file says."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        """Return what this clock shows."""
        file = settings.DATA / OFFSET
        offset = int(file.read_text(encoding="ascii")) if file.exists() else 0
        return datetime.now(UTC) + timedelta(seconds=offset)


def stepped_clock() -> None:
    """Let this process read the clock of the file; it is read in one module only."""
    wallclock.datetime = SteppedClock  # type: ignore[misc]
