"""Tokens at the command line: given, listed, moved, merged; balances, years and settings of contracts."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Run
from tests.world import START, World, event

from farebox.domain.clock import day_of
from farebox.records.models import Pack
from farebox.records.models.contracts import Scheme
from farebox.services import catalogue


@pytest.fixture
def south(world: World) -> str:
    """Add a second team with a Flex contract and return its contract's number."""
    team = catalogue.add_team("south", "South", now=START)
    return catalogue.add_contract(team, Scheme.FLEX, offer="all", card="flex", start=day_of(START)).number


def given(world: World, run: Run, *more: str) -> int:
    """Give the Flex team a hundred tokens for a long time at the command line, and return the pack."""
    span = ("--since", "2026-01-01", "--until", "2099-01-01")
    run("pack", "give", world.flex_contract.number, "100", *span, *more)
    return int(Pack.objects.latest("pk").pk)


def test_a_pack_is_given_with_its_order_and_price(world: World, run: Run) -> None:
    """Order number, price and currency come with the pack; a price without its currency is refused (L9)."""
    pack = given(world, run, "--order", "PO 7", "--price-minor", "30000", "--currency", "EUR")

    row = Pack.objects.get(pk=pack)
    assert (row.order_number, row.price_minor, row.currency) == ("PO 7", 30_000, "EUR")
    refused = run("pack", "give", world.flex_contract.number, "1", "--price-minor", "1", code=1)
    assert "/currency" in refused.output


def test_packs_are_listed_and_moved(world: World, run: Run, south: str) -> None:
    """A move says what came where; the same key again moves nothing, and both lists show the halves (L6, L8)."""
    pack = given(world, run, "--order", "PO 7")
    words = ("pack", "move", str(pack), "--to", "south", "--tokens", "40", "--across", "--key", "k")

    said = [run(*words).output for _ in range(2)]

    part = Pack.objects.get(part_of=pack).pk
    assert said[0] == said[1]
    assert f"40 tokens are now pack {part} of team south, until 2099-01-01T00:00:00Z" in said[0]
    end = "2099-01-01T00:00:00Z\tPO 7"
    number = world.flex_contract.number
    assert run("pack", "list", "flex").output == f"{pack}\t{number}\tflex\t60\t0\t100\t{end}\tpurchased\n"
    assert run("pack", "list", "south").output == f"{part}\t{south}\tflex\t40\t0\t100\t{end}\tpart of {pack}\n"


def test_a_move_between_strangers_needs_the_operator_to_say_so(world: World, run: Run, south: str) -> None:
    """Without --across the two teams need the same primary administrator (L6)."""
    pack = given(world, run)

    refused = run("pack", "move", str(pack), "--to", "south", code=1)

    assert "forbidden" in refused.output
    assert Pack.objects.count() == 1


def test_a_merge_is_shown_before_it_is_done(world: World, run: Run, south: str) -> None:
    """Without --yes nothing moves, and the command says what would (L6)."""
    pack = given(world, run)
    words = ("team", "merge", "flex", "--into", "south", "--across")

    shown = run(*words).output
    assert f"pack {pack}: 100 tokens, until 2099-01-01T00:00:00Z" in shown
    assert Pack.objects.count() == 1
    done = run(*words, "--yes").output

    assert f"pack {pack}: 100 tokens are now pack {Pack.objects.get(part_of=pack).pk} of team south" in done
    assert Pack.objects.get(pk=pack).left_micro == 0


def test_a_history_is_printed_step_by_step(world: World, run: Run) -> None:
    """Each step has its kind, its tokens and what was left after it; the last ones alone if asked."""
    pack = given(world, run)
    world.send(event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))

    lines = run("pack", "history", str(pack)).output.splitlines()
    last = run("pack", "history", str(pack), "--last", "1").output.splitlines()

    assert [line.split("\t")[3:6] for line in lines] == [["PURCHASED", "100", "100"], ["DRAWN", "-7", "93"]]
    assert last == lines[-1:]


def test_a_balance_names_what_is_apart(world: World, run: Run) -> None:
    """Left, reserved and used are lines of their own, and the week's causes; events only when asked for (R7)."""
    given(world, run, "--order", "PO 7")

    plain = run("balance", "flex").output
    listed = run("balance", "flex", "--events").output

    for line in ("left\t100", "reserved\t0", "used, from the packs alive now\t0", "added in 7 days\t100"):
        assert f"  {line}\n" in plain
    assert "PURCHASED" not in plain
    assert "\tPURCHASED\tpack " in listed
    assert "PO 7" in listed


def test_an_enterprise_balance_tells_its_year_and_its_pools(world: World, run: Run) -> None:
    """What the year consumed, what is left of it, and of several years, are lines of their own (R7, N6)."""
    number = world.ent_contract.number
    run("pack", "give", number, "30", "--pool", "my", "--since", "2026-01-01", "--until", "2099-01-01")

    said = run("balance", "ent").output

    assert "  multi-year left\t30\n" in said
    assert "used, in contract year" in said


def test_years_are_printed(world: World, run: Run) -> None:
    """A line for each year, with its days and its amounts (N6)."""
    number = world.ent_contract.number
    run("pack", "give", number, "30", "--pool", "cy", "--since", "2026-01-01", "--until", "2027-01-01")

    lines = run("contract", "years", number).output.splitlines()

    assert lines[0] == "1\t2026-01-01\t2027-01-01\t30\t0\t30\t0\t0"


def test_settings_are_set_from_a_date(world: World, run: Run) -> None:
    """Several at once, from a date on; a text that is no setting, or an unknown one, is refused."""
    number = world.flex_contract.number

    said = run("contract", "set", number, "grace-minutes=3", "save-minutes=20", "--from", "2026-03-01").output

    assert said == "grace-minutes\t3\t2026-03-01T00:00:00Z\nsave-minutes\t20\t2026-03-01T00:00:00Z\n"
    for wrong in ("grace-minutes", "grace-minutes=-1", "mercy-minutes=5"):
        assert "/" in run("contract", "set", number, wrong, code=1).output
