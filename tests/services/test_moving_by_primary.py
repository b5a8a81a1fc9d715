"""Tokens moved by who leads two teams: none are lost or made, and none move without the right in both (matrix, L6)."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.services.books import faults
from tests.world import NOW, START, World, event

from farebox.domain.amounts import tokens
from farebox.domain.clock import day_of
from farebox.domain.errors import Conflict, Forbidden, NotFound, Rejected
from farebox.domain.rights import Role
from farebox.records.models import Audit, Entry, Membership, Pack, Team, User
from farebox.records.models.contracts import Scheme
from farebox.services import catalogue
from farebox.services.ingest import SourceKey
from farebox.services.move import Move, by_primary, move
from farebox.services.move.by_primary import Asked

ROLES = st.sampled_from([Role.PRIMARY, Role.PRIMARY, Role.SECONDARY, None])
STEPS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 5), st.none() | st.integers(0, 60), ROLES), min_size=3, max_size=8
)


class Both(NamedTuple):
    """Two teams with a Flex contract, and who leads both."""

    lead: User
    flex: Team
    south: Team

    def set_role(self, role: Role | None) -> None:
        """Let the lead have another role in the second team, or none."""
        held = Membership.objects.filter(user=self.lead, team=self.south)
        if role is None:
            held.delete()
        elif not held.update(role=role):
            Membership.objects.create(user=self.lead, team=self.south, role=role)


@pytest.fixture
def both(world: World) -> Both:
    """Add a second team, led by the same person as the first."""
    south = catalogue.add_team("south", "South", now=START)
    catalogue.add_contract(south, Scheme.FLEX, offer="all", card="flex", start=day_of(START))
    roles = {world.flex: Role.PRIMARY, south: Role.PRIMARY}
    lead = catalogue.add_account("lead@example.com", "a long pass phrase", "Lead", roles=roles, now=START)
    return Both(lead, world.flex, south)


def left() -> dict[int, int]:
    """Return what each pack has left."""
    return dict(Pack.objects.values_list("pk", "left_micro"))


@settings(max_examples=few(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_moves_keep_the_sum_and_take_the_right_in_both(
    world: World, both: Both, steps: list[tuple[bool, int, int | None, Role | None]]
) -> None:
    """Whatever is moved to and fro while roles come and go: Σ over both teams stays, and only who leads both moves."""
    with transaction.atomic():
        world.give("100")
        world.give("50", until="2026-09-01 00:00")
        total = sum(left().values())
        for is_back, nth, amount, role in steps:
            both.set_role(role)
            here, there = (both.south, both.flex) if is_back else (both.flex, both.south)
            packs = list(Pack.objects.filter(contract__team=here).order_by("pk"))
            pack = packs[nth % len(packs)].pk if packs else 0
            before, asked = left(), Asked(pack, there.pk, None if amount is None else tokens(str(amount)))
            with suppress(Rejected):
                if role is Role.PRIMARY and packs:
                    by_primary.give_to(both.lead, here.pk, asked, key="", now=NOW)
                else:
                    with pytest.raises((NotFound, Forbidden)):
                        by_primary.give_to(both.lead, here.pk, asked, key="", now=NOW)
                    assert left() == before
            assert sum(left().values()) == total
        assert faults() == []
        transaction.set_rollback(True)


def test_what_is_foreseen_is_what_happens_once(world: World, both: Both) -> None:
    """The look ahead changes nothing and tells the move; a form that is sent again moves nothing more (F8, L6, L8)."""
    pack = world.give("100")
    use = event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00")
    world.send(use, key=SourceKey(0, both.south.pk))
    Pack.objects.filter(pk=pack).update(left_micro=tokens("90"), reserved_micro=tokens("10"))
    asked = Asked(pack, both.south.pk, reason="bought for the wrong team")

    foreseen = by_primary.foresee(both.lead, both.flex.pk, asked, now=NOW)
    entries, packs = Entry.objects.filter(kind="MOVED").count(), left()
    sent = asked._replace(tokens=tokens(foreseen.moved.tokens))
    given = [by_primary.give_to(both.lead, both.flex.pk, sent, key="n", now=NOW) for _ in range(2)]
    moved = [one.moved for one in given]

    assert (entries, packs) == (0, {pack: tokens("90")})
    assert (foreseen.moved.tokens, foreseen.moved.covered, foreseen.pack.reserved) == ("90", "7", tokens("10"))
    assert moved[0] == moved[1]
    assert [one.is_repeated for one in given] == [False, True]
    assert (moved[0].tokens, moved[0].covered, moved[0].until) == ("90", "7", foreseen.moved.until)
    assert left() == {pack: 0, moved[0].part: tokens("83")}
    noted = Audit.objects.filter(verb="move").order_by("team_id").values_list("team_id", "actor")
    assert list(noted) == [(both.flex.pk, f"account {both.lead.pk}"), (both.south.pk, f"account {both.lead.pk}")]
    with pytest.raises(Conflict):
        by_primary.give_to(both.lead, both.flex.pk, sent._replace(reason="another"), key="n", now=NOW)


def test_keys_of_others_stand_apart(world: World, both: Both) -> None:
    """A command that says what a form's key looks like meets another key, and moves on its own (L8)."""
    pack = world.give("100")
    asked = Asked(pack, both.south.pk, tokens("10"))

    by_primary.give_to(both.lead, both.flex.pk, asked, key="n", now=NOW)
    for key in ("n", f"{both.lead.pk}:{both.flex.pk}:n"):
        move(Move(pack=pack, to="south", tokens=tokens("20")), key=key, now=NOW)

    assert left()[pack] == tokens("50")


def test_what_is_another_teams_is_not_there(world: World, both: Both) -> None:
    """Another team's pack, an unknown one, a team that one does not lead: all are answered alike, as not there (T2)."""
    pack, foreign = world.give("100"), world.give("100", ent=True)
    Membership.objects.create(user=both.lead, team=world.ent, role=Role.SECONDARY)
    told = set()
    for asked in (
        Asked(foreign, both.south.pk),
        Asked(999_999, both.south.pk),
        Asked(pack, world.ent.pk),
        Asked(pack, 999_999),
    ):
        for act in (by_primary.foresee, lambda *args, now: by_primary.give_to(*args, key="", now=now)):
            with pytest.raises(NotFound) as raised:
                act(both.lead, both.flex.pk, asked, now=NOW)
            told.add(type(raised.value))

    assert told == {NotFound}
    with pytest.raises(Forbidden):
        by_primary.packs(both.lead, world.ent.pk, now=NOW)
    assert [one.id for one in by_primary.packs(both.lead, both.flex.pk, now=NOW)] == [pack]
    assert [one.team for one in by_primary.others(both.lead, both.flex.pk)] == ["South"]
