"""Usage reports taken over: people and what they hold come along, nothing is charged, and again it changes nothing."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from pytest_django import Settings
from tests.services.report_world import TWO_MONTHS, Reported
from tests.world import NOW, START, World, at

from farebox.domain.errors import Rejected
from farebox.domain.report_files import ReportType, Schema
from farebox.importers.usage_report import lines_of, read_usage_report
from farebox.records.models import Assignment, Audit, Charge, Entitlement, Entry, Event, Person, Team
from farebox.services import catalogue
from farebox.services.take_over import Taken, Verdict, take_over
from farebox.warehouse.duck import Warehouse

HEADING = "email,first_name,last_name,offering_name,seat_assignment,assigned_date,access_option,days_used,tokens_used"
LINES = (
    "Ann@Example.com,Ann,Ek,Product A,assigned,2025-05-10T21:20:32Z,Subscription,20,",
    "ann@example.com,Ann,Ek,product b,assigned,2025-06-01,Flex,3,30",
    "ben@example.com,Ben,,Product A,unassigned,2025-01-01,Flex,2,14",
    "cy@example.com,Cy,,Product Q,assigned,,Flex,1,0.5",
    "*****,*****,*****,Product A,assigned,,Flex,5,35",
    "dee@example.com,Dee,,Product A,assigned,,Trial,1,",
)


def taken(content: bytes, *, preview: bool = False) -> Taken:
    """Take a report over into the Flex team."""
    rows = read_usage_report(lines_of(BytesIO(content)))
    return take_over("flex", rows, actor="command", now=NOW, preview=preview)


def report(*lines: str) -> bytes:
    """Write a report."""
    return "\n".join((HEADING, *lines)).encode()


def held() -> tuple[int, int, int]:
    """Count people, assignments and seats."""
    return Person.objects.count(), Assignment.objects.count(), Entitlement.objects.count()


def test_people_and_what_they_hold_come_along(world: World) -> None:
    """A verdict on every line; addresses are one whatever their case; what was used is counted and never charged."""
    tried = taken(report(*LINES), preview=True)
    after_trying = held()
    done = taken(report(*LINES))

    assert after_trying == (0, 0, 0)
    assert tried.verdicts == done.verdicts
    assert [verdict for _, verdict in done.verdicts] == [
        Verdict.SEATED, Verdict.ASSIGNED, Verdict.ENDED, Verdict.UNKNOWN_PRODUCT, Verdict.HIDDEN, Verdict.TRIAL,
    ]  # fmt: skip
    assert (done.people, done.people_new, done.days_used, done.tokens_used) == (4, 4, 32, 79_500_000)
    assert done.unknown_products == {"product q": 1}
    seat, assignment = Entitlement.objects.get(), Assignment.objects.get()
    assert (seat.person.name, seat.product.code, seat.since_us) == ("Ann Ek", "A", at("2025-05-10 21:20") + 32_000_000)
    assert (assignment.person_id, assignment.product_id) == (seat.person_id, world.products["B"].pk)
    assert [model.objects.count() for model in (Charge, Event, Entry)] == [0, 0, 0]
    assert sorted(Audit.objects.filter(actor="command").values_list("verb", flat=True)) == ["assigned", "seated"]


def test_again_it_changes_nothing(world: World) -> None:
    """What is held is known; a name that somebody has stays, one that was missing is filled in."""
    catalogue.add_person(world.flex, "ann@example.com", "", now=START)
    catalogue.add_person(world.flex, "ben@example.com", "Benjamin", now=START)
    taken(report(*LINES))
    before = held()
    again = taken(report(*LINES))

    assert (held(), again.people_new) == (before, 0)
    assert [verdict for _, verdict in again.verdicts[:2]] == [Verdict.KNOWN, Verdict.KNOWN]
    assert set(Person.objects.values_list("name", flat=True)) == {"Ann Ek", "Benjamin", "Cy", "Dee"}


def test_a_wrong_line_keeps_all_of_it_out(world: World) -> None:
    """Every problem of every line is told, and nobody is added."""
    with pytest.raises(Rejected) as error:
        taken(report(LINES[0], "a@@b,,,Product A,assigned,soon,Flex,1,1", "ann@example.com,,,,assigned,,Flex,1,x"))

    assert [problem.pointer for problem in error.value.problems] == [
        "/lines/3/email", "/lines/3/assigned_date", "/lines/4/offering", "/lines/4/tokens_used",
    ]  # fmt: skip
    assert held() == (0, 0, 0)


def test_what_was_written_is_read_back(world: World, house: Warehouse, tmp_path: Path, settings: Settings) -> None:
    """A Usage Report of any schema names the same people, in the same team: everything in it is known, or has ended."""
    settings.EXPORTS = tmp_path / "exports"
    reported = Reported(world)
    before = held()

    for schema in Schema:
        path = reported.made(ReportType.USAGE_REPORT, schema=schema, days=TWO_MONTHS)
        done = taken(path.read_bytes())

        assert [str(verdict) for _, verdict in done.verdicts] == ["known", "ended", "known", "known"]
        assert (done.people_new, done.tokens_used, done.days_used) == (0, 21_000_000, 4)
    Team.objects.filter(pk=world.flex.pk).update(names_hidden=True)
    done = taken(reported.made(ReportType.USAGE_REPORT, days=TWO_MONTHS).read_bytes())
    assert [str(verdict) for _, verdict in done.verdicts] == ["hidden"] * 3
    assert held() == before
