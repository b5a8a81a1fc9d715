"""The years of a contract, from purchases, moves, use and adjustments, to the token (domain C1, N6)."""

from __future__ import annotations

import pytest
from tests.services.books import faults
from tests.world import START, World, at, event, message, withdrawal

from farebox.domain.amounts import as_text, tokens
from farebox.domain.clock import Instant, day_of
from farebox.domain.errors import NotFound, Rejected
from farebox.domain.packs import Pool
from farebox.records.models import Contract
from farebox.records.models.contracts import Scheme
from farebox.services import catalogue
from farebox.services.balances import balance
from farebox.services.give import Purchase, give
from farebox.services.ingest import SourceKey
from farebox.services.move import Move, move
from farebox.services.years import years

LATER = at("2029-04-01 00:00")
"""When everything of the published example has happened, in its short fourth year."""


@pytest.fixture
def published(world: World) -> Contract:
    """Set up an enterprise contract of three years and a short fourth, and give its packs."""
    team = catalogue.add_team("works", "Works", now=START)
    big = catalogue.add_product(catalogue.NewProduct(code="BIG", name="Much at once"))
    catalogue.open_offer("big", [big], since=START)
    catalogue.set_rate("big", big, tokens("1"), since=START)
    start, end = day_of(START), day_of(at("2029-07-01 00:00"))
    contract = catalogue.add_contract(team, Scheme.ENTERPRISE, offer="big", card="big", start=start, end=end)
    for year in (2026, 2027, 2028):
        bought(contract, Pool.CY, "344000", f"{year}-01-01 00:00", f"{year + 1}-01-01 00:00")
    bought(contract, Pool.MY, "25000", "2026-01-01 00:00", "2029-07-01 00:00")
    return contract


def bought(contract: Contract, pool: Pool, amount: str, since: str, until: str | None = None) -> int:
    """Give a contract a pack and return its id."""
    end = at(until) if until else None
    pack = Purchase(contract=contract.number, pool=pool, tokens=tokens(amount), since=at(since), until=end)
    return give(pack, now=START).pack


def adjustment(id: str, pool: str, amount: str, on: str) -> bytes:  # noqa: A002
    """Write an adjustment."""
    data = {"pool": pool, "tokens": amount, "reasonType": "TRANSFER", "transactionDate": on}
    return message("farebox.adjustment", id, data, time=f"{on} 12:00")


def table(contract: Contract, now: Instant = LATER) -> list[tuple[str, ...]]:
    """Return the amounts of each year as texts."""
    return [tuple(map(as_text, year[2:])) for year in years(contract.number, at=now)]


CONSUMED = {"2026-05-02": "149443", "2027-05-03": "149799", "2028-05-04": "142073"}
"""What the three years consume; of the first, 3217 are paid from the multi-year pool."""


def use_every_year(world: World, contract: Contract) -> None:
    """Consume once in each of the three years."""
    events = [consumption(day, amount) for day, amount in CONSUMED.items()]
    assert world.states(*events, now=LATER, key=key_of(contract)) == ["accepted"] * 3


def consumption(on: str, amount: str) -> bytes:
    """Write a manual consumption."""
    data = {"person": "ana@example.com", "product": "BIG", "tokens": amount, "reasonType": "OFFLINE"}
    return message("farebox.consumption", on, {**data, "transactionDate": on}, time=f"{on} 12:00")


def key_of(contract: Contract) -> SourceKey:
    """Return a key of the contract's team."""
    return SourceKey(0, contract.team_id)


def test_the_published_table_is_reproduced_from_the_books(world: World, published: Contract) -> None:
    """Packs, use, and 3217 tokens paid from the multi-year pool give the published table exactly (N6, N7)."""
    use_every_year(world, published)
    paid = [adjustment("my", "MY", "-3217", "2026-12-01"), adjustment("cy", "CY", "3217", "2026-12-01")]
    assert world.states(*paid, now=LATER, key=key_of(published)) == ["accepted"] * 2

    assert table(published) == [
        ("344000", "146226", "197774", "25000", "3217"),
        ("344000", "149799", "194201", "21783", "0"),
        ("344000", "142073", "201927", "21783", "0"),
        ("0", "0", "0", "21783", "0"),
    ]
    assert faults() == []


def test_the_balance_agrees_with_the_table(world: World, published: Contract) -> None:
    """What is used and left in the present year, and of several years, is what its row says (R7, N6)."""
    use_every_year(world, published)
    paid = [adjustment("my", "MY", "-3217", "2027-03-01"), adjustment("cy", "CY", "3217", "2027-03-01")]
    world.send(*paid, now=LATER, key=key_of(published))

    found = balance(published.pk, at=at("2027-06-01 00:00"))

    assert (found.year, as_text(found.used)) == (2, "146582")
    assert (as_text(found.available), as_text(found.multi_year)) == ("197418", "21783")
    assert table(published)[1] == ("344000", "146582", "197418", "25000", "3217")


def test_an_adjustment_that_is_taken_back_never_was(world: World, published: Contract) -> None:
    """A withdrawn adjustment is in no year (M3, N6)."""
    before = table(published)
    world.send(adjustment("my", "MY", "-3217", "2027-03-01"), now=LATER, key=key_of(published))
    assert table(published) != before

    world.send(withdrawal("my", 1), now=LATER, key=key_of(published))

    assert table(published) == before


def test_moves_count_to_the_year_in_which_they_take_effect(world: World, published: Contract) -> None:
    """Provisioned is bought plus moved in less moved out; tokens of a later year count to that year (C1)."""
    other = catalogue.add_contract(
        catalogue.add_team("other", "Other", now=START), Scheme.ENTERPRISE, offer="big", card="big", start=day_of(START)
    )
    first, later = published.packs.order_by("pk")[:2]

    for pack in (first, later):
        move(Move(pack=pack.pk, to="other", tokens=tokens("1000"), across=True), now=at("2026-06-01 00:00"))

    assert [row[0] for row in table(published)] == ["343000", "343000", "344000", "0"]
    assert [row[0] for row in table(other, at("2026-06-01 00:00"))] == ["1000", "1000"]


def test_over_consumption_leaves_less_than_nothing(world: World, published: Contract) -> None:
    """What the pool could not pay is consumed all the same, and remaining falls below zero (N7)."""
    pack = published.packs.get(pool="CY", since_us=START)
    catalogue.add_contract(
        catalogue.add_team("other", "Other", now=START), Scheme.ENTERPRISE, offer="big", card="big", start=day_of(START)
    )
    move(Move(pack=pack.pk, to="other", tokens=tokens("200000"), across=True), now=at("2026-02-01 00:00"))
    use_every_year(world, published)

    assert table(published)[0] == ("144000", "149443", "-5443", "25000", "0")
    assert as_text(balance(published.pk, at=at("2026-06-01 00:00")).over) == "5443"


def test_tokens_of_a_year_end_with_it(world: World, published: Contract) -> None:
    """Without an end, yearly tokens live until their year ends, multi-year ones as long as the contract (N6)."""
    packs = [bought(published, pool, "1", "2027-03-10 09:00") for pool in (Pool.CY, Pool.MY)]
    short = bought(published, Pool.CY, "1", "2029-03-10 09:00")

    ends = [published.packs.get(pk=pack).until_us for pack in (*packs, short)]

    assert ends == [at("2028-01-01 00:00"), at("2029-07-01 00:00"), at("2029-07-01 00:00")]
    with pytest.raises(Rejected):
        bought(published, Pool.MY, "1", "2029-07-01 00:00")


def test_a_flex_contract_has_years_too(world: World) -> None:
    """Its years are anniversaries of its start, up to the present one; of several years it has nothing (C1)."""
    world.give("100")
    world.give("50", since="2027-02-01 00:00")
    world.send(event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))

    assert table(world.flex_contract, at("2026-06-01 00:00")) == [
        ("100", "7", "93", "0", "0"),
        ("50", "0", "50", "0", "0"),
    ]


def test_an_unknown_contract_has_no_years(world: World) -> None:
    """A number that no contract has is not found."""
    with pytest.raises(NotFound):
        years("1", at=LATER)
