"""Which errors of a record database say that its disk is full or failing, and the refusals that they become."""

from __future__ import annotations

from django.db import Error

from farebox.domain.errors import StorageFull, Unavailable

FULL = ("database or disk is full", "No space left on device")
BROKEN = ("disk I/O error", "readonly database", "unable to open database file", "disk image is malformed")
FULL_STATE = "53100"
BROKEN_STATES = ("58030", "XX001", "XX002", "25006")
"""PostgreSQL: io_error, data_corrupted, index_corrupted, read_only_sql_transaction."""


def outage(error: Error) -> Unavailable | None:
    """Return the refusal that a failing disk stands behind, or None where the error is of another kind."""
    text, state = str(error), getattr(error.__cause__, "sqlstate", None)
    if state == FULL_STATE or any(sign in text for sign in FULL):
        return StorageFull("there is no room left for records; nothing of this request was recorded")
    if state in BROKEN_STATES or any(sign in text for sign in BROKEN):
        return Unavailable("the records cannot be read or written now; nothing of this request was acknowledged")
    return None
