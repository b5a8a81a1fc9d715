"""Which products a contract opens, and since when; offers only grow (product A3)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from farebox.domain.clock import Instant
from farebox.domain.errors import Problem, Rejected, Taken
from farebox.records import db
from farebox.records.catalogue import announce_change
from farebox.records.models import Offer, OfferProduct, Product
from farebox.services.catalogue.hand import Hand, note

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
"""How offers and rate cards may be called where they are made on a page."""


def add_offer(code: str, *, by: Hand) -> Offer:
    """Make an offer without a product yet. Raises `Rejected` for what can be no code, `Taken` for one that is there."""
    check_code(code)
    with db.atomic():
        if Offer.objects.filter(code=code).exists():
            raise Taken(f"there is an offer {code!r} already", pointer="/code", taken=code)
        offer = Offer.objects.create(code=code)
        note(by, "offer.add", f"offer {offer.pk}", {"code": code})
        announce_change()
    return offer


def check_code(code: str) -> None:
    """Raise `Rejected` for what an offer or a rate card cannot be called."""
    if not CODE.fullmatch(code):
        message = (
            "a code has 1 to 60 letters, digits, points, hyphens and underscores, and begins with a letter or digit"
        )
        raise Rejected([Problem("/code", "invalid_value", message)])


def open_offer(code: str, products: Iterable[Product], *, since: Instant, by: Hand | None = None) -> Offer:
    """
    Add products to an offer from an instant on, making the offer if it is new (product A3).

    A product that the offer has keeps its instant: what people may open is never taken back, nor backdated.
    """
    with db.atomic():
        offer, is_new = Offer.objects.get_or_create(code=code)
        if is_new:
            note(by, "offer.add", f"offer {offer.pk}", {"code": code})
        for product in products:
            _row, added = OfferProduct.objects.get_or_create(offer=offer, product=product, defaults={"since_us": since})
            if added:
                facts: dict[str, str | int] = {"code": code, "product": product.code, "since_us": since}
                note(by, "offer.open", f"offer {offer.pk}", facts)
        announce_change()
    return offer
