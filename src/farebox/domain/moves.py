"""
Moves of tokens from one team to another: what may leave a pack, and what its part is in the other team.

A part keeps the order, the end and the original size of its pack, so that it pays in the same turn there as here. It
pays from the instant of the move on, or from the pack's own start if that is later. Reserved tokens stay. (domain L6)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from farebox.domain.amounts import Tokens, as_text
from farebox.domain.clock import Instant
from farebox.domain.errors import Problem


class Movable(NamedTuple):
    """A pack as a move sees it; `left` is without what is reserved."""

    id: int
    team: int
    since: Instant
    until: Instant
    left: Tokens


class Goal(NamedTuple):
    """Where tokens shall go: the team, and whether it has a contract of the pack's scheme."""

    team: int
    has_contract: bool


def amount_of(pack: Movable, tokens: Tokens | None) -> Tokens:
    """Return how much is to move: what was asked for, or all that is left."""
    return pack.left if tokens is None else tokens


def part_since(pack: Movable, *, at: Instant) -> Instant:
    """Return from when the part pays: from the move on, never before the pack itself."""
    return max(at, pack.since)


def problems_of(pack: Movable, goal: Goal, tokens: Tokens | None, *, at: Instant) -> list[Problem]:
    """List everything that forbids a move; an empty list allows it (domain L6)."""
    return list(_problems(pack, goal, amount_of(pack, tokens), at))


def _problems(pack: Movable, goal: Goal, tokens: Tokens, at: Instant) -> Iterator[Problem]:
    if pack.until <= at:
        yield Problem("/pack", "pack_ended", f"pack {pack.id} has ended; what was left of it lapsed")
    if goal.team == pack.team:
        yield Problem("/to", "invalid_value", f"pack {pack.id} is the team's own already")
    elif not goal.has_contract:
        yield Problem("/to", "not_found", f"the other team has no contract that can hold a part of pack {pack.id}")
    if tokens <= 0:
        what = "nothing is left to move" if pack.left <= 0 else "a move takes more than nothing"
        yield Problem("/tokens", "invalid_value", f"pack {pack.id}: {what}")
    elif tokens > pack.left:
        yield Problem("/tokens", "insufficient_tokens", f"pack {pack.id} has only {as_text(pack.left)} to move")
