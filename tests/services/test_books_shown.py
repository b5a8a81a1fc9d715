"""The books as pages show them: an account of each pack, and what becomes of it at the pace of lately (L2, F8)."""

from __future__ import annotations

from tests.filed import Filed
from tests.services.test_token_events import adjustment
from tests.world import World, at, event

from farebox.domain.amounts import MICRO, as_text, tokens
from farebox.domain.clock import as_iso
from farebox.domain.outlook import Ending
from farebox.domain.packs import Pool
from farebox.records import db
from farebox.records.models import Contract
from farebox.records.models.contracts import Scheme
from farebox.services import catalogue, sources
from farebox.services.acting import acting_for
from farebox.services.attention import attention
from farebox.services.balances import Books, balance, books
from farebox.services.expire import expire
from farebox.services.give import Purchase, give
from farebox.services.move import Move, move
from farebox.services.token_events import token_events


def accounts(found: Books) -> list[str]:
    """Return each pack as a line: its pool, and held = used + left + lapsed."""
    return [
        f"{one.pool} {as_text(one.held)} = {as_text(one.used)} + {as_text(one.left)} + {as_text(one.lapsed)}"
        for one in (*found.packs, *found.ended)
    ]


def use(world: World, key: str, on: str) -> None:
    """Use product A for an hour: 7 tokens."""
    world.send(event(key, "ana@example.com", "A", f"{on} 08:00", f"{on} 09:00"), now=at(f"{on} 10:00"))


def cloud(contract: Contract, amount: str, since: str) -> None:
    """Give cloud credits."""
    now = at(since)
    give(Purchase(contract=contract.number, pool=Pool.CREDIT, tokens=tokens(amount), since=now), now=now)


def test_each_pack_accounts_for_what_it_held(world: World) -> None:
    """Used, left and lapsed are what came in less what was moved on or taken away; credits pay first (L2, S5)."""
    south = catalogue.add_team("south", "South", now=at("2026-01-01 00:00"))
    catalogue.add_contract(south, Scheme.FLEX, offer="all", card="flex", start=world.flex_contract.start_day)
    world.give("50", until="2026-02-01 00:00")
    use(world, "a", "2026-01-10")
    pack = world.give("100", since="2026-01-20 00:00")
    move(Move(pack=pack, to="south", tokens=tokens("30"), reason="why", across=True), now=at("2026-01-21 00:00"))
    world.send(adjustment("less", "-3", "2026-02-02"), now=at("2026-02-02 13:00"))
    cloud(world.flex_contract, "5", "2026-02-03 00:00")
    use(world, "b", "2026-02-04")

    before_the_job = books(world.flex_contract.pk, at=at("2026-02-05 00:00"))
    expire(now=at("2026-02-05 00:00"))
    found = books(world.flex_contract.pk, at=at("2026-02-05 00:00"))

    assert accounts(found) == ["CREDIT 5 = 5 + 0 + 0", "FLEX 67 = 2 + 65 + 0", "FLEX 50 = 7 + 0 + 43"]
    assert accounts(found) == accounts(before_the_job)
    assert found.balance == balance(world.flex_contract.pk, at=at("2026-02-05 00:00"))
    assert (found.balance.used, found.balance.available) == (7 * MICRO, 65 * MICRO)


def test_the_pace_counts_use_and_no_adjustment(world: World) -> None:
    """Three uses in thirty days are the pace; what an adjustment took away is gone, but is no use (F8)."""
    world.give("100", until="2026-12-01 00:00")
    for key, on in (("a", "2026-02-01"), ("b", "2026-02-10"), ("c", "2026-03-01")):
        use(world, key, on)
    world.send(adjustment("less", "-50", "2026-03-01"), now=at("2026-03-01 13:00"))

    outlook = books(world.flex_contract.pk, at=at("2026-03-02 00:00")).outlook

    assert outlook.pace == (21 * MICRO, 30)
    assert outlook.ends is not None
    assert as_iso(outlook.ends) == "2026-04-12T10:17:08.571428Z"  # 29 left, 0.7 a day


def test_what_is_foretold_stays_the_same_within_a_day(world: World) -> None:
    """Hours that pass change nothing; a pack that came in the morning counts as if it had been there at midnight."""
    world.give("100", since="2026-03-02 07:00", until="2026-05-01 00:00")
    use(world, "a", "2026-03-02")

    morning, night, next_day = (
        books(world.flex_contract.pk, at=at(moment)).outlook
        for moment in ("2026-03-02 11:00", "2026-03-02 23:59", "2026-03-03 00:00")
    )

    assert morning == night
    assert (morning.ending, morning.lapsing) == (Ending.LAPSED, 33 * MICRO)  # 93 left, 1 a day for 60 days
    assert next_day.lapsing != morning.lapsing


def test_an_enterprise_outlook_is_of_what_pays(world: World) -> None:
    """Multi-year tokens pay for nothing by themselves: they are told, and not counted on (N7)."""
    contract, start = world.ent_contract.number, at("2026-01-01 00:00")
    world.give("100", until="2026-05-01 00:00", ent=True)
    give(Purchase(contract=contract, pool=Pool.MY, tokens=tokens("900"), since=start), now=start)

    found = books(world.ent_contract.pk, at=at("2026-03-02 00:00"))

    assert accounts(found) == ["CY 100 = 0 + 100 + 0", "MY 900 = 0 + 900 + 0"]
    assert (found.outlook.ending, found.outlook.ends) == (Ending.LAPSED, at("2026-05-01 00:00"))
    assert found.outlook.lapsing == 100 * MICRO


def test_a_contract_without_anything_has_nothing_left(world: World) -> None:
    """No packs and no use: there is no pace, and nothing to run out."""
    found = books(world.flex_contract.pk, at=at("2026-03-02 00:00"))

    assert (found.packs, found.ended) == ((), ())
    assert (found.outlook.ending, found.outlook.pace.tokens) == (Ending.NOTHING_LEFT, 0)


def test_a_page_of_one_team_sees_all_it_shows(world: World) -> None:
    """Working for one team, a page finds its books, its events with the other team's name, and what waits (C5, M3)."""
    south = catalogue.add_team("south", "South", now=at("2026-01-01 00:00"))
    catalogue.add_contract(south, Scheme.FLEX, offer="all", card="flex", start=world.flex_contract.start_day)
    pack = world.give("100", until="2026-12-01 00:00")
    asked = Move(pack=pack, to="south", tokens=tokens("30"), reason="why", across=True)
    move(asked, actor="account 0", now=at("2026-02-01 00:00"))
    world.send(event("q", "ana@example.com", "NO-SUCH", "2026-02-02 08:00", "2026-02-02 09:00"))
    sources.add("silent", team="flex", interval_minutes=5, now=at("2026-02-01 00:00"))
    now = at("2026-02-03 00:00")

    with acting_for(world.flex.pk):
        found = books(world.flex_contract.pk, at=now)
        (moved,) = token_events(world.flex_contract.number, at("2026-02-01 00:00"), now)
        told = attention(world.flex.pk, at=now)

    assert accounts(found) == ["FLEX 70 = 0 + 70 + 0"]
    assert (moved.team_name, moved.tokens, moved.reason) == ("South", -30 * MICRO, "why")
    assert (told.waiting, [one.name for one in told.silent], told.is_used) == (
        (("unknown_product", 1),),
        ["silent"],
        False,
    )


def test_a_page_reads_one_moment_and_makes_nobody_wait(filed: Filed) -> None:
    """While a page reads, a purchase goes through, and is in the next page and not in this one (R4)."""
    world = filed.run(World)
    contract, now = world.flex_contract.pk, at("2026-02-03 00:00")
    filed.run(lambda: world.give("100"))

    def page() -> list[Books]:
        with acting_for(world.flex.pk), db.reading():
            before = books(contract, at=now)
            filed.run(lambda: world.give("50"))
            return [before, books(contract, at=now)]

    this_page, next_page = filed.run(page), filed.run(lambda: books(contract, at=now))

    assert [found.balance.available // MICRO for found in (*this_page, next_page)] == [100, 100, 150]
