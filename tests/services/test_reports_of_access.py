"""What is held through a group or by default is assigned in the files of reports, while it is in force (R8, R10)."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings
from tests.services.report_world import TWO_MONTHS, Reported
from tests.world import NOW, World, at

from farebox.domain.clock import DAY, HOUR, Instant
from farebox.domain.report_files import ReportType, Schema
from farebox.records.models import Team
from farebox.services import catalogue, defaults, groups
from farebox.services.groups import Command
from farebox.warehouse.duck import Warehouse

JOINED = at("2026-05-02 10:00")


@pytest.fixture
def reported(world: World, house: Warehouse, tmp_path: Path, settings: Settings) -> Reported:
    """Return the two teams with their use."""
    settings.EXPORTS = tmp_path / "exports"
    return Reported(world)


def told(reported: Reported) -> list[str]:
    """Return who holds what since when in the Usage Report, and the groups."""
    rows = reported.rows(ReportType.USAGE_REPORT, Schema.Y2022, days=TWO_MONTHS)
    wanted = [
        rows[0].index(name) for name in ("first_name", "offering_name", "seat_assignment", "assigned_date", "group")
    ]
    return sorted(" | ".join(row[place] for place in wanted) for row in rows[1:])


def test_groups_and_defaults_are_assignments(reported: Reported) -> None:
    """With the group and the later of both dates; by default from the first day on; not told with names hidden (P1)."""
    team, ben = reported.world.flex.pk, reported.people["ben"].pk
    made = groups.make(Command.LINE, team, "Building 2", now=NOW)
    groups.set_products(Command.LINE, team, made, ["A"], now=NOW)
    groups.join(Command.LINE, team, made, [ben], now=JOINED)

    grouped = told(reported)
    defaults.choose(Command.LINE, team, ["B"], now=NOW)
    ruled = told(reported)
    Team.objects.filter(pk=team).update(names_hidden=True)
    defaults.choose(Command.LINE, team, [], now=NOW)
    hidden = told(reported)

    assert "Ben | Product A | assigned | 2026-06-01T00:00:00Z | Building 2" in grouped
    assert [line for line in ruled if "Product B | assigned" in line] == [
        f"{who} | Product B | assigned | 2026-06-01T00:00:00Z | " for who in ("Ann", "Ben", "Cy van der", "Dee")
    ]
    assert [line for line in ruled if line.startswith("Ann") and "Product A" in line] == [
        "Ann | Product A | unassigned |  | "
    ]
    assert hidden == [f"***** | Product {code} | ***** |  | " for code in "ABB"]


def test_a_seat_is_told_before_a_trial_that_began_later(reported: Reported) -> None:
    """Who holds both of a product opens it by the seat: files say so as the person's page does (domain F9)."""
    cy, product = reported.people["cy"], reported.world.products["B"]
    catalogue.entitle(cy, product, "SEAT", since=Instant(NOW - DAY))
    catalogue.entitle(cy, product, "TRIAL", since=Instant(NOW - HOUR), until=Instant(NOW + DAY))

    names, *rows = reported.rows(ReportType.USERS, Schema.FAREBOX_1)

    held = [dict(zip(names, row, strict=True)) for row in rows if cy.key in row]
    assert [one["accessOption"] for one in held if one["productLineCode"] == "B"] == ["Subscription"]
