"""Tables of reports: what is found, in which order, on which page, and what the files of them hold (domain R3)."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.utils import translation
from django.utils.translation import gettext
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few

from farebox.domain.amounts import MICRO
from farebox.domain.clock import day
from farebox.domain.clock import instant as as_instant
from farebox.web.files import About, csv_text, xlsx_bytes
from farebox.web.question import Offers, Question, read
from farebox.web.report import order
from farebox.web.tables import ROWS_A_PAGE, Cell, Column, Kind, Many, Row, Table, arranged, page_of, piece, sheet

TODAY = day(date(2026, 11, 21))
OFFERS = Offers(sorts=("-tokensConsumed", "name", "change"))
COLUMNS = (
    Column(name="name", label="Name"),
    Column(name="tokensConsumed", label="Tokens", kind=Kind.TOKENS),
    Column(name="change", label="Change", kind=Kind.CHANGE),
    Column(name="seen", label="Last seen", kind=Kind.DAY),
    Column(name="team", label="Team", shown=False),
)
NOON = as_instant(datetime(2026, 11, 21, 12, 30, 15, 250_000, tzinfo=UTC))


def asked(**params: str) -> Question:
    """Read a question to the table."""
    return read(params, today=TODAY, offers=OFFERS)


def row(name: str, tokens: int, change: int | None = None, *, note: str = "", team: str = "North") -> tuple[Cell, ...]:
    """Make a row of whole tokens."""
    return Cell(name, note=note), Cell(tokens * MICRO), Cell(change), Cell(TODAY), Cell(team)


def table(*rows: tuple[Cell, ...]) -> Table:
    """Make a table of rows."""
    return Table(key="people", title="People", columns=COLUMNS, rows=rows, sorts=OFFERS.sorts, empty="Nobody.")


PEOPLE = table(row("Élodie", 5, 120, note="elodie@example.com"), row("bo", 12), row("Ann", 7, -300), row("Åsa", 7, 0))


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("", ["bo", "Ann", "Åsa", "Élodie"]),
        ("tokensConsumed", ["Élodie", "Ann", "Åsa", "bo"]),
        ("name", ["Ann", "Åsa", "bo", "Élodie"]),
        ("-name", ["Élodie", "bo", "Åsa", "Ann"]),
        ("change", ["Ann", "Åsa", "Élodie", "bo"]),
        ("-change", ["Élodie", "Åsa", "Ann", "bo"]),
    ],
)
def test_rows_are_sorted_as_the_address_says(sort: str, names: list[str]) -> None:
    """Numbers and names either way, accents apart; equal ones keep the table's order, what is missing comes last."""
    assert [cells[0].value for cells in arranged(PEOPLE, asked(sort=sort))] == names


@pytest.mark.parametrize(
    ("search", "names"),
    [("ann", ["Ann"]), ("ELODIE@", ["Élodie"]), ("elodie", ["Élodie"]), ("asa", ["Åsa"]), ("north", []), ("7", [])],
)
def test_the_search_finds_what_is_shown(search: str, names: list[str]) -> None:
    """Names and their second lines are found in any case and without accents; what is not shown is not (P1)."""
    shown = piece(PEOPLE, asked(q=search))

    assert [cells[0].text for cells in shown.rows] == names
    assert shown.whole == "?"


def test_a_page_has_fifty_rows_and_the_ways_to_the_others() -> None:
    """Pages follow each other and share search and order; one beyond the last is the last."""
    many = table(*(row(f"p{n:03}", n) for n in range(120)))

    second, far = piece(many, asked(page="2", sort="name")), piece(many, asked(page="99"))

    assert (second.first, second.last, second.found, second.pages) == (51, 100, 120, 3)
    assert second.rows[0][0].text == "p050"
    assert (second.before, second.after) == ("?sort=name", "?sort=name&page=3")
    assert (far.page, len(far.rows), far.after) == (3, 120 - 2 * ROWS_A_PAGE, "")


def test_heads_sort_and_turn_round() -> None:
    """A head leads to its order, the largest numbers and the first names first, and back; it says what it is now."""
    heads = {head.label: head for head in piece(PEOPLE, asked()).heads}

    assert (heads["Tokens"].order, heads["Tokens"].href) == ("descending", "?sort=tokensConsumed")
    assert (heads["Name"].order, heads["Name"].href) == ("", "?sort=name")
    assert heads["Change"].href == "?sort=-change"
    assert heads["Last seen"].href == ""
    assert "Team" not in heads


def test_a_file_has_all_that_the_page_shows_on_all_its_pages() -> None:
    """The file has every row of the search, in the order of the page, with the names of the API and exact numbers."""
    many = table(*(row(f"p{n:03}", n, 125, team="=1+1") for n in range(60)))

    lines = list(csv.reader(io.StringIO(csv_text(sheet(many, asked(sort="name", q="p0", page="2"))))))

    assert lines[0] == ["name", "tokensConsumed", "change", "seen", "team"]
    assert lines[1] == ["p000", "0", "12.5", "2026-11-21", "'=1+1"]
    assert len(lines) == 61


NUMBERS = st.integers(-(10**19), 10**19)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30)


@given(st.lists(st.tuples(TEXTS, NUMBERS), max_size=5))
@settings(max_examples=few(60), deadline=None)
def test_a_spreadsheet_has_typed_cells_and_runs_nothing(rows: list[tuple[str, int]]) -> None:
    """Read back, texts are texts, dates dates, numbers exact, and there is no formula (quality: spreadsheet export)."""
    found = sheet(table(*((Cell(name), Cell(micro), Cell(5), Cell(TODAY), Cell("")) for name, micro in rows)), asked())

    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes([found], About((("Report", "=1+1"),), ("r",)))))
    cover, page = book.worksheets
    read_back = list(page.iter_rows(min_row=2))

    assert [cell.data_type for line in cover.iter_rows() for cell in line] == ["s", "s"]
    assert len(read_back) == len(rows)
    for line, values in zip(read_back, found.rows, strict=True):
        assert "f" not in [cell.data_type for cell in line]
        assert (line[0].value or "") == values[0]
        assert isinstance(values[1], int)
        assert Decimal(str(line[1].value)) == Decimal(values[1]) / MICRO
        assert line[3].value == datetime(2026, 11, 21)  # noqa: DTZ001 -- a cell of a spreadsheet has no zone


def test_a_moment_is_one_in_every_file() -> None:
    """A moment is a date with a time in a spreadsheet, and ISO in CSV, both to the second and in UTC."""
    columns = (Column(name="endDate", label="End", kind=Kind.MOMENT),)
    found = sheet(Table(key="packs", title="Packs", columns=columns, rows=((Cell(NOON),), (Cell(None),))), asked())

    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes([found], About((), ("r",)))))
    cell = book.worksheets[1]["A2"]

    assert csv_text(found).splitlines()[1:] == ["2026-11-21T12:30:15Z", '""']
    assert (cell.is_date, cell.value, cell.number_format) == (
        True,
        datetime(2026, 11, 21, 12, 30, 15),  # noqa: DTZ001 -- a cell of a spreadsheet has no zone
        "yyyy-mm-dd hh:mm:ss",
    )


SHEETS = (
    "Packs", "Packs that ended within a year", "Token events, last 90 days", "Days with use", "Products", "Users",
    "Products of each user", "Distribution", "Versions", "Products used", "Days used each week", "Days by version",
    "Tokens over time", "About this file",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "sv", "fr", "ja"])
def test_no_name_of_a_sheet_is_cut(language: str) -> None:
    """A spreadsheet takes 31 signs: what the pages call their tables is no longer in any language."""
    with translation.override(language):
        names = [gettext(name) for name in SHEETS]

    assert [name for name in names if len(name) > 31] == []


def test_a_file_says_its_order_in_words() -> None:
    """The order of the first table is its column and which way; that of no column is not said."""
    assert order([PEOPLE], "-tokensConsumed") == "Tokens, descending"
    assert order([PEOPLE], "name") == "Name, ascending"
    assert order([PEOPLE], "") == order([], "-name") == ""


RECORDS = st.lists(st.tuples(st.sampled_from(["Ann", "bo", "Åsa", ""]), st.integers(-9, 99)), max_size=120)
ASKED = st.fixed_dictionaries(
    {
        "sort": st.sampled_from(["", "name", "-name", "tokensConsumed"]),
        "q": st.sampled_from(["", "an", "asa", "12"]),
        "page": st.sampled_from(["1", "2", "9"]),
    }
)


@settings(max_examples=few(60))
@given(RECORDS, ASKED)
def test_rows_made_when_they_are_shown_are_those_made_before(
    records: list[tuple[str, int]], params: dict[str, str]
) -> None:
    """Page and file are the same, and no row is made that is not on the page; an order found before is kept."""
    made: list[tuple[str, int]] = []

    def make(record: tuple[str, int]) -> Row:
        made.append(record)
        return row(*record, note=str(record[1]))

    late = Many(
        records=records,
        make=make,
        values={
            "name": lambda one: one[0],
            "tokensConsumed": lambda one: one[1] * MICRO,
            "change": lambda one: None,
            "seen": lambda one: TODAY,
            "team": lambda one: "North",
        },
        texts={"name": lambda one: (one[0], str(one[1]))},
    )
    question = asked(**params)
    many = Table(key="people", title="People", columns=COLUMNS, rows=late, sorts=OFFERS.sorts)
    ready = replace(many, rows=tuple(row(*record, note=str(record[1])) for record in records))
    ordered = replace(many, rows=replace(late, order=arranged(many, question)))

    assert sheet(many, question) == sheet(ready, question) == sheet(ordered, question)
    assert made == []
    assert piece(many, question).rows == piece(ready, question).rows == piece(ordered, question).rows
    assert made == 2 * list(page_of(arranged(many, question), question))
