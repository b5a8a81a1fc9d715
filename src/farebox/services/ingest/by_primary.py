"""
Consumption that a team's primary administrator enters by hand, of the team's own tokens (authorization matrix).

What a primary administrator entered a primary administrator may withdraw, also the next one; what operators entered,
or amended, operators withdraw.
"""

from __future__ import annotations

from farebox.domain.clock import Instant
from farebox.domain.errors import Forbidden
from farebox.domain.rights import Action
from farebox.records import access, chosen, db, ledger
from farebox.records.chosen import Thing
from farebox.records.roles import account_of
from farebox.records.standing import Account, standing
from farebox.services.ingest import entries
from farebox.services.ingest.arrival import State
from farebox.services.ingest.by_hand import Consumption, Entered, Entry, enter
from farebox.services.ingest.by_hand import rehearse as try_out
from farebox.services.ingest.by_hand import withdraw as take_back
from farebox.services.ingest.entries import Listed, Page, Status


def products(user: Account, team_id: int, *, now: Instant) -> tuple[Thing, ...]:
    """Return what may be entered in a team: the products that its contracts open now, by name."""
    standing(user, team_id, Action.MANUAL_USE)
    return chosen.things(access.offer(team_id, now=now))


def rehearse(user: Account, team_id: int, entry: Entry, asked: Consumption, *, now: Instant) -> Entered:
    """Tell what would become of a use, and leave everything as it is. Raises as `consume` does."""
    standing(user, team_id, Action.MANUAL_USE)
    return try_out(team_id, entry, asked, now=now)


def consume(user: Account, team_id: int, entry: Entry, asked: Consumption, *, now: Instant) -> Entered:
    """
    Enter a use that nothing reported, in the name of the team's primary administrator.

    It takes no second person, whatever it draws: the rule of two is about operators, who spend what is others'.
    Raises `Forbidden`, `NotFound`, and what `enter` raises.
    """
    standing(user, team_id, Action.MANUAL_USE)
    return enter(team_id, entry, asked, now=now, actor=account_of(user), as_primary=True)


def listed(user: Account, team_id: int, *, page: int = 1) -> Page:
    """Return a page of the team's entries by hand. Raises `Forbidden`, `NotFound`."""
    standing(user, team_id, Action.MANUAL_USE)
    return entries.listed(team_id, reader=user.pk or 0, page=page)


def one(user: Account, team_id: int, number: int) -> Listed:
    """Return an entry by hand of the team. Raises `Forbidden`, `NotFound`."""
    standing(user, team_id, Action.MANUAL_USE)
    return entries.one(team_id, number, reader=user.pk or 0)


def withdraw(user: Account, team_id: int, number: int, *, revision: int, reason: str, now: Instant) -> Entered:
    """
    Take back what a primary administrator of the team entered; what was withdrawn already stays so.

    Raises `Forbidden` for another's entry, `NotFound`, and what `by_hand.withdraw` raises.
    """

    def once() -> Entered:
        with db.atomic():
            ledger.lock([team_id])  # nobody amends it between the question whose it is and the withdrawal
            found = one(user, team_id, number)
            if found.status is Status.WITHDRAWN:
                return Entered(id=found.id, state=State.DUPLICATE, tokens=None, problems=())
            if not found.is_primarys:
                raise Forbidden("a primary administrator withdraws what one of this team entered")
            return take_back(team_id, found.id, revision=revision, reason=reason, now=now, actor=account_of(user))

    return db.insist(once)
