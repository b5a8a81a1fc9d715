"""How fresh each kind of usage is: one pass over the facts, and a look at the rows recorded last (usage-api 5.2)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from tests.services.asking import readable
from tests.services.entries import adjustment, consumption, job, teach
from tests.world import World, at, event, withdrawal

from farebox.domain.clock import DAY, HOUR, MINUTE, Instant, as_date, as_iso, day_of
from farebox.domain.usage import ChargeCategory, Funding, UsageCategory
from farebox.query.latest import NOT_APPLICABLE, latest
from farebox.records.models import Charge
from farebox.services import catalogue
from farebox.services.latest import Freshness, freshness
from farebox.services.project import project
from farebox.warehouse.duck import Warehouse

pytestmark = pytest.mark.usefixtures("house")
FIRST, SECOND = at("2026-06-01 12:00"), at("2026-07-01 12:00")


def shown(world: World) -> list[str]:
    """Return how fresh the Flex contract is, as short texts."""
    project()
    return [_text(one) for one in freshness(readable(world.flex_contract))]


def _text(one: Freshness) -> str:
    used, recorded = as_date(one.used_on).isoformat(), as_date(one.recorded_on).isoformat()
    return f"{one.usage_category} {one.charge_category} {used} {recorded}"


def test_entries_and_results_are_of_one_kind_each(world: World) -> None:
    """However they were charged, results of services and entries by hand stand under N/A."""
    teach(world)
    world.give("100")
    events = [
        job("a"),
        job("b", "2026-03-03 08:00", status="failed"),
        consumption("c", tokens="2"),
        adjustment("d", "-1"),
    ]
    assert world.states(*events, now=FIRST) == ["accepted"] * 4

    assert shown(world) == [
        "CLOUD_SERVICE N/A 2026-03-03 2026-06-01",
        "MANUAL_ADJUSTMENT N/A 2026-03-02 2026-06-01",
        "MANUAL_CONSUMPTION N/A 2026-03-02 2026-06-01",
    ]


def test_what_was_taken_back_is_not_the_last_usage(world: World) -> None:
    """A kind whose usage was withdrawn is left out, another goes back to the usage before."""
    span = "2026-03-02 08:00", "2026-03-02 09:00"
    world.send(
        event("a", "ana@example.com", "A", *span),
        event("b", "ben@example.com", "A", "2026-03-04 08:00", "2026-03-04 09:00"),
        event("c", "ben@example.com", "B", "2026-03-05 08:00", "2026-03-05 08:01"),
        now=FIRST,
    )
    before = shown(world)

    world.send(withdrawal("b", 1), withdrawal("c", 1), now=SECOND)

    assert before == [
        "DESKTOP_PRODUCT CASUAL 2026-03-05 2026-06-01",
        "DESKTOP_PRODUCT CHARGED 2026-03-04 2026-06-01",
    ]
    assert shown(world) == ["DESKTOP_PRODUCT CHARGED 2026-03-02 2026-06-01"]


def test_seats_and_trials_are_no_token_usage(world: World) -> None:
    """Only rows that tokens pay for count, as everywhere in the usage API (R9)."""
    person = catalogue.add_person(world.flex, "ana@example.com", "Ana", now=FIRST)
    catalogue.entitle(person, world.products["A"], Funding.SEAT, since=Instant(0))
    world.send(event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"), now=FIRST)

    assert shown(world) == []


def test_it_takes_as_many_statements_for_much_usage_as_for_little(world: World) -> None:
    """The records are asked once, by the ids of a few charges; no row of usage is read there."""
    for nth in range(40):
        day, hour = f"2026-03-{nth % 20 + 1:02d}", 8 + nth // 20
        world.send(event(f"e{nth}", "ana@example.com", "A", f"{day} {hour:02d}:00", f"{day} {hour:02d}:30"), now=FIRST)
    project()

    with CaptureQueriesContext(connection) as asked:
        found = freshness(readable(world.flex_contract))

    reads = [one["sql"] for one in asked.captured_queries if "SELECT" in one["sql"]]
    assert {one.charge_category for one in found} == {"CHARGED", "FREE"}
    assert len(reads) == 1
    assert "records_charge" in reads[0]
    assert " IN (" in reads[0]


def test_the_rows_recorded_last_are_those_of_the_records(world: World, house: Warehouse) -> None:
    """For every kind: the last date and the last recording are those of all its charges that count."""
    for nth in range(60):
        start = at("2026-02-01 00:00") + nth * 6 * HOUR
        minutes = (1, 90, 2000)[nth % 3]
        world.send(
            event(f"e{nth}", f"p{nth % 2}@example.com", "A", _stamp(start), _stamp(start + minutes * MINUTE)),
            now=Instant(at("2026-08-01 00:00") + (59 - nth) * DAY),
        )
    project()

    live = Charge.objects.filter(ended_us__isnull=True, contract=world.flex_contract)
    expected: dict[str, tuple[int, int]] = {}
    for category, used, booked in live.values_list("category", "usage_day", "booked_us"):
        on, at_us = expected.get(category, (0, 0))
        expected[category] = (max(on, used), max(at_us, booked))

    found = {one.charge_category: (one.used_on, one.recorded_on) for one in freshness(readable(world.flex_contract))}
    assert found == {category: (on, day_of(Instant(at_us))) for category, (on, at_us) in expected.items()}
    assert len(found) >= 3


def _stamp(instant: int) -> str:
    return as_iso(Instant(instant)).replace("T", " ").removesuffix(":00Z")


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*UsageCategory]),
            st.sampled_from([*ChargeCategory, ""]),
            st.dates(),
            st.integers(1, 10**12),
        ),
        unique_by=lambda row: row[:2],
    )
)
def test_each_kind_appears_once(rows: list[tuple[object, ...]]) -> None:
    """Merged under N/A or not, a kind is there once, with the latest date and row of those that it stands for."""
    found = latest(rows)  # type: ignore[arg-type]

    kinds = [(one.usage_category, one.charge_category) for one in found]
    assert kinds == sorted(set(kinds))
    assert max((one.charge for one in found), default=0) == max((int(row[3]) for row in rows), default=0)  # type: ignore[call-overload]
    by_session = {"DESKTOP_PRODUCT", "CLOUD_PRODUCT"}
    assert all((charged == NOT_APPLICABLE) is (used not in by_session) for used, charged in kinds)
