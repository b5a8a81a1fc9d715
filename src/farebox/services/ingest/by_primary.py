"""Consumption that a team's primary administrator enters by hand, of the team's own tokens (authorization matrix)."""

from __future__ import annotations

from farebox.domain.clock import Instant
from farebox.domain.rights import Action
from farebox.records import access, chosen
from farebox.records.chosen import Thing
from farebox.records.roles import account_of
from farebox.records.standing import Account, standing
from farebox.services.ingest.by_hand import Consumption, Entered, Entry, enter


def products(user: Account, team_id: int, *, now: Instant) -> tuple[Thing, ...]:
    """Return what may be entered in a team: the products that its contracts open now, by name."""
    standing(user, team_id, Action.MANUAL_USE)
    return chosen.things(access.offer(team_id, now=now))


def consume(user: Account, team_id: int, entry: Entry, asked: Consumption, *, now: Instant) -> Entered:
    """
    Enter a use that nothing reported, in the name of the team's primary administrator.

    It takes no second person, whatever it draws: the rule of two is about operators, who spend what is others'.
    Raises `Forbidden`, `NotFound`, and what `enter` raises.
    """
    standing(user, team_id, Action.MANUAL_USE)
    return enter(team_id, entry, asked, now=now, actor=account_of(user))
