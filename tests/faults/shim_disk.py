"""
A disk that remembers what was written and what was synced, so that a power cut at any moment can be replayed.

It is a VFS of the APSW library. What a file is told to write since its last sync may survive a cut or not, each sector
for itself; what was synced survives. Faults can be planted: the n-th write or sync fails, or the disk is full.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import apsw

SECTOR_BYTES = 512


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes handed to the operating system."""

    file: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file cut to a size; 0 also stands for its deletion, of which the disk may know sooner or later."""

    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """Everything written to a file so far is on the disk."""

    file: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened outside, such as an acknowledgement, at this point of the disk's life."""

    what: str


Step = Write | Truncate | Sync | Mark


@dataclass
class Disk:
    """What happened on the disk, in order, and what is to go wrong on it."""

    steps: list[Step] = field(default_factory=list)
    fault: Callable[[str], None] = lambda step: None

    def mark(self, what: str) -> None:
        """Note something that happened outside."""
        self.steps.append(Mark(what))

    def do(self, step: Step) -> None:
        """Let a step happen, unless it is to fail."""
        self.fault(type(step).__name__)
        self.steps.append(step)


class Shim(apsw.VFS):  # type: ignore[misc]
    """The operating system's files, watched by a disk."""

    def __init__(self, name: str, disk: Disk) -> None:
        self.disk = disk
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> _File:  # noqa: N802 — the name in the library
        """Open a file and watch it."""
        return _File(name, flags, self.disk)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        """Delete a file and remember it."""
        self.disk.do(Truncate(Path(filename).name, 0))
        super().xDelete(filename, syncdir)


class _File(apsw.VFSFile):  # type: ignore[misc]
    """An open file that tells its disk what is done to it."""

    def __init__(self, name: Any, flags: list[int], disk: Disk) -> None:
        super().__init__("", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(path).name if path else ""
        self._disk = disk

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.do(Write(self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._disk.do(Truncate(self._name, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.do(Sync(self._name))
        super().xSync(flags)


class Platter:
    """What is on the disk for certain, and what may be on it, at one point of its life."""

    def __init__(self, before: dict[str, bytes]) -> None:
        self._sure = {name: bytearray(data) for name, data in before.items()}
        self._unsure: dict[str, list[Write | Truncate]] = {}

    def go(self, step: Step) -> None:
        """Move on by one step."""
        match step:
            case Sync(name):
                for each in self._unsure.pop(name, []):
                    _apply(self._sure, each)
            case Write() | Truncate():
                self._unsure.setdefault(step.file, []).append(step)
            case Mark():
                pass

    def cut(self, dice: Random) -> dict[str, bytes]:
        """Return the files after a power cut now: of what was not synced, each sector survives or not."""
        files = {name: bytearray(data) for name, data in self._sure.items()}
        survival = dice.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        for steps in self._unsure.values():
            for step in steps:
                for part in _sectors(step):
                    if dice.random() < survival:
                        _apply(files, part)
        return {name: bytes(data) for name, data in files.items()}


def _sectors(step: Write | Truncate) -> list[Write | Truncate]:
    """Take a write apart where sectors begin: a disk writes whole sectors, in any order."""
    if isinstance(step, Truncate):
        return [step]
    first = SECTOR_BYTES - step.offset % SECTOR_BYTES
    edges = [0, *range(first, len(step.data), SECTOR_BYTES), len(step.data)]
    return [
        Write(step.file, step.offset + begin, step.data[begin:end]) for begin, end in pairwise(edges) if begin < end
    ]


def _apply(files: dict[str, bytearray], step: Write | Truncate) -> None:
    file = files.setdefault(step.file, bytearray())
    match step:
        case Truncate(size=size):
            del file[size:]
        case Write(offset=offset, data=data):
            if len(file) < offset:
                file.extend(bytes(offset - len(file)))
            file[offset : offset + len(data)] = data
