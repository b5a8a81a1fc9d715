"""Whose export is written next: teams take turns, and within a team who asks comes before what is scheduled."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.filed import Filed
from tests.services.test_exporting import QUESTION, boss_of
from tests.world import NOW, World

from farebox.domain.clock import MINUTE, SECOND, Instant
from farebox.records import db, exports
from farebox.records.models import Contract, ExportRequest, Team, User
from farebox.records.models.exports import Origin


def queue(contract: Contract, boss: User, count: int, origin: Origin = Origin.API) -> list[int]:
    """Request exports about a contract."""
    return [
        exports.add(
            contract_id=contract.pk, owner_id=boss.pk, question=QUESTION, file_name="x.csv", now=NOW, origin=origin
        ).pk
        for _ in range(count)
    ]


def claimed(*, after_seconds: int = 0) -> ExportRequest:
    """Take the next request."""
    now = Instant(NOW + after_seconds * SECOND)
    with db.atomic():
        row = exports.claim(now=now, until=Instant(now + MINUTE))
    assert row is not None
    return row


def contract_claimed(seconds: int) -> int:
    """Take the next request, fail it, and return what contract it was about."""
    row = claimed(after_seconds=seconds)
    exports.fail(row, "done with", now=NOW)
    return row.contract_id


@pytest.mark.parametrize("writers", [1, 2, 3])
def test_one_request_does_not_wait_behind_fifty(world: World, writers: int) -> None:
    """Another team's single request is next, however many of the first are being written or queued."""
    boss = boss_of(world)
    queue(world.flex_contract, boss, 50)
    for nth in range(writers):
        claimed(after_seconds=nth)
    (single,) = queue(world.ent_contract, boss, 1)

    assert claimed(after_seconds=writers).pk == single


def test_teams_take_turns_with_one_writer(world: World) -> None:
    """Where nothing is being written, the team is next whose last turn is longest ago, also if it deletes its files."""
    boss = boss_of(world)
    flex, ent = world.flex_contract, world.ent_contract
    queue(flex, boss, 3)
    queue(ent, boss, 3)
    turns = []
    for nth in range(6):
        turns.append(contract_claimed(nth))
        ExportRequest.objects.filter(state="FAILED").delete()

    assert turns == [flex.pk, ent.pk] * 3


def test_what_somebody_asked_for_comes_before_what_is_scheduled(world: World) -> None:
    """Within a team, that is; among each of the two, the older first."""
    boss = boss_of(world)
    scheduled = queue(world.flex_contract, boss, 2, Origin.SCHEDULE)
    asked = queue(world.flex_contract, boss, 2)

    assert [claimed().pk for _ in range(4)] == asked + scheduled


def test_a_writer_that_died_counts_as_none(world: World) -> None:
    """A claim that lapsed is in nobody's way, and its request is taken up again in its turn."""
    boss = boss_of(world)
    (first, second) = queue(world.flex_contract, boss, 2)
    claimed()
    later = 120

    assert [claimed(after_seconds=later).pk for _ in range(2)] == [first, second]


@settings(max_examples=few(25))
@given(queued=st.lists(st.integers(0, 1), min_size=1, max_size=12), writers=st.integers(1, 4))
def test_no_team_has_all_writers_while_another_waits(queued: list[int], writers: int) -> None:
    """Whatever is queued in whatever order, two teams that both wait differ by one writer at most (X18)."""
    with db.atomic():
        world = World()
        boss = boss_of(world)
        contracts = (world.flex_contract, world.ent_contract)
        for which in queued:
            queue(contracts[which], boss, 1)
        had = [claimed(after_seconds=nth).contract_id for nth in range(min(writers, len(queued)))]
        counts = [(had.count(one.pk), queued.count(which) - had.count(one.pk)) for which, one in enumerate(contracts)]
        db.connection.set_rollback(True)

    (a, a_waits), (b, b_waits) = counts
    assert not a_waits or b - a <= 1
    assert not b_waits or a - b <= 1


def test_runners_at_once_take_from_different_teams(filed: Filed) -> None:
    """Two that choose at the same moment do not both take the first team's."""

    def prepare() -> None:
        world = World()
        boss = boss_of(world)
        queue(world.flex_contract, boss, 50)
        queue(world.ent_contract, boss, 2)

    filed.run(prepare)
    taken = filed.run_together([partial(db.insist, claimed)] * 4)

    teams = [row.contract.team_id for row in taken]
    assert len({row.pk for row in taken}) == 4
    assert [teams.count(team) for team in set(teams)] == [2, 2]
    assert filed.run(lambda: Team.objects.filter(exporting_us=NOW).count()) == 2
