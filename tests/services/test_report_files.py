"""Files of reports: what stands in them, in every schema and format, and who gets them (product H1, domain R3, R10)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pytest_django import Settings
from tests.services.asking import readable
from tests.services.report_world import MARCH, TWO_MONTHS, Reported, column, entries, now
from tests.world import NOW, World, event, message

from farebox.domain.clock import DAY, Day, Instant
from farebox.domain.errors import Conflict, Rejected
from farebox.domain.periods import Days
from farebox.domain.report_files import OFFERED, Format, ReportType, Schema, Spec
from farebox.domain.rights import Role
from farebox.query.plan import Question
from farebox.records.catalogue import announce_change
from farebox.records.models import ContractField, ExportRequest, ExportTeam, Membership, Team, User
from farebox.records.models.exports import ExportState
from farebox.services import assign, catalogue, export
from farebox.services.export import Runner, Whose, sweep
from farebox.services.export.files import Part
from farebox.services.export.reports import workbook
from farebox.services.export.reports.answered import QUESTION_FIELDS, QUESTION_METRICS
from farebox.services.project import project
from farebox.services.report import answer
from farebox.warehouse.duck import Warehouse

USAGE_REPORT = (
    "hashed_autodesk_id,first_name,last_name,email,autodesk_id,team_alias,group,offering_name,version,seat_assignment,"
    "assigned_date,unassigned_date,user_activity,days_inactive,access_option,days_used,monthly_average,tokens_used,"
    "last_accessed"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    """Give the files a folder of their own."""
    settings.EXPORTS = tmp_path / "exports"
    return tmp_path / "exports"


@pytest.fixture
def reported(world: World, house: Warehouse) -> Reported:
    """Return the two teams with their use."""
    return Reported(world)


def by_name(rows: list[list[str]], name: str = "first_name") -> dict[str, dict[str, str]]:
    """Return the rows of a report by somebody's name."""
    return {row[name]: row for row in (dict(zip(rows[0], cells, strict=True)) for cells in rows[1:])}


def test_the_usage_report_of_2022_is_as_published(reported: Reported) -> None:
    """Nineteen columns in their order; used or not, held or not, and since when, as exports are read (R8, R10)."""
    rows = reported.rows(ReportType.USAGE_REPORT, Schema.Y2022, days=TWO_MONTHS)

    ann, pseudonym = reported.people["ann"].pk, reported.people["ann"].pseudonym
    assert ",".join(rows[0]) == USAGE_REPORT
    assert [",".join(row[5:]) for row in rows[1:]] == [
        "Flex team,,Product A,2026,assigned,2026-02-10T21:20:00Z,,active,,Flex,3,1.5,21,2026-04-03",
        "Flex team,,Product B,,unassigned,2026-02-01T09:30:00Z,2026-04-01T00:00:00Z,inactive,56,Subscription,1,0.5,,"
        "2026-03-05",
        "Flex team,,Product B,,assigned,2026-02-10T21:20:00Z,,inactive,100,Flex,0,0.0,0,2026-01-20",
        "Flex team,,Product A,,assigned,2026-02-10T21:20:00Z,,inactive,79,Flex,0,0.0,0,",
    ]
    assert rows[1][:5] == [pseudonym, "Ann", "Ek", "ann@example.com", str(ann)]
    assert rows[4][1:3] == ["Cy van der", "Berg"]


def test_what_was_taken_back_keeps_its_use(reported: Reported) -> None:
    """An assignment that was taken back is told with both of its dates, and with what was used meanwhile."""
    assign.unassign(reported.people["ann"].pk, "A", actor="operator", now=NOW)

    ann = by_name(reported.rows(ReportType.USAGE_REPORT, Schema.Y2022))["Ann"]
    assert ann["seat_assignment"] == "unassigned"
    assert (ann["assigned_date"], ann["unassigned_date"]) == ("2026-02-10T21:20:00Z", "2026-06-01T00:00:00Z")
    assert (ann["user_activity"], ann["days_inactive"], ann["tokens_used"]) == ("inactive", "21", "14")


def test_a_report_says_nothing_of_what_came_after_its_dates(reported: Reported) -> None:
    """Last access, version and inactivity are as of the last of the dates; who came later is not in it (R10)."""
    march = by_name(reported.rows(ReportType.USAGE_REPORT, Schema.Y2022))
    days = Days(Day(MARCH.since - 59), Day(MARCH.since - 31))
    january = by_name(reported.rows(ReportType.USAGE_REPORT, Schema.Y2022, days=days))

    assert (march["Ann"]["version"], march["Ann"]["last_accessed"]) == ("2026", "2026-03-10")
    assert (march["Cy van der"]["days_inactive"], march["Cy van der"]["last_accessed"]) == ("49", "")
    assert "Ben" not in january
    assert (january["Ann"]["last_accessed"], january["Dee"]["user_activity"]) == ("", "active")


def test_averages_divide_by_the_months_of_the_range(reported: Reported) -> None:
    """A rolling range divides by one month, another by the months it begins, half up to one decimal (T5, R10)."""
    days = Days(MARCH.since, MARCH.since + 32)  # type: ignore[arg-type]
    two = reported.rows(ReportType.USAGE_REPORT, Schema.Y2022, days=days)
    one = reported.rows(ReportType.USAGE_REPORT, Schema.Y2022, days=days, rolling=True)

    assert by_name(two)["Ann"]["monthly_average"] == "1.0"
    assert by_name(one)["Ann"]["monthly_average"] == "2.0"


def test_usage_is_the_answer_of_the_usage_api(reported: Reported) -> None:
    """Row for row in Farebox's own schema, and in sum in the others (domain R3)."""
    world = reported.world
    hand = {"tokens": "-5", "transactionDate": "2026-03-20", "reasonType": "Refund", "pool": "FLEX"}
    world.send(message("farebox.adjustment", "7", hand, time="2026-03-20 08:00"))
    project()
    where = "usageDate >= '2026-03-01' and usageDate <= '2026-03-31'"
    question = Question(fields=QUESTION_FIELDS, metrics=QUESTION_METRICS, where=where)
    api = answer(question, readable(world.flex_contract))

    own = reported.rows(ReportType.USAGE, Schema.FAREBOX_1)
    old = reported.rows(ReportType.USAGE, Schema.Y2025)
    asked = reported.rows(ReportType.TOKEN_USAGE, Schema.Y2025)

    name = own[0].index("name")
    assert own[0] == ["team", "contractNumber", *api.columns[: name - 2], "name", *api.columns[name - 2 :]]
    assert [row[2:name] + row[name + 1 :] for row in own[1:]] == [[str(cell) for cell in row] for row in api.rows]
    assert set(column(own, "name")) == {"Ann Ek", ""}
    total = sum(Decimal(str(row[-3])) for row in api.rows)
    assert total == sum(map(Decimal, column(own, "tokensConsumed")))
    assert total == sum(Decimal(cell or 0) for cell in column(old, "Tokens used"))
    assert total == sum(map(Decimal, column(asked, "Tokens used")))


def test_a_workbook_of_usage_opens_with_its_totals(reported: Reported) -> None:
    """By contract, product and named charge-back field, adjustments apart; each comes to the API's total (R1, R3)."""
    world = reported.world
    ContractField.objects.create(contract=world.flex_contract, position=3, name="Project")
    ContractField.objects.create(contract=world.ent_contract, position=1, name="team")
    hand = {"tokens": "-5", "transactionDate": "2026-03-20", "reasonType": "Refund", "pool": "FLEX"}
    bridge = event(
        "7", "ann@example.com", "B", "2026-03-12 08:00", "2026-03-12 09:00", attributes={"Project": "=Bridge"}
    )
    world.send(bridge, message("farebox.adjustment", "8", hand, time="2026-03-20 08:00"))
    announce_change()
    project()
    question = Question(metrics=("tokensConsumed",), where="usageDate >= '2026-03-01' and usageDate <= '2026-03-31'")
    both = [
        Decimal(str(answer(question, readable(one)).rows[0][0])) for one in (world.flex_contract, world.ent_contract)
    ]

    book = openpyxl.load_workbook(reported.made(ReportType.USAGE, format=Format.XLSX, contracts=()))
    summary = book["Summary"]
    lines_ = [row for row in summary.iter_rows(values_only=True) if any(row)]
    shares = {(row[0], row[1]): row[2] for row in lines_ if row[0] not in ("Total", "Adjustments by hand")}
    sheet = [cell.value for cell in book["Usage"][1]]

    assert (book.sheetnames, book.active) == (["About this file", "Summary", "Usage"], summary)
    assert [row[0] for row in lines_ if row[2] == "Tokens used"] == ["Team", "Product", "team", "Project"]
    assert [row[2] for row in lines_ if row[0] == "Total"] == [sum(both)] * 4
    assert [row[2] for row in lines_ if row[0] == "Adjustments by hand"] == [5] * 4
    assert shares["Flex team", world.flex_contract.number] == both[0] - 5
    assert shares["Enterprise team", world.ent_contract.number] == both[1]
    assert shares["Product B", "B"] == shares["=Bridge", None] > 0
    assert not any(cell.data_type == "f" or cell.hyperlink for row in summary.iter_rows() for cell in row)
    assert [name for name in sheet if name not in (*QUESTION_FIELDS, *QUESTION_METRICS)] == [
        "team", "contractNumber", "name", "customField1", "Project",
    ]  # fmt: skip


def test_a_report_without_rows_says_so(reported: Reported) -> None:
    """The first sheet names the reports in which nothing stands, and how far those with rows go is not said twice."""
    days = Days(Day(MARCH.since - 400), Day(MARCH.since - 390))
    types = (ReportType.USERS, ReportType.SEAT_USAGE)
    about = openpyxl.load_workbook(reported.made(*types, format=Format.XLSX, contracts=(), days=days)).worksheets[0]
    cells = {row[0]: row[1] for row in about.iter_rows(values_only=True)}

    assert cells["Without any row"] == "Seat usage"
    assert cells["Teams"] == "Enterprise team, Flex team"
    assert len(cells) == about.max_row


def test_seats_are_told_apart_from_tokens(reported: Reported) -> None:
    """Use over a seat has no tokens and is in no answer of the usage API; published schemas tell it (R9, story 13)."""
    old = reported.rows(ReportType.USAGE, Schema.Y2022, contracts=())
    seats = reported.rows(ReportType.SEAT_USAGE, Schema.Y2025)

    found = zip(column(old, "day_used"), column(old, "access_option"), column(old, "first_name"), strict=True)
    assert list(found) == [
        ("2026-03-02", "Flex", "Ann"),
        ("2026-03-05", "Subscription", "Ben"),
        ("2026-03-07", "Token Flex", "eve"),
        ("2026-03-10", "Flex", "Ann"),
    ]
    assert [row[1:] for row in seats[1:]] == [["ben@example.com", "Ben", "", "Product B", "", "Flex team", ""]]


def test_users_and_subscriptions_tell_how_things_stand(reported: Reported) -> None:
    """Who may open what, accounts included; what was bought, of which contract, until when."""
    users = reported.rows(ReportType.USERS, Schema.Y2025, contracts=())
    bought = reported.rows(ReportType.SUBSCRIPTIONS, Schema.Y2022, contracts=())

    assert {(row[1], *row[4:]) for row in users[1:]} == {
        ("ann@example.com", "User", "Flex", "Product A", "Flex team", "unclaimed"),
        ("ben@example.com", "User", "", "", "Flex team", "unclaimed"),
        ("cy@example.com", "User", "Flex", "Product A", "Flex team", "unclaimed"),
        ("dee@example.com", "User", "Flex", "All products", "Flex team", "unclaimed"),
        ("", "User", "", "", "Enterprise team", "unclaimed"),
        ("boss@example.com", "Primary admin", "", "", "Flex team", "active"),
        ("boss@example.com", "Primary admin", "", "", "Enterprise team", "active"),
    }
    assert [row[1] for row in bought[1:]] == ["Flex", "Token Flex"]
    assert bought[1][2:] == [
        reported.world.flex_contract.number, "1000", "active", "1 year", "2026-01-01", "2027-01-01", "", "", "",
        "Flex team",
    ]  # fmt: skip


@pytest.mark.parametrize("schema", list(Schema))
def test_one_team_that_hides_names_hides_everybody(reported: Reported, schema: Schema) -> None:
    """No name, address, login or id is in a report about several teams; pseudonyms of use stay (case 12, P1, P2)."""
    Team.objects.filter(pk=reported.world.ent.pk).update(names_hidden=True)

    path = reported.made(*OFFERED[schema], schema=schema, contracts=(), days=TWO_MONTHS)
    found = entries(path)
    text = "\n".join(",".join(row) for rows in found.values() for row in rows)

    said = [*(person.key for person in reported.people.values()), "Ann", "Öst", "Berg", "boss@example.com", "Boss"]
    assert [word for word in said if word in text] == []
    assert "Primary admin" not in text
    report = found[f"usage-report-{schema}.csv"]
    pseudonyms = {person.pseudonym for key, person in reported.people.items() if key != "cy"}
    assert set(column(report, "hashedUserId" if schema is Schema.FAREBOX_1 else report[0][0])) == pseudonyms
    if schema is Schema.FAREBOX_1:
        assert column(report, "userName") == column(report, "hashedUserId")
    else:
        assert {cell for row in report[1:] for cell in row[1:5]} == {"*****"}
    assert ExportRequest.objects.get().names_hidden


def test_a_workbook_has_typed_cells_and_says_what_it_is_about(reported: Reported) -> None:
    """The filters first, in the reader's language; then a sheet a report, whose columns are not translated."""
    path = reported.made(ReportType.USERS, ReportType.USAGE_REPORT, format=Format.XLSX, language="sv",
                         schema=Schema.Y2022, days=TWO_MONTHS)  # fmt: skip
    book = openpyxl.load_workbook(path)
    about, _, report = book.worksheets
    cells = {row[0]: row[1] for row in about.iter_rows(values_only=True)}
    row = ExportRequest.objects.get()

    assert book.sheetnames == ["Om den här filen", "Användare", "Användningsrapport"]
    assert [sheet.auto_filter.ref for sheet in book] == [None, "A1:H6", "A1:S5"]
    assert report.freeze_panes == "A2"
    assert list(cells.values()) == [
        "Flex team", reported.world.flex_contract.number, "Användare, Användningsrapport", "2026-03-01 – 2026-04-30",
        "2022", "Visas", datetime(2026, 6, 1), datetime(2026, 6, 1), row.position,  # noqa: DTZ001 -- as read
    ]  # fmt: skip
    assert [cell.value for cell in report[1]] == USAGE_REPORT.split(",")
    ann = dict(zip(USAGE_REPORT.split(","), (cell.value for cell in report[2]), strict=True))
    assert (ann["days_used"], ann["monthly_average"], ann["tokens_used"]) == (3, 1.5, 21)
    assert ann["last_accessed"] == datetime(2026, 4, 3)  # noqa: DTZ001 -- as a workbook has it
    assert ann["assigned_date"] == datetime(2026, 2, 10, 21, 20)  # noqa: DTZ001 -- likewise
    assert (ann["unassigned_date"], ann["group"]) == (None, None)
    assert row.file_name == "farebox-reports-flex-team-2026-03-01--2026-04-30-2022.xlsx"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_sheet_that_is_full_goes_on_in_another(reported: Reported, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part has the names of the columns, and no row is lost."""
    monkeypatch.setattr(workbook, "ROWS_MAX", 3)

    book = openpyxl.load_workbook(reported.made(ReportType.USERS, format=Format.XLSX))

    assert book.sheetnames == ["About this file", "Users", "Users (2)", "Users (3)"]
    heads = {tuple(cell.value for cell in sheet[1]) for sheet in book.worksheets[1:]}
    assert len(heads) == 1
    assert sum(sheet.max_row - 1 for sheet in book.worksheets[1:]) == 5


def test_everything_wrong_is_told_at_once(reported: Reported) -> None:
    """No report, one that the schema has not, no dates, and a contract that is not one's own."""
    contracts = reported.whose().contracts

    def refused(**said: Any) -> list[tuple[str, str]]:
        spec = Spec(**{"format": Format.CSV, "types": (), **said})
        with pytest.raises(Rejected) as error:
            export.request_report(reported.boss, contracts, spec, now=NOW)
        return [(problem.pointer, problem.code) for problem in error.value.problems]

    assert refused() == [("/types", "nothing_asked")]
    assert refused(types=(ReportType.TOKEN_USAGE,), schema=Schema.Y2022, contracts=("1",)) == [
        ("/types", "not_in_schema"), ("/days", "dates_needed"), ("/contracts", "unknown_contract"),
    ]  # fmt: skip
    assert refused(types=(ReportType.USAGE,), days=Days(MARCH.since, MARCH.since)) == [("/days", "dates_reversed")]
    assert not ExportRequest.objects.exists()


def test_the_same_asked_twice_is_one_file(reported: Reported) -> None:
    """A form that is sent twice makes one request; its key cannot ask for something else (I7)."""
    contracts = reported.whose().contracts
    spec = Spec(format=Format.CSV, types=(ReportType.USERS,))
    first, again = (export.request_report(reported.boss, contracts, spec, key="k", now=NOW) for _ in range(2))

    assert first.pk == again.pk
    with pytest.raises(Conflict):
        export.request_report(reported.boss, contracts, Spec(format=Format.XLSX, types=spec.types), key="k", now=NOW)


def account(name: str, roles: dict[Team, Role]) -> User:
    """Add somebody with roles."""
    return catalogue.add_account(f"{name}@example.com", "correct horse battery", name, roles=roles, now=NOW)


def test_rights_are_those_of_the_moment_at_which_it_is_made(reported: Reported) -> None:
    """Who lost one team of all gets a file about the rest; who lost the contract that was named gets a reason (T3)."""
    world = reported.world
    both = account("both", {world.flex: Role.SECONDARY, world.ent: Role.SECONDARY})
    everything = reported.ask(ReportType.USERS, user=both, contracts=())
    named = reported.ask(ReportType.USERS, user=both, contracts=(world.ent_contract.number,))
    Membership.objects.filter(user=both, team=world.ent).delete()

    Runner(now).run()
    named.refresh_from_db()

    rows = reported.opened(everything).path.read_text()
    assert "Flex team" in rows
    assert "Enterprise team" not in rows
    assert (named.state, named.reason) == (ExportState.FAILED, "who asked for it may no longer read this contract")
    assert everything.contract_id == world.flex_contract.pk
    assert not ExportTeam.objects.filter(export=everything).exists()


def test_a_file_about_two_teams_is_seen_by_who_may_see_both(reported: Reported) -> None:
    """Not by the primary administrator of one of them, and not by its owner once a team is lost (T3, matrix)."""
    world = reported.world
    Membership.objects.filter(user=reported.boss, team=world.flex).update(role=Role.SECONDARY)
    chief = account("chief", {world.flex: Role.PRIMARY})
    spanning = reported.ask(ReportType.USERS, contracts=())
    single = reported.ask(ReportType.USERS)
    Runner(now).run()

    seen = export.history(reported.whose(chief))
    assert [(one.key, one.own, one.owner, one.team) for one in seen] == [(single.key, False, "The Boss", "Flex team")]
    with pytest.raises(Rejected):
        export.made(reported.whose(chief), spanning.key)
    assert export.made(reported.whose(), spanning.key).teams == ("Enterprise team", "Flex team")
    flex_alone = Whose(reported.boss, [one for one in reported.whose().contracts if one.team_id == world.flex.pk], True)
    with pytest.raises(Rejected):
        export.find(flex_alone, spanning.key)


def test_a_history_tells_what_was_asked_and_what_became_of_it(reported: Reported, folder: Path) -> None:
    """What, when, how large, with names or not; it goes after 14 days, and can be made again."""
    reported.ask(ReportType.SUBSCRIPTIONS)
    reported.made(ReportType.USAGE, format=Format.XLSX)
    usage, bought = export.history(reported.whose())
    before = (usage.state, usage.percent, usage.has_names, bought.has_names, usage.size_bytes > 0)
    sweep(now=Instant(NOW + 14 * DAY))
    expired = export.made(reported.whose(), usage.key)
    left = list(folder.iterdir())
    export.retry(reported.whose(), usage.key)
    Runner(now).run()

    assert before == (ExportState.READY, 100, True, False, True)
    assert (usage.types, usage.format, usage.schema, usage.days) == (
        (ReportType.USAGE,), Format.XLSX, Schema.FAREBOX_1, MARCH,
    )  # fmt: skip
    assert (expired.state, left) == (ExportState.EXPIRED, [])
    assert export.made(reported.whose(), usage.key).state is ExportState.READY


@pytest.mark.parametrize("format_", list(Format))
def test_a_file_that_is_not_wanted_any_more_leaves_nothing(
    reported: Reported, folder: Path, monkeypatch: pytest.MonkeyPatch, format_: Format
) -> None:
    """Deleted while it is written, in whatever form, neither the file stays nor what waited for it (usage-api 6.5)."""
    row = reported.ask(ReportType.USAGE, ReportType.USERS, format=format_)
    honest = Part.write

    def then(part: Part, lines: bytes) -> None:
        honest(part, lines)
        monkeypatch.setattr(Part, "write", honest)
        export.delete(reported.whose(), row.key, now=NOW)

    monkeypatch.setattr(Part, "write", then)
    Runner(now).run()

    assert not ExportRequest.objects.exists()
    assert list(folder.iterdir()) == []


def test_room_is_looked_at_in_every_form(reported: Reported, folder: Path, settings: Settings) -> None:
    """A team without room gets a reason and no file; what a killed writer left is swept away."""
    rows = [reported.ask(ReportType.USERS, ReportType.USAGE, format=one) for one in Format]
    settings.EXPORT_MEGABYTES = 0
    Runner(now).run()
    waiting = folder / f"{rows[0].pk}.7.room"
    waiting.mkdir()
    (waiting / "rows").write_bytes(b"x")

    assert {row.reason[:29] for row in ExportRequest.objects.all()} == {"the team's export files may t"}
    assert sweep(now=NOW) == 1
    assert list(folder.iterdir()) == []


def test_a_file_shows_one_moment(reported: Reported) -> None:
    """What is used while it is made is in none of its reports; the row says which moment it is (R4)."""
    position = reported.ask(ReportType.USERS).position
    path = reported.made(ReportType.USAGE, ReportType.USAGE_REPORT, schema=Schema.Y2025)
    row = ExportRequest.objects.latest("pk")
    about = {cells[0]: cells[1] for cells in entries(path)["filters-2025.csv"]}

    assert position == 0
    assert about["Ledger position"] == str(row.position)
    assert about["Usage as of"] == "2026-06-01T00:00:00Z"
    assert row.rows_written == sum(len(rows) - 1 for name, rows in entries(path).items() if "filters" not in name)


def test_names_that_a_spreadsheet_would_run_are_text(reported: Reported) -> None:
    """A person called like a formula is neutralised in CSV, and text in a workbook (quality: CSV row)."""
    evil = "=HYPERLINK(0) @x"
    catalogue.add_person(reported.world.flex, "eve@example.com", evil, now=NOW)
    reported.world.send(event("9", "eve@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))
    project()

    rows = reported.rows(ReportType.USERS, Schema.FAREBOX_1)
    sheet = openpyxl.load_workbook(reported.made(ReportType.USERS, format=Format.XLSX))["Users"]

    assert f"'{evil}" in column(rows, "name")
    found = [cell for row in sheet.iter_rows() for cell in row if cell.value == evil]
    assert [cell.data_type for cell in found] == ["s"]
