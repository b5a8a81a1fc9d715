"""By whose hand the catalogue is changed, and the row of the audit that says so."""

from __future__ import annotations

from typing import NamedTuple

from farebox.domain.clock import Instant
from farebox.records import audit


class Hand(NamedTuple):
    """Who changes something, as the audit names them, and when."""

    actor: str
    at: Instant


def note(by: Hand | None, verb: str, object: str, facts: audit.Facts, *, team: int | None = None) -> None:  # noqa: A002
    """Write the row of one change; a world that is made for a demonstration has no hand, and no rows."""
    if by is not None:
        audit.note([audit.Change(team, verb, object, facts)], by.actor, at=by.at)
