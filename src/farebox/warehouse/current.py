"""The one open warehouse of this process, and where its file is."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from farebox.warehouse.duck import Warehouse

_lock = Lock()
_path: Path | None = None
_memory_mb = 1024
_open: Warehouse | None = None


def place(path: Path, *, memory_mb: int = 1024) -> None:
    """Say where the warehouse's file is; one that is open elsewhere is closed."""
    global _path, _memory_mb
    close()
    _path, _memory_mb = path, memory_mb


def warehouse() -> Warehouse:
    """Return the open warehouse, opening it on first use."""
    global _open
    with _lock:
        if _open is None:
            assert _path is not None, "the warehouse has a place before it is used"
            _open = Warehouse.open(_path, memory=f"{_memory_mb}MB")
        return _open


def close() -> None:
    """Close the warehouse if it is open."""
    global _open
    with _lock:
        if _open is not None:
            _open.close()
            _open = None
