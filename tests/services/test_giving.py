"""Packs come in once, whatever is asked how often, and never as something that cannot be (domain L8, L9, T6, C1)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.services.books import faults
from tests.world import NOW, START, World, at, event, withdrawal

from farebox.domain.amounts import Tokens, tokens
from farebox.domain.clock import HOUR, Instant, day_of
from farebox.domain.errors import Conflict, NotFound, Rejected
from farebox.domain.ledger import TransferKind
from farebox.domain.packs import Pool
from farebox.domain.periods import Days
from farebox.records.models import Entry, IdempotencyKey, Pack
from farebox.services.balances import balance, pack_events
from farebox.services.expire import expire
from farebox.services.give import Purchase, give


def hundred(world: World, **changes: object) -> Purchase:
    """Return a purchase of 100 tokens for the Flex contract, with changes."""
    plain = Purchase(contract=world.flex_contract.number, pool=Pool.FLEX, tokens=tokens("100"), since=START)
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_pack_carries_its_order(world: World) -> None:
    """Order number, price and currency stay with the pack, so that advice can speak in money (L9)."""
    bought = hundred(world, order_number="PO 7", price_minor=300_000, currency="EUR")

    pack = Pack.objects.get(pk=give(bought, now=NOW).pack)

    assert (pack.order_number, pack.price_minor, pack.currency, pack.booked_us) == ("PO 7", 300_000, "EUR", NOW)
    assert faults() == []


@pytest.mark.parametrize(
    ("bought", "ends"),
    [("2025-03-10 09:00", "2026-03-10T09:00:00Z"), ("2024-02-29 09:00", "2025-03-01T00:00:00Z")],
)
def test_a_pack_lasts_a_calendar_year(world: World, bought: str, ends: str) -> None:
    """Without an end it dies at the same date and time a year later; the 29th of February on 1 March (T6)."""
    assert give(hundred(world, since=at(bought)), now=NOW).until == ends


def test_the_same_key_gives_the_same_answer(world: World) -> None:
    """Asked again with its key, a purchase answers as before and adds nothing, though the clock moved on (L8, X15)."""
    first = give(hundred(world), now=NOW, key="k")
    world.send(event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))

    assert give(hundred(world), now=Instant(NOW + HOUR), key="k") == first
    assert Pack.objects.count() == 1
    assert Entry.objects.filter(kind="PURCHASED").count() == 1


@pytest.mark.parametrize("changes", [{"tokens": tokens("101")}, {"pool": Pool.CREDIT}, {"order_number": "PO 8"}])
def test_the_same_key_for_another_purchase_is_a_conflict(world: World, changes: dict[str, object]) -> None:
    """A key stands for one request; another body under it is refused and changes nothing (L8)."""
    give(hundred(world), now=NOW, key="k")

    with pytest.raises(Conflict):
        give(hundred(world, **changes), now=NOW, key="k")
    assert Pack.objects.count() == 1


def test_without_a_key_each_purchase_counts(world: World) -> None:
    """Two purchases alike without a key are two packs, and no key is stored."""
    give(hundred(world), now=NOW)
    give(hundred(world), now=NOW)

    assert (Pack.objects.count(), IdempotencyKey.objects.count()) == (2, 0)
    assert faults() == []


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"tokens": Tokens(0)}, ["/tokens"]),
        ({"tokens": tokens("-5")}, ["/tokens"]),
        ({"pool": Pool.CY}, ["/pool"]),
        ({"until": START}, ["/until"]),
        ({"price_minor": 5}, ["/currency"]),
        ({"currency": "EUR"}, ["/currency"]),
        (
            {"pool": Pool.MY, "tokens": Tokens(0), "until": Instant(START - 1), "currency": "EUR"},
            ["/pool", "/tokens", "/until", "/currency"],
        ),
    ],
)
def test_every_problem_of_a_purchase_is_named(world: World, changes: dict[str, object], pointers: list[str]) -> None:
    """A purchase that cannot be is refused with all that is wrong, and its key stays free."""
    with pytest.raises(Rejected) as refused:
        give(hundred(world, **changes), now=NOW, key="k")

    assert [problem.pointer for problem in refused.value.problems] == pointers
    assert (Pack.objects.count(), Entry.objects.count(), IdempotencyKey.objects.count()) == (0, 0, 0)


def test_an_enterprise_contract_has_its_own_pools(world: World) -> None:
    """Contract-year and multi-year tokens belong to enterprise contracts, Flex tokens do not."""
    number = world.ent_contract.number
    for pool in (Pool.CY, Pool.MY):
        give(hundred(world, contract=number, pool=pool), now=NOW)
    for pool in (Pool.FLEX, Pool.CREDIT):
        with pytest.raises(Rejected):
            give(hundred(world, contract=number, pool=pool), now=NOW)


def test_an_unknown_contract_is_not_found(world: World) -> None:
    """A number that no contract has gets no pack."""
    with pytest.raises(NotFound):
        give(hundred(world, contract="000000000000"), now=NOW, key="k")


def test_the_balance_tells_what_is_left(world: World) -> None:
    """Used, left, short, added and lapsed of a Flex contract at an instant (R7)."""
    give(hundred(world, until=at("2026-05-30 00:00")), now=START)
    world.send(event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"), now=at("2026-03-03 00:00"))
    expire(now=at("2026-05-30 00:00"))
    late = event("b", "ana@example.com", "B", "2026-05-30 08:00", "2026-05-30 09:00")
    world.send(late, now=at("2026-05-30 10:00"))
    short = balance(world.flex_contract.pk, at=at("2026-05-30 11:00"))
    give(hundred(world, since=at("2026-05-31 00:00"), tokens=tokens("50")), now=at("2026-05-31 00:00"))

    now = balance(world.flex_contract.pk, at=NOW)

    assert (short.shortfall, short.available, short.lapsed) == (tokens("10"), 0, tokens("93"))
    assert (now.used, now.available, now.shortfall) == (tokens("10"), tokens("40"), 0)
    assert (now.added, now.removed, now.lapsed) == (tokens("50"), tokens("93"), tokens("93"))
    assert now.year is None


def test_what_lapsed_is_told_once(world: World) -> None:
    """A late use takes from the lapse that the balance tells; taken back, it lapses again and no more (R7, L5)."""
    give(hundred(world, until=at("2026-05-30 00:00")), now=START)
    expire(now=at("2026-05-30 00:00"))
    late = event("late", "ana@example.com", "A", "2026-05-29 08:00", "2026-05-29 09:00")
    told = []

    for raw, day in ((late, "30"), (withdrawal("late", 1), "31")):
        world.send(raw, now=at(f"2026-05-{day} 12:00"))
        told.append(balance(world.flex_contract.pk, at=at(f"2026-05-{day} 13:00")))

    assert [(one.lapsed, one.removed) for one in told] == [(tokens("93"),) * 2, (tokens("100"),) * 2]
    assert balance(world.flex_contract.pk, at=at("2026-06-08 00:00")).lapsed == 0


def test_a_pack_past_its_end_is_worth_nothing(world: World) -> None:
    """The balance drops a pack at its end, to the microsecond, though no job has run (L5)."""
    give(hundred(world, until=at("2026-05-30 00:00")), now=START)

    before, after = (balance(world.flex_contract.pk, at=Instant(at("2026-05-30 00:00") + us)) for us in (-1, 0))

    assert (before.available, after.available) == (tokens("100"), 0)


def test_an_enterprise_balance_is_of_its_year(world: World) -> None:
    """Used counts the current contract year by usageDate, what is over the pool included (R7, N6)."""
    world.give("10", ent=True)
    for nth, day in enumerate(("2026-03-02", "2026-03-03")):
        world.send(event(str(nth), "ana@example.com", "A", f"{day} 08:00", f"{day} 09:00"), ent=True)

    this, following = (balance(world.ent_contract.pk, at=at(text)) for text in ("2026-06-01 00:00", "2027-06-01 00:00"))

    assert (this.year, this.used, this.available) == (1, tokens("12"), 0)
    assert (following.year, following.used) == (2, 0)


def test_purchases_and_lapses_are_told_by_day(world: World) -> None:
    """A pack's start and its end are happenings of their days; one that was used up does not lapse."""
    give(hundred(world, since=at("2026-02-01 09:00"), until=at("2026-05-30 00:00")), now=START)
    give(hundred(world, tokens=tokens("7"), since=at("2026-02-01 09:00"), until=at("2026-05-29 00:00")), now=START)
    world.send(event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))
    days = Days(day_of(START), day_of(NOW))

    events = pack_events(world.flex_contract.pk, days, at=NOW)

    assert [(one.kind, one.tokens) for one in events] == [
        (TransferKind.PURCHASED, tokens("100")),
        (TransferKind.PURCHASED, tokens("7")),
        (TransferKind.EXPIRED, tokens("100")),
    ]
    assert [one.day for one in events] == [day_of(at("2026-02-01 09:00"))] * 2 + [day_of(at("2026-05-30 00:00"))]
