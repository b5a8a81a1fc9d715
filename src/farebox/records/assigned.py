"""Which products people may open, as ingest asks it once a batch (domain A2, M5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from farebox.domain.access import Held
from farebox.domain.clock import Instant
from farebox.records import access


class Assigned:
    """What some people of a team hold in any way, and since when."""

    def __init__(self, held: Mapping[int, Held]) -> None:
        self._held = held

    def has(self, person: int, product: int, at: Instant) -> bool:
        """Tell whether a product was in force for a person at an instant, by itself or with all others."""
        found = self._held.get(person)
        return found is not None and found.had(product, at)


def of(team: int, people: Sequence[int]) -> Assigned | None:
    """Return what these people of a team hold, or None where the team assigns nothing to anybody in any way."""
    return Assigned(access.held(people)) if access.assigns(team) else None
