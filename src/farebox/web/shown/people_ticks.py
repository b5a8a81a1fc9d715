"""Products to tick: the choice between all of the offer and some, and a line for each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from farebox.services.assign import Thing, Ticked
from farebox.web.people_forms import Wanted, Which


@dataclass(frozen=True, slots=True)
class Tick:
    """A product to tick, and what is said of it."""

    code: str
    name: str
    is_ticked: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """
    The choice as it is shown.

    `shown` are the codes that were ticked when it was made: sent back, they tell what was changed on the page, so that
    two who save at once lose nothing of each other's. Where the lines tell how each product is held, they stay in sight
    beside “all products”.
    """

    legend: str
    which: str
    lines: tuple[Tick, ...]
    problem: str = ""
    allows_none: bool = False
    shown: tuple[str, ...] = ()
    shown_every: bool = False
    tells: bool = False


def ticks(products: Sequence[Thing], wanted: Wanted, *, problem: str = "", allows_none: bool = False) -> Ticks:
    """Return the choice for new people, or for several at once."""
    return Ticks(
        legend=_("Products"),
        which=wanted.which,
        lines=lines(products, wanted.products),
        problem=problem,
        allows_none=allows_none,
    )


def lines(products: Sequence[Thing], ticked: Collection[str]) -> tuple[Tick, ...]:
    """Return a line for each product."""
    return tuple(Tick(one.code, one.name, one.code in ticked) for one in products)


def of(found: Iterable[Ticked]) -> tuple[Tick, ...]:
    """Return a line for each product as it is ticked now."""
    return tuple(
        Tick(one.product.code, one.product.name, one.ticked, () if one.offered else (_("Not in the offer now."),))
        for one in found
    )


def completed(wanted: Wanted, products: Sequence[Thing]) -> Wanted:
    """Return what is asked for; all products ticked one by one are all products, later ones too [S 003]."""
    if products and {one.code for one in products} <= set(wanted.products):
        return Wanted(Which.ALL)
    return wanted
