"""Administrators give products to people and take them back; nobody else does (product B3, domain A2, quality T2)."""

from __future__ import annotations

import pytest
from tests.filed import Filed
from tests.services.office import Office
from tests.world import NOW, START, World, event

from farebox.domain.clock import DAY, HOUR, MINUTE, Instant
from farebox.domain.errors import Forbidden, NotFound, Rejected
from farebox.domain.rights import Role
from farebox.records.models import Assignment, Denial, Entitlement, GroupMember, Invitation, Membership, Person, Use
from farebox.services import assign, catalogue, defaults, groups
from farebox.services.assign import Outcome, State
from farebox.services.authorise import Beat, authorise, review_due

LATER = Instant(NOW + DAY)


@pytest.fixture
def office(world: World) -> Office:
    """Return the Flex team, its administrator, and two members."""
    return Office(world)


def codes(error: pytest.ExceptionInfo[Rejected]) -> list[tuple[str, str]]:
    """Return what is wrong: where, and which code."""
    return [(one.pointer, one.code) for one in error.value.problems]


def use(id: str, key: str, product: str, day: str) -> bytes:  # noqa: A002
    """Write an hour of a product."""
    return event(id, f"{key}@example.com", product, f"2026-{day} 08:00", f"2026-{day} 09:00")


def test_each_tick_is_one_row_and_nothing_twice(office: Office) -> None:
    """What changed is on record, product by product; saving the same again writes nothing (T5)."""
    ann = f"person {office.ann}"
    for _ in range(2):
        office.tick(office.ann, "A", "B")
    for _ in range(2):
        office.tick(office.ann, "A", "B", "Z")
    office.tick(office.ann, "B", "Z")

    assert office.audit() == [
        f"assigned {ann} A", f"assigned {ann} B",
        f"assigned {ann} all", f"assigned {ann} Z",
        f"unassigned {ann} all", f"unassigned {ann} A",
    ]  # fmt: skip
    assert (office.opens(office.ann), len(office.mails())) == ("B Z", 2)


def test_products_that_stay_keep_the_day_they_were_given(office: Office) -> None:
    """Who had all, and has one of them taken back, has had the others since then (R10)."""
    office.tick(office.ann, every=True)

    taken = assign.unassign_people(office.boss, office.team, [office.ann], "B", now=LATER)

    assert taken == [assign.TakenBack(office.ann, Outcome.TAKEN)]
    held = Assignment.objects.filter(person_id=office.ann).values_list("product__code", "since_us")
    assert sorted(held) == [("A", NOW), ("Z", NOW)]


def test_two_administrators_tick_what_they_see(office: Office) -> None:
    """Each saves what was shown with one tick more: both ticks are there (B3); what changes nothing says so."""
    office.tick(office.ann, "Z")
    seen = assign.person(office.boss, office.team, office.ann, now=NOW).shown

    for code in "AB":
        assign.set_products(office.boss, office.team, office.ann, [*seen, code], shown=seen, now=NOW)

    assert Assignment.objects.filter(person_id=office.ann, product__isnull=False).count() == 3
    office.tick(office.ben, every=True)
    as_seen = [assign.set_products(office.boss, office.team, office.ben, ["A"], shown=["A"], now=NOW)]
    as_seen.append(
        assign.set_products(office.boss, office.team, office.ben, "AB", shown="ABZ", shown_every=True, now=NOW)
    )
    assert as_seen == [((), (), True, False), ((), (), False, True)]


def test_several_people_are_given_several_products_at_once(office: Office) -> None:
    """Each has what is new to them; who has all already is told nothing."""
    office.tick(office.ben, "A")

    given = assign.assign_people(office.boss, office.team, [office.ann, office.ben], ["A", "B"], now=NOW)
    again = assign.assign_people(office.boss, office.team, [office.ann, office.ben], ["A"], every=True, now=NOW)

    assert given == [
        assign.Given(office.ann, ("A", "B"), every=False, told=True),
        assign.Given(office.ben, ("B",), every=False, told=True),
    ]
    assert [(one.products, one.every) for one in again] == [((), True), ((), True)]


def test_what_cannot_be_given_is_listed_and_nothing_is_done(office: Office) -> None:
    """Every problem at once: products that are not offered, people who left; foreign people are not found (T2)."""
    cem = office.member("cem")
    assign.leave(cem, actor="command", now=NOW)
    hidden = catalogue.add_product(catalogue.NewProduct(code="H", name="Hidden"))
    foreign = catalogue.add_person(office.world.ent, "eve@example.com", "Eve", now=START).pk

    with pytest.raises(Rejected) as refused:
        assign.assign_people(office.boss, office.team, [office.ann, cem], ["A", "H", "nope"], now=NOW)
    with pytest.raises(Rejected) as empty:
        assign.assign_people(office.boss, office.team, [office.ann], [], now=NOW)
    for person in (foreign, 10**15):
        with pytest.raises(NotFound, match="nobody of this team has that number"):
            assign.assign_people(office.boss, office.team, [office.ann, person], ["A"], now=NOW)
        with pytest.raises(NotFound, match="nobody of this team has that number"):
            assign.person(office.boss, office.team, person, now=NOW)

    assert codes(refused) == [("/products", "not_offered")] * 2 + [(f"/people/{cem}", "left")]
    assert codes(empty) == [("/products", "missing")]
    assert not Assignment.objects.filter(product=hidden).exists()
    assert (office.opens(office.ann), office.mails(), office.audit()) == ("", [], [])


def test_only_administrators_of_the_team_may(office: Office) -> None:
    """A user of the team may not, an administrator of another finds no such team (T2, T4); each act looks itself."""
    user = office.account("user@example.com", "User", Role.USER)
    roles = {office.world.ent: Role.PRIMARY}
    stranger = catalogue.add_account("other@example.com", "correct horse battery", "", roles=roles, now=NOW)
    made = office.group("G")
    acts = (
        lambda who: assign.people(who, office.team, now=NOW),
        lambda who: assign.everyone(who, office.team, now=NOW),
        lambda who: assign.named(who, office.team, [office.ann], now=NOW),
        lambda who: assign.person(who, office.team, office.ann, now=NOW),
        lambda who: assign.products(who, office.team, now=NOW),
        lambda who: assign.holders(who, office.team, "A", now=NOW),
        lambda who: assign.suggest(who, office.team, "ann", now=NOW),
        lambda who: assign.offer(who, office.team, now=NOW),
        lambda who: assign.pseudonym(who, office.team, "u-1"),
        lambda who: assign.set_products(who, office.team, office.ann, ["A"], now=NOW),
        lambda who: assign.assign_people(who, office.team, [office.ann], ["A"], now=NOW),
        lambda who: assign.unassign_people(who, office.team, [office.ann], "A", now=NOW),
        lambda who: assign.remove(who, office.team, [office.ann], now=NOW),
        lambda who: groups.all_groups(who, office.team),
        lambda who: groups.group(who, office.team, made, now=NOW),
        lambda who: groups.make(who, office.team, "H", now=NOW),
        lambda who: groups.rename(who, office.team, made, "H", now=NOW),
        lambda who: groups.preview_removal(who, office.team, made, now=NOW),
        lambda who: groups.remove(who, office.team, made, now=NOW),
        lambda who: groups.join(who, office.team, made, [office.ann], now=NOW),
        lambda who: groups.leave(who, office.team, made, [office.ann], now=NOW),
        lambda who: groups.set_products(who, office.team, made, ["A"], now=NOW),
        lambda who: defaults.state(who, office.team, now=NOW),
        lambda who: defaults.preview(who, office.team, ["A"], now=NOW),
        lambda who: defaults.choose(who, office.team, ["A"], now=NOW),
    )

    for act in acts:
        with pytest.raises(Forbidden):
            act(user)
        with pytest.raises(NotFound):
            act(stranger)

    assert office.opens(office.ann) == ""
    assert [one.name for one in groups.all_groups(office.boss, office.team)] == ["G"]


def test_what_is_held_otherwise_is_not_taken_back(office: Office) -> None:
    """Who holds it through a group or by default keeps it, untouched, with the reason; the others lose it."""
    cem, dee = office.member("cem"), office.member("dee")
    for person in (office.ann, office.ben, cem):
        office.tick(person, "A", "B")
    office.group("Two", office.ben, give=("A",))
    office.group("One", office.ben, dee, give=("A", "B", "Z"))
    everyone = [office.ann, office.ben, dee]

    first = assign.unassign_people(office.boss, office.team, [*everyone, cem], "A", now=NOW)
    again = assign.unassign_people(office.boss, office.team, [office.ann], "A", now=NOW)
    whole = assign.unassign_people(office.boss, office.team, everyone, "", now=NOW)
    defaults.choose(office.boss, office.team, ["A"], now=NOW)
    ruled = assign.unassign_people(office.boss, office.team, [office.ann, office.ben], "A", now=NOW)

    assert [(one.outcome, one.groups) for one in first] == [
        (Outcome.TAKEN, ()), (Outcome.THROUGH_GROUP, ("One", "Two")), (Outcome.TAKEN, ()),
        (Outcome.THROUGH_GROUP, ("One",)),
    ]  # fmt: skip
    assert [one.outcome for one in again] == [Outcome.NOT_HELD]
    assert [one.outcome for one in whole] == [Outcome.TAKEN, Outcome.THROUGH_GROUP, Outcome.THROUGH_GROUP]
    assert [one.outcome for one in ruled] == [Outcome.DEFAULT, Outcome.DEFAULT]
    defaults.choose(office.boss, office.team, [], now=NOW)
    assert [office.opens(person) for person in (office.ann, office.ben, cem)] == ["", "A B Z", "B"]


def test_who_is_removed_holds_nothing_any_more(office: Office) -> None:
    """Ticks, groups, seats, the role and an open invitation end in one step, with one row each (A1, T5)."""
    user = office.account("ann@example.com", "Ann", Role.USER)
    office.tick(office.ann, "A")
    made = office.group("G", office.ann, give=("B",))
    person, product = Person.objects.get(pk=office.ann), office.world.products["B"]
    catalogue.entitle(person, product, "SEAT", since=START)
    catalogue.entitle(person, product, "TRIAL", since=LATER)
    eve = office.invited("eve")

    gone = assign.remove(office.boss, office.team, [office.ann, eve], now=NOW)
    again = assign.remove(office.boss, office.team, [office.ann, eve], now=NOW)

    assert (gone, again, office.opens(office.ann), office.asks("ann", "B")) == (2, 0, "", "not_a_member")
    assert not GroupMember.objects.filter(group_id=made).exists()
    assert not Membership.objects.filter(user=user).exists()
    assert list(Entitlement.objects.values_list("until_us", flat=True)) == [NOW], "what never began is deleted"
    assert Invitation.objects.get().state == "WITHDRAWN"
    assert office.audit()[-2:] == [f"left person {office.ann}", f"left person {eve}"]


def test_who_left_and_is_invited_again_waits(office: Office) -> None:
    """Products can be ticked meanwhile, and open nothing; removed again, the invitation and the ticks are gone (A1)."""
    eve = office.invited("eve")
    Person.objects.filter(pk=eve).update(member_us=START, left_us=NOW)

    assign.assign_people(office.boss, office.team, [eve], ["A"], now=NOW)
    row = assign.person(office.boss, office.team, eve, now=NOW).row
    opens = office.opens(eve), office.asks("eve"), office.mails()
    removed = [assign.remove(office.boss, office.team, [eve], now=NOW) for _ in range(2)]

    assert (row.state, row.products, opens) == (State.PENDING, ("Product A",), ("", "not_a_member", []))
    assert (removed, Invitation.objects.get().state, Assignment.objects.count()) == ([1, 0], "WITHDRAWN", 0)


def test_administrators_are_not_removed(office: Office) -> None:
    """Their role is taken first, the primary one handed over (T4); then nobody else of the list is removed either."""
    office.account("cem@example.com", "Cem", Role.SECONDARY)
    cem, boss = office.member("cem"), office.member("boss")

    with pytest.raises(Rejected) as refused:
        assign.remove(office.boss, office.team, [office.ann, boss, cem], now=NOW)

    assert codes(refused) == [(f"/people/{one}", "administrator") for one in sorted((boss, cem))]
    assert not Person.objects.filter(left_us__isnull=False).exists()


def test_a_session_that_runs_ends_at_the_next_question(office: Office) -> None:
    """Who is removed, or has the product no longer, goes on to the window's end and is denied the next one (A1)."""
    for person in (office.ann, office.ben):
        office.tick(person, "A")
    sessions = [office.launch(key, now=NOW).session for key in ("ann", "ben")]
    assign.remove(office.boss, office.team, [office.ann], now=Instant(NOW + HOUR))
    defaults.choose(office.boss, office.team, ["B"], now=Instant(NOW + HOUR))

    for minutes in (*range(20, 1441, 20), 1450):
        now = Instant(NOW + minutes * MINUTE)
        for session in sessions:
            authorise(Beat(office.team, session, True), now=now)
        review_due(now=now)

    denied = Denial.objects.filter(rolled_us=NOW + DAY).values_list("person", "reason")
    assert sorted(denied) == [(office.ann, "not_a_member"), (office.ben, "not_assigned")]
    assert office.world.total() == "14"


def test_the_unclaimed_and_the_invited_open_nothing(office: Office) -> None:
    """A product that asks for them is told that they are no members; a tick makes the unclaimed one, acceptance the
    invited (A1, M1)."""
    eve, fay = office.unclaimed("eve@example.com"), office.invited("fay")
    product = office.world.products["A"]
    before = [office.asks("eve"), office.asks("fay")]

    assign.assign_people(office.boss, office.team, [eve, fay], ["A"], now=NOW)

    assert before == ["not_a_member", "not_a_member"]
    assert [office.asks("eve"), office.asks("fay")] == ["tokens", "not_a_member"]
    assert (office.opens(eve), office.opens(fay), office.mails()) == ("A", "", [(eve, str(product.pk))])
    Person.objects.filter(pk=fay).update(member_us=NOW)
    assert office.asks("fay") == "tokens"


def test_a_report_leads_to_a_person_without_a_name(office: Office) -> None:
    """A pseudonym of the team is found, one of another team or of nobody is not (T2, P1)."""
    foreign = catalogue.add_person(office.world.ent, "eve@example.com", "Eve", now=START)

    assert assign.pseudonym(office.boss, office.team, Person.objects.get(pk=office.ann).pseudonym) == office.ann
    for other in (foreign.pseudonym, "u-nobody", "u-\x00"):
        with pytest.raises(NotFound):
            assign.pseudonym(office.boss, office.team, other)


def test_uses_are_flagged_by_what_is_in_force(office: Office) -> None:
    """Through a group or by default counts from its instant; in a team that has only these, others are flagged (M5)."""
    office.group("G", office.ann, give=("A",))
    then = Instant(NOW + 2 * DAY)

    office.world.send(
        use("1", "ann", "A", "05-30"), use("2", "ann", "A", "06-02"), use("3", "ben", "A", "06-02"), now=then
    )
    defaults.choose(office.boss, office.team, ["B"], now=then)
    later = use("4", "ann", "A", "06-03"), use("5", "ben", "B", "06-03"), use("6", "eve", "B", "06-03")
    office.world.send(*later, now=Instant(NOW + 5 * DAY))

    flagged = Use.objects.filter(ended_us__isnull=True, unassigned=True).values_list("event__event_id", flat=True)
    assert sorted(flagged) == ["1", "3", "4", "6"]


def test_the_installation_may_do_all_of_it(filed: Filed) -> None:
    """What the acts write is among the rights of the role that they work as; on both engines (T5)."""
    office = filed.run(lambda: Office(World()))

    def acts() -> int:
        made = office.group("G", office.ann, office.ben, give=("A",))
        office.tick(office.ann, "A", "B")
        defaults.choose(office.boss, office.team, ["A"], now=NOW)
        defaults.choose(office.boss, office.team, [], now=NOW)
        assign.unassign_people(office.boss, office.team, [office.ann], "B", now=NOW)
        groups.leave(office.boss, office.team, made, [office.ben], now=NOW)
        catalogue.entitle(Person.objects.get(pk=office.ann), office.world.products["B"], "SEAT", since=START)
        assign.remove(office.boss, office.team, [office.ann], now=NOW)
        groups.remove(office.boss, office.team, made, now=NOW)
        return len(office.audit())

    assert filed.run(acts) == 12
    assert filed.run(lambda: [office.opens(office.ann), office.opens(office.ben)]) == ["", ""]


def test_administrators_who_tick_at_once_lose_nothing(filed: Filed) -> None:
    """Several save other ticks of the same people at the same moment: every one is there, and on record once."""
    office = filed.run(lambda: Office(World()))
    wanted = [(person, code) for person in (office.ann, office.ben) for code in "AB"]

    def save(person: int, code: str) -> assign.Saved:
        return assign.set_products(office.boss, office.team, person, [code], shown=[], now=NOW)

    filed.run_together([lambda one=one: save(*one) for one in wanted * 2])  # type: ignore[misc]

    assert filed.run(lambda: [office.opens(person) for person in (office.ann, office.ben)]) == ["A B", "A B"]
    assert sorted(filed.run(office.audit)) == sorted(f"assigned person {person} {code}" for person, code in wanted)
