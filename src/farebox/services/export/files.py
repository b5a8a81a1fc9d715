"""
The files of exports: written beside their place, made durable, and only then put there.

A file is named after its request and the attempt that wrote it, so that two who write the same export write two
files, and the request's row says which of them counts. What no row counts is removed by the sweep.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.conf import settings

ENDINGS = ("csv", "zip", "xlsx")
"""The endings of finished files."""

_UNFINISHED = ("part", "room")
"""The endings of a file that is being written, and of the folder in which a workbook's rows wait."""


class Place(NamedTuple):
    """Which request a file or folder is of, which attempt wrote it, and where it is."""

    export: int
    attempt: int
    path: Path


def folder() -> Path:
    """Return the folder of the files, made if it is not there; only its owner may read it."""
    path = Path(settings.EXPORTS)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def ending_of(file_name: str) -> str:
    """Return the ending of a file that is downloaded under a name; names that a program chose end in .csv."""
    ending = file_name.rpartition(".")[2].lower()
    return ending if ending in ENDINGS else ENDINGS[0]


def path_of(export: int, attempt: int, ending: str = "csv") -> Path:
    """Return where the finished file of an attempt stands."""
    return Path(settings.EXPORTS) / f"{export}.{attempt}.{ending}"


def places() -> Iterator[Place]:
    """Yield every file that is there, finished or not; names that are none of ours are passed over."""
    for path in sorted(folder().iterdir()):
        export, _, rest = path.name.partition(".")
        attempt, _, ending = rest.partition(".")
        if export.isdecimal() and attempt.isdecimal() and ending in (*ENDINGS, *_UNFINISHED):
            yield Place(int(export), int(attempt), path)


def remove(export: int, attempt: int, *, unless: Collection[tuple[int, int]]) -> None:
    """Remove the finished file of an attempt, unless it counts after all."""
    if (export, attempt) not in unless:
        for ending in ENDINGS:
            path_of(export, attempt, ending).unlink(missing_ok=True)


def remove_all(export: int) -> None:
    """Remove whatever is there of a request."""
    for place in list(places()):
        if place.export == export:
            discard(place)


def discard(place: Place) -> None:
    """Remove a file, or a folder with what waits in it."""
    if place.path.is_dir():
        shutil.rmtree(place.path, ignore_errors=True)
    else:
        place.path.unlink(missing_ok=True)


@contextmanager
def workroom(export: int, attempt: int) -> Iterator[Path]:
    """Give a folder for what an attempt has to keep on the disk while it writes; it is gone afterwards."""
    place = Place(export, attempt, folder() / f"{export}.{attempt}.{_UNFINISHED[1]}")
    discard(place)
    place.path.mkdir(mode=0o700)
    try:
        yield place.path
    finally:
        discard(place)


class Part:
    """A file that is being written: `keep` puts it in its place, leaving the `with` otherwise removes it."""

    def __init__(self, export: int, attempt: int, ending: str = "csv") -> None:
        folder()
        self._place = path_of(export, attempt, ending)
        self._path = self._place.with_suffix(".part")
        self._digest = hashlib.sha256()
        self._file: BinaryIO
        self.size_bytes = 0

    def __enter__(self) -> Part:
        """Start the file anew; only its owner may read it."""
        self._file = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb", buffering=0)
        return self

    def __exit__(self, *raised: object) -> None:
        """Close it, and remove it unless it was kept."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def write(self, part: bytes) -> None:
        """Append to the file. Raises `OSError`."""
        left = memoryview(part)
        while left:
            left = left[self._file.write(left) :]
        self._digest.update(part)
        self.size_bytes += len(part)

    def keep(self) -> str:
        """Make the file durable and put it in its place; return its SHA-256. Raises `OSError`."""
        os.fsync(self._file.fileno())
        self._path.replace(self._place)
        entry = os.open(self._place.parent, os.O_RDONLY)
        try:
            os.fsync(entry)
        finally:
            os.close(entry)
        return self._digest.hexdigest()
