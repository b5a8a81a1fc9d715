"""Adjustments and manual consumption: events like any other, with their sign, their pool and their reason."""

from __future__ import annotations

import pytest
from tests.services.books import faults
from tests.services.entries import WHO, adjustment, consumption, costs, job, owed, packs, teach
from tests.world import NOW, START, World, at, event, withdrawal

from farebox.domain.amounts import tokens
from farebox.domain.clock import day_of
from farebox.domain.packs import Pool
from farebox.records.catalogue import announce_change
from farebox.records.models import Charge, Entry, Pack, Window
from farebox.services import catalogue
from farebox.services.expire import expire
from farebox.services.give import Purchase, give
from farebox.services.ingest import release_waiting

MONDAY = ("2026-03-02 08:00", "2026-03-02 09:00")


def test_tokens_that_are_added_are_a_pack_of_their_own(world: World) -> None:
    """+n consumes −n on its date, and is a pack that lives a year from then (N6)."""
    assert world.states(adjustment("a", "50")) == ["accepted"]

    assert costs() == ["MANUAL_ADJUSTMENT CHARGED adjusted -50"]
    pack = Pack.objects.get()
    assert (packs(), pack.since_us, pack.until_us) == (
        ["FLEX ADJUSTED 50 left 50"],
        at("2026-03-02 00:00"),
        at("2027-03-02 00:00"),
    )
    assert (world.entries(), Window.objects.count()) == (["ADJUSTED 50"], 0)
    assert faults() == []


def test_tokens_that_are_taken_leave_packs_in_burn_order(world: World) -> None:
    """−n consumes +n, from the packs alive on its date: the earliest end first (N6, L1)."""
    world.give("20", until="2026-12-01 00:00")
    world.give("5", until="2026-10-01 00:00")
    world.give("9", until="2026-03-01 00:00")

    world.send(adjustment("a", "-8"))

    assert (packs(), costs()) == (
        ["FLEX PURCHASED 20 left 17", "FLEX PURCHASED 5 left 0", "FLEX PURCHASED 9 left 9"],
        ["MANUAL_ADJUSTMENT CHARGED adjusted 8"],
    )
    assert faults() == []


def test_more_than_there_is_cannot_be_taken(world: World) -> None:
    """An adjustment that takes too much is refused whole; the others of its request stay, and it may be sent again."""
    pack = world.give("10")

    sent = [adjustment("a", "-11"), event("b", WHO, "A", *MONDAY)]
    assert world.states(*sent) == ["rejected insufficient_tokens", "accepted"]

    assert (world.left(pack), costs()) == ("3", ["DESKTOP_PRODUCT CHARGED window_opened 7"])
    world.give("10")
    assert world.states(sent[0]) == ["accepted"]
    assert faults() == []


def test_an_adjustment_names_its_pool(world: World) -> None:
    """Each pool is changed in the contract that holds it; one that the team has no contract for waits."""
    world.send(adjustment("credit", "4", pool="CREDIT"))
    world.send(adjustment("year", "5", pool="CY"), adjustment("years", "6", pool="MY"), ent=True)

    assert packs() == ["CREDIT ADJUSTED 4 left 4", "CY ADJUSTED 5 left 5", "MY ADJUSTED 6 left 6"]
    assert [pack.until_us for pack in Pack.objects.order_by("pk")] == [
        at("2027-03-02 00:00"),
        at("2027-01-01 00:00"),
        at("2100-01-01 00:00"),
    ]
    assert world.states(adjustment("none", "1", pool="CY")) == ["quarantined no_contract"]
    assert faults() == []


def test_nothing_is_no_adjustment(world: World) -> None:
    """An adjustment of 0, of too much, or in a time that has not come is refused, with its place."""
    sent = [adjustment("a", "0"), adjustment("b", "1000000001"), adjustment("c", "1", "2026-06-03")]

    assert world.states(*sent) == ["rejected invalid_value", "rejected invalid_value", "rejected in_future"]


def test_what_is_added_pays_what_is_short(world: World) -> None:
    """Tokens that are added cover open shortfalls first, from their date on (F8)."""
    world.send(event("a", WHO, "A", *MONDAY))

    world.send(adjustment("b", "10", "2026-03-05"))

    assert (packs(), owed()) == (["FLEX ADJUSTED 10 left 3"], ("0", "0"))
    assert Entry.objects.get(kind="COVERED").at_us == at("2026-03-05 00:00")
    assert faults() == []


def test_an_added_pack_is_taken_back_from_whoever_drew_on_it(world: World) -> None:
    """What was paid from a withdrawn adjustment is paid from other packs, or is short again (M3)."""
    world.send(adjustment("a", "10"))
    world.send(event("x", WHO, "A", "2026-03-03 08:00", "2026-03-03 09:00"))
    world.give("5", until="2028-01-01 00:00")

    assert world.states(withdrawal("a", 1)) == ["accepted"]

    assert (packs(), owed()) == (["FLEX ADJUSTED 10 left 0", "FLEX PURCHASED 5 left 0"], ("2", "0"))
    assert world.total() == "7"
    assert faults() == []


def test_an_adjustment_may_be_amended(world: World) -> None:
    """A higher revision changes the amount, the date or the sign; what had been paid stays paid where it can (M3)."""
    world.send(adjustment("a", "10"))
    world.send(event("x", WHO, "A", "2026-03-03 08:00", "2026-03-03 09:00"))

    assert world.states(adjustment("a", "8", "2026-02-01", revision=1)) == ["accepted"]
    assert (packs(), owed()) == (["FLEX ADJUSTED 10 left 0", "FLEX ADJUSTED 8 left 1"], ("0", "0"))
    assert faults() == []

    world.give("20")
    assert world.states(adjustment("a", "-2", revision=2)) == ["accepted"]
    assert (costs(), world.total()) == (
        ["MANUAL_ADJUSTMENT CHARGED adjusted 2", "DESKTOP_PRODUCT CHARGED window_opened 7"],
        "9",
    )
    assert faults() == []


def test_what_other_adjustments_need_cannot_be_taken_back(world: World) -> None:
    """A withdrawal that would leave another adjustment without tokens is refused, and changes nothing."""
    world.send(adjustment("plus", "10"), adjustment("minus", "-6", "2026-03-03"))

    assert world.states(withdrawal("plus", 1)) == ["rejected insufficient_tokens"]
    assert (packs(), faults()) == (["FLEX ADJUSTED 10 left 4"], [])

    assert world.states(withdrawal("minus", 1), withdrawal("plus", 1)) == ["accepted", "accepted"]
    assert (packs(), costs(), faults()) == (["FLEX ADJUSTED 10 left 0"], [], [])


def test_a_pack_that_lapsed_is_taken_back(world: World) -> None:
    """Withdrawing an adjustment whose pack has ended takes its lapse back with it (L5)."""
    world.send(adjustment("a", "10", "2026-03-02"))
    expire(now=at("2027-06-01 00:00"))

    world.send(withdrawal("a", 1), now=at("2027-06-02 00:00"))

    assert (packs(), Pack.objects.get().lapsed_micro, faults()) == (["FLEX ADJUSTED 10 left 0"], 0, [])


def test_what_a_job_has_reserved_cannot_be_taken_back(world: World) -> None:
    """Tokens that are reserved stay where they are until the job is decided."""
    teach(world)
    world.send(adjustment("a", "1", "2026-05-01"))
    world.send(job("j", "2026-05-31 23:00", status="running", quantity="2"))

    assert world.states(withdrawal("a", 1)) == ["rejected insufficient_tokens"]
    assert (packs(), faults()) == (["FLEX ADJUSTED 1 left 0 reserved 1"], [])


def test_over_consumption_is_covered_by_tokens_of_its_year(world: World) -> None:
    """Tokens that come for the contract year pay what went beyond its pool; those of the next do not (N7)."""
    world.send(event("a", WHO, "B", "2026-03-02 08:00", "2026-03-02 09:00"), ent=True)
    world.send(event("b", WHO, "B", "2026-03-03 08:00", "2026-03-03 09:00"), ent=True)
    assert owed() == ("0", "20")

    contract = world.ent_contract.number
    bought = Purchase(contract=contract, pool=Pool.CY, tokens=tokens("12"), since=at("2026-04-01 00:00"))
    assert give(bought, now=NOW).covered == "12"
    give(
        Purchase(contract=contract, pool=Pool.CY, tokens=tokens("50"), since=at("2027-01-01 00:00")),
        now=at("2027-02-01 00:00"),
    )
    assert (owed(), faults()) == (("0", "8"), [])

    world.send(adjustment("c", "20", "2026-05-01", pool="CY"), ent=True)
    assert (owed(), faults()) == (("0", "0"), [])
    assert [e for e in world.entries() if e.startswith(("COVERED", "REVERSED"))] == [
        "COVERED 10", "REVERSED 10", "COVERED 2", "REVERSED 2", "COVERED 8", "REVERSED 8",
    ]  # fmt: skip

    world.send(withdrawal("a", 1), ent=True)
    world.send(withdrawal("c", 1), ent=True)
    assert (owed(), world.total(), faults()) == (("0", "0"), "10", [])


def test_multi_year_tokens_pay_through_two_adjustments(world: World) -> None:
    """Over-consumption is paid from MY by MY −n and CY +n, which together consume nothing (N7)."""
    give(
        Purchase(
            contract=world.ent_contract.number,
            pool=Pool.MY,
            tokens=tokens("25"),
            since=START,
            until=at("2029-01-01 00:00"),
        ),
        now=NOW,
    )
    world.send(event("a", WHO, "B", *MONDAY), ent=True)

    world.send(adjustment("out", "-10", pool="MY"), adjustment("in", "10", pool="CY"), ent=True)

    assert (packs(), owed(), world.total()) == (
        ["MY PURCHASED 25 left 15", "CY ADJUSTED 10 left 0"],
        ("0", "0"),
        "10",
    )
    assert faults() == []


def test_a_consumption_is_charged_at_the_start_of_its_date(world: World) -> None:
    """Tokens as given, or the rate × a quantity, at 00:00 UTC; no window opens, and grace or family mean nothing."""
    pack = world.give("100")
    world.send(consumption("a", tokens="2.5"), consumption("b", quantity="1.5"))
    world.send(event("c", WHO, "A", *MONDAY))

    assert costs() == [
        "MANUAL_CONSUMPTION CHARGED entered_by_hand 2.5",
        "MANUAL_CONSUMPTION CHARGED entered_by_hand 10.5",
        "DESKTOP_PRODUCT CHARGED window_opened 7",
    ]
    assert {charge.at_us for charge in Charge.objects.order_by("pk")[:2]} == {at("2026-03-02 00:00")}
    assert (world.left(pack), Window.objects.count(), faults()) == ("80", 1, [])


def test_an_enterprise_consumption_stays_out_of_the_familys_day(world: World) -> None:
    """It is a charge of its own beside the dearest product of the day (N2)."""
    world.give("100", ent=True)
    world.send(event("s", WHO, "A", *MONDAY), consumption("m", "B", quantity="1"), ent=True)
    world.send(event("t", WHO, "B", "2026-03-02 10:00", "2026-03-02 11:00"), ent=True)

    assert sorted(costs()) == [
        "DESKTOP_PRODUCT CHARGED first_of_day 6",
        "DESKTOP_PRODUCT INCREMENTAL dearer_product 4",
        "MANUAL_CONSUMPTION CHARGED entered_by_hand 10",
    ]
    assert faults() == []


def test_a_consumption_waits_draws_and_comes_back(world: World) -> None:
    """Without a product it waits; what packs lack is short; an amendment and a withdrawal give back (M2, M3)."""
    assert world.states(consumption("a", "NEW", quantity="2")) == ["quarantined unknown_product"]
    product = catalogue.add_product(catalogue.NewProduct(code="NEW", name="New"))
    catalogue.open_offer("all", [product], since=START)
    assert (release_waiting(now=NOW), world.charges()) == (0, [])
    catalogue.set_rate("flex", product, tokens("3"), since=START)

    assert release_waiting(now=NOW) == 1
    assert owed() == ("6", "0")

    pack = world.give("10")
    world.send(consumption("a", "NEW", tokens="4", revision=1))
    assert (world.left(pack), world.charges()) == ("6", ["CHARGED 4"])
    world.send(withdrawal("a", 2))
    assert (world.left(pack), world.charges(), faults()) == ("10", [], [])


def test_an_adjustment_that_waits_may_find_too_little(world: World) -> None:
    """A waiting adjustment that would take too much waits on, for tokens."""
    world.flex_contract.delete()
    announce_change()
    assert world.states(adjustment("a", "-5")) == ["quarantined no_contract"]
    world.flex_contract = catalogue.add_contract(
        world.flex, catalogue.Scheme.FLEX, offer="all", card="flex", start=day_of(START)
    )

    assert release_waiting(now=NOW) == 0
    world.give("9")
    assert (release_waiting(now=NOW), packs()) == (1, ["FLEX PURCHASED 9 left 4"])
    assert faults() == []


@pytest.mark.parametrize("amounts", [{"tokens": "1000000001"}, {"quantity": "1000000.5"}])
def test_an_entry_has_bounds(world: World, amounts: dict[str, str]) -> None:
    """What is entered still adds up in 64 bits, whatever the rate."""
    assert world.states(consumption("a", **amounts)) == ["rejected invalid_value"]
