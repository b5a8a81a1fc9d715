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

from farebox.domain.clock import HOUR
from farebox.domain.report_files import ReportType, Schema
from farebox.importers.usage_report import lines_of, read_usage_report
from farebox.query.plan import Question
from farebox.records.models import Person, Team
from farebox.services import assign, catalogue, groups
from farebox.services.project import project
from farebox.services.report import answer
from farebox.services.take_over import take_over
from farebox.warehouse.duck import Warehouse

WHO = {Schema.FAREBOX_1: "hashedUserId", Schema.Y2022: "hashed_autodesk_id", Schema.Y2025: "Hashed Autodesk ID"}
ASSIGNMENT = {Schema.FAREBOX_1: "seatAssignment", Schema.Y2022: "seat_assignment", Schema.Y2025: "Seat assignment"}
WHAT = {Schema.FAREBOX_1: "productName", Schema.Y2022: "product_name", Schema.Y2025: "Product"}
TOKENS = {Schema.FAREBOX_1: "tokensConsumed", Schema.Y2022: "tokens_used", Schema.Y2025: "Tokens used"}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Settings) -> None:
    """Give the files a folder of their own."""
    settings.EXPORTS = tmp_path / "exports"


@pytest.fixture
def reported(world: World, house: Warehouse) -> Reported:
    """Return the two teams with their use."""
    return Reported(world)


@pytest.mark.parametrize("schema", list(Schema))
def test_no_act_on_a_person_finds_the_pseudonym(reported: Reported, schema: Schema) -> None:
    """
    Files from before and after an act differ in no line with a pseudonym, and Users has none (quality P1).

    Whoever gives, takes back, invites or looks at the pages about people knows whose line it would be.
    """
    flex, people = reported.world.flex, reported.people
    Team.objects.filter(pk=flex.pk).update(names_hidden=True)
    used = reported.rows(ReportType.USAGE_REPORT, schema, days=TWO_MONTHS)
    users = reported.rows(ReportType.USERS, schema)

    assign.assign(people["ben"].pk, "B", actor="operator", now=NOW)
    assign.assign(people["cy"].pk, "B", actor="operator", now=NOW)
    assign.unassign(people["ann"].pk, "A", actor="operator", now=NOW)
    catalogue.entitle(people["dee"], reported.world.products["B"], "TRIAL", since=NOW - HOUR)
    grouped = groups.make(groups.Command.LINE, flex.pk, "Visitors", now=NOW)
    groups.set_products(groups.Command.LINE, flex.pk, grouped, ["B"], now=NOW)
    groups.join(groups.Command.LINE, flex.pk, grouped, [people["ann"].pk], now=NOW)
    assign.assign(catalogue.add_person(flex, "new@example.com", "", now=NOW).pk, "A", actor="operator", now=NOW)
    after = reported.rows(ReportType.USERS, schema)

    assert reported.rows(ReportType.USAGE_REPORT, schema, days=TWO_MONTHS) == used
    assert set(column(used, WHO[schema])) == {people[key].pseudonym for key in ("ann", "ben", "dee")}
    assert set(column(used, ASSIGNMENT[schema])) == {"*****"}
    assert column(users, WHAT[schema]) == ["", "", "All products", "Product A", "Product A"]
    assert column(after, WHAT[schema]) == ["", "All products", *["Product A"] * 2, *["Product B"] * 4]
    pseudonyms = Person.objects.values_list("pseudonym", flat=True)
    assert not set(pseudonyms) & {cell for row in [*users, *after] for cell in row}
    assert "User" not in {cell for row in users for cell in row}
    if schema is not Schema.Y2022:
        assert set(column(users, "accountStatus" if schema is Schema.FAREBOX_1 else "Account status")) == {"*****"}
    if schema is Schema.FAREBOX_1:
        assert set(column(after, "since")) == {""}


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
    nobody = [row for row in rows[1:] if not row[rows[0].index(WHO[schema])]]
    assert len(nobody) == 1
    assert nobody[0][rows[0].index(TOKENS[schema])] == "2.5"
    assert sorted(cell for cell in nobody[0] if cell) == sorted(["Flex team", "Flex", "0", "0.0", "2.5"])
    taken = take_over("flex", read_usage_report(lines_of(BytesIO(path.read_bytes()))), actor="x", now=NOW, preview=True)
    assert taken.counts["hidden"] == 1
    assert taken.tokens_used == total * 10**6
