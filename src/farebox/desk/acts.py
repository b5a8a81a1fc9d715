"""
What an operator does to the tokens and the lead of a team: one class an act, and one name a kind.

Each knows whose books it changes, how many tokens it moves, how it is done, and how a proposal keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from secrets import token_hex
from typing import Any, ClassVar, Self

import msgspec

from farebox.domain.amounts import Tokens, tokens
from farebox.domain.approval import Kind
from farebox.domain.clock import Day, Instant
from farebox.domain.errors import Problem, Rejected
from farebox.services import catalogue, give, move, packs, proposals, roles
from farebox.services.ingest import by_hand
from farebox.services.ingest.arrival import State
from farebox.services.proposals import Answer


class Act:
    """What an operator asks for."""

    __slots__ = ()
    kind: ClassVar[Kind]

    def team_id(self) -> int:
        """Return the team whose books or lead it changes. Raises `NotFound`."""
        raise NotImplementedError

    def amounts(self, now: Instant) -> list[Tokens] | None:
        """Return the tokens that it moves, as things stand; None: not known yet. Raises what makes it impossible."""
        raise NotImplementedError

    def was_done(self, key: str) -> bool:
        """Tell whether it was done before under its key. Raises `Conflict` for a key used for another."""
        return False

    def carry_out(self, *, actor: str, now: Instant, key: str) -> Answer:
        """Do it, and return what came of it. Raises what its service raises."""
        raise NotImplementedError

    def written(self) -> dict[str, Any]:
        """Write it as a proposal keeps it."""
        written: dict[str, Any] = msgspec.to_builtins(self)
        return written

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """Read it as a proposal keeps it. Raises `Rejected` for one that another version of Farebox wrote otherwise."""
        try:
            return msgspec.convert(kept, cls)
        except msgspec.ValidationError as error:
            raise Rejected([Problem("", "other_version", "an earlier version wrote this proposal")]) from error


@dataclass(frozen=True, slots=True)
class Giving(Act):
    """A pack for a contract."""

    kind: ClassVar = Kind.GIVE
    asked: give.Purchase

    def team_id(self) -> int:
        return give.team_of(self.asked.contract)

    def amounts(self, now: Instant) -> list[Tokens]:
        return [self.asked.tokens]

    def was_done(self, key: str) -> bool:
        return give.given_before(self.asked, key=key) is not None

    def carry_out(self, *, actor: str, now: Instant, key: str) -> Answer:
        return asdict(give.give(self.asked, now=now, actor=actor, key=key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entering(Act):
    """
    What is entered by hand, on a date: without an id it gets one when it is done.

    It counts by what it draws. What was entered before draws nothing more; what amends an earlier entry says less than
    it changes, so that nobody can tell.
    """

    team: str
    asked: by_hand.Adjustment | by_hand.Consumption
    on: Day
    id: str = ""
    revision: int = 0

    def entry(self) -> by_hand.Entry:
        """Return under what it is entered."""
        return by_hand.Entry(self.id or f"by-hand-{token_hex(8)}", self.on, self.revision)

    def team_id(self) -> int:
        return catalogue.team_named(self.team).pk

    def amounts(self, now: Instant) -> list[Tokens] | None:
        entered = by_hand.rehearse(self.team_id(), self.entry(), self.asked, now=now)
        if entered.state is State.DUPLICATE:
            return []
        if self.revision:
            return None
        if self.asked.tokens:
            return [tokens(self.asked.tokens.removeprefix("+"))]
        return None if entered.tokens is None else [entered.tokens]

    def carry_out(self, *, actor: str, now: Instant, key: str) -> Answer:
        entered = by_hand.enter(self.team_id(), self.entry(), self.asked, now=now, actor=actor)
        problems = [[problem.message, problem.code] for problem in entered.problems]
        return {"id": entered.id, "state": entered.state.value, "tokens": entered.tokens, "problems": problems}


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusting(Entering):
    """Tokens added to a pool or taken from it."""

    kind: ClassVar = Kind.ADJUST
    asked: by_hand.Adjustment


@dataclass(frozen=True, slots=True, kw_only=True)
class Consuming(Entering):
    """A use that nothing reported."""

    kind: ClassVar = Kind.CONSUME
    asked: by_hand.Consumption


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawing(Act):
    """
    What was entered by hand, taken back by its next revision.

    It counts by what comes back or goes; where an entry waits for a rate, nobody can tell. Whoever approves withdraws
    the entry that was looked at: one that was amended meanwhile is refused.
    """

    kind: ClassVar = Kind.WITHDRAW
    team: str
    id: str
    revision: int
    reason: str
    source: str = by_hand.SOURCE

    def team_id(self) -> int:
        return catalogue.team_named(self.team).pk

    def amounts(self, now: Instant) -> list[Tokens] | None:
        found = by_hand.standing(self.team_id(), self.id, source=self.source)
        if found.is_withdrawn:
            return []
        return None if found.moves is None else [found.moves]

    def carry_out(self, *, actor: str, now: Instant, key: str) -> Answer:
        done = by_hand.withdraw(
            self.team_id(),
            self.id,
            revision=self.revision,
            reason=self.reason,
            now=now,
            actor=actor,
            source=self.source,
        )
        return {"id": done.id, "state": done.state.value, "tokens": done.tokens}


@dataclass(frozen=True, slots=True)
class Moving(Act):
    """Tokens of a pack for another team."""

    kind: ClassVar = Kind.MOVE
    asked: move.Move

    def team_id(self) -> int:
        return packs.team_of(self.asked.pack)

    def amounts(self, now: Instant) -> list[Tokens]:
        return [packs.left_of(self.asked.pack) if self.asked.tokens is None else self.asked.tokens]

    def was_done(self, key: str) -> bool:
        return move.moved_before(self.asked, key=key) is not None

    def carry_out(self, *, actor: str, now: Instant, key: str) -> Answer:
        return asdict(move.move(self.asked, now=now, actor=actor, key=key))


@dataclass(frozen=True, slots=True)
class Merging(Act):
    """All living packs of a team for another."""

    kind: ClassVar = Kind.MERGE
    asked: move.Merge

    def team_id(self) -> int:
        return catalogue.team_named(self.asked.team).pk

    def amounts(self, now: Instant) -> list[Tokens]:
        return [leaving.tokens for leaving in move.leaving(self.asked, now=now)]

    def was_done(self, key: str) -> bool:
        return move.merged_before(self.asked, key=key) is not None

    def carry_out(self, *, actor: str, now: Instant, key: str) -> Answer:
        return {"moved": [asdict(one) for one in move.merge(self.asked, now=now, actor=actor, key=key)]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointing(Act):
    """Another primary administrator, by the number of the account, for a team that lost its own."""

    kind: ClassVar = Kind.APPOINT
    team: str
    account: int

    def team_id(self) -> int:
        return catalogue.team_named(self.team).pk

    def amounts(self, now: Instant) -> list[Tokens]:
        return []

    def carry_out(self, *, actor: str, now: Instant, key: str) -> Answer:
        roles.appoint_primary(self.team_id(), proposals.address_of(self.account), actor=actor, now=now)
        return {"account": self.account}


KINDS: Mapping[Kind, type[Act]] = {
    one.kind: one for one in (Giving, Adjusting, Consuming, Withdrawing, Moving, Merging, Appointing)
}
"""The acts by their names in proposals."""
