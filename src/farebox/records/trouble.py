"""Which errors of a record database say that others were in the way, or that it could not be reached."""

from __future__ import annotations

from django.db import Error, IntegrityError

PASSING = (
    "40001",  # serialization_failure
    "40P01",  # deadlock_detected
    "55P03",  # lock_not_available
    "57014",  # query_canceled: it ran into its time limit
    "57P01",  # admin_shutdown
    "57P02",  # crash_shutdown
    "57P03",  # cannot_connect_now
    "25P03",  # idle_in_transaction_session_timeout
    "53300",  # too_many_connections
)
MEETINGS = (
    "idempotency_once",
    "event_once",
    "person_once",
    "label_once",
    "proposal_key_once",
    "records_user_email_key",
)
"""Where two who ask for the same at once meet: who comes second finds the other's row when it tries again."""


def is_passing(error: Error) -> bool:
    """Tell whether the same transaction may succeed when it is tried again."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    if isinstance(error, IntegrityError):
        return state == "23505" and cause.diag.constraint_name in MEETINGS  # type: ignore[union-attr]
    if state is not None:
        return state in PASSING or state.startswith("08")
    return _is_lost(cause) or "database is locked" in str(error)


def _is_lost(cause: BaseException | None) -> bool:
    """Tell whether the driver itself gave up: the connection broke, or none was to be had."""
    kind = type(cause)
    return kind.__module__.startswith("psycopg") and kind.__name__ in ("OperationalError", "PoolTimeout")
