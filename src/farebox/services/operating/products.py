"""The catalogue as operators look after it (product A1)."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Count, Q

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant
from farebox.domain.errors import NotFound
from farebox.domain.usage import UsageCategory
from farebox.records import db
from farebox.records.models import OfferProduct, Product, Rate

LISTED_MAX = 500


class ProductLine(NamedTuple):
    """A product of the catalogue, with how many offers and rate cards have it."""

    id: int
    code: str
    name: str
    family: str
    category: UsageCategory
    offers: int
    cards: int


class Offered(NamedTuple):
    """An offer that has a product, from an instant on."""

    offer: int
    code: str
    since: Instant


class Priced(NamedTuple):
    """A rate of a product."""

    card: int
    code: str
    complexity: str
    tokens: Tokens
    unit_seconds: int
    since: Instant


class ProductPage(NamedTuple):
    """A product with all that the catalogue tells of it."""

    id: int
    code: str
    name: str
    family: str
    category: UsageCategory
    idle_aware: bool
    versions: tuple[str, ...]
    codes: tuple[tuple[str, str], ...]
    offers: tuple[Offered, ...]
    rates: tuple[Priced, ...]
    where: str
    where_note: str


def products(search: str = "") -> list[ProductLine]:
    """Return the products whose code, name, family or further code has a text, by name; five hundred at most."""
    with db.reading():
        found = Product.objects.select_related("family").order_by("name", "pk")
        if search:
            has = Q(name__icontains=search) | Q(code__icontains=search) | Q(family__code__icontains=search)
            found = found.filter(has | Q(pk__in=Product.objects.filter(codes__code__icontains=search).values("pk")))
        rows = list(found[:LISTED_MAX])
        offers = dict(OfferProduct.objects.order_by().values_list("product").annotate(Count("offer")))
        cards = dict(Rate.objects.order_by().values_list("product").annotate(Count("card", distinct=True)))
        return [
            ProductLine(
                row.pk,
                row.code,
                row.name,
                row.family.code,
                UsageCategory(row.category),
                offers.get(row.pk, 0),
                cards.get(row.pk, 0),
            )
            for row in rows
        ]


def product_page(product: int) -> ProductPage:
    """Return a product by its id. Raises `NotFound`."""
    with db.reading():
        row = Product.objects.select_related("family").filter(pk=product).first()
        if row is None:
            raise NotFound(f"no product {product}")
        offered = OfferProduct.objects.filter(product=row).order_by("offer__code", "pk")
        rates = Rate.objects.filter(product=row).order_by("card__code", "complexity", "-since_us")
        return ProductPage(
            id=row.pk,
            code=row.code,
            name=row.name,
            family=row.family.code,
            category=UsageCategory(row.category),
            idle_aware=row.idle_aware,
            versions=tuple(row.versions.order_by("code").values_list("code", flat=True)),
            codes=tuple(row.codes.order_by("code").values_list("code", "version")),
            offers=tuple(
                Offered(offer, code, Instant(since))
                for offer, code, since in offered.values_list("offer", "offer__code", "since_us")
            ),
            rates=tuple(
                Priced(card, code, name, Tokens(micro), size, Instant(since))
                for card, code, name, micro, size, since in rates.values_list(
                    "card", "card__code", "complexity", "tokens_micro", "unit_size", "since_us"
                )
            ),
            where=row.where,
            where_note=row.where_note,
        )


def product_choices(*, not_in_offer: int = 0) -> list[tuple[str, str]]:
    """Return the products that one can choose, by code and name; without those that an offer has already."""
    found = Product.objects.order_by("name", "pk")
    if not_in_offer:
        found = found.exclude(pk__in=OfferProduct.objects.filter(offer=not_in_offer).values("product"))
    return [(code, f"{name} ({code})") for code, name in found.values_list("code", "name")]
