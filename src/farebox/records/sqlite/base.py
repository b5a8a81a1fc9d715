"""
The embedded engine: Django's own SQLite backend, on the SQLite of the pysqlite3 wheel.

Two things differ. The library is 3.51.3 or newer, because older ones with two connections can lose commits when
a checkpoint meets a WAL reset; an affected library is refused at start. And writing transactions queue in one
lane per process instead of polling the file's lock, which doubles the writes and keeps the tail short.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

from django.core.exceptions import ImproperlyConfigured

try:
    import pysqlite3 as _library
    from pysqlite3 import dbapi2 as _dbapi2
except ImportError:  # no wheel for this machine; the gate below decides whether Python's own will do
    import sqlite3 as _library
    from sqlite3 import dbapi2 as _dbapi2

_NAMES = {"sqlite3": _library, "sqlite3.dbapi2": _dbapi2}
_before = {name: sys.modules[name] for name in _NAMES if name in sys.modules}
sys.modules.update(_NAMES)
try:
    from django.db.backends.sqlite3 import base
finally:
    for _name in _NAMES:
        sys.modules.pop(_name)
    sys.modules.update(_before)

SQLITE_MINIMUM = (3, 51, 3)
"""The first SQLite without the WAL-reset bug."""

if _library.sqlite_version_info < SQLITE_MINIMUM:
    raise ImproperlyConfigured(
        f"SQLite {_library.sqlite_version} can lose committed data (the WAL-reset bug, fixed in 3.51.3). "
        "Install the pysqlite3 wheel of requirements/runtime.lock, or a Python linked with a newer SQLite."
    )

_LANE = threading.Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose writing transactions wait for their turn in the process's one lane."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_lane = False

    def _start_transaction_under_autocommit(self) -> None:
        if not self._in_lane:
            _LANE.acquire()
            self._in_lane = True
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._leave_lane()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # if it fails, Django rolls back, and that leaves the lane
        self._leave_lane()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._leave_lane()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._leave_lane()

    def _leave_lane(self) -> None:
        if self._in_lane:
            self._in_lane = False
            _LANE.release()
