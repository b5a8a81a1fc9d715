"""Cells of answers: exact numbers, JSON, and CSV that no spreadsheet runs (usage-api 5.4, 6.10; quality)."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.ids import charged_item_id
from farebox.query.plan import Asker, Plan, Question, make_plan
from farebox.query.present import Raw, cells, csv_lines, json_rows, labels, neutralised
from farebox.query.rules import Surface

ASKER = Asker(contract_id=1, names_hidden=False, custom_names=("Geo",))


def export(fields: str, metrics: str = "", categories: tuple[str, ...] = ("DESKTOP_PRODUCT",)) -> Plan:
    """Plan an export."""
    question = Question(fields=tuple(fields.split()), metrics=tuple(metrics.split()), usage_categories=categories)
    return make_plan(question, ASKER, Surface.EXPORT)


@pytest.mark.parametrize(
    ("metric", "raw", "number", "json"),
    [
        ("tokensConsumed", 46_000_000, 46, b"46"),
        ("tokensConsumed", 500_000, Decimal("0.5"), b"0.5"),
        ("tokensConsumed", -12_250_001, Decimal("-12.250001"), b"-12.250001"),
        ("tokensConsumed", 10**25 + 1, Decimal("10000000000000000000.000001"), b"10000000000000000000.000001"),
        ("usageMinutes", 60_000_000, 1, b"1"),
        ("usageMinutes", 217_000_000, Decimal("3.616667"), b"3.616667"),
        ("usageMinutes", 30, Decimal("0.000001"), b"0.000001"),
        ("usageMinutes", 29, 0, b"0"),
        ("usageHours", 5_400_000_000, Decimal("1.5"), b"1.5"),
        ("tokensConsumed", 0, 0, b"0"),
    ],
)
def test_numbers_are_exact(metric: str, raw: int, number: int | Decimal, json: bytes) -> None:
    """Tokens keep every millionth; minutes and hours have six decimals, half up; whole numbers are whole."""
    plan = export("userName", metric)
    ((_, cell),) = json_rows(plan, [("ann", raw)])

    assert cell == number
    assert msgspec.json.Encoder(decimal_format="number").encode(cell) == json


def test_fields_are_written_in_their_forms() -> None:
    """Dates and moments have no zone, offsets are ±H:MM, what is missing is empty, the contract year is a number."""
    plan = export(
        "usageDate usageMonth contractYear chargedItemID sessionStartDate sessionEndDate licenseServerTimeZoneOffset "
        "usageType"
    )
    row: tuple[Raw, ...] = (
        date(2025, 3, 4), datetime(2025, 3, 1), 2, 42, 1_741_079_520_000_000, None, 19_800, "Normal",  # noqa: DTZ001
    )  # fmt: skip

    assert list(json_rows(plan, [row, (*row[:6], -28_800, "")])) == [
        ("2025-03-04", "2025-03-01", 2, charged_item_id(42), "2025-03-04T09:12:00", "", "+5:30", "Normal"),
        ("2025-03-04", "2025-03-01", 2, charged_item_id(42), "2025-03-04T09:12:00", "", "-8:00", ""),
    ]
    assert next(cells(plan, [row]))[:6] == (
        date(2025, 3, 4), date(2025, 3, 1), 2, charged_item_id(42), datetime(2025, 3, 4, 9, 12), None,  # noqa: DTZ001
    )  # fmt: skip


def test_labels_are_for_translation_but_own_names_stay() -> None:
    """A column is labelled by its declaration, or by the contract's own name where that was asked for."""
    assert labels(export("Geo customField2 userName", "tokensConsumed")) == (
        "Geo", "Custom field 2", "User", "Tokens",
    )  # fmt: skip


def test_a_csv_file_reads_like_this() -> None:
    """The header is the names asked for; lines end in CR LF; texts are quoted where needed and neutralised."""
    plan = export("userName usageDate licenseServerTimeZoneOffset", "tokensConsumed")
    rows = [('=1+"1"', date(2025, 3, 4), -28_800, -500_000), ("a,b\nc", date(2025, 3, 5), None, 7_000_000)]

    assert "".join(csv_lines(plan, rows)) == (
        "userName,usageDate,licenseServerTimeZoneOffset,tokensConsumed\r\n"
        '"\'=1+""1""",2025-03-04,-8:00,-0.5\r\n'
        '"a,b\nc",2025-03-05,,7\r\n'
    )


@pytest.mark.parametrize(
    "text",
    ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "\0x", "＝1", "＋1", "－1", "＠x", " =1", "\u200b=1", "\ufeff =1",
     "\u3000\u200b+1", "\u00a0=cmd|' /C calc'!A0"],
)  # fmt: skip
def test_a_text_that_a_spreadsheet_would_run_is_neutralised(text: str) -> None:
    """Whatever could start a formula, also after blanks and unseen signs, is led by an apostrophe."""
    assert neutralised(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "ann", "a=1", "1-2", "Malmö", "'x", "[x]"])
def test_a_harmless_text_stays_as_it_is(text: str) -> None:
    """Nothing else is changed."""
    assert neutralised(text) == text


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_every_csv_can_be_read_back(texts: list[tuple[str, str]]) -> None:
    """A CSV reader gets every text back, neutralised, whatever is in it."""
    plan = export("userName machineName")
    lines = "".join(csv_lines(plan, texts))

    read = list(csv.reader(io.StringIO(lines, newline=""), strict=True))

    assert read[0] == ["userName", "machineName"]
    assert read[1:] == [[neutralised(text) for text in row] for row in texts]
