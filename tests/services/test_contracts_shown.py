"""How long contracts last, and whether they are in force, as the usage API shows them (domain C1, usage-api 4.1)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.services.asking import readable
from tests.world import START, World, at

from farebox.domain.amounts import as_text
from farebox.domain.clock import DAY, Day, Instant, day_of
from farebox.domain.periods import Days, contract_year_of
from farebox.records import years as recorded
from farebox.records.models import Contract
from farebox.records.models.contracts import Scheme
from farebox.services import catalogue
from farebox.services.contracts import Outline, detail, outlines
from farebox.services.years import years


def outline(contract: Contract, moment: str) -> Outline:
    """Return the outline of one contract at a moment."""
    (found,) = outlines([readable(contract)], at=at(moment))
    return found


def days(since: str, until: str) -> Days:
    """Return a half-open stretch of days."""
    return Days(day_of(at(f"{since} 00:00")), day_of(at(f"{until} 00:00")))


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2025-06-01 00:00", "2027-01-01"),
        ("2026-01-01 00:00", "2027-01-01"),
        ("2026-12-31 23:59", "2027-01-01"),
        ("2027-01-01 00:00", "2028-01-01"),
        ("2031-07-01 00:00", "2032-01-01"),
    ],
)
def test_a_contract_without_an_end_lasts_through_its_present_year(world: World, moment: str, until: str) -> None:
    """It moves on with the years, and has its first one before it begins."""
    found = outline(world.flex_contract, moment)

    assert found.days == days("2026-01-01", until)
    assert found.active is (moment >= "2026")


def test_the_start_of_the_last_pack_counts(world: World) -> None:
    """Tokens that begin in a later year make the contract last through it; those of an ended year do not matter."""
    world.give("1", since="2026-03-01 00:00")
    assert outline(world.flex_contract, "2026-06-01 00:00").days.until == day_of(at("2027-01-01 00:00"))

    world.give("1", since="2028-12-31 23:59")

    assert outline(world.flex_contract, "2026-06-01 00:00").days.until == day_of(at("2029-01-01 00:00"))
    assert outline(world.flex_contract, "2030-06-01 00:00").days.until == day_of(at("2031-01-01 00:00"))


def test_a_contract_with_an_end_lasts_to_it(world: World) -> None:
    """Packs do not make it longer, and it is in force from its first instant to before its end."""
    team = catalogue.add_team("short", "Short", now=START)
    end = day_of(at("2027-04-01 00:00"))
    contract = catalogue.add_contract(
        team, Scheme.ENTERPRISE, offer="all", card="ent", start=day_of(at("2026-02-01 00:00")), end=end
    )
    moments = ("2026-01-31 23:59", "2026-02-01 00:00", "2027-03-31 23:59", "2027-04-01 00:00")

    found = [outline(contract, moment) for moment in moments]

    assert {one.days for one in found} == {days("2026-02-01", "2027-04-01")}
    assert [one.active for one in found] == [False, True, True, False]


def test_many_contracts_take_as_many_statements_as_one(world: World) -> None:
    """Who administers many teams waits no longer for the list."""
    counts = []
    for number in (1, 12):
        readables = [readable(contract) for contract in Contract.objects.all()]
        with CaptureQueriesContext(connection) as asked:
            found = outlines(readables, at=at("2026-06-01 00:00"))
        assert [one.number for one in found] == [one.number for one in readables]
        counts.append(len(asked))
        for nth in range(number):
            team = catalogue.add_team(f"team{number}-{nth}", "Team", now=START)
            catalogue.add_contract(team, Scheme.FLEX, offer="all", card="flex", start=day_of(START))

    assert counts[0] == counts[1]


def test_the_detail_is_the_table_of_the_command(world: World) -> None:
    """The years that the API shows are those that `farebox contract years` prints."""
    world.give("10.5", ent=True)
    now = at("2028-06-01 00:00")

    found = detail(readable(world.ent_contract), at=now)

    assert found.years == years(world.ent_contract.number, at=now)
    assert [as_text(year.provisioned) for year in found.years] == ["10.5", "0", "0"]
    assert found.outline.days == Days(found.years[0].days.since, found.years[-1].days.until)


@settings(max_examples=few(40))
@given(st.integers(0, 40_000), st.none() | st.integers(1, 6_000), st.integers(0, 60_000))
def test_years_meet_and_hold_the_present(start: int, lasts: int | None, today: int) -> None:
    """Years follow one another without a gap; those of a contract without an end stop with the present one."""
    contract = Contract(pk=1, start_day=start, end_day=None if lasts is None else start + lasts)

    spans = recorded.years_of(contract, through=Instant(today * DAY))

    assert spans[0].since == start
    assert all(one.until == other.since for one, other in pairwise(spans))
    if lasts is not None:
        assert spans[-1].until == start + lasts
    else:
        assert len(spans) == contract_year_of(Day(start), Day(today))
        assert spans[-1].since <= max(start, today) < spans[-1].until
