"""Whether the records can be written: found out by writing, as nothing else tells."""

from __future__ import annotations

from threading import Lock

from django.db import Error

from farebox.domain.clock import SECOND, Instant
from farebox.domain.errors import Busy, FareboxError
from farebox.records import db
from farebox.records.outage import outage
from farebox.records.trouble import is_passing

PROBE_US = SECOND
"""How long an outcome holds, so that many who ask cost one write."""

_probing = Lock()
_asked: Instant | None = None
_failed: FareboxError | None = None


def probe(*, now: Instant) -> None:
    """Write a row of no meaning. Raises `Unavailable` where the disk is full or fails, `Busy` where others write."""
    global _asked, _failed
    with _probing:
        if _asked is None or not 0 <= now - _asked < PROBE_US:
            _asked, _failed = now, None
            try:
                _write(now)
            except FareboxError as error:
                _failed = error
        if _failed is not None:
            raise _failed


def _write(now: Instant) -> None:
    with db.atomic():
        db.execute(
            "INSERT INTO records_counter (name, value) VALUES (%s, %s) "
            "ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value",
            ("probe", now),
        )


def refusal_of(error: BaseException | None) -> FareboxError | None:
    """Return what an error of the records says to whoever asks: a disk in trouble, or a database that is lost."""
    if not isinstance(error, Error):
        return None
    return outage(error) or (Busy("the records cannot be reached now; send it again") if is_passing(error) else None)
