"""Tokens go to another team: a part of one pack, or every living pack of a team that is merged into another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple, TypeVar

from farebox.domain.amounts import Tokens, as_text
from farebox.domain.clock import Instant, as_iso
from farebox.domain.errors import Apart, NotFound, Problem, Rejected
from farebox.domain.moves import Goal, amount_of, problems_of
from farebox.domain.rights import Role
from farebox.records import audit, db, idempotency, ledger
from farebox.records.catalogue import snapshot
from farebox.records.models import Contract, Membership, Pack, Team
from farebox.records.models.ledger import ActKind
from farebox.records.moving import Moving, add_part, movable

REASON_LENGTH_MAX = 300
KEYS = "move"
"""Whose the keys of moves are that operators and commands say; others have a scope of their own."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """
    Tokens of one pack for another team; all that is left of it if no amount is given.

    Both teams need the same primary administrator, unless the operator lets tokens go `across` (domain L6).
    """

    pack: int
    to: str
    tokens: Tokens | None = None
    reason: str = ""
    across: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Every living pack of one team for another; people and assignments do not follow (domain L6)."""

    team: str
    into: str
    reason: str = ""
    across: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What was moved: the pack, its part in the other team, and what of that went to open shortfalls at once."""

    pack: int
    part: int
    tokens: str
    covered: str
    until: str


class Leaving(NamedTuple):
    """A pack that a merge takes along: what of it moves, and what stays because it is reserved."""

    pack: int
    pool: str
    tokens: Tokens
    reserved: Tokens
    until: Instant
    order_number: str


class _Going(NamedTuple):
    """One move that was allowed: the pack, how much of it, and the contract that gets the part."""

    pack: Pack
    tokens: Tokens
    into: Contract


def move(asked: Move, *, now: Instant, actor: str = audit.COMMAND, key: str = "", scope: str = KEYS) -> Moved:
    """
    Move tokens of a pack to another team: they leave here and come in there in one transaction (domain L6).

    The part keeps order, price, end and original size, and covers the other team's open shortfalls first (F8). The
    same `key` of a `scope` with the same move gives the same answer and moves nothing more (L8). Raises `NotFound`,
    `Rejected` with every problem, `Apart` for teams of different administrators, `Conflict` for a key used before
    for another.
    """

    def once() -> Moved:
        before = moved_before(asked, key=key, scope=scope)
        if before is not None:
            return before
        moved = _move(asked, actor, now)
        idempotency.remember(scope, key, asdict(asked), asdict(moved), at=now)
        return moved

    return _tried(once)


def rehearse(asked: Move, *, now: Instant) -> Moved:
    """Tell what a move would do, and change nothing. Raises what `move` would raise."""
    return db.rehearse(lambda: move(asked, now=now))


def moved_before(asked: Move, *, key: str, scope: str = KEYS) -> Moved | None:
    """Return the answer that a move got before, if it did. Raises `Conflict` for a key used for another."""
    before = idempotency.replayed(scope, key, asdict(asked))
    return None if before is None else Moved(**before)


def merge(asked: Merge, *, now: Instant, actor: str = audit.COMMAND, key: str = "") -> tuple[Moved, ...]:
    """
    Move every living pack of a team to another, in one transaction (domain L6).

    What is reserved stays with the team. Keys and errors are those of `move`.
    """

    def once() -> tuple[Moved, ...]:
        before = merged_before(asked, key=key)
        if before is not None:
            return before
        moved = _merge(asked, actor, now)
        idempotency.remember("merge", key, asdict(asked), {"moved": [asdict(one) for one in moved]}, at=now)
        return moved

    return _tried(once)


def merged_before(asked: Merge, *, key: str) -> tuple[Moved, ...] | None:
    """Return the answer that a merge got before, if it did. Raises `Conflict` for a key used for another."""
    before = idempotency.replayed("merge", key, asdict(asked))
    return None if before is None else tuple(Moved(**one) for one in before["moved"])


def leaving(asked: Merge, *, now: Instant) -> tuple[Leaving, ...]:
    """Tell what a merge would move, and change nothing. Raises what `merge` would raise."""
    with db.atomic():
        source, goal = _team(asked.team), _team(asked.into)
        return tuple(
            Leaving(
                one.pack.pk,
                one.pack.pool,
                one.tokens,
                Tokens(one.pack.reserved_micro),
                one.pack.until_us,
                one.pack.order_number,
            )
            for one in _all_going(asked, source, goal, now)
        )


def _tried(once: Callable[[], T]) -> T:
    """Run a transaction, again where others were in its way. Raises `Busy` in the end."""

    def transaction() -> T:
        with db.atomic():
            return once()

    return db.insist(transaction)


def _move(asked: Move, actor: str, now: Instant) -> Moved:
    goal = _team(asked.to)
    source = Team.objects.filter(contracts__packs=asked.pack).first()
    if source is None:
        raise NotFound(f"no pack {asked.pack}")
    _check_people(source, goal, across=asked.across)
    ledger.lock(sorted({source.pk, goal.pk}))
    pack = Pack.objects.select_related("contract").get(pk=asked.pack)
    going = _checked([pack], goal, asked.tokens, asked.reason, now)
    return _record(going, ActKind.MOVE, source, goal, actor, asked.reason, now)[0]


def _merge(asked: Merge, actor: str, now: Instant) -> tuple[Moved, ...]:
    source, goal = _team(asked.team), _team(asked.into)
    ledger.lock(sorted({source.pk, goal.pk}))
    going = _all_going(asked, source, goal, now)
    return tuple(_record(going, ActKind.MERGE, source, goal, actor, asked.reason, now))


def _all_going(asked: Merge, source: Team, goal: Team, now: Instant) -> list[_Going]:
    _check_people(source, goal, across=asked.across)
    packs = Pack.objects.select_related("contract").filter(contract__team=source, until_us__gt=now, left_micro__gt=0)
    found = list(packs.order_by("contract_id", "until_us", "size_micro", "pk"))
    if not found:
        raise Rejected([Problem("/team", "invalid_value", f"team {source.slug} has nothing left to move")])
    return _checked(found, goal, None, asked.reason, now)


def _team(slug: str) -> Team:
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise NotFound(f"no team {slug!r}")
    return team


def _check_people(source: Team, goal: Team, *, across: bool) -> None:
    primary = Membership.objects.filter(role=Role.PRIMARY)
    of = {team: primary.filter(team=team).values_list("user_id", flat=True).first() for team in (source, goal)}
    if not across and (of[source] is None or of[source] != of[goal]):
        raise Apart(f"teams {source.slug} and {goal.slug} have no primary administrator in common")


def _checked(packs: Sequence[Pack], goal: Team, tokens: Tokens | None, reason: str, now: Instant) -> list[_Going]:
    """Decide what may go. Raises `Rejected` with the problems of all packs."""
    contracts = {row.scheme: row for row in Contract.objects.filter(team=goal)}
    problems = [
        problem
        for pack in packs
        for problem in problems_of(movable(pack), Goal(goal.pk, pack.contract.scheme in contracts), tokens, at=now)
    ]
    if len(reason) > REASON_LENGTH_MAX:
        problems.append(Problem("/reason", "invalid_value", f"a reason has at most {REASON_LENGTH_MAX} characters"))
    if problems:
        raise Rejected(problems)
    return [_Going(pack, amount_of(movable(pack), tokens), contracts[pack.contract.scheme]) for pack in packs]


def _record(
    going: Iterable[_Going], kind: ActKind, source: Team, goal: Team, actor: str, reason: str, now: Instant
) -> list[Moved]:
    by_contract: dict[tuple[int, int], list[_Going]] = {}
    for one in going:
        by_contract.setdefault((one.pack.contract_id, one.into.pk), []).append(one)
    return [
        moved
        for (out_of, into), some in by_contract.items()
        for moved in _between(out_of, into, some, _Acts(kind, source, goal, actor, reason), now)
    ]


def _between(out_of: int, into: int, going: Sequence[_Going], acts: _Acts, now: Instant) -> list[Moved]:
    """Record the moves from one contract to another."""
    facts = snapshot().contracts
    left, joined = (ledger.next_booking(facts[contract].team, now=now) for contract in (out_of, into))
    parts = [add_part(one.pack, one.into, at=now, booked=joined) for one in going]
    leaving, coming = Moving(facts[out_of], booked=left), Moving(facts[into], booked=joined)
    for one, part in zip(going, parts, strict=True):
        gone, came = acts.add(one, part, left=left, joined=joined)
        leaving.take_out(one.pack.pk, one.tokens, act=gone, at=now)
        coming.bring_in(part.pk, one.tokens, act=came, at=now)
    leaving.write()
    coming.write()
    still = dict(Pack.objects.filter(pk__in=[part.pk for part in parts]).values_list("pk", "left_micro"))
    return [_moved(one, part, still) for one, part in zip(going, parts, strict=True)]


class _Acts(NamedTuple):
    """Who moves what, why, and between which teams."""

    kind: ActKind
    source: Team
    goal: Team
    actor: str
    reason: str

    def add(self, one: _Going, part: Pack, *, left: Instant, joined: Instant) -> tuple[int, int]:
        """Record what was done in both teams; return the two acts."""
        facts = {"pack": one.pack.pk, "part": part.pk, "tokens_micro": int(one.tokens)}
        gone = self._add(self.source, one.pack, facts | {"to_team": self.goal.pk}, left)
        came = self._add(self.goal, part, facts | {"from_team": self.source.pk}, joined)
        return gone, came

    def _add(self, team: Team, pack: Pack, facts: audit.Facts, at: Instant) -> int:
        change = audit.Change(team.pk, self.kind.lower(), f"pack {pack.pk}", facts)
        return audit.act(self.kind, change, self.actor, reason=self.reason, at=at)


def _moved(one: _Going, part: Pack, still: Mapping[int, int]) -> Moved:
    return Moved(
        pack=one.pack.pk,
        part=part.pk,
        tokens=as_text(one.tokens),
        covered=as_text(Tokens(one.tokens - still[part.pk])),
        until=as_iso(part.until_us),
    )
