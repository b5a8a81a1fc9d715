"""The forms of files of reports: whatever stands in the cells, nothing runs and nothing is lost (quality: CSV row)."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import settings as drawing
from hypothesis import strategies as st
from tests.drawn import few
from tests.world import NOW

from farebox.domain.report_files import Format, ReportType, Spec
from farebox.query.present import Cell, neutralised
from farebox.services.export.reports.book import Book
from farebox.services.export.reports.columns import COLUMNS, Column, Kind
from farebox.services.export.reports.sections import Section
from farebox.services.export.reports.used import average
from farebox.services.export.reports.writers import writing

COLUMN = (Column("cell", "", Kind.TEXT),)
STARTS = ("", "=", "+", "-", "@", "\t=", "\r", "\n", "\0", "＝", "＠", " =", "\u200b=", "\ufeff-", "=cmd|'/c calc'!A0")
TEXTS = st.builds(str.__add__, st.sampled_from(STARTS), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))


class Kept:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.content = bytearray()

    def write(self, part: bytes) -> int:
        """Keep a part."""
        self.content += part
        return len(part)


def written(cells: list[Cell], format_: Format, folder: Path) -> bytes:
    """Write a file of one report with one column."""
    rows = iter([(cell,) for cell in cells])
    book = Book(
        spec=Spec(format=format_, types=(ReportType.USERS,)),
        sections=[Section(type=ReportType.USERS, columns=COLUMN, expected=len(cells), rows=rows)],
        about=[("Team", "=team")],
        title="About this file",
        sheets=["Users"],
        made=NOW,
        position=1,
        as_of=NOW,
        names_hidden=False,
    )
    kept = Kept()
    with writing(book, kept, folder) as writer:
        for chunk in book.chunks():
            writer.write(chunk)
    return bytes(kept.content)


@given(texts=st.lists(TEXTS, min_size=1, max_size=20))
@drawing(max_examples=few(60))
def test_no_text_runs_in_a_workbook(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every cell is a text, no sheet has a formula or a link, and what can be written is read back as it was."""
    book = openpyxl.load_workbook(io.BytesIO(written([*texts], Format.XLSX, tmp_path_factory.getbasetemp())))

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)
    plain = [text for text in texts if text.isprintable() and text]
    found = [cell.value for cell in book["Users"]["A"][1:]]
    assert [value for value in found if value in plain] == [text for text in texts if text in plain]


@given(texts=st.lists(TEXTS, min_size=1, max_size=20))
def test_no_text_runs_in_a_csv_file(texts: list[str]) -> None:
    """What a spreadsheet would run is led by an apostrophe; a reader of CSV gets the rest as it was (RFC 4180)."""
    content = written([*texts], Format.CSV, Path())

    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert [row[0] if row else "" for row in rows] == ["cell", *map(neutralised, texts)]


def test_numbers_and_dates_are_typed(tmp_path: Path) -> None:
    """Whole and broken numbers, days and moments; a number beyond a spreadsheet's digits is a text, whole."""
    cells: list[Cell] = [
        7, -3, Decimal("0.1"), Decimal("123456789.123456"), Decimal("9007199254740993"), 12345678901234567,
        date(2026, 3, 1), datetime(2026, 3, 1, 8, 9, 10, tzinfo=UTC), None, "",
    ]  # fmt: skip

    sheet = openpyxl.load_workbook(io.BytesIO(written(cells, Format.XLSX, tmp_path)))["Users"]
    lines = written(cells, Format.CSV, tmp_path).decode().splitlines()

    found = [cell.value for cell in sheet["A"][1:]]
    assert found == [
        7, -3, 0.1, 123456789.123456, "9007199254740993", "12345678901234567",
        datetime(2026, 3, 1), datetime(2026, 3, 1, 8, 9, 10),  # noqa: DTZ001 -- as a workbook has them
    ]  # fmt: skip
    assert sheet["A9"].is_date
    assert lines[1:] == [
        "7", "-3", "0.1", "123456789.123456", "9007199254740993", "12345678901234567", "2026-03-01",
        "2026-03-01T08:09:10Z", '""', '""',
    ]  # fmt: skip


@given(days=st.integers(0, 4_000), months=st.integers(1, 120))
def test_an_average_has_one_decimal_half_up(days: int, months: int) -> None:
    """Whatever is divided, it is off by a twentieth at most, and a half goes up (domain R10)."""
    found = average(days, months)

    assert f"{found:f}".partition(".")[2].isdecimal()
    assert len(f"{found:f}".partition(".")[2]) == 1
    assert -months < 20 * (found * months - days) <= months


def test_no_schema_changes() -> None:
    """The columns of each version are what they always were: macros name them."""
    said = {(schema, one): ",".join(c.header for c in columns) for schema, all_ in COLUMNS.items()
            for one, columns in all_.items()}  # fmt: skip

    assert said == {(schema, one): headers for (schema, one), headers in _SCHEMAS.items()}


_BY_DAY = "Day used,Email,First name,Last name,Product,Feature,Team,Tokens used"
_SCHEMAS = {
    ("farebox-1", "subscriptions"): "team,contractNumber,tokenPool,subscriptionId,orderNumber,startDate,endDate,status,"
    "tokensBought,tokensLeft,tokensReserved",
    ("farebox-1", "users"): "team,userName,hashedUserId,name,role,accountStatus,accessOption,productLineCode,"
    "productName,since",
    ("farebox-1", "usage-report"): "team,userName,hashedUserId,productLineCode,productName,productVersion,"
    "seatAssignment,assignedDate,unassignedDate,userActivity,daysInactive,accessOption,daysUsed,monthlyAverage,"
    "tokensConsumed,lastAccessed",
    ("farebox-1", "seat-usage"): "team,contractNumber,usageDate,userName,hashedUserId,productLineCode,productName,"
    "productVersion,accessOption,usageHours",
    ("2022", "subscriptions"): "subscription_id,offering_name,contract_number,seat_quantity,subscription_status,term,"
    "start_date,end_date,autorenew_date,reseller_name,reseller_email,team_alias",
    ("2022", "users"): "autodesk_id,email,first_name,last_name,role,offering_name,product_name,team_alias",
    ("2022", "usage"): "day_used,offering_name,product_name,version,access_option,hashed_autodesk_id,team_alias,"
    "autodesk_id,email,first_name,last_name",
    ("2022", "usage-report"): "hashed_autodesk_id,first_name,last_name,email,autodesk_id,team_alias,group,"
    "offering_name,version,seat_assignment,assigned_date,unassigned_date,user_activity,days_inactive,access_option,"
    "days_used,monthly_average,tokens_used,last_accessed",
    ("2025", "subscriptions"): "Subscription ID,Offering,Contract number,Seat quantity,Subscription status,Term,"
    "Start date,End date,Autorenew date,Reseller name,Reseller email,Team",
    ("2025", "users"): "Autodesk ID,Email,First name,Last name,Role,Offering,Product,Team,Account status",
    ("2025", "usage"): "Day used,Product,Feature,Version,Access option,Hashed Autodesk ID,Tokens used,Team,"
    "Autodesk ID,Email,First name,Last name",
    ("2025", "usage-report"): "Hashed Autodesk ID,First name,Last name,Email,Autodesk ID,Team,Group,Product,Version,"
    "Seat assignment,Assigned date,Unassigned date,User activity,Days inactive,Access option,Days used,"
    "Monthly average,Tokens used,Last accessed",
    ("2025", "token-usage"): _BY_DAY,
    ("2025", "seat-usage"): _BY_DAY,
}
