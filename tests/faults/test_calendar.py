"""
The calendar's edges, through ingest and giving (X10; domain T1–T7, L5).

What is expected is computed with Python's own calendar, and not with the rules that are tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from tests.faults.calendar_cases import HOUR, ZONES, days_at, local, offset, session, signed, steps_of
from tests.faults.chance import tell
from tests.services.books import faults
from tests.world import World

from farebox.domain.amounts import tokens
from farebox.domain.charging import flex as flex_rules
from farebox.domain.clock import Day, Instant, as_date, instant, moment, read_instant
from farebox.domain.packs import Pool
from farebox.records.models import Charge, Intake, Pack
from farebox.services import give as giving
from farebox.services.give import Purchase, give

LATE = instant(datetime(2049, 1, 1, tzinfo=UTC))
LENGTHS = (HOUR, 23 * HOUR, 24 * HOUR, 24 * HOUR + timedelta(minutes=6), 49 * HOUR)
"""How long sessions run that begin an hour before a clock is moved."""

Part = tuple[datetime, datetime, date, str]


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch, db: None) -> World:
    """Return the small world with contracts, offers and rates that begin in 2000."""
    monkeypatch.setattr("tests.world.START", instant(datetime(2000, 1, 1, tzinfo=UTC)))
    return World()


@contextmanager
def forgotten() -> Iterator[None]:
    """Do something that the database forgets."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def parts() -> list[Part]:
    """Return the parts that count: from when, until when, on which date, and as what."""
    columns = ("since_us", "until_us", "usage_day", "category")
    found = Charge.objects.filter(ended_us=None).order_by("since_us").values_list(*columns)
    return [(moment(Instant(a)), moment(Instant(b)), as_date(Day(d)), c) for a, b, d, c in found]


def flex_parts(start: datetime, end: datetime) -> list[Part]:
    """Say what a Flex session is: a charge each 24 hours, on the UTC date at which they begin (domain T2, T3)."""
    found = []
    while start < end:
        found.append((start, min(start + 24 * HOUR, end), start.date(), "CHARGED"))
        start += 24 * HOUR
    return found


def enterprise_parts(start: datetime, end: datetime, ahead: timedelta) -> list[Part]:
    """Say what an enterprise session is: a part for each date on the server's clock, as at its start (N1, N2, N3)."""
    cut = days_at(start, end, ahead)
    return [(a, b, (a + ahead).date(), "CHARGED" if b - a >= timedelta(minutes=5) else "CASUAL") for a, b in cut]


def what_differs(world: World, *, enterprise: bool, zones: Iterable[str] = ZONES) -> list[str]:
    """Send a session of each length across each moved clock; name those that came out otherwise."""
    wrong, cases = [], 0
    for zone in zones:
        for step in steps_of(zone):
            ahead = offset(step - HOUR, ZoneInfo(zone))
            for length in LENGTHS:
                start, end, cases = step - HOUR, step - HOUR + length, cases + 1
                data = {"utcOffset": signed(ahead)} if enterprise else {}
                with forgotten():
                    world.send(session("s", local(start, zone), local(end, zone), **data), ent=enterprise, now=LATE)
                    due = enterprise_parts(start, end, ahead) if enterprise else flex_parts(start, end)
                    if parts() != due or faults():
                        wrong.append(f"{zone} {start} {length}: {parts()} and not {due}; {faults()}")
    tell("X10 clocks moved", enterprise=enterprise, cases=cases, wrong=len(wrong))
    return wrong


@pytest.mark.parametrize("enterprise", [False, True])
def test_clocks_that_are_moved_move_no_charge(old: World, enterprise: bool) -> None:
    """Across every step of six zones a window is 24 hours, and a day is the server's with the offset of the start."""
    assert what_differs(old, enterprise=enterprise) == []


def test_a_window_that_follows_the_clock_is_noticed(old: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With windows of 23 hours, as a day of a moved clock has, the comparison above fails: it can see the fault."""
    monkeypatch.setattr(flex_rules, "WINDOW_US", 23 * 60 * 60 * 1_000_000)

    assert len(what_differs(old, enterprise=False, zones=("Europe/Paris", "UTC"))) > 30


BOUGHT = [
    datetime(year, month, day, 9, 30, tzinfo=UTC)
    for year in (2023, 2024, 2027, 2028)
    for month in range(1, 13)
    for day in (1, 28, 29, 30, 31)
    if (date(year, month, 1) + timedelta(days=day - 1)).month == month
] + [datetime(2037, 1, 19, 3, 14, 7, tzinfo=UTC), datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC)]
"""The ends of months, 29 February, and the second after which 32 bits are full."""


def a_year_on(bought: datetime) -> datetime:
    """Return the end of a year that begins at a moment (domain T6)."""
    if (bought.month, bought.day) == (2, 29):
        return datetime(bought.year + 1, 3, 1, tzinfo=UTC)
    return bought.replace(year=bought.year + 1)


def ends_that_differ(world: World, moments: Sequence[datetime] = BOUGHT) -> list[str]:
    """Buy a pack at each moment, and use it at its edges; name those that pay too early or too late."""
    wrong = []
    for bought in moments:
        end, tick = a_year_on(bought), timedelta(microseconds=1)
        with forgotten():
            asked = Purchase(contract=world.flex_contract.number, pool=Pool.FLEX, tokens=tokens("100"))
            given = give(asked, now=instant(bought))
            for who, at in (("early", bought - tick), ("first", bought), ("last", end - tick), ("late", end)):
                start, stop = at.isoformat(), (at + HOUR).isoformat()
                world.send(session(who, start, stop).replace(b"ana@", who.encode() + b"@"), now=LATE)
            short = Charge.objects.filter(shortfall_micro__gt=0).order_by("at_us").values_list("at_us", flat=True)
            due = [instant(end)]  # what came before the pack was covered by it (domain F8)
            if read_instant(given.until) != instant(end) or list(short) != due or faults():
                wrong.append(f"{bought}: ends {given.until}, short at {list(short)}; {faults()}")
    tell("X10 packs of a year", cases=4 * len(moments), wrong=len(wrong))
    return wrong


def test_a_pack_ends_a_calendar_year_on(old: World) -> None:
    """A pack pays from its own microsecond to the last one of its year, at every end of a month (domain T6, L5)."""
    assert ends_that_differ(old) == []


def test_a_year_of_365_days_is_noticed(old: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With years that are 365 days the comparison above fails in leap years: it can see the fault."""
    monkeypatch.setattr(giving, "year_later", lambda at: Instant(at + 365 * 24 * 60 * 60 * 1_000_000))

    assert len(ends_that_differ(old, BOUGHT[::3])) > 20


@pytest.mark.parametrize("enterprise", [False, True])
@pytest.mark.parametrize("day", ["2024-02-29", "2026-12-31", "2038-01-19", "2026-03-31"])
def test_a_microsecond_decides_the_date(old: World, day: str, enterprise: bool) -> None:
    """What begins a microsecond before midnight is a use of that date, at it or after it of the next (domain T2)."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=UTC) + 24 * HOUR
    tick = timedelta(microseconds=1)
    begins = {"before": midnight - tick, "at": midnight, "after": midnight + tick}

    for who, at in begins.items():
        text = session(who, at.isoformat(), (at + HOUR).isoformat()).replace(b"ana@", who.encode() + b"@")
        old.send(text, ent=enterprise, now=LATE)

    first = [(since, on) for since, _, on, _ in parts()]
    extra = [(midnight, midnight.date())] if enterprise else []
    assert sorted(first) == sorted([(at, at.date()) for at in begins.values()] + extra)
    assert faults() == []


@pytest.mark.parametrize("moment", ["2026-06-30T23:59:60Z", "2026-12-31T23:59:60.5Z", "2026-06-30T24:00:01Z"])
def test_a_second_that_no_clock_here_has_is_refused(old: World, moment: str) -> None:
    """A leap second as text is refused with its pointer, the others of its request are kept, and counts add up (I4)."""
    good = session("good", "2026-06-30T22:00:00Z", "2026-06-30T23:59:59Z")
    bad = session("bad", moment, "2026-07-01T01:00:00Z")

    states = old.states(good, bad, now=LATE)

    assert states[0] == "accepted"
    assert states[1].startswith("rejected")
    row = Intake.objects.get()
    assert (row.received, row.accepted, row.rejected) == (2, 1, 1)
    assert faults() == []


def test_a_pack_bought_on_29_february_lasts_to_1_march(old: World) -> None:
    """It ends as the one that was bought on the 28th would at midnight, so that a later one ends no earlier (T6)."""
    asked = Purchase(contract=old.flex_contract.number, pool=Pool.FLEX, tokens=tokens("1"))

    given = give(asked, now=instant(datetime(2028, 2, 29, 23, 59, tzinfo=UTC)))

    assert given.until == "2029-03-01T00:00:00Z"
    assert Pack.objects.get().until_us == read_instant("2029-03-01T00:00:00Z")
