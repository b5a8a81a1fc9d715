"""What reports would say of a delivery, without anything that may depend on its order (domain N4, N5, L5b)."""

from __future__ import annotations

from typing import NamedTuple

from tests.services import books

from farebox.records.models import Charge, Event, LedgerHead


class Outcome(NamedTuple):
    """Totals by person, family or product, and date; each part of a use as it was charged; each team's total."""

    totals: dict[tuple[str, str, int], int]
    parts: dict[tuple[str, int], tuple[object, ...]]
    teams: dict[int, int]
    events: dict[str, tuple[int, str]]


def outcome() -> Outcome:
    """Read what the books say now."""
    totals: dict[tuple[str, str, int], int] = {}
    parts: dict[tuple[str, int], tuple[object, ...]] = {}
    live = Charge.objects.filter(ended_us__isnull=True, usage_category__endswith="PRODUCT")
    for charge in live.select_related("use__event", "person", "product__family"):
        what = charge.product.code if charge.family_id is None else charge.product.family.code
        key = (charge.person.key, what, charge.usage_day)
        totals[key] = totals.get(key, 0) + charge.tokens_micro
        part = (f"{charge.use.event.team_id} {charge.use.event.source} {charge.use.event.event_id}", charge.since_us)
        priced = (charge.until_us, charge.category, charge.reason, charge.tokens_micro, charge.usage_day)
        parts[part] = (*priced, charge.funding, charge.at_us)
    teams = {team: books.total(team) for team in LedgerHead.objects.values_list("pk", flat=True)}
    kept = Event.objects.values_list("team_id", "source", "event_id", "revision", "state")
    return Outcome(totals, parts, teams, {f"{team} {source} {name}": (r, s) for team, source, name, r, s in kept})
