"""`farebox adjust`, `consume` and `withdraw`: entries by hand, each an event with an id (domain N6, I2)."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Run

from farebox.records.models import Charge, Event, Pack, Rate

SINCE = ("--since", "2026-01-01")
REASON = ("--reason", "Off network", "--date", "2026-03-02")


@pytest.fixture
def number(run: Run) -> str:
    """Set up a product, a team and its Flex contract, and return the contract's number."""
    run("product", "add", "ACD", "AutoCAD", "--offer", "all", *SINCE)
    run("product", "rate", "ACD", "7", "--card", "standard", *SINCE)
    run("team", "add", "design", "Design")
    made = run("contract", "add", "design", "flex", "--offer", "all", "--card", "standard", "--start", "2026-01-01")
    return made.stdout.strip()


def test_a_pool_is_adjusted_by_contract_or_team(run: Run, number: str) -> None:
    """Tokens are added and taken; what is entered is an event with its reason and comment."""
    added = run("adjust", number, "--pool", "flex", "--tokens", "+50", *REASON, "--comment", "pilot", "--id", "one")
    taken = run("adjust", "design", "--pool", "flex", "--tokens=-20.5", *REASON)

    assert added.stdout == "one: accepted; 50 tokens added\n"
    assert taken.stdout.endswith(": accepted; 20.5 tokens consumed\n")
    assert Pack.objects.get().left_micro == 29_500_000
    assert b"pilot" in bytes(Event.objects.get(event_id="one").payload)


def test_the_same_id_counts_once(run: Run, number: str) -> None:
    """Entered again it is a duplicate, with another content a conflict, with a higher revision an amendment."""
    entry = ("consume", number, "ann@example.com", "ACD", *REASON, "--id", "x")

    run(*entry, "--tokens", "4")
    assert run(*entry, "--tokens", "4").stdout == "x: duplicate\n"
    assert "(conflict)" in run(*entry, "--tokens", "5", code=1).stderr
    assert run(*entry, "--quantity", "2", "--revision", "1").stdout == "x: accepted; 14 tokens consumed\n"

    assert Charge.objects.get(ended_us=None).tokens_micro == 14_000_000
    withdrawal = ("withdraw", "design", "x", "--reason", "twice")
    assert "is withdrawn by revision 2 only (not_next)" in run(*withdrawal, "--revision", "3", code=1).stderr
    assert run(*withdrawal).stdout == "x: withdrawn; 14 tokens count as consumed no more\n"
    assert run(*withdrawal).stdout == "x: duplicate\n"
    assert "(withdraws_nothing)" in run(*withdrawal, "--source", "licence-server", code=1).stderr
    assert not Charge.objects.filter(ended_us=None).exists()


def test_what_cannot_be_is_refused(run: Run, number: str) -> None:
    """Too much, of nobody's team, of an unknown product: each says why."""
    assert "(insufficient_tokens)" in run("adjust", number, "--pool", "flex", "--tokens=-1", *REASON, code=1).stderr
    assert "no team 'none'" in run("adjust", "none", "--pool", "flex", "--tokens", "1", *REASON, code=1).stderr
    waits = run("consume", number, "ann@example.com", "NEW", "--tokens", "1", *REASON)
    assert ": quarantined; " in waits.stdout
    assert "(unknown_product)" in waits.stdout


def test_a_rate_may_be_for_a_class_or_for_time(run: Run, number: str) -> None:
    """A service has a rate for each class of job, or one for so many seconds of work; a desktop product has none."""
    run("product", "add", "SVC", "Service", "--kind", "service", *SINCE)
    run("product", "rate", "SVC", "0.5", "--card", "standard", "--class", "Complex", *SINCE)
    run("product", "rate", "SVC", "1", "--card", "standard", "--class", "render", "--unit-seconds", "60", *SINCE)
    desktop = run("product", "rate", "ACD", "1", "--card", "standard", "--class", "complex", *SINCE, code=1)
    assert "(not_a_service)" in desktop.stderr

    rates = Rate.objects.order_by("complexity").values_list("complexity", "tokens_micro", "unit_size")
    assert list(rates) == [("", 7_000_000, 0), ("complex", 500_000, 0), ("render", 1_000_000, 60)]
    again = run("product", "rate", "SVC", "0.6", "--card", "standard", "--class", "complex", *SINCE, code=1)
    assert "(conflict)" in again.stderr
    wrong = run("product", "rate", "SVC", "100001", "--card", "c", "--class", "x" * 61, "--unit-seconds=-1", code=1)
    assert [line.partition(":")[0] for line in wrong.stderr.splitlines()] == ["/amount", "/class", "/unit-seconds"]
