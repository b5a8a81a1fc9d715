"""Seats and trials: given and ended by administrators, one of a kind at a time, and before tokens while held."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.world import NOW, World, event

from farebox.domain.charging.precedence import funding_at
from farebox.domain.clock import DAY, HOUR, LAST, Instant, day_of
from farebox.domain.errors import Forbidden, NotFound, Rejected
from farebox.domain.rights import Role
from farebox.domain.seat_list import SeatSaid, SeatVerdict
from farebox.domain.seats import Held, ends, problems_of, problems_of_change
from farebox.domain.usage import Funding
from farebox.records.chosen import Command
from farebox.records.models import Audit, Entitlement, Mail, Membership, Person, User
from farebox.services import seats
from farebox.services.assign import assign_people, remove
from farebox.services.authorise import Close, Launch, authorise
from farebox.services.catalogue import add_person
from farebox.services.join import join
from farebox.services.seats import Standing

LINE = Command.LINE
TODAY = day_of(NOW)


def opened(world: World, product: str, now: Instant, person: str = "ann@example.com") -> tuple[str, str]:
    """Open a product and return the answer, and what pays."""
    answer = authorise(Launch(world.flex.pk, person, product), now=now)
    return answer.decision, answer.grounds


@pytest.fixture
def ann(world: World) -> Person:
    """Somebody of a team with a hundred tokens, to whom nothing is assigned."""
    world.give("100")
    return add_person(world.flex, "ann@example.com", "Ann Ek", now=NOW)


def test_who_is_given_a_seat_uses_no_tokens_for_that_product(world: World, ann: Person) -> None:
    """[S 003] « affecté à la fois à un abonnement […] et à des jetons Flex, ces derniers ne sont pas utilisés. »"""
    assign_people(LINE, world.flex.pk, [ann.pk], ["A", "B"], now=NOW)
    assert opened(world, "A", NOW) == ("allow", "tokens")

    seats.give(LINE, world.flex.pk, [ann.pk], "B", Funding.SEAT, now=NOW)

    assert opened(world, "B", NOW) == ("allow", "seat")
    (held,) = seats.of(LINE, world.flex.pk, ann.pk, now=NOW)
    assert (held.product.code, held.kind, held.standing, held.until) == ("B", Funding.SEAT, Standing.HELD, None)


def test_once_a_trial_has_ended_tokens_are_used(world: World, ann: Person) -> None:
    """[S 003] « Une fois la période d'évaluation terminée, ils commenceront à utiliser des jetons. »"""
    assign_people(LINE, world.flex.pk, [ann.pk], ["A"], now=NOW)
    seats.give(LINE, world.flex.pk, [ann.pk], "A", Funding.TRIAL, end=TODAY, now=NOW)
    over = ends(TODAY)
    assert over is not None

    assert opened(world, "A", Instant(over - 1)) == ("allow", "trial")
    assert opened(world, "A", over) == ("allow", "tokens")


def test_the_precedence_is_of_the_same_identity_only(world: World, ann: Person) -> None:
    """[S 003] « la priorité […] s'applique uniquement si le même ID […] est utilisé pour l'authentification. »"""
    seats.give(LINE, world.flex.pk, [ann.pk], "A", Funding.SEAT, now=NOW)
    later = NOW + 2 * HOUR

    world.send(
        event("one", "ann@example.com", "A", "2026-06-01 00:10", "2026-06-01 01:00"),
        event("two", "ann.ek@example.com", "A", "2026-06-01 00:10", "2026-06-01 01:00"),
        now=Instant(later),
    )

    assert world.charges() == ["FREE 0", "CHARGED 7"]


def test_an_end_works_at_once_and_what_was_used_stays(world: World, ann: Person) -> None:
    """A seat that ends pays for no use that begins later; what began before is judged as it was (domain F9)."""
    (number,) = seats.give(LINE, world.flex.pk, [ann.pk], "A", Funding.SEAT, now=NOW)
    noon = Instant(NOW + 12 * HOUR)
    world.send(event("one", "ann@example.com", "A", "2026-06-01 10:00", "2026-06-01 14:00"), now=Instant(NOW + DAY))

    seats.end_now(LINE, world.flex.pk, number, now=noon)

    assert opened(world, "A", noon)[0] == "deny"
    world.send(event("two", "ann@example.com", "A", "2026-06-01 13:00", "2026-06-01 15:00"), now=Instant(NOW + DAY))
    assert world.charges() == ["FREE 0", "CHARGED 7"]
    with pytest.raises(Rejected, match="ended already"):
        seats.end_now(LINE, world.flex.pk, number, now=noon)
    page = seats.listed(LINE, world.flex.pk, standing=Standing.ENDED, search="ann", now=noon)
    assert ([one.id for one in page.rows], page.found) == ([number], 1)
    verbs = Audit.objects.filter(object=f"entitlement {number}").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["seat given", "seat end set"]


def test_given_by_hand_is_told_by_mail_and_given_by_a_list_is_not(world: World, ann: Person) -> None:
    """[S 003] « affectés individuellement, les utilisateurs reçoivent un e-mail […] Importer […] aucune »"""
    ben = add_person(world.flex, "ben@example.com", "Ben Al", now=NOW)
    seats.give(LINE, world.flex.pk, [ann.pk], "A", Funding.SEAT, now=NOW)
    lines = [
        SeatSaid(2, "BEN@example.com", "a", "seat", "", ""),
        SeatSaid(3, "ann@example.com", "A", "seat", "", ""),
        SeatSaid(4, "nobody@example.com", "A", "seat", "", ""),
        SeatSaid(5, "ben@example.com", "A", "trial", "", "2026-12-31"),
    ]

    looked = seats.give_list(LINE, world.flex.pk, lines, now=NOW)
    assert [one.verdict for one in looked.lines] == [
        SeatVerdict.GIVEN,
        SeatVerdict.HELD,
        SeatVerdict.REFUSED,
        SeatVerdict.GIVEN,
    ]
    assert not Entitlement.objects.filter(person=ben).exists(), "a look changes nothing"
    assert not seats.give_list(LINE, world.flex.pk, lines, digest="other", now=NOW).is_done
    assert seats.give_list(LINE, world.flex.pk, lines, digest=looked.digest, now=NOW).is_done

    assert sorted(Entitlement.objects.filter(person=ben).values_list("kind", flat=True)) == ["SEAT", "TRIAL"]
    assert list(Mail.objects.values_list("person_id", flat=True)) == [ann.pk]
    again = seats.give_list(LINE, world.flex.pk, lines, now=NOW)
    assert [one.verdict for one in again.lines].count(SeatVerdict.HELD) == 3


def test_every_problem_is_told_and_nothing_is_given(world: World, ann: Person) -> None:
    """One of a kind at a time; no time that has passed; a trial has an end; a product that there is."""
    give = (LINE, world.flex.pk, [ann.pk])
    seats.give(*give, "A", Funding.SEAT, start=TODAY, now=NOW)

    def codes(*told: object, **dates: object) -> list[str]:
        with pytest.raises(Rejected) as error:
            seats.give(*give, *told, **dates, now=NOW)  # type: ignore[arg-type]
        return [problem.code for problem in error.value.problems]

    assert codes("X", Funding.TRIAL, start=TODAY - 1) == ["unknown_product", "past", "no_end"]
    assert codes("A", Funding.SEAT, start=TODAY + 9) == ["held"]
    assert codes("B", Funding.SEAT, start=TODAY + 9, end=TODAY + 8) == ["no_time"]
    seats.give(*give, "A", Funding.TRIAL, end=TODAY, now=NOW)
    assert Entitlement.objects.count() == 2, "a seat and a trial may be held side by side"


def test_what_begins_later_ends_after_it_begins_or_never_was(world: World, ann: Person) -> None:
    """An end before the beginning is refused; ended at once, it is deleted and hinders no other: the audit tells."""
    (number,) = seats.give(LINE, world.flex.pk, [ann.pk], "A", Funding.SEAT, start=TODAY + 9, now=NOW)
    with pytest.raises(Rejected) as error:
        seats.change_end(LINE, world.flex.pk, number, TODAY + 3, now=NOW)

    seats.end_now(LINE, world.flex.pk, number, now=NOW)

    assert [problem.code for problem in error.value.problems] == ["no_time"]
    assert seats.of(LINE, world.flex.pk, ann.pk, now=NOW) == ()
    verbs = Audit.objects.filter(object=f"entitlement {number}").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["seat given", "seat end set"]
    assert seats.give(LINE, world.flex.pk, [ann.pk], "A", Funding.SEAT, now=NOW)
    assert opened(world, "A", NOW) == ("allow", "seat")


@pytest.mark.parametrize("over", [False, True], ids=["while it runs", "when it is over"])
def test_what_was_told_that_a_seat_pays_costs_nothing(world: World, ann: Person, over: bool) -> None:
    """Whoever ends it or lets the person leave read the clock before the launch, and came after it (domain F9)."""
    ben = add_person(world.flex, "ben@example.com", "Ben Al", now=NOW)
    number, _ = seats.give(LINE, world.flex.pk, [ann.pk, ben.pk], "A", Funding.SEAT, now=NOW)
    sessions = [
        authorise(Launch(world.flex.pk, who, "A"), now=Instant(NOW + 2)) for who in ("ann@example.com", ben.key)
    ]
    jobs = [
        lambda: seats.end_now(LINE, world.flex.pk, number, now=Instant(NOW + 1)),
        lambda: remove(LINE, world.flex.pk, [ben.pk], now=Instant(NOW - 1)),
        *(lambda one=one: authorise(Close(world.flex.pk, one.session), now=Instant(NOW + HOUR)) for one in sessions),
    ]

    for job in jobs[2:] + jobs[:2] if over else jobs:
        job()

    assert world.charges() == ["FREE 0", "FREE 0"]
    assert set(Entitlement.objects.values_list("until_us", flat=True)) == {NOW + 3}
    assert opened(world, "A", Instant(NOW + 3)) == ("deny", "not_assigned")


def test_what_was_used_after_a_seats_end_stays_paid_by_tokens(world: World, ann: Person) -> None:
    """Whoever ends or prolongs one read the clock before its own end, and came after a launch beyond it (F9)."""
    assign_people(LINE, world.flex.pk, [ann.pk], ["A"], now=NOW)
    (number,) = seats.give(LINE, world.flex.pk, [ann.pk], "A", Funding.SEAT, end=TODAY, now=NOW)
    over = ends(TODAY)
    assert over is not None
    before, after = Instant(over - 1), Instant(over + 1)
    assert opened(world, "A", after) == ("allow", "tokens")

    with pytest.raises(Rejected, match="ended already"):
        seats.end_now(LINE, world.flex.pk, number, now=before)
    with pytest.raises(Rejected, match="ended already"):
        seats.change_end(LINE, world.flex.pk, number, TODAY + 3, now=before)
    remove(LINE, world.flex.pk, [ann.pk], now=before)

    assert Entitlement.objects.get().until_us == over


def test_what_was_told_that_tokens_pay_is_paid_by_tokens(world: World, ann: Person) -> None:
    """Whoever gives a seat by hand or by a list read the clock before what was judged already (domain F9)."""
    ben, cy = (add_person(world.flex, f"{name}@example.com", name.title(), now=NOW) for name in ("ben", "cy"))
    people = [ann.pk, ben.pk, cy.pk]
    assign_people(LINE, world.flex.pk, people, ["A", "B"], now=NOW)
    launched = [
        authorise(Launch(world.flex.pk, person.key, product), now=Instant(NOW + 5))
        for person, product in ((ann, "A"), (ben, "B"))
    ]
    reported = {"start": "2026-06-01 00:00:00.000007", "end": "2026-06-01 01:00"}
    world.send(event("one", ben.key, "A", **reported), now=Instant(NOW + HOUR))
    lines = [SeatSaid(2, "ben@example.com", "B", "seat", "", ""), SeatSaid(3, "cy@example.com", "B", "seat", "", "")]

    seats.give(LINE, world.flex.pk, people, "A", Funding.SEAT, start=TODAY, now=NOW)
    looked = seats.give_list(LINE, world.flex.pk, lines, now=NOW)
    seats.give_list(LINE, world.flex.pk, lines, digest=looked.digest, now=NOW)
    for one in launched:
        authorise(Close(world.flex.pk, one.session), now=Instant(NOW + HOUR))

    begins = Entitlement.objects.order_by("product__code", "person").values_list("since_us", flat=True)
    assert [at - NOW for at in begins] == [6, 8, 0, 6, 0]
    assert sorted(world.charges()) == ["CHARGED 10", "CHARGED 7", "CHARGED 7"]
    assert {opened(world, product, Instant(NOW + HOUR), ben.key)[1] for product in "AB"} == {"seat"}
    world.send(event("one", ben.key, "A", **reported, revision=1), now=Instant(NOW + HOUR))
    assert sorted(world.charges()) == ["CHARGED 10", "CHARGED 7", "CHARGED 7"], "it is judged again as it was"


def test_two_seats_that_a_join_brought_together_can_each_be_ended(world: World, ann: Person) -> None:
    """A shorter span meets no more than before; a longer one is refused while another is held (domain M1, F9)."""
    other = add_person(world.flex, "ann07", "Ann Ek", now=NOW)
    first, second = seats.give(LINE, world.flex.pk, [ann.pk, other.pk], "A", Funding.SEAT, now=NOW)
    join(other.pk, ann.pk, actor="command", now=NOW)

    seats.change_end(LINE, world.flex.pk, first, TODAY + 3, now=NOW)
    with pytest.raises(Rejected, match="holds one already"):
        seats.change_end(LINE, world.flex.pk, first, TODAY + 4, now=NOW)
    for number in (first, second):
        seats.end_now(LINE, world.flex.pk, number, now=Instant(NOW + HOUR))

    assert opened(world, "A", Instant(NOW + HOUR)) == ("deny", "not_assigned")


def test_seats_are_the_teams_and_its_administrators(world: World, ann: Person) -> None:
    """Those of another team are not found, like none at all; a user may not give any (quality T2, T4)."""
    (number,) = seats.give(LINE, world.flex.pk, [ann.pk], "A", Funding.SEAT, now=NOW)
    user, other = (User.objects.create_user(f"{who}@example.com", "pw", name=who) for who in ("user", "other"))
    Membership.objects.create(team=world.flex, user=user, role=Role.USER)
    Membership.objects.create(team=world.ent, user=other, role=Role.PRIMARY)

    with pytest.raises(Forbidden):
        seats.give(user, world.flex.pk, [ann.pk], "B", Funding.SEAT, now=NOW)
    for team in (world.flex.pk, world.ent.pk):
        with pytest.raises(NotFound):
            seats.end_now(other, team, number, now=NOW)
        with pytest.raises(NotFound):
            seats.give(other, team, [ann.pk], "B", Funding.SEAT, now=NOW)
    assert seats.listed(other, world.ent.pk, now=NOW).all == 0


_STEPS = st.lists(
    st.tuples(
        st.sampled_from([Funding.SEAT, Funding.TRIAL]), st.integers(0, 6), st.one_of(st.none(), st.integers(0, 9))
    ),
    max_size=8,
)


@settings(max_examples=few(200))
@given(_STEPS)
def test_whatever_is_given_and_ended_one_of_a_kind_is_held_at_a_time(
    steps: list[tuple[Funding, int, int | None]],
) -> None:
    """Over any history of giving and ending, spans of a kind never meet, and a seat comes before a trial (F9)."""
    held: list[Held] = []
    for number, (kind, ahead, lasts) in enumerate(steps):
        now = Instant(NOW + number * DAY)
        since = Instant(now + ahead * DAY)
        until = None if lasts is None else Instant(since + lasts * DAY)
        if not problems_of(kind, since, until, held, now):
            held.append(Held(number, kind, since, until))
        elif held and not problems_of_change(held[-1], until, held, now):
            held[-1] = held[-1]._replace(until=until)

    for kind in (Funding.SEAT, Funding.TRIAL):
        spans = sorted((one.since, one.until or LAST) for one in held if one.kind == kind)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))
        assert all(since < until for since, until in spans)
    for one in held:
        assert funding_at(held, one.since) in (Funding.SEAT, one.kind)
