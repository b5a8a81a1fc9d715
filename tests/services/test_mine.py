"""What is one's own, and nobody else's: teams, products to open, charges, and whose they are (product B8, A3)."""

from __future__ import annotations

import pytest
from tests.world import NOW, World, at, event

from farebox.domain.amounts import tokens
from farebox.domain.authorise import Decision, Grounds
from farebox.domain.clock import DAY, HOUR, MINUTE, Instant, day_of
from farebox.domain.errors import NotFound, Rejected
from farebox.domain.ids import charged_item_id
from farebox.domain.rights import Role
from farebox.domain.usage import Funding, Reason
from farebox.records.models import Audit, Charge, Membership, Person, Product, User
from farebox.services import mine
from farebox.services.assign import assign
from farebox.services.authorise import Launch, Mode, authorise, quotes
from farebox.services.catalogue import add_person, entitle
from farebox.services.close_books import close
from farebox.services.where_to_get import set_where

EIGHT = at("2026-03-02 08:00")


def account(email: str, world: World, role: Role | None = Role.USER) -> User:
    """Make an account, with a role in the Flex team unless told otherwise."""
    user = User.objects.create_user(email)
    if role is not None:
        Membership.objects.create(team=world.flex, user=user, role=role)
    return user


@pytest.fixture
def ana(world: World) -> Person:
    """Return a member of the Flex team, which has fifty tokens."""
    world.give("50")
    return add_person(world.flex, "ana@example.com", "Ana", now=EIGHT)


def test_one_is_oneself_in_each_team(world: World, ana: Person) -> None:
    """By the account's link anywhere, by its address where it has a role; nowhere else (domain A3, quality T2)."""
    user = account("ana@example.com", world)
    linked = add_person(world.ent, "a.example", "Ana", now=EIGHT)
    Person.objects.filter(pk=linked.pk).update(user=user)
    other = account("eve@example.com", world, role=None)
    add_person(world.flex, "eve@example.com", "Eve", now=EIGHT)
    guest = account("gus@example.com", world)

    found = [(one.team, one.people, one.key) for one in mine.selves(user)]

    assert found == [
        ("Enterprise team", (linked.pk,), "a.example"),
        ("Flex team", (ana.pk,), "ana@example.com"),
    ]
    assert mine.selves(other) == []
    assert [(one.team, one.people) for one in mine.selves(guest)] == [("Flex team", ())]
    Person.objects.filter(pk=linked.pk).update(left_us=EIGHT)
    assert [one.team for one in mine.selves(user)] == ["Flex team"]
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert mine.selves(User.objects.get(pk=user.pk)) == []


def test_an_address_that_is_another_accounts_is_not_ones_own(world: World, ana: Person) -> None:
    """A person linked to an account is that account's alone, whatever address another account has."""
    Person.objects.filter(pk=ana.pk).update(user=account("other@example.com", world))
    assert [one.people for one in mine.selves(account("ana@example.com", world))] == [()]


def test_what_may_be_opened_is_what_is_in_force_and_what_is_held(world: World, ana: Person) -> None:
    """Assigned products that the offer has, seats and trials of any (domain A1, A2, F9), each with its end."""
    user = account("ana@example.com", world)
    assign(ana.pk, "A", actor="command", now=EIGHT)
    entitle(ana, world.products["B"], "SEAT", since=EIGHT)
    entitle(ana, world.products["Z"], "TRIAL", since=EIGHT, until=Instant(EIGHT + DAY))
    (who,) = mine.selves(user)

    def found(now: Instant) -> list[tuple[str, Funding, Instant | None, bool]]:
        return [(one.code, one.funding, one.until, one.assigned) for one in mine.openable(who, now=now)]

    assert found(Instant(EIGHT + HOUR)) == [
        ("A", Funding.TOKENS, None, True),
        ("B", Funding.SEAT, None, False),
        ("Z", Funding.TRIAL, EIGHT + DAY, False),
    ]
    assert [code for code, *_ in found(Instant(EIGHT + DAY))] == ["A", "B"]
    assign(ana.pk, "", actor="command", now=EIGHT)
    assert [(code, assigned) for code, _, _, assigned in found(Instant(EIGHT + DAY))] == [
        ("A", True), ("B", True), ("Z", True),
    ]  # fmt: skip


def quoted(who: mine.Myself, now: Instant) -> dict[str, tuple[str, str, int]]:
    """Return what opening each product would be answered."""
    products = mine.openable(who, now=now)
    told = quotes([Launch(who.team_id, who.key, one.code, Mode.QUOTE) for one in products], now=now)
    return {one.code: (str(a.decision), str(a.grounds), a.cost) for one, a in zip(products, told, strict=True)}


def test_priorite_entre_abonnement_et_version_d_evaluation(world: World, ana: Person) -> None:
    """
    Seat and trial come before tokens at the moment of use, by the identity that signs in (domain F9, A1).

    [S 003] « Lorsqu’un utilisateur est affecté à la fois à un abonnement pour utilisateur unique et à des jetons Flex,
    ces derniers ne sont pas utilisés. » « De même, les utilisateurs de la version d’évaluation d’un produit ne
    consommeront pas de jetons pour ce produit. » « Une fois la période d’évaluation terminée, ils commenceront à
    utiliser des jetons. » « La priorité s’applique uniquement si le même ID est utilisé. »
    """
    other = add_person(world.flex, "ana.home@example.com", "Ana", now=EIGHT)
    for person in (ana, other):
        assign(person.pk, "", actor="command", now=EIGHT)
    entitle(ana, world.products["A"], "SEAT", since=EIGHT)
    entitle(ana, world.products["B"], "TRIAL", since=EIGHT, until=Instant(EIGHT + DAY))
    (who,) = mine.selves(account("ana@example.com", world))
    (home,) = mine.selves(account("ana.home@example.com", world))

    during, after = quoted(who, Instant(EIGHT + HOUR)), quoted(who, Instant(EIGHT + DAY))

    assert during["A"] == after["A"] == (Decision.ALLOW, Grounds.SEAT, 0)
    assert during["B"] == (Decision.ALLOW, Grounds.TRIAL, 0)
    assert after["B"] == (Decision.ALLOW, Grounds.TOKENS, tokens("10"))
    assert quoted(home, Instant(EIGHT + HOUR))["A"] == (Decision.ALLOW, Grounds.TOKENS, tokens("7"))
    for person, expected in ((who, ["seat", "trial"]), (home, ["tokens", "tokens"])):
        launches = [Launch(person.team_id, person.key, code) for code in ("A", "B")]
        assert [str(authorise(one, now=Instant(EIGHT + HOUR)).grounds) for one in launches] == expected


def test_ones_sessions_say_when_they_cost_again(world: World, ana: Person) -> None:
    """Open now, with the end of its 24 hours and its rate (product B9); those of others are not among them."""
    ben = add_person(world.flex, "ben@example.com", "Ben", now=EIGHT)
    for person in (ana, ben):
        assign(person.pk, "", actor="command", now=EIGHT)
        authorise(Launch(world.flex.pk, person.key, "A", machine=f"desk of {person.name}"), now=EIGHT)
    authorise(Launch(world.flex.pk, ana.key, "Z"), now=Instant(EIGHT + MINUTE))
    (who,) = mine.selves(account("ana@example.com", world))

    found = mine.open_now(who, now=Instant(EIGHT + HOUR))

    told = [(one.product, one.running.machine, one.running.next_at, one.running.next_tokens) for one in found]
    assert told == [("Product A", "desk of Ana", EIGHT + DAY, tokens("7")), ("Product Z", "", None, 0)]


def test_ones_charges_are_ones_own(world: World, ana: Person) -> None:
    """The latest first, with or without those that cost nothing; a charge of anybody else is not there (T2)."""
    user = account("ana@example.com", world)
    world.send(
        event("1", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"),
        event("2", "ana@example.com", "A", "2026-03-02 10:00", "2026-03-02 11:00"),
        event("3", "ana@example.com", "B", "2026-03-03 08:00", "2026-03-03 09:00"),
        event("4", "ben@example.com", "B", "2026-03-03 08:00", "2026-03-03 09:00"),
    )
    (who,) = mine.selves(user)

    costly, more = mine.charges(who, since=day_of(EIGHT), costly=True, page=1)
    every, _ = mine.charges(who, since=day_of(EIGHT), costly=False, page=1)

    assert [(one.product, one.tokens, one.reason) for one in costly] == [
        ("Product B", tokens("10"), Reason.WINDOW_OPENED),
        ("Product A", tokens("7"), Reason.WINDOW_OPENED),
    ]
    assert (more, [one.tokens for one in every]) == (False, [tokens("10"), 0, tokens("7")])
    assert mine.charges(who, since=day_of(Instant(EIGHT + 2 * DAY)), costly=False, page=1)[0] == ()
    assert mine.whose_charge(user, costly[0].item_id) == who
    bens = Charge.objects.get(person__key="ben@example.com").pk
    for foreign in (charged_item_id(bens), charged_item_id(bens + 1_000), "no such id"):
        with pytest.raises(NotFound):
            mine.whose_charge(user, foreign)


def test_charges_come_by_pages(world: World, ana: Person) -> None:
    """Each charge is on one page, and what was amended after its books were closed still counts (domain L5a)."""
    starts = [f"2026-03-{1 + nth // 2:02d} {8 + nth % 2:02d}:00" for nth in range(mine.CHARGES_MAX + 2)]
    world.send(*(event(f"{nth}", ana.key, "A", start, f"{start[:14]}30") for nth, start in enumerate(starts)))
    close(world.flex_contract.number, day_of(at("2026-03-31 00:00")), actor="test", now=NOW)
    world.send(event("0", ana.key, "A", starts[0], "2026-03-01 08:45", revision=1))
    (who,) = mine.selves(account(ana.key, world))

    pages = [mine.charges(who, since=day_of(at(starts[0])), costly=False, page=page) for page in (1, 2, 3)]

    assert [(len(found), more) for found, more in pages] == [(50, True), (3, False), (0, False)]
    assert len({one.item_id for found, _ in pages for one in found}) == Charge.objects.filter(ended_us=None).count()


def test_where_to_get_a_product(world: World) -> None:
    """An address of the web and a note, written once in the audit; nothing else is taken, and every problem is told."""
    set_where("A", " https://get.example.com/a ", "Take version 2026.", actor="command", now=EIGHT)
    set_where("A", "https://get.example.com/a", "Take version 2026.", actor="command", now=EIGHT)

    told = Product.objects.get(code="A")
    assert (told.where, told.where_note) == ("https://get.example.com/a", "Take version 2026.")
    assert Audit.objects.filter(verb="product.where").count() == 1
    for address in (
        "javascript:alert(1)", "ftp://a.example", "//a.example", "https://", "https://me:pw@a.example", "https://a b",
        "http://[::1", "https://a.example\\@b.example", "data:text/html,x", "https://a.example:0",
    ):  # fmt: skip
        with pytest.raises(Rejected) as refused:
            set_where("A", address, "two\nlines", actor="command", now=EIGHT)
        assert [one.pointer for one in refused.value.problems] == ["/where", "/note"], address
    with pytest.raises(NotFound):
        set_where("nothing", "", actor="command", now=EIGHT)
    set_where("A", "", actor="command", now=EIGHT)
    assert Product.objects.get(code="A").where == ""
