"""What the operator sets up is there at once, exists once, and changes nothing that was charged (product A1–A3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.services.books import faults
from tests.world import NOW, START, World, at, event

from farebox.domain.amounts import tokens
from farebox.domain.clock import Day, day_of
from farebox.domain.errors import Conflict, NotFound, Rejected
from farebox.records.models import Charge, Contract, Product, User
from farebox.records.models.contracts import PolicyName
from farebox.services import catalogue

WHO = "ana@example.com"
DAY_ONE = day_of(START)


def test_a_new_rate_is_for_what_comes(world: World) -> None:
    """From its instant on a rate prices new windows; what was charged before keeps its price (T7, A2)."""
    before = event("a", WHO, "A", "2026-03-02 08:00", "2026-03-04 07:00")
    world.send(before)
    catalogue.set_rate("flex", world.products["A"], tokens("9"), since=at("2026-03-03 00:00"))

    world.send(event("b", "ben@example.com", "A", "2026-03-02 08:00", "2026-03-04 07:00"))

    assert world.charges() == ["CHARGED 7", "CHARGED 7", "CHARGED 7", "CHARGED 9"]
    assert faults() == []


def test_a_window_keeps_the_rate_it_began_with(world: World) -> None:
    """A rate change inside a standing window reaches the next window only (F1)."""
    catalogue.set_rate("flex", world.products["A"], tokens("9"), since=at("2026-03-02 12:00"))

    world.send(
        event("a", WHO, "A", "2026-03-02 08:00", "2026-03-02 09:00"),
        event("b", WHO, "A", "2026-03-02 13:00", "2026-03-02 14:00"),
        event("c", WHO, "A", "2026-03-03 08:00", "2026-03-03 09:00"),
    )

    assert world.charges() == ["CHARGED 7", "FREE 0", "CHARGED 9"]


def test_a_grace_is_dated(world: World) -> None:
    """A contract's own grace holds for sessions from its instant on (F3)."""
    catalogue.set_policy(world.flex_contract, PolicyName.GRACE_MINUTES, 10, since=at("2026-03-03 00:00"))

    world.send(
        event("before", WHO, "A", "2026-03-02 08:00", "2026-03-02 08:08"),
        event("after", "ben@example.com", "A", "2026-03-03 08:00", "2026-03-03 08:08"),
    )

    assert world.charges() == ["CHARGED 7", "CASUAL 0"]


def test_a_minimum_is_dated(world: World) -> None:
    """A contract's own minimum holds from the day that begins at its instant or later (N2)."""
    catalogue.set_policy(world.ent_contract, PolicyName.MINIMUM_MINUTES, 10, since=at("2026-03-03 00:00"))

    world.send(
        event("before", WHO, "A", "2026-03-02 08:00", "2026-03-02 08:05"),
        event("after", WHO, "A", "2026-03-03 08:00", "2026-03-03 08:09"),
        event("enough", WHO, "A", "2026-03-04 08:00", "2026-03-04 08:10"),
        ent=True,
    )

    assert world.charges() == ["CHARGED 6", "CASUAL 0", "CHARGED 6"]


def test_a_code_tells_product_and_version(world: World) -> None:
    """A feature code stands for its product and the version that it tells."""
    world.send(event("a", WHO, "A_2026", "2026-03-02 08:00", "2026-03-02 09:00"))

    charge = Charge.objects.select_related("product", "use").get()
    assert charge.product.code == "A"
    assert charge.use.version_label > 0


Mistake = Callable[[World], object]
ONCE: dict[str, Mistake] = {
    "a slug": lambda world: catalogue.add_team("flex", "Another", now=NOW),
    "a contract of a scheme": lambda world: catalogue.add_contract(
        world.flex, catalogue.Scheme.FLEX, offer="all", card="flex", start=DAY_ONE
    ),
    "a product code": lambda world: catalogue.add_product(catalogue.NewProduct(code="A", name="A")),
    "a product's further code": lambda world: catalogue.add_product(catalogue.NewProduct(code="A_2026", name="A")),
    "a further code": lambda world: catalogue.add_product(
        catalogue.NewProduct(code="C", name="C", codes={"A_2026": ""})
    ),
    "a code as a further code": lambda world: catalogue.add_product(
        catalogue.NewProduct(code="C", name="C", codes={"A": ""})
    ),
    "a rate from an instant": lambda world: catalogue.set_rate("flex", world.products["A"], tokens("8"), since=START),
    "an account": lambda world: [
        catalogue.add_account(address, "a password of some length", "A", roles={}, now=NOW)
        for address in ("a@example.com", "A@Example.com")
    ],
}


@pytest.mark.parametrize("mistake", ONCE.values(), ids=ONCE.keys())
def test_what_is_taken_is_a_conflict(world: World, mistake: Mistake) -> None:
    """What there can be only one of is refused the second time."""
    with pytest.raises(Conflict):
        mistake(world)


def test_the_same_again_is_no_conflict(world: World) -> None:
    """Setting a rate or opening an offer to what it is already changes nothing."""
    catalogue.set_rate("flex", world.products["A"], tokens("7"), since=START)
    catalogue.open_offer("all", [world.products["A"]], since=NOW)

    assert world.states(event("a", WHO, "A", "2026-03-02 08:00", "2026-03-02 09:00")) == ["accepted"]
    assert world.charges() == ["CHARGED 7"]


MISSING: dict[str, Mistake] = {
    "a team": lambda world: catalogue.team_named("none"),
    "a product": lambda world: catalogue.product_named("none"),
}


@pytest.mark.parametrize("mistake", MISSING.values(), ids=MISSING.keys())
def test_what_is_not_there_is_not_found(world: World, mistake: Mistake) -> None:
    """A name that nothing has is told apart from a mistake of ours."""
    with pytest.raises(NotFound):
        mistake(world)


def test_a_contract_that_cannot_be_is_refused_with_every_problem(world: World) -> None:
    """Offer, card and dates are told at once, and nothing is added."""
    with pytest.raises(Rejected) as refused:
        catalogue.add_contract(
            world.ent, catalogue.Scheme.FLEX, offer="none", card="none", start=DAY_ONE, end=Day(DAY_ONE - 1)
        )

    assert [problem.pointer for problem in refused.value.problems] == ["/end", "/offer", "/card"]
    assert catalogue.contract_numbers(world.ent) == [world.ent_contract.number]


@pytest.mark.parametrize("slug", ["", "../x y", "Flex", "x" * 61])
def test_a_team_has_a_slug_that_fits_everywhere(world: World, slug: str) -> None:
    """A slug is small letters, digits and hyphens."""
    with pytest.raises(Rejected):
        catalogue.add_team(slug, "", now=NOW)


def test_an_account_has_an_address_and_a_strong_password(world: World) -> None:
    """Both mistakes are told at once."""
    with pytest.raises(Rejected) as refused:
        catalogue.add_account("ann", "x", "Ann", roles={}, now=NOW)

    assert {problem.code for problem in refused.value.problems} == {"invalid_person", "weak_password"}


def test_what_there_is_can_be_listed(world: World) -> None:
    """Teams by slug, contracts of a team by number; numbers are twelve digits, as connectors expect."""
    assert catalogue.team_slugs() == ["ent", "flex"]
    assert catalogue.contract_numbers(catalogue.team_named("flex")) == [world.flex_contract.number]
    assert all(number.isdecimal() and len(number) == 12 for number in Contract.objects.values_list("number", flat=True))


def test_an_account_has_its_roles(world: World) -> None:
    """An account is made with its roles in teams; its password is checked and never kept."""
    roles = {world.flex: catalogue.Role.PRIMARY, world.ent: catalogue.Role.SECONDARY}

    user = catalogue.add_account("Ann@Example.com", "a password of some length", "Ann", roles=roles, now=NOW)

    assert User.objects.get().email == "ann@example.com"
    assert dict(user.memberships.values_list("team__slug", "role")) == {"flex": "PRIMARY", "ent": "SECONDARY"}
    assert user.check_password("a password of some length")


@pytest.mark.parametrize("code", [".", "..", "A/../B", "./A", "/A", "A/", "A//B", "", " A", "A\nB", "A\0", "x" * 61])
def test_a_product_has_a_code_that_an_address_can_end_in(world: World, code: str) -> None:
    """Browsers would fold it away, or nothing can hold it: that is said, and nothing is added."""
    with pytest.raises(Rejected) as refused:
        catalogue.add_product(catalogue.NewProduct(code=code, name="P", codes={"\t": ""}))

    assert [problem.pointer for problem in refused.value.problems] == ["/code", "/codes"]
    assert Product.objects.count() == 3


def test_codes_of_events_may_have_slashes(world: World) -> None:
    """What no page has in its address is as programs report it."""
    catalogue.add_product(catalogue.NewProduct(code="a/b 1.0", name="P", codes={"../x": "2026", "x" * 61: ""}))

    assert catalogue.product_named("a/b 1.0").codes.count() == 2
