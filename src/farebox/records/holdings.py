"""
The packs of a contract as an account of each: what it held, and where that is.

What a pack held is all that came into it and neither was moved on nor taken away by hand; it was used, is reserved, is
left, or lapsed. Of a pack past its end everything lapsed, whatever the books say yet.  (domain L2, L5)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import LAST, Instant
from farebox.domain.ledger import AccountKind
from farebox.domain.packs import Pack as PayingPack
from farebox.domain.packs import Pool, burn_order
from farebox.records import turnover
from farebox.records.models import Contract, Pack

_POOLS = (Pool.CREDIT, Pool.FLEX, Pool.CY, Pool.MY)
"""The pools in the order in which they pay; those of several years pay for nothing by themselves (S5, N7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """
    A pack: what was bought, and where that is. `held` is `used`, `reserved`, `left` and `lapsed` together.

    `size` is the size of the whole purchase, of which a moved part holds less (domain L6). `price_minor` is in the
    smallest unit of the currency; None where no price is known.
    """

    id: int
    pool: Pool
    order_number: str
    price_minor: int | None
    currency: str
    since: Instant
    until: Instant
    size: Tokens
    used: Tokens
    reserved: Tokens
    left: Tokens
    lapsed: Tokens

    @property
    def held(self) -> Tokens:
        """All that the pack had."""
        return Tokens(self.used + self.reserved + self.left + self.lapsed)

    @property
    def paying(self) -> PayingPack:
        """The pack as the rules of paying know it."""
        return PayingPack(self.id, self.since, self.until, self.size, self.left)


def holdings(contract: Contract, *, since: Instant, at: Instant) -> list[Holding]:
    """Return the packs of a contract that had not ended at `since`, in the order in which they pay."""
    packs = list(Pack.objects.filter(contract=contract, until_us__gt=since))
    held = _held(contract, packs)
    found = [_holding(pack, held[pack.pk], at) for pack in packs]
    return sorted(found, key=lambda one: (_POOLS.index(one.pool), burn_order(one.paying)))


def _held(contract: Contract, packs: Sequence[Pack]) -> Mapping[int, int]:
    """Return what came into each pack and neither was moved on nor taken away by hand."""
    held: dict[int, int] = defaultdict(int)
    after = Instant(min((pack.booked_us for pack in packs), default=LAST) - 1)
    for flow in _flows(contract, after) if packs else ():
        if flow.other != AccountKind.EXPIRED:
            held[flow.pack] += flow.tokens
    return held


def _flows(contract: Contract, after: Instant) -> Iterable[turnover.Flow]:
    yield from turnover.by_hand(contract.team_id, contract.pk, after=after, until=LAST)
    yield from turnover.adjusting(contract.pk, after=after, until=LAST)


def _holding(pack: Pack, held: int, at: Instant) -> Holding:
    is_dead = pack.until_us <= at
    lapsed = pack.lapsed_micro + (pack.left_micro if is_dead else 0)
    return Holding(
        id=pack.pk,
        pool=Pool(pack.pool),
        order_number=pack.order_number,
        price_minor=pack.price_minor,
        currency=pack.currency,
        since=Instant(pack.since_us),
        until=Instant(pack.until_us),
        size=Tokens(pack.size_micro),
        used=Tokens(held - pack.left_micro - pack.reserved_micro - pack.lapsed_micro),
        reserved=Tokens(pack.reserved_micro),
        left=ZERO if is_dead else Tokens(pack.left_micro),
        lapsed=Tokens(lapsed),
    )
