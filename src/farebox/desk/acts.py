"""What an operator does to the tokens and the lead of a team: at once, or when another operator has approved it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, assert_never

from django.conf import settings

from farebox.domain.amounts import MICRO, Tokens, tokens
from farebox.domain.approval import Kind, takes_two
from farebox.domain.clock import Day, Instant
from farebox.domain.packs import Pool
from farebox.services import catalogue, give, move, packs, proposals, roles
from farebox.services.ingest import by_hand
from farebox.services.ingest.arrival import State
from farebox.services.proposals import Answer, Pending


@dataclass(frozen=True, slots=True)
class Giving:
    """A pack for a contract."""

    purchase: give.Purchase


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusting:
    """Tokens added to a pool or taken from it, on a date."""

    team: str
    asked: by_hand.Adjustment
    on: Day
    id: str
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Consuming:
    """A use that nothing reported, entered on a date."""

    team: str
    asked: by_hand.Consumption
    on: Day
    id: str
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Moving:
    """Tokens of a pack for another team."""

    asked: move.Move


@dataclass(frozen=True, slots=True)
class Merging:
    """All living packs of a team for another."""

    asked: move.Merge


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointing:
    """Another primary administrator, by the number of the account, for a team that lost its own."""

    team: str
    account: int


Act = Giving | Adjusting | Consuming | Moving | Merging | Appointing

_FORM, _PROPOSAL, _COMMAND = "form:", "proposal:", "command:"
"""How idempotency keys begin: a form's, an approval's, and a command's that would begin like one of these."""


class Waits(NamedTuple):
    """An act that another operator has to approve first: the number of the proposal."""

    number: int


def threshold() -> Tokens:
    """Return above how many tokens an act takes two operators; 0: the rule is off."""
    return Tokens(settings.APPROVAL_TOKENS * MICRO)


def act(asked: Act, *, actor: str, now: Instant, key: str = "", alone: bool = False) -> Answer | Waits:
    """
    Do what an operator asks for and tell what came of it, or propose it where it takes two.

    What cannot be done as things stand is refused at once, with every problem, also where it would only be proposed.
    The same key again does and proposes nothing more (domain L8). `alone` is for whoever has the host, and so the
    records themselves.
    """
    key = _own(key, actor)
    if alone or not threshold() or _is_done(asked, key) or not _takes_two(asked, now):
        return _carry_out(asked, actor=actor, now=now, key=key)

    def rehearse() -> Answer:
        return _carry_out(asked, actor=actor, now=now, key="")

    team, written = _team(asked), _written(asked)
    return Waits(
        proposals.propose(_kind(asked), team, written, rehearse=rehearse, actor=actor, key=key, now=now).number
    )


def approve(number: int, *, actor: str, now: Instant) -> Answer:
    """Carry out what another operator proposed. Raises what `proposals.approve` and the act itself raise."""

    def carry_out(pending: Pending) -> Answer:
        asked = _read(pending.kind, pending.payload)
        return _carry_out(asked, actor=actor, now=now, key=f"{_PROPOSAL}{pending.number}")

    return proposals.approve(number, actor=actor, now=now, carry_out=carry_out)


def _own(key: str, actor: str) -> str:
    """
    Return a key in the space of whoever says it, so that nobody takes the key of another's form, or of an approval.

    A command's keys stay as they are, unless they begin like those: scripts say theirs again after years (domain L8).
    """
    if not key:
        return ""
    if actor != "command":
        return f"{_FORM}{actor.removeprefix('account ')}:{key}"
    return f"{_COMMAND}{key}" if key.startswith((_FORM, _PROPOSAL, _COMMAND)) else key


def _takes_two(asked: Act, now: Instant) -> bool:
    """Tell whether an act takes two operators; so does one of which nobody can tell yet what it will cost."""
    amounts = _amounts(asked, now)
    return amounts is None or takes_two(_kind(asked), amounts, threshold())


def _kind(asked: Act) -> Kind:
    match asked:
        case Giving():
            return Kind.GIVE
        case Adjusting():
            return Kind.ADJUST
        case Consuming():
            return Kind.CONSUME
        case Moving():
            return Kind.MOVE
        case Merging():
            return Kind.MERGE
        case Appointing():
            return Kind.APPOINT
        case _:
            assert_never(asked)


def _amounts(asked: Act, now: Instant) -> list[Tokens] | None:
    """Return the tokens that an act moves, as things stand; None: not known yet. Raises what makes it impossible."""
    match asked:
        case Giving(purchase):
            return [purchase.tokens]
        case Adjusting():
            return [tokens(asked.asked.tokens.removeprefix("+"))]
        case Consuming():
            return _drawn(asked, now)
        case Moving(moving):
            return [moving.tokens if moving.tokens is not None else packs.left_of(moving.pack)]
        case Merging(merging):
            return [leaving.tokens for leaving in move.leaving(merging, now=now)]
        case Appointing():
            return []
        case _:
            assert_never(asked)


def _drawn(asked: Consuming, now: Instant) -> list[Tokens] | None:
    """Return what a use would draw; None where it has units of something that has no rate yet."""
    entered = by_hand.rehearse_use(
        catalogue.team_named(asked.team).pk, asked.asked, on=asked.on, id=asked.id, revision=asked.revision, now=now
    )
    if entered.state is State.DUPLICATE:
        return []
    if asked.asked.tokens:
        return [tokens(asked.asked.tokens)]
    return None if entered.tokens is None else [entered.tokens]


def _is_done(asked: Act, key: str) -> bool:
    """Tell whether a merge was done before under its key: then nothing is left of which to tell an amount."""
    return isinstance(asked, Merging) and move.merged_before(asked.asked, key=key) is not None


def _team(asked: Act) -> int:
    """Return the team whose books or lead an act changes. Raises `NotFound`."""
    match asked:
        case Giving(purchase):
            return catalogue.team_of(purchase.contract).pk
        case Adjusting() | Consuming() | Appointing():
            return catalogue.team_named(asked.team).pk
        case Moving(moving):
            return packs.team_of(moving.pack)
        case Merging(merging):
            return catalogue.team_named(merging.team).pk
        case _:
            assert_never(asked)


def _carry_out(asked: Act, *, actor: str, now: Instant, key: str) -> Answer:
    match asked:
        case Giving(purchase):
            return asdict(give.give(purchase, now=now, actor=actor, key=key))
        case Adjusting():
            team = catalogue.team_named(asked.team).pk
            return _entered(
                by_hand.adjust(
                    team, asked.asked, on=asked.on, id=asked.id, revision=asked.revision, now=now, actor=actor
                )
            )
        case Consuming():
            team = catalogue.team_named(asked.team).pk
            return _entered(
                by_hand.consume(
                    team, asked.asked, on=asked.on, id=asked.id, revision=asked.revision, now=now, actor=actor
                )
            )
        case Moving(moving):
            return asdict(move.move(moving, now=now, actor=actor, key=key))
        case Merging(merging):
            return {"moved": [asdict(one) for one in move.merge(merging, now=now, actor=actor, key=key)]}
        case Appointing():
            team, address = catalogue.team_named(asked.team).pk, proposals.address_of(asked.account)
            roles.appoint_primary(team, address, actor=actor, now=now)
            return {"account": asked.account}
        case _:
            assert_never(asked)


def _entered(entered: by_hand.Entered) -> Answer:
    problems = [[problem.message, problem.code] for problem in entered.problems]
    return {"id": entered.id, "state": entered.state.value, "tokens": entered.tokens, "problems": problems}


def _written(asked: Act) -> dict[str, Any]:
    """Write an act as a proposal keeps it."""
    match asked:
        case Giving(purchase):
            return asdict(purchase)
        case Adjusting() | Consuming():
            return {**asdict(asked), "asked": asdict(asked.asked)}
        case Moving(moving):
            return asdict(moving)
        case Merging(merging):
            return asdict(merging)
        case Appointing():
            return asdict(asked)
        case _:
            assert_never(asked)


def _read(kind: Kind, kept: Mapping[str, Any]) -> Act:
    """Read an act as a proposal keeps it."""
    match kind:
        case Kind.GIVE:
            return Giving(give.Purchase(**{**kept, "pool": Pool(kept["pool"])}))
        case Kind.ADJUST:
            told = kept["asked"]
            asked = by_hand.Adjustment(**{**told, "pool": Pool(told["pool"])})
            return Adjusting(**{**kept, "asked": asked})
        case Kind.CONSUME:
            return Consuming(**{**kept, "asked": by_hand.Consumption(**kept["asked"])})
        case Kind.MOVE:
            return Moving(move.Move(**kept))
        case Kind.MERGE:
            return Merging(move.Merge(**kept))
        case Kind.APPOINT:
            return Appointing(**kept)
        case _:
            assert_never(kind)
