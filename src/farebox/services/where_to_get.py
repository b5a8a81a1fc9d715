"""Where people get a product, as the operator says it (product B8)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from farebox.domain.clock import Instant
from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.records import audit, db
from farebox.records.models import Product

ADDRESS_MAX = 500
NOTE_MAX = 200
SCHEMES = ("http", "https")


def set_where(code: str, address: str, note: str = "", *, actor: str, now: Instant) -> None:
    """
    Say where people get a product, and what to know before; an empty address takes it back.

    Raises `NotFound` for a product that the catalogue does not have, `Rejected` with every problem.
    """
    address, note = address.strip(), note.strip()
    problems = [*_address_problems(address), *_note_problems(note)]
    if problems:
        raise Rejected(problems)
    with db.atomic():
        product = Product.objects.filter(code=code).first()
        if product is None:
            raise NotFound(f"the catalogue has no product {code!r}")
        changed = Product.objects.filter(pk=product.pk).exclude(where=address, where_note=note)
        if changed.update(where=address, where_note=note):
            audit.note([audit.Change(None, "product.where", f"product {product.pk}", {})], actor, at=now)


def _address_problems(address: str) -> Iterator[Problem]:
    """Yield what keeps an address from being a link that a page may show: http or https, and whom it leads to."""
    if not address:
        return
    if len(address) > ADDRESS_MAX:
        yield Problem("/where", "too_long", f"an address has at most {ADDRESS_MAX} characters")
    if not address.isprintable() or " " in address or "\\" in address:
        yield Problem("/where", "invalid_value", "an address has no blanks, control characters or backslashes")
        return
    try:
        parts = urlsplit(address)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        named, parts = False, urlsplit("")
    if parts.scheme.lower() not in SCHEMES or not named:
        yield Problem("/where", "invalid_value", "an address begins with https:// or http:// and names a server")
    elif parts.username is not None or parts.password is not None:
        yield Problem("/where", "invalid_value", "an address shown to everybody has no user name or password in it")


def _note_problems(note: str) -> Iterator[Problem]:
    if len(note) > NOTE_MAX:
        yield Problem("/note", "too_long", f"a note has at most {NOTE_MAX} characters")
    if not note.isprintable():
        yield Problem("/note", "invalid_value", "a note is one line without control characters")
