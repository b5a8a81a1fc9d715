"""
When an open session is over: it has gone silent, or it never said anything.

Nothing here knows what the session costs; an end that comes later corrects what is decided here.  (domain M4)
"""

from __future__ import annotations

from farebox.domain.clock import HOUR, Instant

SILENCE_MINUTES = 30
"""How old the last heartbeat is when a session is closed, where a contract sets nothing (domain M4)."""

OPEN_US = 24 * HOUR
"""How long a session counts that tells neither its end nor that it runs."""


def silent_end(since: Instant, last_heartbeat: Instant | None, *, silence_us: int, now: Instant) -> Instant | None:
    """
    Return when an open session ended, as far as one can tell, or None while it may be running (domain M4).

    With heartbeats: at the last one, once that is so old. Without: 24 hours after its start.
    """
    if last_heartbeat is not None:
        return last_heartbeat if now - last_heartbeat >= silence_us else None
    end = Instant(since + OPEN_US)
    return end if end <= now else None
