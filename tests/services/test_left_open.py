"""Left-open sessions of a team, and what they cost, for who may see its use (product B9, domain M4, F2)."""

from __future__ import annotations

import pytest
from django.db.models import Sum
from tests.world import World, at, event

from farebox.domain.amounts import Tokens, as_text, tokens
from farebox.domain.clock import DAY, HOUR, MINUTE, Instant
from farebox.domain.errors import Forbidden, NotFound
from farebox.domain.left_open import Sign
from farebox.domain.rights import Role
from farebox.records.catalogue import snapshot
from farebox.records.left_open import running
from farebox.records.models import Charge, Membership, Team, User
from farebox.services.assign import assign
from farebox.services.authorise import Beat, Launch, authorise, review_due
from farebox.services.catalogue import add_person
from farebox.services.left_open import Overview, overview

EIGHT = at("2026-03-02 08:00")


@pytest.fixture
def ada(world: World) -> User:
    """Return an administrator of the Flex team, which has a hundred tokens and two people who may open everything."""
    world.give("100")
    for name in ("ana", "ben"):
        person = add_person(world.flex, f"{name}@example.com", name.title(), now=EIGHT)
        assign(person.pk, "", actor="command", now=EIGHT)
    user = User.objects.create_user("ada@example.com")
    Membership.objects.create(team=world.flex, user=user, role=Role.SECONDARY)
    return user


def told(found: Overview) -> list[tuple[str, str, tuple[Sign, ...]]]:
    """Return who left what open, and by what it is seen."""
    return [(one.who.name or "?", one.what.code, one.signs) for one in found.left]


def test_open_sessions_are_looked_at_live_and_reported(world: World, ada: User) -> None:
    """A live one that stands idle, a reported one open for long; one at work and one that ended are not there."""
    idle = authorise(Launch(world.flex.pk, "ana@example.com", "A", machine="ana-desk"), now=EIGHT).session
    for minutes in (20, 40, 60):
        now = Instant(EIGHT + minutes * MINUTE)
        authorise(Beat(world.flex.pk, idle, active=False), now=now)
    authorise(Launch(world.flex.pk, "ben@example.com", "A"), now=Instant(EIGHT + 50 * MINUTE))
    world.send(
        event("long", "ben@example.com", "B", "2026-03-01 20:00", None, machine="ben-desk"),
        event("over", "ben@example.com", "B", "2026-03-01 22:00", "2026-03-01 23:00"),
        now=Instant(EIGHT + HOUR),
    )

    found = overview(ada, world.flex.pk, hours=12, now=Instant(EIGHT + HOUR))

    assert told(found) == [("Ben", "B", (Sign.LONG,)), ("Ana", "A", (Sign.IDLE,))]
    assert (found.open, found.looked) == (3, 3)
    assert [one.machine for one in found.left] == ["ben-desk", "ana-desk"]
    first, second = (one.running for one in found.left)
    assert (first.next_at, first.next_tokens, first.due_tokens) == (at("2026-03-02 20:00"), tokens("10"), 0)
    assert (second.next_at, second.next_tokens) == (EIGHT + DAY, tokens("7"))


def test_hidden_names_stay_hidden(world: World, ada: User) -> None:
    """A team that hides names shows pseudonyms, and no machine, which may be named after somebody (quality P1)."""
    authorise(Launch(world.flex.pk, "ana@example.com", "A", machine="ana-desk"), now=EIGHT)
    world.send(event("b", "ben@example.com", "B", "2026-02-27 08:00", "2026-03-01 23:00"), now=EIGHT)
    Team.objects.filter(pk=world.flex.pk).update(names_hidden=True)

    found = overview(ada, world.flex.pk, hours=4, now=Instant(EIGHT + 5 * HOUR))

    assert found.names_hidden
    assert [(one.who.name, one.machine, bool(one.who.pseudonym)) for one in found.left] == [("", "", True)]
    assert [one.who.name for one in found.costs] == [""]


def test_what_rolled_over_is_what_it_cost(world: World, ada: User) -> None:
    """Open from Friday to Monday: four charges, three of them because it was open (F2); work at a border is none."""
    world.send(
        event("w", "ana@example.com", "A", "2026-02-27 08:00", "2026-03-02 07:00"),
        event("x", "ben@example.com", "A", "2026-02-27 08:00", "2026-02-27 17:00"),
        event("y", "ben@example.com", "A", "2026-02-28 07:00", "2026-02-28 17:00"),
        now=EIGHT,
    )
    world.send(event("z", "cy@example.com", "B", "2026-02-27 08:00", "2026-03-01 08:30"), ent=True, now=EIGHT)

    found = overview(ada, world.flex.pk, hours=8, now=EIGHT)

    costs = [(one.who.name, one.what.code, one.times, as_text(one.tokens)) for one in found.costs]
    assert costs == [("Ana", "A", 2, "14")]
    assert (as_text(found.total), found.others, found.open) == ("14", 0, 0)


def test_an_enterprise_session_costs_again_at_midnight(world: World, ada: User) -> None:
    """A session that runs into another day of the licence server's clock is charged there (domain N1, N3)."""
    Membership.objects.create(team=world.ent, user=ada, role=Role.SSO)
    world.send(event("o", "cy@example.com", "A", "2026-03-01 10:00", None), ent=True, now=EIGHT)
    world.send(event("z", "cy@example.com", "B", "2026-02-27 08:00", "2026-02-28 08:30"), ent=True, now=EIGHT)

    found = overview(ada, world.ent.pk, hours=8, now=EIGHT)

    (one,) = found.left
    assert (one.running.next_at, one.running.next_tokens) == (at("2026-03-03 00:00"), tokens("6"))
    assert [(one.times, as_text(one.tokens)) for one in found.costs] == [(1, "10")]


def test_what_a_start_alone_costs_already_is_due(world: World, ada: User) -> None:
    """Nothing is charged before its end, which then charges what was said; a second session is covered (F1, M4)."""
    world.send(
        event("a", "ana@example.com", "A", "2026-03-01 23:00", None),
        event("b", "ana@example.com", "A", "2026-03-02 01:00", None),
        now=EIGHT,
    )

    first, second = (one.running for one in overview(ada, world.flex.pk, hours=4, now=EIGHT).left)
    world.send(event("a", "ana@example.com", "A", "2026-03-01 23:00", "2026-03-02 08:00", revision=1), now=EIGHT)
    (after,) = (one.running for one in overview(ada, world.flex.pk, hours=4, now=EIGHT).left)

    assert (first.due_tokens, second.due_tokens, after.due_tokens) == (tokens("7"), 0, 0)
    for one in (first, second, after):
        assert (one.next_at, one.next_tokens, one.waits) == (at("2026-03-02 23:00"), tokens("7"), False)
    assert as_text(Tokens(sum(Charge.objects.values_list("tokens_micro", flat=True)))) == "7"


def test_who_closes_before_the_hour_that_is_told_saves_the_tokens(world: World, ada: User) -> None:
    """A start alone rolls over where its own first 24 hours end, though a window was opened since (F2, N5, M4)."""
    people = ("ana@example.com", "ben@example.com")
    for one in people:
        world.send(
            event(f"{one} 1", one, "A", "2026-03-01 12:00", None),
            event(f"{one} 2", one, "A", "2026-03-01 14:00", "2026-03-01 15:00"),
            event(f"{one} 3", one, "A", "2026-03-02 07:00", None),
            now=EIGHT,
        )

    found = running([world.flex_contract.pk], snapshot(), now=EIGHT, limit=9)
    assert [(one.next_at, one.next_tokens, one.due_tokens) for one in found] == [
        (at("2026-03-02 12:00"), tokens("7"), 0)
    ] * 4
    for one, end in zip(people, ("2026-03-02 12:00", "2026-03-02 12:01"), strict=True):
        world.send(
            event(f"{one} 1", one, "A", "2026-03-01 12:00", "2026-03-02 08:06", revision=1),
            event(f"{one} 3", one, "A", "2026-03-02 07:00", end, revision=1),
            now=Instant(EIGHT + 5 * HOUR),
        )

    costs = Charge.objects.filter(ended_us=None).values_list("person__key").annotate(Sum("tokens_micro"))
    assert sorted(costs) == [(people[0], tokens("7")), (people[1], tokens("14"))]


def test_it_is_for_who_may_see_the_use(world: World, ada: User) -> None:
    """A plain member may not, and another team is not there, known or unknown (authorization matrix, T2)."""
    uma = User.objects.create_user("uma@example.com")
    Membership.objects.create(team=world.flex, user=uma, role=Role.USER)
    with pytest.raises(Forbidden):
        overview(uma, world.flex.pk, hours=8, now=EIGHT)
    for user, team in ((ada, world.ent.pk), (ada, 10**9), (uma, world.ent.pk)):
        with pytest.raises(NotFound):
            overview(user, team, hours=8, now=EIGHT)


def test_a_window_that_nothing_reserves_waits(world: World, ada: User) -> None:
    """Idle at its window's end, a session costs nothing until somebody works in it again (domain F4)."""
    session = authorise(Launch(world.flex.pk, "ana@example.com", "A"), now=EIGHT).session
    for quarter in range(1, 98):
        authorise(Beat(world.flex.pk, session, active=False), now=Instant(EIGHT + quarter * 15 * MINUTE))
    now = Instant(EIGHT + 24 * HOUR + 20 * MINUTE)
    review_due(now=now)

    (one,) = overview(ada, world.flex.pk, hours=24, now=now).left

    assert (one.running.next_at, one.running.waits, one.running.next_tokens) == (None, True, tokens("7"))
