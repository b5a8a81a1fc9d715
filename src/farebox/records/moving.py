"""The ledger entries of tokens that leave one team's pack and come into a part of it in another team's (domain L6)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Subquery

from farebox.domain.clock import Day, Instant, day_of
from farebox.domain.ledger import Account as AccountKey
from farebox.domain.ledger import AccountKind, TransferKind
from farebox.domain.moves import Movable, part_since
from farebox.domain.packs import Pool
from farebox.records import db
from farebox.records.booking import Booking
from farebox.records.ledger import EntryRow
from farebox.records.models import Account, Contract, Membership, Pack
from farebox.records.models.packs import PackOrigin

_MOVED = db.word(TransferKind.MOVED)


class Moving(Booking):
    """One team's side of moves; as with every booking, nothing is written before `write`."""

    def take_out(self, pack: int, tokens: int, *, act: int, at: Instant) -> None:
        """Let tokens leave a pack for another team."""
        held = self._purse.packs[pack]
        others = self._others(held.state.pool)
        self.entries.append(EntryRow(held.account, others, tokens, _MOVED, None, at, None, act))
        held.left -= tokens

    def bring_in(self, pack: int, tokens: int, *, act: int, at: Instant) -> None:
        """Let tokens from another team come into a pack; they pay open shortfalls first (domain F8)."""
        held = self._purse.packs[pack]
        others = self._others(held.state.pool)
        self.entries.append(EntryRow(others, held.account, tokens, _MOVED, None, at, None, act))
        held.left += tokens
        self.settle()

    def _others(self, pool: str) -> int:
        return self._purse.accounts[AccountKey(Pool(pool), AccountKind.OTHER_TEAMS)]


def movable(pack: Pack) -> Movable:
    """Return a pack as the rules of moves see it; its contract comes along."""
    return Movable(pack.pk, pack.contract.team_id, pack.since_us, pack.until_us, pack.left_micro)  # type: ignore[arg-type]


def add_part(pack: Pack, contract: Contract, *, at: Instant, booked: Instant) -> Pack:
    """Add the part of a pack in another team's contract, empty so far; it keeps order, price, end and size."""
    part = Pack.objects.create(
        contract=contract,
        pool=pack.pool,
        since_us=part_since(movable(pack), at=at),
        until_us=pack.until_us,
        size_micro=pack.size_micro,
        left_micro=0,
        order_number=pack.order_number,
        price_minor=pack.price_minor,
        currency=pack.currency,
        booked_us=booked,
        origin=PackOrigin.MOVED,
        part_of=pack,
    )
    Account.objects.create(team_id=contract.team_id, pool=pack.pool, kind=AccountKind.PACK, pack=part)
    return part


def ended_contracts(pack: int, teams: Sequence[int], *, at: Instant) -> dict[int, Day]:
    """Return the teams whose contract that would hold a part of a pack is over, with its last day."""
    scheme = Subquery(Pack.objects.filter(pk=pack).values("contract__scheme")[:1])
    rows = Contract.objects.filter(team_id__in=teams, scheme=scheme, end_day__lte=day_of(at))
    return {team: Day(end - 1) for team, end in rows.values_list("team_id", "end_day") if end is not None}


def hold_rights(user: int, teams: Sequence[int]) -> None:
    """Make others wait who would change what somebody is in these teams, until this transaction ends (T3)."""
    rows = Membership.objects.filter(user_id=user, team_id__in=teams).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))
