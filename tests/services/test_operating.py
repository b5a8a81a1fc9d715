"""What operators see of the installation, and that each of their changes has its one row of the audit (quality T5)."""

from __future__ import annotations

import pytest
from tests.world import NOW, START, World, event

from farebox.domain.amounts import tokens
from farebox.domain.clock import Instant, day_of
from farebox.domain.errors import Conflict, NotFound, Rejected
from farebox.domain.rights import Role
from farebox.records.models import Audit, Family, Membership, User
from farebox.services import catalogue, operating, sources
from farebox.services.operating.offers import When

BY = catalogue.Hand("account 1", NOW)


def rows() -> list[tuple[str, str | None]]:
    """Return what the audit has: verb, and the team if it is one's."""
    return list(Audit.objects.order_by("pk").values_list("verb", "team__slug"))


def edit(**told: object) -> catalogue.Edit:
    """Return a product as it is told anew."""
    usual: dict[str, object] = {"name": "A", "family": "F", "versions": (), "codes": {}, "idle_aware": False}
    return catalogue.Edit(**{**usual, **told})  # type: ignore[arg-type]


def test_each_change_of_the_catalogue_has_one_row(world: World) -> None:
    """What is new has a row; said again it changes nothing and has none; the facts name no person."""
    product = catalogue.add_product(catalogue.NewProduct(code="N", name="New"), by=BY)
    for _again in range(2):
        catalogue.open_offer("all", [product], since=NOW, by=BY)
        catalogue.set_rate("flex", product, tokens("1.5"), since=NOW, by=BY)
    team = catalogue.add_team("third", "Third", now=NOW, by=BY)
    for _again in range(2):
        catalogue.rename_team("third", "The third", by=BY)
    catalogue.add_contract(team, catalogue.Scheme.FLEX, offer="all", card="flex", start=day_of(NOW), by=BY)
    catalogue.add_offer("more", by=BY)
    catalogue.add_card("dear", by=BY)

    assert rows() == [
        ("product.add", None), ("offer.open", None), ("rate.set", None), ("team.add", "third"),
        ("team.rename", "third"), ("contract.add", "third"), ("offer.add", None), ("card.add", None),
    ]  # fmt: skip
    rate = Audit.objects.get(verb="rate.set").facts
    assert rate == {"code": "flex", "product": "N", "tokens": "1.5", "since_us": NOW}


def test_what_is_refused_has_no_row(world: World) -> None:
    """A change is written down in its own transaction, and only if it is one (invariant I3)."""
    with pytest.raises(Conflict):
        catalogue.set_rate("flex", world.products["A"], tokens("1"), since=START, by=BY)
    with pytest.raises(Rejected):
        catalogue.rename_team("flex", " ", by=BY)
    for make in (catalogue.add_offer, catalogue.add_card):
        with pytest.raises(Rejected):
            make("no blanks", by=BY)
    with pytest.raises(Conflict):
        catalogue.add_offer("all", by=BY)
    with pytest.raises(Conflict):
        catalogue.add_card("flex", by=BY)

    assert rows() == []


def test_a_product_is_told_anew(world: World) -> None:
    """Names, family, versions and codes change together; the same again is no change; what is booked stays."""
    world.send(event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))
    told = edit(name="A plus", family="G", versions=("2026", "2027"), codes={"A_2026": "2026", "ALSO": ""})

    for _again in range(2):
        product = catalogue.edit_product("A", told, by=BY)

    page = operating.product_page(product.pk)
    assert (page.name, page.family, page.versions) == ("A plus", "G", ("2026", "2027"))
    assert page.codes == (("ALSO", ""), ("A_2026", "2026"))
    assert rows() == [("product.change", None)]
    assert Family.objects.get(code="F").products.count() == 1
    assert world.charges() == ["CHARGED 7"]


def test_a_product_cannot_take_a_code_that_stands_for_another(world: World) -> None:
    """Every problem is told; nothing is changed where one code is taken, be it its own name (domain M2)."""
    with pytest.raises(Conflict, match="B"):
        catalogue.edit_product("A", edit(codes={"B": "", "B_2026": ""}), by=BY)
    with pytest.raises(Conflict, match="A"):
        catalogue.edit_product("A", edit(codes={"A": ""}), by=BY)
    with pytest.raises(Rejected) as refused:
        catalogue.edit_product("A", edit(name=" ", family=" f", versions=("",), codes={"x ": ""}), by=BY)
    assert [one.pointer for one in refused.value.problems] == ["/name", "/family", "/versions", "/codes"]
    with pytest.raises(NotFound):
        catalogue.edit_product("none", edit(), by=BY)


def test_the_overview_tells_what_is_left_and_amiss(world: World) -> None:
    """Tokens of living packs, people, the lead, events that wait; the first steps as far as they are taken."""
    world.give("100")
    world.give("50", since="2025-01-01 00:00", until="2026-02-01 00:00")
    ann = User.objects.create_user("ann@example.com", "x", name="Ann")
    Membership.objects.create(team=world.flex, user=ann, role=Role.PRIMARY)
    catalogue.add_person(world.flex, "bo@example.com", "Bo", now=START)
    world.send(event("a", "bo@example.com", "unknown", "2026-03-02 08:00", "2026-03-02 09:00"))

    seen = operating.overview(at=NOW)

    ent, flex = seen.teams
    assert (flex.left, flex.contracts, flex.people, flex.primary, flex.waiting) == (
        tokens("100"), 1, 1, "ann@example.com", 1,
    )  # fmt: skip
    assert (ent.primary, ent.left, ent.waiting) == ("", 0, 0)
    assert (seen.amiss.waiting, seen.amiss.leaderless, seen.amiss.bare) == (1, 1, 0)
    assert [step for step, taken in seen.steps._asdict().items() if not taken] == ["key"]
    assert seen.leads.keyless == world.flex.pk
    sources.add("server", team="flex", now=NOW)
    done = operating.overview(at=NOW)
    assert (all(done.steps), any(done.leads)) == (True, False)
    assert [one.slug for one in operating.overview(search="ENT", at=NOW).teams] == ["ent"]
    assert operating.overview(search="none", page=7, at=NOW).found == 0


def test_an_empty_installation_has_every_step_before_it(db: None) -> None:
    """Nothing is taken, nothing is amiss."""
    seen = operating.overview(at=NOW)

    assert (any(seen.steps), seen.teams, seen.amiss.silent) == (False, (), ())


def test_a_card_tells_what_is_over_in_force_and_to_come(world: World) -> None:
    """The latest that has begun is in force (domain T7)."""
    for amount, since in (("8", NOW), ("9", Instant(NOW + 1))):
        catalogue.set_rate("flex", world.products["A"], tokens(amount), since=since)

    page = operating.card_page(world.flex_contract.card_id, at=NOW)

    assert [(one.tokens, one.when) for one in page.rates if one.code == "A"] == [
        (tokens("9"), When.COMING), (tokens("8"), When.NOW), (tokens("7"), When.PAST),
    ]  # fmt: skip
    assert page.teams == ("Flex team",)
    assert [line.code for line in operating.cards()] == ["ent", "flex"]
    assert [(line.offers, line.cards) for line in operating.products("A") if line.code == "A"] == [(1, 2)]


def test_an_offer_grows_and_never_shrinks(world: World) -> None:
    """A product that an offer has keeps its instant, whatever is said later (product A3)."""
    later = Instant(NOW + 1)
    new = catalogue.add_product(catalogue.NewProduct(code="N", name="New"))
    catalogue.open_offer("all", [new, world.products["A"]], since=later)

    page = operating.offer_page(world.flex_contract.offer_id, at=NOW)

    assert [(one.code, one.is_coming) for one in page.products if one.is_coming] == [("N", True)]
    assert {one.code: one.since for one in page.products}["A"] == START
    assert operating.product_choices(not_in_offer=page.id) == []


def test_what_is_not_there_is_not_found(world: World) -> None:
    """Each page of an unknown number says so."""
    for ask in (operating.team_page, operating.contract_page, operating.offer_page, operating.card_page):
        with pytest.raises(NotFound):
            ask(10**9, at=NOW)  # type: ignore[operator]
    with pytest.raises(NotFound):
        operating.product_page(10**9)
    page = operating.contract_page(world.flex_contract.pk, at=NOW)
    assert (page.team, page.line.number) == ("Flex team", world.flex_contract.number)
