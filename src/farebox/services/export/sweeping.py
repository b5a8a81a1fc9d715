"""What is removed in the end: files whose time is over, and files that nobody counts."""

from __future__ import annotations

from farebox.domain.clock import Instant
from farebox.records import db, exports
from farebox.services.export import files


def sweep(*, now: Instant) -> int:
    """
    Let the files of before `now` expire, and remove every file that no request counts; return how many were removed.

    A writer's own file is counted from the moment at which it claims the request, so the sweep never takes it away.
    """
    with db.atomic():
        exports.expire(now=now)
    found = list(files.places())
    counted = {
        one
        for chunk in db.chunks(sorted({place.export for place in found}), db.INSERT_ROWS)
        for one in exports.kept(chunk)
    }
    over = [place for place in found if (place.export, place.attempt) not in counted]
    for place in over:
        files.discard(place)
    return len(over)
