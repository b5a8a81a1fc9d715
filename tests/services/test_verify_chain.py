"""The chain finds every change of what was sealed, names where it begins, and is closed once by all who seal it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.filed import Filed
from tests.services.deliveries import PLAIN
from tests.services.tampering import forgotten, tampering
from tests.world import NOW, World, event

from farebox.domain.errors import NotFound
from farebox.records import chain, db
from farebox.records.models import Entry, LedgerHead, Link
from farebox.services.seal import Exported, heads, seal
from farebox.services.verify import KeptHead, verify

DAYS = 12


def chain_line() -> tuple[str, tuple[str, ...]]:
    """Return what the line about the chain looked at, and what it names."""
    line = next(line for line in verify() if line.name == "chain")
    return line.looked_at, line.offences


def use(world: World, number: int) -> None:
    """Send one use, on a day of its own."""
    day = f"2026-03-{number + 1:02d}"
    world.send(event(f"e{number}", "ana@example.com", "A", f"{day} 08:00", f"{day} 09:00"))


@pytest.fixture
def sealed(world: World) -> World:
    """Return a world of thirteen entries, in links of one and two entries."""
    world.give("1000")
    for number in range(DAYS):
        use(world, number)
        if number % 2:
            seal(now=NOW)
    return world


def test_sealing_covers_what_is_new(world: World) -> None:
    """Each link begins where the one before ended; sealing again does nothing."""
    world.give("1000")
    use(world, 0)

    first = seal(now=NOW)
    use(world, 1)
    second, third = seal(now=NOW), seal(now=NOW)

    assert (first, second, third) == (2, 1, 0)
    assert list(Link.objects.order_by("number").values_list("number", "first", "last")) == [(1, 1, 2), (2, 3, 3)]
    assert LedgerHead.objects.get(team=world.flex).sealed == 3


def test_a_long_tail_becomes_several_links(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much there is to seal, one link covers a page of it."""
    monkeypatch.setattr(chain, "PAGE", 5)
    world.give("1000")
    for number in range(DAYS):
        use(world, number)

    assert seal(now=NOW) == 13
    assert list(Link.objects.order_by("number").values_list("first", "last")) == [(1, 5), (6, 10), (11, 13)]
    assert chain_line() == ("13 entries of 1 teams sealed", ())


def test_the_head_does_not_depend_on_the_links(sealed: World) -> None:
    """Books that were sealed at other times, in links of other lengths, have the same head."""
    before = heads()
    with forgotten(), tampering():
        db.execute("DELETE FROM records_link")
        db.execute("UPDATE records_ledgerhead SET sealed = 0")
        seal(now=NOW)
        links, after = Link.objects.count(), heads()

    assert (links, after) == (1, before)


def test_the_unsealed_tail_is_named(sealed: World) -> None:
    """What was booked since the last link is told, and is no break."""
    use(sealed, DAYS)

    assert chain_line() == ("13 entries of 1 teams sealed; not yet: flex from 14 to 14", ())


COLUMNS = ("number", "source_id", "target_id", "tokens_micro", "charge_id", "at_us", "booked_us", "hold_id", "act_id")


@given(data=st.data())
@settings(PLAIN, max_examples=few(40))
def test_any_change_is_named(sealed: World, data: st.DataObject) -> None:
    """Whichever value of whichever sealed entry is changed, the link that it is in is the first one named (X8)."""
    number = data.draw(st.integers(1, 13))
    column = data.draw(st.sampled_from(COLUMNS))
    by = data.draw(st.integers(20, 10**9))
    with forgotten(), tampering():
        db.execute(
            f"UPDATE records_entry SET {column} = COALESCE({column}, 0) + %s WHERE team_id = %s AND number = %s",
            (by, sealed.flex.pk, number),
        )
        _, named = chain_line()

    assert _first_named(named) in _link_of(number)


@given(data=st.data())
@settings(PLAIN, max_examples=few(40))
def test_any_loss_is_named(sealed: World, data: st.DataObject) -> None:
    """Entries taken away, from the middle or from the end, are named from the first one that is missing (X8)."""
    first = data.draw(st.integers(1, 13))
    last = data.draw(st.integers(first, 13))
    with forgotten(), tampering():
        db.execute("DELETE FROM records_entry WHERE number >= %s AND number <= %s", (first, last))
        _, named = chain_line()

    assert _first_named(named) in _link_of(first)


@given(data=st.data())
@settings(PLAIN, max_examples=few(40))
def test_any_swap_is_named(sealed: World, data: st.DataObject) -> None:
    """Two entries that change places are named from the first of them (X8)."""
    one, two = sorted(data.draw(st.lists(st.integers(1, 13), min_size=2, max_size=2, unique=True)))
    with forgotten(), tampering():
        for was, becomes in ((one, -1), (two, one), (-1, two)):
            db.execute("UPDATE records_entry SET number = %s WHERE number = %s", (becomes, was))
        _, named = chain_line()

    assert _first_named(named) in _link_of(one)


def _first_named(named: tuple[str, ...]) -> int:
    assert len(named) == 1
    return int(named[0].split("entry ")[1].split(":")[0])


def _link_of(number: int) -> range:
    """Return the numbers among which the link of an entry begins and ends: 1 to 3, then two by two."""
    return range(1, 4) if number < 4 else range(number - number % 2, number + 1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records_link SET hash = (SELECT hash FROM records_link WHERE number = 1) WHERE number = 3",
        "UPDATE records_link SET first = first + 1 WHERE number = 3",
        "DELETE FROM records_link WHERE number = 3",
        "DELETE FROM records_link WHERE number >= 3",
        "UPDATE records_ledgerhead SET sealed = 3 WHERE sealed = 13",
        "UPDATE records_account SET kind = 'EXPIRED' WHERE kind = 'CONSUMED' AND pool = 'FLEX'",
    ],
)
def test_links_and_accounts_cannot_be_changed_unseen(sealed: World, statement: str) -> None:
    """Whoever changes a link, takes one away, or calls an account something else, is noticed."""
    with tampering():
        db.execute("DELETE FROM records_account WHERE kind = 'EXPIRED' AND pool = 'FLEX'")
        db.execute(statement)

    assert len(chain_line()[1]) == 1


def test_a_broken_chain_is_not_sealed_over(sealed: World) -> None:
    """The sealer goes on from the head's own number only: it cannot hide what is missing."""
    with tampering():
        db.execute("DELETE FROM records_link WHERE number = 6")
    use(sealed, DAYS)

    assert seal(now=NOW) == 0


def _kept() -> list[KeptHead]:
    return [KeptHead(one.team, one.number, one.hash) for one in heads()]


def _against(kept: list[KeptHead]) -> list[tuple[int, tuple[str, ...]]]:
    return [(line.breaks, line.offences) for line in verify(kept) if line.name == "kept heads"]


def test_a_kept_head_is_found_again(sealed: World) -> None:
    """A head that was exported holds for ever, however much is booked after it, sealed or not."""
    kept = _kept()
    use(sealed, DAYS)
    before = _against(kept)
    seal(now=NOW)

    assert before == _against(kept) == [(0, ())]


def test_a_ledger_that_lost_its_end_is_found_out(sealed: World) -> None:
    """Books set back as a whole, links and all, look sound; the kept head says that they are not (L9)."""
    with forgotten():
        use(sealed, DAYS)
        seal(now=NOW)
        kept = _kept()

    assert chain_line()[1] == ()
    assert _against(kept) == [(1, ("team flex entry 14: the ledger ends before the kept 14",))]


def test_another_history_is_found_out(sealed: World) -> None:
    """Books in which something else happened instead do not pass for those that were kept."""
    with forgotten():
        use(sealed, DAYS)
        seal(now=NOW)
        kept = _kept()
    use(sealed, DAYS + 1)
    seal(now=NOW)

    assert _against(kept) == [(1, ("team flex entry 14: the hash is not the one that was kept",))]


def test_a_team_that_is_gone_is_found_out(sealed: World) -> None:
    """A kept head of a ledger that is not there is a break."""
    assert _against([KeptHead("gone", 3, "00")])[0][0] == 1


def test_the_head_says_what_moved(sealed: World) -> None:
    """A head has the number, the hash, when it was sealed and the sum of all amounts; an unknown team has none."""
    (head,) = heads(team="flex")

    link = chain.last_link(sealed.flex.pk)
    assert link is not None
    assert head == Exported("flex", 13, link.hash.hex(), "2026-06-01T00:00:00Z", "1084")
    with pytest.raises(NotFound):
        heads(team="nobody")


def test_sealers_and_writers_run_side_by_side(filed: Filed) -> None:
    """Several sealers beside several writers leave one chain without a gap, over everything that was booked."""
    world = filed.run(World)
    filed.run(lambda: world.give("1000"))

    def write(writer: int) -> None:
        for number in range(8):
            day = f"2026-03-{number + 1:02d}"
            world.send(event(f"{writer}-{number}", f"p{writer}@example.com", "A", f"{day} 08:00", f"{day} 09:00"))

    def close() -> int:
        return sum(seal(now=NOW) for _ in range(10))

    jobs = [lambda: write(1), lambda: write(2), lambda: write(3)]
    sealed = filed.run_together([*(lambda job=job: job() or 0 for job in jobs), close, close])  # type: ignore[misc,func-returns-value]
    rest = filed.run(lambda: seal(now=NOW))

    assert sum(sealed) + rest == filed.run(Entry.objects.count) == 25
    assert filed.run(lambda: [line.name for line in verify() if not line.is_sound]) == []
