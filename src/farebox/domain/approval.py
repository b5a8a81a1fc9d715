"""
The rule of two: what an operator does above a threshold waits until another operator has approved it.

Tokens count by their amount, whichever way they go. What is about no tokens, as who leads a team, takes two whenever
the rule is on. Nobody approves what they proposed themselves; a proposal that nobody approved lapses after seven
days.  (quality: authorization matrix, "2")
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import DAY, Instant

LIFE_US = 7 * DAY
"""How long a proposal waits for another operator."""


class Kind(StrEnum):
    """What can be proposed."""

    GIVE = "GIVE"
    ADJUST = "ADJUST"
    CONSUME = "CONSUME"
    MOVE = "MOVE"
    MERGE = "MERGE"
    APPOINT = "APPOINT"
    """Another primary administrator for a team that lost its own."""
    WITHDRAW = "WITHDRAW"
    """What was entered by hand, taken back."""


class State(StrEnum):
    """What became of a proposal; one that lapsed stays open, and nobody can approve it any more."""

    OPEN = "OPEN"
    DONE = "DONE"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    """Its proposer took it back."""


def takes_two(kind: Kind, amounts: Iterable[Tokens], threshold: Tokens) -> bool:
    """Tell whether something takes two operators, by the sum of the tokens that it moves; 0 switches the rule off."""
    if threshold <= ZERO:
        return False
    return kind is Kind.APPOINT or sum(map(abs, amounts)) > threshold


def lapses(proposed: Instant) -> Instant:
    """Return the instant from which on nobody can approve a proposal."""
    return Instant(proposed + LIFE_US)
