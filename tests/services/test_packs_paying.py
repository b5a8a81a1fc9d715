"""Which packs pay for a use, what none can pay, and what lapses (domain L1, L4, L5, F8, N6, N7)."""

from __future__ import annotations

import pytest
from tests.services.books import faults, total
from tests.world import NOW, World, at, event, withdrawal

from farebox.domain.amounts import tokens
from farebox.domain.clock import DAY, Instant
from farebox.domain.errors import Busy
from farebox.domain.packs import Pool
from farebox.records import ledger
from farebox.records.booking import Booking
from farebox.records.catalogue import snapshot
from farebox.records.models import Charge, Pack
from farebox.services.expire import expire
from farebox.services.give import Purchase, give

WHO = "ana@example.com"


def use(key: str, start: str, *, product: str = "A", who: str = WHO, hours: int = 1) -> bytes:
    """Write an hour of a product that starts at a full hour."""
    end = f"{start[:11]}{int(start[11:13]) + hours:02d}{start[13:]}"
    return event(key, who, product, start, end)


def shortfall() -> list[int]:
    """Return what is open of each charge that counts, in whole tokens."""
    live = Charge.objects.filter(ended_us__isnull=True).order_by("at_us", "pk")
    return [micro // 1_000_000 for micro in live.values_list("shortfall_micro", flat=True)]


def test_packs_burn_by_end_then_size_then_age(world: World) -> None:
    """Earliest end first, then the smallest original size, then the first given (L1)."""
    late = world.give("1000", until="2026-12-31 00:00")
    twins = [world.give("5", until="2026-12-30 00:00") for _ in range(2)]
    small = world.give("3", until="2026-12-30 00:00")
    first = world.give("4", until="2026-12-29 00:00")

    world.send(use("a", "2026-03-02 08:00"))
    assert [world.left(pack) for pack in (first, small, *twins, late)] == ["0", "0", "5", "5", "1000"]
    world.send(use("b", "2026-03-04 08:00"))
    assert [world.left(pack) for pack in (*twins, late)] == ["0", "3", "1000"]
    assert faults() == []


def test_the_original_size_decides_and_not_what_is_left(world: World) -> None:
    """A large pack that is nearly empty still burns after a small one with the same end (L1)."""
    large = world.give("10", until="2026-12-31 00:00")
    world.send(use("a", "2026-03-02 08:00"))
    small = world.give("8", until="2026-12-31 00:00")

    world.send(use("b", "2026-03-04 08:00"))

    assert [world.left(pack) for pack in (large, small)] == ["3", "1"]


def test_one_charge_may_draw_on_many_packs(world: World) -> None:
    """A charge takes what each pack has until it is paid; its entries say from where (L1, L7)."""
    packs = [world.give("3", until=f"2026-12-{day} 00:00") for day in (28, 29, 30)]

    world.send(use("a", "2026-03-02 08:00"))

    assert [world.left(pack) for pack in packs] == ["0", "0", "2"]
    assert world.entries() == ["PURCHASED 3", "PURCHASED 3", "PURCHASED 3", "DRAWN 3", "DRAWN 3", "DRAWN 1"]


def test_a_pack_pays_from_its_start_to_its_end(world: World) -> None:
    """A use at the very start of a pack draws on it; a use at its very end does not (L5, half-open)."""
    pack = world.give("100", since="2026-03-02 08:00", until="2026-03-05 08:00")

    world.send(use("start", "2026-03-02 08:00"), use("end", "2026-03-05 08:00", who="ben@example.com"))

    assert (world.left(pack), shortfall()) == ("93", [0, 7])
    assert faults() == []


def test_a_dead_pack_is_worth_nothing_with_or_without_the_job(world: World) -> None:
    """From its end on a pack pays for no later use, whether or not its lapse is booked (L5)."""
    pack = world.give("100", until="2026-03-02 00:00")

    world.send(use("a", "2026-03-02 08:00"))

    assert (world.left(pack), shortfall()) == ("100", [7])
    assert expire(now=NOW) == 1
    assert (world.left(pack), Pack.objects.get().lapsed_micro) == ("0", tokens("100"))
    assert faults() == []


def test_the_job_books_what_is_true_once(world: World) -> None:
    """The lapse is booked at the pack's end for exactly what was left; again, or with a clock back, nothing (X18)."""
    world.give("100", until="2026-03-02 00:00")
    world.give("100", until="2026-12-31 00:00")
    world.give("50", until="2026-03-02 00:00", ent=True)
    world.send(use("a", "2026-02-02 08:00"))

    clocks = (at("2026-03-01 23:59"), NOW, NOW, at("2026-03-02 00:00"))
    assert [expire(now=now) for now in clocks] == [0, 2, 0, 0]

    lapses = [entry for entry in world.entries() if entry.startswith("EXPIRED")]
    assert lapses == ["EXPIRED 93", "EXPIRED 50"]
    assert faults() == []


def test_an_empty_pack_closes_without_an_entry(world: World) -> None:
    """A pack that was used up leaves nothing to lapse; it is closed all the same."""
    world.give("7", until="2026-03-02 00:00")
    world.send(use("a", "2026-02-02 08:00"))

    assert (expire(now=NOW), expire(now=NOW)) == (1, 0)
    assert world.entries() == ["PURCHASED 7", "DRAWN 7"]


def test_a_late_use_draws_on_a_lapse_that_is_booked(world: World) -> None:
    """A use from before the end reduces the lapse by a reversing entry; the closed pack stays closed (L5)."""
    pack = world.give("20", until="2026-03-02 00:00")
    expire(now=NOW)

    world.send(use("late", "2026-03-01 08:00"))

    assert world.entries() == ["PURCHASED 20", "EXPIRED 20", "REVERSED 7", "DRAWN 7"]
    assert (world.left(pack), Pack.objects.get().lapsed_micro, shortfall()) == ("0", tokens("13"), [0])
    assert faults() == []


def test_what_returns_into_a_dead_pack_lapses_at_once(world: World) -> None:
    """Taken back after the pack's end, tokens go to the pack that paid, and lapse in the same booking (L5)."""
    pack = world.give("20", until="2026-03-02 00:00")
    world.send(use("a", "2026-03-01 08:00"))
    expire(now=NOW)

    world.send(withdrawal("a", 1))

    assert world.entries() == ["PURCHASED 20", "DRAWN 7", "EXPIRED 13", "REVERSED 7", "EXPIRED 7"]
    assert (world.left(pack), Pack.objects.get().lapsed_micro) == ("0", tokens("20"))
    assert faults() == []


def test_what_returns_is_drawn_by_what_replaces_it(world: World) -> None:
    """An amendment of a use from a dead pack's life draws on the same pack again; only the rest lapses (L5, M3)."""
    world.give("20", until="2026-03-02 00:00")
    world.send(use("a", "2026-03-01 08:00", product="B"))
    expire(now=NOW)

    world.send(event("a", WHO, "A", "2026-03-01 09:00", "2026-03-01 10:00", revision=1))

    assert (Pack.objects.get().left_micro, Pack.objects.get().lapsed_micro) == (0, tokens("13"))
    assert (world.charges(), shortfall()) == (["CHARGED 7"], [0])
    assert faults() == []


def test_the_oldest_shortfall_is_covered_first(world: World) -> None:
    """A pack that cannot cover all pays the oldest first, and the rest of what is open is told (F8)."""
    world.send(use("third", "2026-01-07 08:00"), use("first", "2026-01-05 06:00"), use("second", "2026-01-06 07:00"))

    pack = world.give("10", since="2026-02-01 00:00")

    assert (world.left(pack), shortfall()) == ("0", [0, 4, 7])
    world.give("5", since="2026-02-02 00:00")
    assert shortfall() == [0, 0, 6]
    assert faults() == []


def test_a_covered_charge_comes_back_whole(world: World) -> None:
    """Taken back after it was covered, a charge returns to each pack what that pack paid, drawn or covered (F8, L5)."""
    drawn = world.give("3", since="2026-01-01 00:00", until="2026-12-31 00:00")
    world.send(use("a", "2026-01-05 08:00"))
    covered = world.give("100", since="2026-02-01 00:00")
    assert [world.left(pack) for pack in (drawn, covered)] == ["0", "96"]

    world.send(withdrawal("a", 1))

    assert [world.left(pack) for pack in (drawn, covered)] == ["3", "100"]
    assert world.entries() == [
        "PURCHASED 3", "DRAWN 3", "PURCHASED 100", "COVERED 4", "REVERSED 3", "REVERSED 4",
    ]  # fmt: skip
    assert faults() == []


def test_an_open_shortfall_goes_with_its_charge(world: World) -> None:
    """What no pack paid is not given back, and no later pack covers it."""
    world.send(use("a", "2026-01-05 08:00"))
    world.send(withdrawal("a", 1))

    assert world.left(world.give("100", since="2026-02-01 00:00")) == "100"
    assert total(world.flex.pk) == 0
    assert faults() == []


def test_january_may_be_reported_late(world: World) -> None:
    """Reported before the next pack or after it: the same is left in the end (F8, L5b)."""
    world.send(use("before", "2026-01-05 08:00"))
    pack = world.give("100", since="2026-02-01 00:00")
    world.send(use("after", "2026-01-05 08:00", who="ben@example.com"))

    assert (world.left(pack), shortfall()) == ("86", [0, 0])
    assert faults() == []


def test_what_comes_back_pays_what_is_short(world: World) -> None:
    """Tokens that a withdrawal returns cover what was short meanwhile, as if they had never been drawn (F8)."""
    world.send(use("wrong", "2026-01-05 08:00"), use("right", "2026-01-06 08:00", who="ben@example.com"))
    pack = world.give("10", since="2026-02-01 00:00")
    assert (world.left(pack), shortfall()) == ("0", [0, 4])

    world.send(withdrawal("wrong", 1))

    assert (world.left(pack), shortfall()) == ("3", [0])
    assert world.entries()[-2:] == ["REVERSED 7", "COVERED 4"]
    assert faults() == []


def test_what_comes_back_into_a_living_pack_pays_too(world: World) -> None:
    """A use that found its pack empty is paid when the pack is filled again by an amendment (F8, M3)."""
    pack = world.give("12")
    world.send(use("shrinks", "2026-03-02 08:00", product="B"), use("short", "2026-03-03 08:00"))
    assert (world.left(pack), shortfall()) == ("0", [0, 5])

    world.send(event("shrinks", WHO, "B", "2026-03-02 08:00", "2026-03-02 08:03", revision=1))

    assert (world.left(pack), shortfall()) == ("5", [0, 0])
    assert faults() == []


def test_a_lapsed_pack_still_covers_what_was_reported_late(world: World) -> None:
    """A pack that started after the use and ended since covers it out of its lapse (F8, L5)."""
    world.give("100", since="2026-02-01 00:00", until="2026-04-01 00:00")
    expire(now=NOW)

    world.send(use("late", "2026-01-05 08:00"))

    assert (Pack.objects.get().lapsed_micro, shortfall()) == (tokens("93"), [0])
    assert faults() == []


def test_a_pack_that_ended_before_covers_nothing(world: World) -> None:
    """A pack whose life was over when the use happened never pays for it, given when it may be (L5)."""
    world.send(use("a", "2026-03-02 08:00"))

    pack = world.give("100", since="2026-01-01 00:00", until="2026-03-02 08:00")

    assert (world.left(pack), shortfall()) == ("100", [7])
    assert faults() == []


def test_a_pack_pays_for_what_is_exactly_owed(world: World) -> None:
    """A pack of just what is owed covers it to the millionth and is empty."""
    world.send(use("a", "2026-01-05 08:00"))

    assert world.left(world.give("7", since="2026-02-01 00:00")) == "0"
    assert shortfall() == [0]
    assert faults() == []


def test_credits_pay_before_tokens(world: World) -> None:
    """Credits pay for what is short, then before any pack of tokens, whichever ends first; a use may be split (L1)."""
    world.send(use("a", "2026-01-05 08:00"))
    number = world.flex_contract.number
    credit = Purchase(contract=number, pool=Pool.CREDIT, tokens=tokens("10"), since=at("2026-01-01 00:00"))

    given = give(credit, now=NOW)
    pack = world.give("50", until="2026-03-01 00:00")
    world.send(use("b", "2026-02-05 08:00"))

    assert (given.covered, world.left(given.pack), world.left(pack), shortfall()) == ("7", "0", "46", [0, 0])
    assert faults() == []


def test_an_enterprise_contract_goes_over(world: World) -> None:
    """Beyond its pool nobody is blocked: what is over has an account of its own, and comes back from there (N7)."""
    pack = world.give("10", ent=True)
    for nth, day in enumerate(("02", "03", "04")):
        world.send(use(str(nth), f"2026-03-{day} 09:00"), ent=True)

    over = Charge.objects.order_by("usage_day").values_list("over_micro", flat=True)
    assert [micro // 1_000_000 for micro in over] == [0, 2, 6]
    assert (world.left(pack), total(world.ent.pk)) == ("0", tokens("18"))
    assert faults() == []

    world.send(withdrawal("1", 1), withdrawal("2", 1), ent=True)
    assert (world.left(pack), total(world.ent.pk)) == ("4", tokens("6"))
    assert faults() == []


def test_several_years_do_not_pay_for_a_contract_year(world: World) -> None:
    """Charges draw on the tokens of the contract year; multi-year tokens stay until somebody adjusts (N6)."""
    number, since, until = world.ent_contract.number, at("2026-01-01 00:00"), at("2029-01-01 00:00")
    given = give(Purchase(contract=number, pool=Pool.MY, tokens=tokens("50"), since=since, until=until), now=NOW)

    world.send(use("a", "2026-03-02 09:00"), ent=True)

    assert (world.left(given.pack), Charge.objects.get().over_micro) == ("50", tokens("6"))


@pytest.mark.parametrize(("offset", "start"), [("+9:00", "2026-12-31 16:00"), ("-7:00", "2027-01-01 16:00")])
def test_a_year_pays_for_its_own_dates(world: World, offset: str, start: str) -> None:
    """A use dated 1 January on the licence server's clock draws on the new contract year, wherever it is (N6)."""
    old = world.give("100", ent=True, since="2026-01-01 00:00", until="2027-01-01 00:00")
    new = world.give("100", ent=True, since="2027-01-01 00:00", until="2028-01-01 00:00")

    end = f"{start[:11]}{int(start[11:13]) + 1}:00"
    world.send(event("a", WHO, "A", start, end, utcOffset=offset), ent=True, now=at("2027-02-01 00:00"))

    assert (world.left(old), world.left(new)) == ("100", "94")
    assert faults() == []


def test_a_closed_year_still_pays_for_its_own_dates(world: World) -> None:
    """In open books a late use of last year reduces last year's lapse (N6)."""
    old = world.give("100", ent=True, since="2026-01-01 00:00", until="2027-01-01 00:00")
    new = world.give("100", ent=True, since="2027-01-01 00:00", until="2028-01-01 00:00")
    expire(now=at("2027-01-02 00:00"))

    world.send(use("late", "2026-12-30 08:00"), ent=True, now=at("2027-02-01 00:00"))

    assert (world.left(old), Pack.objects.get(pk=old).lapsed_micro, world.left(new)) == ("0", tokens("94"), "100")
    assert faults() == []


def test_a_clock_that_steps_back_books_after_the_last_entry(world: World) -> None:
    """The ledger's instants never decrease, whatever the server's clock reads (L10)."""
    world.give("100")
    clocks = [NOW, Instant(NOW - 30 * DAY), Instant(NOW - 31 * DAY), NOW]

    for nth, now in enumerate(clocks):
        world.send(use(str(nth), f"2026-03-0{nth + 1} 08:00"), now=now)

    assert faults() == []
    booked = Charge.objects.order_by("pk").values_list("booked_us", flat=True)
    assert list(booked) == [NOW, NOW + 1, NOW + 2, NOW + 3]


def booking(world: World) -> Booking:
    """Open a booking of the Flex contract."""
    return Booking(snapshot().contracts[world.flex_contract.pk], booked=NOW)


def test_a_pack_that_changed_meanwhile_is_noticed(world: World) -> None:
    """A booking whose pack another writer emptied is refused, and nothing of it is kept (L4)."""
    pack = world.give("10", until="2026-03-01 00:00")
    opened = booking(world)
    Pack.objects.filter(pk=pack).update(left_micro=0)

    opened.expire(now=NOW)

    with pytest.raises(Busy):
        opened.write()


@pytest.mark.parametrize("careless", [False, True])
def test_writing_what_was_checked_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch, careless: bool) -> None:
    """A pack written as it was when it was looked at loses a draw silently; the audit of the books tells (L4, L8)."""
    pack = world.give("100")
    checked = Pack.objects.get(pk=pack).left_micro

    def checked_then_written(number: int, *, left: int, lapsed: int, swept: bool) -> None:
        Pack.objects.filter(pk=number).update(left_micro=checked + left, lapsed_micro=lapsed, swept=swept)

    if careless:
        monkeypatch.setattr(ledger, "change_pack", checked_then_written)
    world.send(use("a", "2026-03-02 08:00"))
    world.send(use("b", "2026-03-04 08:00"))

    assert bool(faults()) is careless
