"""When charges were recorded: a look-up by their ids, which costs the same however many charges there are."""

from __future__ import annotations

from collections.abc import Collection

from farebox.domain.clock import Instant
from farebox.records.models import Charge


def booked_at(charges: Collection[int]) -> dict[int, Instant]:
    """Return the instant at which each of a few charges was recorded."""
    rows = Charge.objects.filter(pk__in=charges).values_list("pk", "booked_us")
    return {charge: Instant(booked) for charge, booked in rows}
