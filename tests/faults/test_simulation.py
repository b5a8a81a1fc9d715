"""
A simulated year: everything that can happen to an installation, thrown by seeded dice, on a clock of its own (X33).

All invariants hold on every virtual day; when everything stops, everything converges: nothing is reserved or running,
the warehouse says what the records say, and what is derived can be dropped and comes back equal.
"""

from __future__ import annotations

import pytest
from tests.faults.chance import dice, size, tell
from tests.faults.sound import faults
from tests.faults.year import Year
from tests.services.test_rebuild import derived, drop
from tests.world import at

from farebox.domain.ledger import TransferKind
from farebox.records.models import Charge, Denial, Entry, Event, Hold, LiveSession, Use
from farebox.records.rebuild import Mended
from farebox.services.project import project
from farebox.services.project import rebuild as rebuild_warehouse
from farebox.services.rebuild import rebuild_records
from farebox.warehouse.duck import Warehouse
from farebox.warehouse.schema import FACT_COLUMNS

DAYS = size("DAYS", 30)
ACTIONS = size("ACTIONS_A_DAY", 16)
SEEDS = size("YEARS", 1)
LONG_DAYS = 300
"""From so many days on a run has to have met everything that is listed below."""

SOMETIMES = (
    "launch allow tokens", "launch allow window_open", "launch allow enterprise", "launch deny insufficient_tokens",
    "launch deny unknown_person", "launch replayed", "close", "live session reported by its product",
    "event accepted", "event duplicate", "event rejected conflict", "late delivery", "amended", "joined",
    "withdrawal of farebox.session accepted", "withdrawal of farebox.session rejected books_closed",
    "pack given", "moved to other", "moved to flex", "adjustment up accepted", "adjustment down accepted",
    "consumption accepted", "job success", "job failed", "books closed", "reopened",
    "job expire did something", "job review did something", "job silence did something", "job overdue did something",
    "job seal did something", "job project did something",
)  # fmt: skip
"""Paths that the actions themselves notice."""


def met(year: Year) -> dict[str, int]:
    """Count what only the books can tell: the paths that were taken inside."""
    covered = Entry.objects.filter(kind=TransferKind.COVERED)
    live = Charge.objects.filter(ended_us=None)
    holds = Hold.objects.exclude(ended_us=None)
    return {
        **year.hits,
        "a shortfall was covered": covered.filter(charge__family=None).count(),
        "an over-consumption was covered": covered.exclude(charge__family=None).count(),
        "a charge was short": live.filter(shortfall_micro__gt=0).count(),
        "a contract consumed beyond its pool": live.filter(over_micro__gt=0).count(),
        "a late use was kept": Use.objects.filter(late=True).count(),
        "a roll-over was reserved": holds.filter(kind="ROLL").count(),
        "a roll-over was booked": holds.filter(kind="ROLL", booked=True).count(),
        "a roll-over was denied": Denial.objects.exclude(rolled_us=None).count(),
        "a launch was released": holds.filter(kind="LAUNCH", booked=False).count(),
        "a job reserved tokens": holds.filter(kind="JOB").count(),
        "tokens lapsed": Entry.objects.filter(kind=TransferKind.EXPIRED).count(),
        "tokens lapsed as they were released": Entry.objects.filter(kind=TransferKind.EXPIRED, charge=None).count(),
        "a lapse was taken back": Entry.objects.filter(kind=TransferKind.REVERSED, charge=None).count(),
    }


def warehouse_totals(house: Warehouse) -> tuple[str, int]:
    """Return a digest of every fact, and the sum of their tokens."""
    with house.snapshot() as snapshot:
        digest = snapshot.digest("fact", [name for name, _ in FACT_COLUMNS])
        return digest, snapshot.position


def what_does_not_converge(year: Year) -> list[str]:
    """Stop everything, let time pass, and name what is not at rest."""
    from farebox.warehouse import current

    year.settle()
    wrong = [f"after the end: {fault}" for fault in faults()]
    for what, count in (
        ("holds are open", Hold.objects.filter(ended_us=None).count()),
        ("sessions run", LiveSession.objects.filter(closed_us=None).count()),
        ("uses are open", Use.objects.filter(ended_us=None, open=True).count()),
        ("jobs found something to do", sum(bool(job()) for name, job in year.jobs().items() if name != "project")),
    ):
        wrong += [f"{count} {what}"] if count else []
    project()
    before = warehouse_totals(current.warehouse())
    rebuild_warehouse()
    if warehouse_totals(current.warehouse()) != before:
        wrong.append("the warehouse is not what a rebuild makes of the records")
    stored = derived()
    if rebuild_records() != Mended(0, 0, 0):
        wrong.append("derived balances were wrong")
    drop()
    rebuild_records()
    if derived() != stored:
        wrong.append("dropped balances came back otherwise")
    return wrong + [f"after the rebuild: {fault}" for fault in faults()]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_year_of_everything_keeps_the_books(db: None, house: Warehouse, seed: int) -> None:
    """On every virtual day all invariants hold, and in the end everything comes to rest (L1–L10, I1–I5, E1–E4)."""
    year = Year(dice("X33", seed), now=at("2026-02-01 06:00"))
    wrong: list[str] = []
    for day in year.days(DAYS, actions=ACTIONS):
        wrong += [f"day {day}: {fault}" for fault in faults()]
        if wrong:
            break
    wrong += [] if wrong else what_does_not_converge(year)
    found = met(year)
    never = [path for path in (*SOMETIMES, *found) if not found.get(path)]
    tell(
        "X33 simulation", run=seed, days=DAYS, actions=DAYS * ACTIONS, events=Event.objects.count(),
        entries=Entry.objects.count(), live_charges=Charge.objects.filter(ended_us=None).count(),
        faults=len(wrong), paths_met=len(set(found) - set(never)), paths_never=sorted(set(never)),
    )  # fmt: skip

    assert wrong == []
    assert DAYS < LONG_DAYS or never == []


def test_a_build_that_forgets_windows_is_noticed(db: None, house: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a build that charges and opens no window, an invariant breaks within days: the run can see it."""
    monkeypatch.setattr("farebox.records.usage.move_windows", lambda ended, started: None)
    year = Year(dice("X33", "canary"), now=at("2026-02-01 06:00"))

    wrong = next((found for _ in year.days(8, actions=ACTIONS) if (found := faults())), [])

    tell("X33 canary: no windows", day=year.told_through(), faults=len(wrong))
    assert wrong != []
