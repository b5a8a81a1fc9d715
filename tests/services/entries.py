"""Short ways to write jobs, consumptions and adjustments, and to read what became of them."""

from __future__ import annotations

from typing import Any

from tests.world import NOW, START, World, message, stamp

from farebox.domain.amounts import as_text, tokens
from farebox.domain.clock import Instant
from farebox.domain.usage import UsageCategory
from farebox.records.models import Charge, Hold, Pack, Product
from farebox.services import catalogue

WHO = "ana@example.com"


def adjustment(
    id: str,  # noqa: A002
    change: str,
    on: str = "2026-03-02",
    *,
    pool: str = "FLEX",
    revision: int = 0,
    comment: str = "",
) -> bytes:
    """Write an adjustment of a pool."""
    data = {"pool": pool, "tokens": change, "reasonType": "Correction", "transactionDate": on}
    if comment:
        data["reasonComment"] = comment
    return message("farebox.adjustment", id, data, revision=revision)


def consumption(
    id: str,  # noqa: A002
    product: str = "A",
    on: str = "2026-03-02",
    *,
    revision: int = 0,
    **amounts: str,
) -> bytes:
    """Write a use that was entered by hand."""
    data = {"person": WHO, "product": product, "reasonType": "Off network", "transactionDate": on, **amounts}
    return message("farebox.consumption", id, data, revision=revision)


def job(
    id: str,  # noqa: A002
    submitted: str = "2026-03-02 08:00",
    *,
    status: str = "success",
    product: str = "TRANSLATE",
    kind: str = "complex",
    revision: int = 0,
    **data: Any,
) -> bytes:
    """Write a job of a cloud service."""
    body = {"product": product, "status": status, "submitted": stamp(submitted), "class": kind, **data}
    return message("farebox.job", id, body, revision=revision)


def teach(world: World) -> Product:
    """Add a service TRANSLATE (complex 0.5, simple 0.1 a result) and RENDER (1 token for 60 s of work)."""
    service = catalogue.add_product(
        catalogue.NewProduct(code="TRANSLATE", name="Translation", category=UsageCategory.CLOUD_SERVICE)
    )
    by_time = catalogue.add_product(
        catalogue.NewProduct(code="RENDER", name="Rendering", category=UsageCategory.CLOUD_SERVICE)
    )
    catalogue.open_offer("all", [service, by_time], since=START)
    for card in ("flex", "ent"):
        for kind, price in (("complex", "0.5"), ("simple", "0.1")):
            catalogue.set_rate(card, service, tokens(price), since=START, complexity=kind)
        catalogue.set_rate(card, by_time, tokens("1"), since=START, unit_seconds=60)
    world.products |= {"TRANSLATE": service, "RENDER": by_time}
    return service


def costs() -> list[str]:
    """Return the charges that count: usage category, category, reason and tokens, by their instants."""
    live = Charge.objects.filter(ended_us__isnull=True).order_by("at_us", "id")
    return [f"{one.usage_category} {one.category} {one.reason} {as_text(one.tokens_micro)}" for one in live]


def owed() -> tuple[str, str]:
    """Return what is short, and what is over-consumed, of all charges that count."""
    live = Charge.objects.filter(ended_us__isnull=True).values_list("shortfall_micro", "over_micro")
    return as_text(sum(short for short, _ in live)), as_text(sum(over for _, over in live))  # type: ignore[arg-type]


def packs() -> list[str]:
    """Return every pack: pool, origin, size, what is left and what is reserved."""
    return [
        f"{one.pool} {one.origin} {as_text(one.size_micro)} left {as_text(one.left_micro)}"
        + (f" reserved {as_text(one.reserved_micro)}" if one.reserved_micro else "")
        for one in Pack.objects.order_by("pk")
    ]


def holds() -> list[str]:
    """Return the holds: their tokens, and open, booked or released."""
    return [
        f"{as_text(one.tokens_micro)} {'open' if one.ended_us is None else 'booked' if one.booked else 'released'}"
        for one in Hold.objects.order_by("pk")
    ]


def later(minutes: int) -> Instant:
    """Return an instant so long after the world's now."""
    return Instant(NOW + minutes * 60_000_000)
