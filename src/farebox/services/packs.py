"""The packs of a team, and the whole history of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant
from farebox.domain.errors import NotFound
from farebox.records import db, turnover
from farebox.records.models import Pack
from farebox.records.turnover import Flow


class Listed(NamedTuple):
    """A pack as a list shows it."""

    id: int
    contract: str
    pool: str
    left: Tokens
    reserved: Tokens
    size: Tokens
    since: Instant
    until: Instant
    order_number: str
    origin: str
    part_of: int


class Step(NamedTuple):
    """One entry of a pack's history, and what the pack has left after it."""

    number: int
    booked: Instant
    at: Instant
    kind: str
    tokens: Tokens
    left: Tokens
    charge: int


def history(pack: int) -> list[Step]:
    """Return everything that came into a pack and left it, with its balance after each step. Raises `NotFound`."""
    with db.atomic():
        if not Pack.objects.filter(pk=pack).exists():
            raise NotFound(f"no pack {pack}")
        return list(_steps(turnover.of_pack(pack)))


def left_of(pack: int) -> Tokens:
    """Return what a pack has left. Raises `NotFound`."""
    return Tokens(_pack(pack).left_micro)


def team_of(pack: int) -> int:
    """Return the number of the team that a pack belongs to. Raises `NotFound`."""
    return _pack(pack).contract.team_id


def _pack(pack: int) -> Pack:
    found = Pack.objects.select_related("contract").filter(pk=pack).first()
    if found is None:
        raise NotFound(f"no pack {pack}")
    return found


def packs_of(team: str, *, at: Instant, ended: bool = False) -> list[Listed]:
    """Return the packs of a team that have not ended `at` that instant, or all, in the order in which they pay."""
    packs = Pack.objects.select_related("contract").filter(contract__team__slug=team)
    if not ended:
        packs = packs.filter(until_us__gt=at)
    return [
        Listed(
            pack.pk,
            pack.contract.number,
            pack.pool,
            Tokens(pack.left_micro),
            Tokens(pack.reserved_micro),
            Tokens(pack.size_micro),
            pack.since_us,
            pack.until_us,
            pack.order_number,
            pack.origin,
            pack.part_of_id or 0,
        )
        for pack in packs.order_by("contract_id", "pool", "until_us", "size_micro", "pk")
    ]


def _steps(flows: Iterable[Flow]) -> Iterator[Step]:
    left = 0
    for flow in flows:
        left += flow.tokens
        yield Step(flow.number, flow.booked, flow.at, flow.kind, Tokens(flow.tokens), Tokens(left), flow.charge)
