"""Offers and rate cards: what each had, has, and will have from a date on (product A2, A3)."""

from __future__ import annotations

from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from django.db.models import Count

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant
from farebox.domain.errors import NotFound
from farebox.records import db
from farebox.records.models import Offer, OfferProduct, Rate, RateCard


class When(StrEnum):
    """Whether a rate is over, in force, or to come."""

    PAST = "PAST"
    NOW = "NOW"
    COMING = "COMING"


class Line(NamedTuple):
    """An offer or a rate card as a list shows it: how many products it has, and contracts that run on it."""

    id: int
    code: str
    products: int
    contracts: int


class OfferedProduct(NamedTuple):
    """A product of an offer, from an instant on."""

    product: int
    code: str
    name: str
    since: Instant
    is_coming: bool


class OfferPage(NamedTuple):
    """An offer and its products; the latest first."""

    id: int
    code: str
    products: tuple[OfferedProduct, ...]
    teams: tuple[str, ...]


class RateLine(NamedTuple):
    """A rate on a card."""

    product: int
    code: str
    name: str
    complexity: str
    tokens: Tokens
    unit_seconds: int
    since: Instant
    when: When


class CardPage(NamedTuple):
    """A rate card with all its rates, by product and class, the latest first."""

    id: int
    code: str
    rates: tuple[RateLine, ...]
    teams: tuple[str, ...]


def offers() -> list[Line]:
    """Return every offer, by code."""
    rows = Offer.objects.order_by("code").annotate(
        products=Count("entries", distinct=True), uses=Count("contracts", distinct=True)
    )
    return [Line(row.pk, row.code, row.products, row.uses) for row in rows]


def cards() -> list[Line]:
    """Return every rate card, by code."""
    rows = RateCard.objects.order_by("code").annotate(
        products=Count("rates__product", distinct=True), uses=Count("contracts", distinct=True)
    )
    return [Line(row.pk, row.code, row.products, row.uses) for row in rows]


def offer_page(offer: int, *, at: Instant) -> OfferPage:
    """Return an offer by its id. Raises `NotFound`."""
    with db.reading():
        row = Offer.objects.filter(pk=offer).first()
        if row is None:
            raise NotFound(f"no offer {offer}")
        entries = OfferProduct.objects.filter(offer=row).order_by("-since_us", "product__name", "pk")
        return OfferPage(
            row.pk,
            row.code,
            tuple(
                OfferedProduct(product, code, name, Instant(since), since > at)
                for product, code, name, since in entries.values_list(
                    "product", "product__code", "product__name", "since_us"
                )
            ),
            tuple(row.contracts.order_by("team__name", "pk").values_list("team__name", flat=True).distinct()),
        )


def card_page(card: int, *, at: Instant) -> CardPage:
    """Return a rate card by its id. Raises `NotFound`."""
    with db.reading():
        row = RateCard.objects.filter(pk=card).first()
        if row is None:
            raise NotFound(f"no rate card {card}")
        rates = Rate.objects.filter(card=row).select_related("product")
        ordered = rates.order_by("product__name", "product_id", "complexity", "-since_us")
        kept: list[RateLine] = []
        for _key, history in groupby(ordered, key=lambda rate: (rate.product_id, rate.complexity)):
            kept += _history(list(history), at)
        teams = row.contracts.order_by("team__name", "pk").values_list("team__name", flat=True).distinct()
        return CardPage(row.pk, row.code, tuple(kept), tuple(teams))


def _history(rates: list[Rate], at: Instant) -> list[RateLine]:
    """Return one product's rates, the latest first; the first of them that has begun is in force."""
    begun = next((rate.pk for rate in rates if rate.since_us <= at), 0)
    return [
        RateLine(
            product=rate.product_id,
            code=rate.product.code,
            name=rate.product.name,
            complexity=rate.complexity,
            tokens=Tokens(rate.tokens_micro),
            unit_seconds=rate.unit_size,
            since=Instant(rate.since_us),
            when=When.COMING if rate.since_us > at else When.NOW if rate.pk == begun else When.PAST,
        )
        for rate in rates
    ]
