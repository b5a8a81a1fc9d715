"""Batches: what each transaction changed, for the warehouse to learn in order."""

from __future__ import annotations

import json
from collections.abc import Sequence

from farebox.domain.clock import Instant
from farebox.records import db


def publish(*, since: int, until: int, ended: Sequence[int], booked: Instant) -> int:
    """Announce that charges `since` ≤ id < `until` are new and that `ended` count no longer; return the position."""
    position = db.reserve("batch", 1)
    db.execute(
        "INSERT INTO records_batch (id, charges_since, charges_until, ended, booked_us) VALUES (%s, %s, %s, %s, %s)",
        (position, since, until, json.dumps(list(ended)), booked),
    )
    return position
