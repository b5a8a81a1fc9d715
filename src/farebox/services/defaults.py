"""
Default assignments: one set of products for all members of a team, new and existing (product B4, [S 003]).

They are on as long as the set has a product, and off once it is cleared. While they are on everybody has exactly that
set; what was given to people and groups rests, untouched. Products that join the offer never join the set by
themselves. Nobody is told by mail.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import NamedTuple

from farebox.domain.access import Held, opened, turns
from farebox.domain.clock import Instant
from farebox.domain.errors import Conflict, Rejected
from farebox.records import access, audit, chosen, db
from farebox.records.chosen import By, Command, Thing, Ticked
from farebox.records.models import DefaultProduct, Team

__all__ = ["Changed", "Command", "Defaults", "Preview", "choose", "preview", "state"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """The default assignments of a team: whether they are on, for how many members, and the products to tick."""

    on: bool
    people: int
    products: tuple[Ticked, ...]

    @property
    def shown(self) -> tuple[str, ...]:
        """The codes that are ticked: the page sends them back with what was changed."""
        return tuple(one.product.code for one in self.products if one.ticked)


class Changed(NamedTuple):
    """How many people come to open a product, and how many no longer will."""

    product: Thing
    gain: int
    lose: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What choosing a set would change: for how many of the members, and product by product."""

    turns_on: bool
    turns_off: bool
    people: int
    products: tuple[Changed, ...]


def state(user: By, team: int, *, now: Instant) -> Defaults:
    """Return the default assignments of a team as they stand."""
    chosen.allowed(user, team)
    offer, standing = access.offer(team, now=now), _standing(team)
    return Defaults(
        on=bool(standing),
        people=len(_members(team)),
        products=tuple(
            Ticked(one, one.id in offer, one.id in standing) for one in chosen.things(offer | frozenset(standing))
        ),
    )


def preview(user: By, team: int, products: Collection[str], *, now: Instant) -> Preview:
    """Return what choosing these products would change for whom. Raises `Rejected` as `choose` does."""
    chosen.allowed(user, team)
    offer, standing = access.offer(team, now=now), _standing(team)
    wanted = _wanted(products, offer | frozenset(standing))
    members = _members(team)
    before = [opened(one, offer) for one in members]
    defaults = {product: standing.get(product, now) for product in wanted}
    after = [opened(replace(one, defaults=defaults), offer) for one in members]
    found = turns(before, after)
    return Preview(
        turns_on=bool(wanted) and not standing,
        turns_off=bool(standing) and not wanted,
        people=sum(had != has for had, has in zip(before, after, strict=True)),
        products=tuple(Changed(one, *found[one.id]) for one in chosen.things(found)),
    )


def choose(
    user: By, team: int, products: Collection[str], *, shown: Collection[str] | None = None, now: Instant
) -> bool:
    """
    Make these products the default set; none of them switches the defaults off. False where that was so already.

    Raises `Rejected` for products that the offer has not, `Conflict` where the set is no longer what was `shown`.
    """
    actor = chosen.allowed(user, team)
    with db.atomic():
        list(Team.objects.select_for_update(no_key=True).filter(pk=team).values_list("pk"))
        standing = _standing(team)
        if shown is not None and chosen.existing(shown) != frozenset(standing):
            raise Conflict("somebody else changed the default assignments meanwhile; look at them again")
        wanted = _wanted(products, access.offer(team, now=now) | frozenset(standing))
        new, gone = wanted - frozenset(standing), frozenset(standing) - wanted
        DefaultProduct.objects.filter(team_id=team, product_id__in=gone).delete()
        DefaultProduct.objects.bulk_create(
            DefaultProduct(team_id=team, product_id=product, since_us=now) for product in sorted(new)
        )
        rows = [("default added", product) for product in sorted(new)]
        rows += [("default removed", product) for product in sorted(gone)]
        audit.note([audit.Change(team, verb, f"product {one}", {}) for verb, one in rows], actor, at=now)
        return bool(rows)


def _wanted(products: Collection[str], among: frozenset[int]) -> frozenset[int]:
    numbers, problems = chosen.numbers_of(products, among)
    if problems:
        raise Rejected(problems)
    return numbers


def _standing(team: int) -> dict[int, Instant]:
    rows = DefaultProduct.objects.filter(team_id=team).values_list("product_id", "since_us")
    return {product: Instant(since) for product, since in rows}


def _members(team: int) -> list[Held]:
    """Return what each active member of a team was given."""
    return [one for one in access.held_in([team]).values() if one.member_since is not None]
