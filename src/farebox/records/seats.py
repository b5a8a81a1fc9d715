"""Seats and trials as they are recorded: who holds which, given and ended while the person's row is held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from farebox.domain.clock import Instant
from farebox.domain.seats import Held, soonest_end
from farebox.domain.usage import Funding
from farebox.records import db, ticks
from farebox.records.models import Entitlement, LiveSession, Product, ProductCode

Pair = tuple[int, int]
"""A person and a product."""


def locked(people: Sequence[int]) -> dict[Pair, list[Held]]:
    """Return what some people hold or held, and keep others from changing it until the transaction ends."""
    ticks.locked(ticks.PEOPLE, people)
    return held(people)


def held(people: Sequence[int]) -> dict[Pair, list[Held]]:
    """Return what some people hold or held, by person and product, in the order of its beginning."""
    found: dict[Pair, list[Held]] = defaultdict(list)
    for chunk in db.chunks(people, db.CHUNK_ROWS):
        rows = Entitlement.objects.filter(person_id__in=chunk).order_by("since_us", "pk")
        for row in rows:
            found[row.person_id, row.product_id].append(as_held(row))
    return found


def as_held(row: Entitlement) -> Held:
    """Return a row as the rules know it."""
    until = None if row.until_us is None else Instant(row.until_us)
    return Held(row.pk, Funding(row.kind), Instant(row.since_us), until)


def give(person: int, product: int, kind: Funding, *, since: Instant, until: Instant | None, now: Instant) -> int:
    """Give something to a person who is held, and return its number; who was only known from usage is a member now."""
    made = Entitlement.objects.create(person_id=person, product_id=product, kind=kind, since_us=since, until_us=until)
    ticks.make_members([person], now=now)
    return made.pk


def end(one: Held, until: Instant | None, *, now: Instant) -> None:
    """Give something another end."""
    row = Entitlement.objects.filter(pk=one.id)
    if until == soonest_end(one, now):
        end_now(row, now)
    else:
        row.update(until_us=until)


def end_now(held: QuerySet[Entitlement], now: Instant) -> None:
    """
    End seats and trials at once, but not before a launch that was told that they pay.

    Whoever ends one may have read the clock before waiting for that launch. What has not begun is deleted: it was
    never in force, and is in nobody's way.
    """
    open_still = LiveSession.objects.filter(closed_us=None, contract__team__people=OuterRef("person_id"))
    launches = open_still.filter(person_id=OuterRef("person_id"), product_id=OuterRef("product_id"))
    last = Subquery(launches.order_by("-since_us").values("since_us")[:1])
    at = Greatest(Coalesce(last + 1, 0), now)
    held.filter(since_us__gt=at).delete()
    held.update(until_us=Greatest(F("since_us") + 1, at))


def products() -> dict[str, int]:
    """Return the products by each of their codes in lower case; a product's own code beats another's alias."""
    found = {code.casefold(): pk for code, pk in ProductCode.objects.values_list("code", "product_id")}
    return found | {code.casefold(): pk for pk, code in Product.objects.values_list("pk", "code")}
