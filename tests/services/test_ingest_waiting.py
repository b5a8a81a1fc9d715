"""Events that wait for the catalogue, and what becomes of them when it learns (domain M2)."""

from __future__ import annotations

import pytest
from tests.services.books import faults
from tests.world import NOW, START, World, at, event, message, withdrawal

from farebox.domain.amounts import tokens
from farebox.domain.clock import day_of
from farebox.domain.errors import NotFound
from farebox.records.models import Audit, Charge, Contract, Event, OfferProduct, Person
from farebox.services import catalogue
from farebox.services.ingest import charged_from, held, release_waiting, waiting_for

WHO = "ana@example.com"
SPAN = ("2026-03-02 08:00", "2026-03-02 09:00")


def learn(world: World, code: str, *, rate: str | None = "3") -> None:
    """Add a product with a version, open it to both teams, and price it for the Flex team."""
    product = catalogue.add_product(catalogue.NewProduct(code=code, name=code, versions=("2026",)))
    catalogue.open_offer("all", [product], since=START)
    if rate is not None:
        catalogue.set_rate("flex", product, tokens(rate), since=START)


def test_an_unknown_product_waits(world: World) -> None:
    """Use of an unknown product is kept, counted as waiting, and charged once the catalogue has it."""
    pack = world.give("100")
    assert world.states(event("a", WHO, "NEW", *SPAN)) == ["quarantined unknown_product"]
    assert [(*waiting, count) for waiting, count in waiting_for()] == [
        ("unknown_product", "flex", "NEW", "farebox.session", 1)
    ]
    assert (release_waiting(now=NOW), world.charges()) == (0, [])

    learn(world, "NEW")

    assert (release_waiting(now=NOW), release_waiting(now=NOW)) == (1, 0)
    assert (world.charges(), world.left(pack), waiting_for()) == (["CHARGED 3"], "97", [])
    assert Event.objects.get().state == "ACCEPTED"
    assert faults() == []


def test_what_waits_is_told_and_released_team_by_team(world: World) -> None:
    """Rows by reason, team, product and version; a release takes one team's, and is audited (M2, T5)."""
    world.give("100")
    world.send(event("a", WHO, "NEW", *SPAN, version="2026"), event("b", WHO, "NEW", *SPAN, version="2026"))
    world.send(event("c", WHO, "NEW", *SPAN), ent=True)
    found = held()
    assert [(one.problem, one.team, one.product, one.version, one.events) for one in found.rows] == [
        ("unknown_product", "Flex team", "NEW", "2026", 2),
        ("unknown_product", "Enterprise team", "NEW", "", 1),
    ]
    assert (found.events, found.read, found.rows[0].oldest) == (3, 3, NOW)
    with pytest.raises(NotFound):
        held(team=999_999)

    learn(world, "NEW")

    assert (release_waiting(now=NOW, team=world.ent.pk), release_waiting(now=NOW, team=world.flex.pk)) == (0, 2)
    assert (held(team=world.flex.pk).events, [one.problem for one in held().rows]) == (0, ["no_rate"])
    rows = Audit.objects.filter(verb="events released").values_list("team", "actor", "facts")
    assert list(rows) == [(world.flex.pk, "command", {"events": 2})]


def test_an_event_waits_for_one_thing_after_another(world: World) -> None:
    """What is released may find the next thing missing; it waits on, with its new reason."""
    world.send(event("a", WHO, "NEW", *SPAN, version="2027"))
    product = catalogue.add_product(catalogue.NewProduct(code="NEW", name="New", versions=("2026",)))
    seen = []

    release_waiting(now=NOW)
    seen += waiting_for()
    product.versions.create(code="2027")
    catalogue.open_offer("other", [product], since=START)
    release_waiting(now=NOW)
    seen += waiting_for()
    catalogue.open_offer("all", [product], since=START)
    release_waiting(now=NOW)
    seen += waiting_for()
    catalogue.set_rate("flex", product, tokens("3"), since=START)

    assert release_waiting(now=NOW) == 1
    assert [waiting.problem for waiting, _ in seen] == ["unknown_version", "no_contract", "no_rate"]
    assert world.charges() == ["CHARGED 3"]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (event("a", WHO, "nothing", *SPAN), "unknown_product"),
        (event("a", WHO, "A", "2025-12-31 08:00", "2025-12-31 09:00"), "no_contract"),
        (event("a", WHO, "versioned", *SPAN, version="1999"), "unknown_version"),
        (event("a", WHO, "unpriced", *SPAN), "no_rate"),
        (event("a", WHO, "elsewhere", *SPAN), "no_contract"),
    ],
)
def test_every_reason_to_wait(world: World, sent: bytes, code: str) -> None:
    """What is missing is named; nothing is charged, nobody is made a member, and nothing is lost."""
    learn(world, "versioned")
    learn(world, "unpriced", rate=None)
    catalogue.add_product(catalogue.NewProduct(code="elsewhere", name="In no offer"))

    assert world.states(sent) == [f"quarantined {code}"]
    assert (Charge.objects.count(), Person.objects.count(), Event.objects.get().state) == (0, 0, "QUARANTINED")
    assert faults() == []


CALL = {"app": "app", "api": "translate", "quantity": "3", "unit": "job"}


def test_a_type_without_a_rule_is_kept(world: World) -> None:
    """An event that no rule charges yet is kept as it came, and may be withdrawn."""
    assert world.states(message("farebox.api-call", "a", CALL)) == ["quarantined no_rule"]
    assert release_waiting(now=NOW) == 0
    assert [(waiting.problem, waiting.kind, count) for waiting, count in waiting_for()] == [
        ("no_rule", "farebox.api-call", 1)
    ]
    assert world.states(withdrawal("a", 1)) == ["accepted"]
    assert waiting_for() == []


def test_a_waiting_event_may_be_amended(world: World) -> None:
    """A higher revision of a waiting event that names a known product is charged at once (M3)."""
    world.send(event("a", WHO, "NEW", *SPAN))

    assert world.states(event("a", WHO, "A", *SPAN, revision=1)) == ["accepted"]
    assert (world.charges(), waiting_for()) == (["CHARGED 7"], [])
    assert faults() == []


def test_an_amendment_may_have_to_wait(world: World) -> None:
    """A charged event that is amended to an unknown product gives its tokens back and waits (M2, M3)."""
    pack = world.give("100")
    world.send(event("a", WHO, "A", *SPAN))

    assert world.states(event("a", WHO, "NEW", *SPAN, revision=1)) == ["quarantined unknown_product"]
    assert (world.charges(), world.left(pack)) == ([], "100")
    assert faults() == []

    learn(world, "NEW")
    assert release_waiting(now=NOW) == 1
    assert (world.charges(), world.left(pack)) == (["CHARGED 3"], "97")
    assert faults() == []


def test_a_waiting_event_told_again_is_a_duplicate(world: World) -> None:
    """Waiting is a state like another: the same event is known, another content is a conflict (I2)."""
    world.send(event("a", WHO, "NEW", *SPAN))

    assert world.states(event("a", WHO, "NEW", *SPAN), event("a", WHO, "A", *SPAN)) == [
        "duplicate",
        "rejected conflict",
    ]


def test_what_waited_is_rated_among_the_rest(world: World) -> None:
    """A released use joins its chain as if it had come in time: the window moves to its start (N5)."""
    catalogue.add_product(catalogue.NewProduct(code="C", name="C", versions=("2026",)))
    product = catalogue.product_named("C")
    catalogue.open_offer("all", [product], since=START)
    catalogue.set_rate("flex", product, tokens("3"), since=START)
    world.send(
        event("late", WHO, "C", "2026-03-02 06:00", "2026-03-02 07:00", version="2027"),
        event("known", WHO, "C", "2026-03-02 08:00", "2026-03-03 07:00", version="2026"),
    )
    assert world.charges() == ["CHARGED 3"]

    product.versions.create(code="2027")
    catalogue.open_offer("all", [product], since=START)
    release_waiting(now=NOW)

    assert world.charges() == ["CHARGED 3", "FREE 0", "CHARGED 3"]
    assert faults() == []


def test_six_thousand_waiting_events_are_released(world: World) -> None:
    """More events than one page holds are all released, each once."""
    world.send(*(event(f"e{nth}", f"p{nth}@example.com", "NEW", *SPAN) for nth in range(6_000)))
    learn(world, "NEW")

    assert release_waiting(now=NOW) == 6_000
    assert Charge.objects.count() == 6_000
    assert world.total() == "18000"


def test_the_enterprise_contract_pays_first(world: World) -> None:
    """A team with both contracts pays what the enterprise offer has from it, and the rest with Flex (C2)."""
    catalogue.open_offer("some", [world.products["A"]], since=START)
    Contract.objects.filter(pk=world.ent_contract.pk).update(offer=OfferProduct.objects.get(offer__code="some").offer)
    flex = catalogue.add_contract(
        world.ent, catalogue.Scheme.FLEX, offer="all", card="flex", start=day_of(at("2026-03-01 00:00"))
    )

    states = world.states(
        event("a", WHO, "A", *SPAN),
        event("b", WHO, "B", *SPAN),
        event("early", WHO, "B", "2026-02-28 08:00", "2026-02-28 09:00"),
        ent=True,
    )

    assert states == ["accepted", "accepted", "quarantined no_contract"]
    paid = Charge.objects.order_by("product__code").values_list("contract_id", "tokens_micro")
    assert list(paid) == [(world.ent_contract.pk, 6_000_000), (flex.pk, 10_000_000)]
    assert faults() == []


def test_a_contract_that_ended_pays_no_more(world: World) -> None:
    """After its end an enterprise contract opens nothing; without Flex the use waits (C2)."""
    Contract.objects.filter(pk=world.ent_contract.pk).update(end_day=day_of(at("2026-03-03 00:00")))
    catalogue.set_rate("ent", world.products["A"], tokens("6"), since=START)

    states = world.states(
        event("last", WHO, "A", "2026-03-02 08:00", "2026-03-02 09:00"),
        event("after", WHO, "A", "2026-03-03 08:00", "2026-03-03 09:00"),
        ent=True,
    )

    assert states == ["accepted", "quarantined no_contract"]


def test_a_product_opens_with_its_offer(world: World) -> None:
    """Use from before a product joined the offer waits; from that instant on it is charged."""
    product = catalogue.add_product(catalogue.NewProduct(code="C", name="C"))
    catalogue.set_rate("flex", product, tokens("3"), since=START)
    catalogue.open_offer("all", [product], since=at("2026-03-02 08:00"))

    before = event("a", WHO, "C", "2026-03-02 07:59", "2026-03-02 08:30")
    assert world.states(before, event("b", WHO, "C", *SPAN)) == ["quarantined no_contract", "accepted"]


def test_what_a_source_reported_costs_is_summed(world: World) -> None:
    """What all uses of a source cost now is told by category; what was taken back counts no more."""
    world.send(
        event("a", WHO, "A", *SPAN, source="log"),
        event("b", WHO, "B", *SPAN, source="log"),
        event("c", WHO, "A", "2026-03-05 08:00", "2026-03-05 08:03", source="log"),
        event("d", WHO, "A", *SPAN, source="other"),
        withdrawal("b", 1, source="log"),
    )

    by_category, micro = charged_from(world.flex.pk, "log")

    assert sum(by_category.values()) == 2
    assert by_category["CASUAL"] == 1
    assert charged_from(world.ent.pk, "log") == ({}, 0)
    assert charged_from(world.flex.pk, "other")[1] + micro == 7_000_000
