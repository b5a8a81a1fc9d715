"""Files of a team that hides names tell no more than usage by pseudonym; and sums agree in every schema (P1, R3)."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from pytest_django import Settings
from tests.services.asking import readable
from tests.services.report_world import TWO_MONTHS, Reported, column
from tests.world import NOW, World, message

from farebox.domain.report_files import ReportType, Schema
from farebox.importers.usage_report import lines_of, read_usage_report
from farebox.query.plan import Question
from farebox.records.models import Person, Team
from farebox.services import assign, catalogue
from farebox.services.project import project
from farebox.services.report import answer
from farebox.services.take_over import take_over
from farebox.warehouse.duck import Warehouse

SAID = {Schema.FAREBOX_1: ("hashedUserId", "assignedDate", "unassignedDate", "daysInactive", "lastAccessed"),
        Schema.Y2022: ("hashed_autodesk_id", "assigned_date", "unassigned_date", "days_inactive", "last_accessed"),
        Schema.Y2025: ("Hashed Autodesk ID", "Assigned date", "Unassigned date", "Days inactive", "Last accessed"),
        }  # fmt: skip
TOKENS = {Schema.FAREBOX_1: "tokensConsumed", Schema.Y2022: "tokens_used", Schema.Y2025: "Tokens used"}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Settings) -> None:
    """Give the files a folder of their own."""
    settings.EXPORTS = tmp_path / "exports"


@pytest.fixture
def reported(world: World, house: Warehouse) -> Reported:
    """Return the two teams with their use."""
    return Reported(world)


def test_hidden_is_who_has_an_account_and_when_what_was_assigned(reported: Reported) -> None:
    """Neither the administrator's account, nor a moment of assignment, nor the order of coming tells who it is."""
    flex = reported.world.flex
    for place in range(6):  # each comes after the one before, and before it in the order of pseudonyms
        came = catalogue.add_person(flex, f"new{place}@example.com", "", now=NOW)
        Person.objects.filter(pk=came.pk).update(pseudonym=f"u-{9 - place}")
        assign.assign(came.pk, "A", actor="operator", now=NOW)
    assign.unassign(reported.people["ann"].pk, "A", actor="operator", now=NOW)
    Team.objects.filter(pk=flex.pk).update(names_hidden=True)

    for schema, (who, since, until, inactive, last) in SAID.items():
        rows = reported.rows(ReportType.USAGE_REPORT, schema, days=TWO_MONTHS)
        users = reported.rows(ReportType.USERS, schema)

        assert {*column(rows, since), *column(rows, until)} == {""}
        told = zip(column(rows, who), column(rows, last), column(rows, inactive), strict=True)
        never = [(pseudonym, days) for pseudonym, used, days in told if not used]
        assert len(never) == 7
        assert never == sorted(never)
        assert {days for _, days in never} == {""}
        if schema is Schema.FAREBOX_1:
            assert set(column(users, "since")) == {""}
        if schema is not Schema.Y2022:
            assert set(column(users, "accountStatus" if schema is Schema.FAREBOX_1 else "Account status")) == {"*****"}
        pseudonyms = column(users, "hashedUserId") if schema is Schema.FAREBOX_1 else []
        assert [one for one in pseudonyms if one] == sorted(one for one in pseudonyms if one)


@pytest.mark.parametrize("schema", list(Schema))
def test_a_usage_report_comes_to_what_the_usage_api_answers(reported: Reported, schema: Schema) -> None:
    """What was adjusted by hand has a row of nobody, which is read back as nobody's (domain R3, R6)."""
    world = reported.world
    for place, (tokens, on) in enumerate((("-5", "2026-03-20"), ("2.5", "2026-04-02"), ("-9", "2026-05-03"))):
        hand = {"tokens": tokens, "transactionDate": on, "reasonType": "Refund", "pool": "FLEX"}
        world.send(message("farebox.adjustment", f"hand{place}", hand, time=f"{on} 08:00"))
    project()
    where = "usageDate >= '2026-03-01' and usageDate <= '2026-04-30'"
    api = answer(Question(fields=(), metrics=("tokensConsumed",), where=where), readable(world.flex_contract))

    path = reported.made(ReportType.USAGE_REPORT, schema=schema, days=TWO_MONTHS)
    rows = reported.rows(ReportType.USAGE_REPORT, schema, days=TWO_MONTHS)

    total = Decimal(str(api.rows[0][-1]))
    assert sum(Decimal(cell or 0) for cell in column(rows, TOKENS[schema])) == total
    nobody = [row for row in rows[1:] if not row[rows[0].index(SAID[schema][0])]]
    assert len(nobody) == 1
    assert nobody[0][rows[0].index(TOKENS[schema])] == "2.5"
    assert sorted(cell for cell in nobody[0] if cell) == sorted(["Flex team", "Flex", "0", "0.0", "2.5"])
    taken = take_over("flex", read_usage_report(lines_of(BytesIO(path.read_bytes()))), actor="x", now=NOW, preview=True)
    assert taken.counts["hidden"] == 1
    assert taken.tokens_used == total * 10**6
