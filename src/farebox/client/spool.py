"""
Sessions that could not be sent yet, kept in a folder: one file an event, written whole or not at all.

A file an event needs no lock, whatever number of programs share the folder; an event that two of them send counts once.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from farebox.client.wire import EVENTS_MAX, Event

SUFFIX = ".json"
REJECTED = "rejected"
"""The folder within the spool for what the server will not take."""


class Kept(NamedTuple):
    """An event that waits, and the file that it waits in."""

    path: Path
    event: dict[str, Any]


class Spool:
    """A folder of events that wait to be sent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, event: Event) -> Path:
        """Keep an event; one with the same identity takes its place."""
        identity = "\n".join(str(event.get(name, "")) for name in ("team", "source", "id", "revision")).encode()
        path = self.folder / (hashlib.sha256(identity).hexdigest()[:32] + SUFFIX)
        fresh = self.folder / f"{uuid4().hex}.part"
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(event, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        return path

    def kept(self, limit: int = EVENTS_MAX) -> list[Kept]:
        """Return events that wait, oldest first, as many as one request carries."""
        paths = sorted(self.folder.glob(f"*{SUFFIX}"), key=lambda path: (_written(path), path.name))
        return [one for path in paths[:limit] if (one := _read(path)) is not None]

    def forget(self, one: Kept) -> None:
        """Remove an event that the server has."""
        one.path.unlink(missing_ok=True)

    def put_aside(self, one: Kept) -> None:
        """Move an event that the server will not take out of the way."""
        aside = self.folder / REJECTED
        aside.mkdir(exist_ok=True)
        if one.path.exists():
            one.path.replace(aside / one.path.name)


def _written(path: Path) -> int:
    """Return when a file was written, 0 if another program removed it meanwhile."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _read(path: Path) -> Kept | None:
    try:
        return Kept(path, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
