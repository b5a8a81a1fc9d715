"""The wall clock. Only the edges (api, web, cli, the server's jobs) read it; all else is told what time it is."""

from __future__ import annotations

from datetime import UTC, datetime

from farebox.domain.clock import Instant, instant


def now() -> Instant:
    """Return the current instant."""
    return instant(datetime.now(UTC))
