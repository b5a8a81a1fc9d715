"""
One charge to its explanation: gather what it was made from, rate it again and rate what might have been, and say it.

What comes out is built from the records alone, never from a text that was stored with the charge.
"""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser

from farebox.domain.charging.precedence import entitled_row
from farebox.domain.errors import Busy, NotFound
from farebox.domain.explain import (
    day_what_ifs,
    flex_what_ifs,
    replayed,
    unentitled_chain,
    unentitled_day,
)
from farebox.domain.ids import charge_of
from farebox.domain.rights import Action
from farebox.domain.usage import Funding, Reason
from farebox.records import explaining
from farebox.records.catalogue import Catalogue, snapshot
from farebox.records.explaining import ChargeFacts
from farebox.records.models.contracts import Scheme
from farebox.records.outright import SESSION
from farebox.records.standing import standings
from farebox.records.tenancy import acting_for
from farebox.services.explain import write
from farebox.services.explain.basis import Decided, chain_of, day_of, own_pieces
from farebox.services.explain.document import Explanation
from farebox.services.explain.outright import price_again

ATTEMPTS = 3
"""How often a charge that changes while it is read is read again."""


NOTHING = Decided(None, None, ())


def explain(item_id: str, *, reader: AbstractBaseUser | None) -> Explanation:
    """
    Explain a charged item to somebody; None reads as whoever runs the installation.

    Raises `NotFound` for what is no charged item, and for one of a team whose usage `reader` may not read: the two look
    the same (quality T2). Raises `Busy` where the charge kept changing.
    """
    number = charge_of(item_id)
    for _ in range(ATTEMPTS):
        facts = explaining.charge(number)
        if facts is None or not _may_read(reader, facts.team):
            raise NotFound("there is no charged item with this id")
        with acting_for(facts.team):
            catalogue = snapshot()
            found = write.explanation(facts, decide(facts, catalogue), catalogue)
            if explaining.charge(number) == facts:
                return found
    raise Busy("the charge changed while it was read")


def _may_read(reader: AbstractBaseUser | None, team: int) -> bool:
    if reader is None:
        return True
    return any(one.team_id == team for one in standings(reader, Action.USAGE))


def decide(facts: ChargeFacts, catalogue: Catalogue) -> Decided:
    """Rate a charge again, and what might have been; what no longer counts, and a late difference, is not."""
    if facts.ended is not None or facts.row.reason == Reason.LATE:
        return NOTHING
    if facts.kind != SESSION:
        return price_again(facts, catalogue)
    if facts.funding != Funding.TOKENS:
        return _entitled(facts, catalogue)
    if facts.scheme == Scheme.ENTERPRISE:
        day = day_of(facts, catalogue)
        return Decided(day, replayed(day.day, facts.row.use, facts.row.since), day_what_ifs(day.day, facts.row))
    chain = chain_of(facts, catalogue)
    again = replayed(chain.chain, facts.row.use, facts.row.since)
    return Decided(chain, again, flex_what_ifs(chain.chain, chain.own(facts), facts.row))


def _entitled(facts: ChargeFacts, catalogue: Catalogue) -> Decided:
    """Rate a use over a seat or trial again, and what tokens would have paid without it (domain F9)."""
    again = entitled_row(facts.use, facts.row.product, Funding(facts.funding))
    if facts.scheme != Scheme.ENTERPRISE:
        chain = chain_of(facts, catalogue)
        return Decided(chain, again, (unentitled_chain(chain.chain, facts.use, facts.row),))
    pieces = own_pieces(facts)
    on = facts._replace(row=facts.row._replace(day=pieces[0].day))
    day = day_of(on, catalogue)
    return Decided(day, again, (unentitled_day(day.day, pieces[:1], facts.row),))
