"""Moves that run side by side, against each other and against use: nothing is lost, nothing comes twice (X17, L4)."""

from __future__ import annotations

from tests.filed import Filed
from tests.services.books import faults
from tests.world import NOW, START, World, event

from farebox.domain.amounts import Tokens, tokens
from farebox.domain.clock import day_of
from farebox.domain.errors import Rejected
from farebox.records.models import Charge, Pack, Team
from farebox.records.models.contracts import Scheme
from farebox.services import catalogue
from farebox.services.move import Merge, Move, merge, move

CROSSINGS = 32
"""Moves in each direction."""

THREADS = 4


def south() -> Team:
    """Add a second team with a Flex contract."""
    team = catalogue.add_team("south", "South", now=START)
    catalogue.add_contract(team, Scheme.FLEX, offer="all", card="flex", start=day_of(START))
    return team


def south_pack(world: World, filed: Filed) -> int:
    """Give the second team a pack and return its id."""
    filed.run(south)
    first = filed.run(lambda: world.give("1000"))
    return filed.run(lambda: move(Move(pack=first, to="south", tokens=tokens("500"), across=True), now=START)).part


def moves(pack: int, to: str, times: int, name: str) -> int:
    """Move a token at a time, each move asked twice under its key; return how many moved."""
    asked = Move(pack=pack, to=to, tokens=tokens("1"), across=True)
    answers = [move(asked, now=NOW, key=f"{name}{nth // 2}") for nth in range(2 * times)]
    return len({answer.part for answer in answers})


def held() -> Tokens:
    """Return what all packs hold."""
    return Tokens(sum(Pack.objects.values_list("left_micro", flat=True)))


def test_cross_moves_lose_nothing(filed: Filed) -> None:
    """Two teams send each other tokens 32 times at once, by several hands: every move arrives, and once (X17)."""
    world = filed.run(World)
    there = south_pack(world, filed)
    here = filed.run(lambda: Pack.objects.get(parts=there).pk)
    each = CROSSINGS // (THREADS // 2)

    moved = filed.run_together(
        [
            *(lambda nth=nth: moves(here, "south", each, f"a{nth}-") for nth in range(THREADS // 2)),  # type: ignore[misc]
            *(lambda nth=nth: moves(there, "flex", each, f"b{nth}-") for nth in range(THREADS // 2)),  # type: ignore[misc]
        ]
    )

    assert sum(moved) == 2 * CROSSINGS
    assert filed.run(held) == tokens("1000")
    left = filed.run(lambda: [Pack.objects.get(pk=pack).left_micro for pack in (here, there)])
    assert left == [tokens(str(500 - CROSSINGS))] * 2
    assert filed.run(lambda: Pack.objects.filter(origin="MOVED").count()) == 1 + 2 * CROSSINGS
    assert filed.run(faults) == []


def uses(world: World, nth: int) -> int:
    """Use a product thirty times, each in a window of its own; return what it cost in tokens."""
    days = [f"2026-03-{day:02d}" for day in range(1, 31)]
    for day in days:
        world.send(event(f"{nth}-{day}", f"p{nth}@example.com", "A", f"{day} 08:00", f"{day} 09:00"))
    return 7 * len(days)


def test_moves_against_draws_never_overdraw(filed: Filed) -> None:
    """Tokens leave a pack while uses draw on it: the pack never falls below zero, and all tokens are somewhere (L4)."""
    world = filed.run(World)
    filed.run(south)
    pack = filed.run(lambda: world.give("300"))

    def drain() -> int:
        """Move ten tokens at a time until the pack has fewer."""
        moved = 0
        while True:
            try:
                move(Move(pack=pack, to="south", tokens=tokens("10"), across=True), now=NOW)
            except Rejected:
                return moved
            moved += 10

    used = filed.run_together([lambda: uses(world, 1), lambda: uses(world, 2), drain])

    short = filed.run(lambda: sum(Charge.objects.filter(ended_us=None).values_list("shortfall_micro", flat=True)))
    assert used[:2] == [210, 210]
    assert filed.run(held) + tokens(str(sum(used[:2]))) - short == tokens("300")
    assert filed.run(lambda: Pack.objects.get(pk=pack).left_micro) < tokens("10")
    assert filed.run(faults) == []


def test_two_merges_at_once_move_everything_once(filed: Filed) -> None:
    """Two people merge the same team at the same time: one does it, the other finds nothing left (L6)."""
    world = filed.run(World)
    filed.run(south)
    for amount in ("100", "50", "7"):
        filed.run(lambda amount=amount: world.give(amount))  # type: ignore[misc]

    def try_it() -> int:
        try:
            return len(merge(Merge(team="flex", into="south", across=True), now=NOW))
        except Rejected:
            return 0

    assert sorted(filed.run_together([try_it, try_it])) == [0, 3]
    assert filed.run(held) == tokens("157")
    assert filed.run(faults) == []
