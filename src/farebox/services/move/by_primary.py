"""Tokens that a primary administrator moves between two teams, both of which are theirs (authorization matrix, L6)."""

from __future__ import annotations

from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Day, Instant
from farebox.domain.errors import Forbidden, NotFound
from farebox.domain.rights import Action
from farebox.records import db, moving
from farebox.records.models import Pack, Team
from farebox.records.models.packs import PackOrigin
from farebox.records.roles import account_of
from farebox.records.standing import Account, Standing, standing, standings
from farebox.services.move.moving import Move, Moved, move, moved_before

KEYS = "move.primary"
"""Whose the keys of these moves are: no operator's form and no command says one of them (L8)."""


class Going(NamedTuple):
    """A pack of which something can go; `bought` tells when it was, where it came by a purchase."""

    id: int
    pool: str
    order_number: str
    left: Tokens
    reserved: Tokens
    until: Instant
    bought: Instant | None


class Asked(NamedTuple):
    """What shall go: tokens of a pack, all that is left of it if no amount is given, and the number of the team."""

    pack: int
    to: int
    tokens: Tokens | None = None
    reason: str = ""


class Foreseen(NamedTuple):
    """
    What a move would do: the pack as it is, where its tokens go, and what becomes of them there.

    Where the contract that gets them is over, `ended` is its last day.
    """

    pack: Going
    to: str
    moved: Moved
    ended: Day | None


class Given(NamedTuple):
    """What was moved, and whether that was done before, when the same was asked with the same key."""

    moved: Moved
    is_repeated: bool


def others(user: Account, team_id: int) -> list[Standing]:
    """Return the other teams that somebody leads, by name. Raises `NotFound` or `Forbidden` for one that is not."""
    standing(user, team_id, Action.MOVE_TOKENS)
    return [one for one in standings(user, Action.MOVE_TOKENS) if one.team_id != team_id]


def packs(user: Account, team_id: int, *, now: Instant) -> list[Going]:
    """Return the packs of a team of which something can go, in the order of their ends. Raises as `others` does."""
    standing(user, team_id, Action.MOVE_TOKENS)
    rows = Pack.objects.filter(contract__team_id=team_id, until_us__gt=now, left_micro__gt=0)
    return [_going(row) for row in rows.order_by("until_us", "size_micro", "pk")]


def foresee(user: Account, team_id: int, asked: Asked, *, now: Instant) -> Foreseen:
    """Tell exactly what a move would do as things stand, and change nothing. Raises what `give_to` raises."""

    def once() -> Foreseen:
        pack, to = _held(user, team_id, asked)
        moved = move(_move(asked, to), now=now)
        return Foreseen(_going(pack), to.name, moved, moving.ended_contracts(pack.pk, [to.pk], at=now).get(to.pk))

    return db.rehearse(once)


def give_to(user: Account, team_id: int, asked: Asked, *, key: str, now: Instant) -> Given:
    """
    Move tokens from one of somebody's teams to another; the same key again gives the same answer (L8).

    It takes no second person: who leads both teams spends what is theirs. Both rights hold until it is done. Raises
    `NotFound` for a team that one does not lead and a pack that is not the team's, `Forbidden` for who leads none of
    it but is a member, `Rejected` with every problem, `Conflict` for a key used before for another move.
    """

    def once() -> Given:
        with db.atomic():
            _, to = _held(user, team_id, asked)
            said = f"{user.pk}:{team_id}:{key}" if key else ""
            before = moved_before(_move(asked, to), key=said, scope=KEYS)
            moved = before or move(_move(asked, to), now=now, actor=account_of(user), key=said, scope=KEYS)
            return Given(moved, before is not None)

    return db.insist(once)


def _held(user: Account, team_id: int, asked: Asked) -> tuple[Pack, Team]:
    """Return the pack and where it goes, with both rights held fast until the transaction ends."""
    moving.hold_rights(user.pk or 0, (team_id, asked.to))
    standing(user, team_id, Action.MOVE_TOKENS)
    try:
        standing(user, asked.to, Action.MOVE_TOKENS)
    except Forbidden as error:
        raise NotFound("no such team, or not yours") from error
    pack = Pack.objects.filter(pk=asked.pack, contract__team_id=team_id).first()
    if pack is None:
        raise NotFound(f"no pack {asked.pack}")
    return pack, Team.objects.get(pk=asked.to)


def _move(asked: Asked, to: Team) -> Move:
    return Move(pack=asked.pack, to=to.slug, tokens=asked.tokens, reason=asked.reason)


def _going(row: Pack) -> Going:
    bought = Instant(row.booked_us) if row.origin == PackOrigin.PURCHASED else None
    return Going(
        id=row.pk,
        pool=row.pool,
        order_number=row.order_number,
        left=Tokens(row.left_micro),
        reserved=Tokens(row.reserved_micro),
        until=Instant(row.until_us),
        bought=bought,
    )
