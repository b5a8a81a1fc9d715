"""Figures say in words and in a table what their picture shows, in the reader's language."""

from __future__ import annotations

from datetime import date
from xml.etree.ElementTree import fromstring

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from farebox.domain.amounts import MICRO, tokens
from farebox.domain.clock import Day, day
from farebox.domain.periods import Days, months_of, weeks_in
from farebox.web import figures, present
from farebox.web.charts import Mark
from farebox.web.figures import Figure, Item, Series, Week, Words
from farebox.web.places import TICKS_MAX, places, ticks

SUMMER = Days(day(date(2025, 11, 15)), day(date(2026, 3, 1)))


def words(**more: object) -> Words:
    """Return the words of a figure, with what a test adds."""
    return Words(**{"key": "k", "title": "Tokens", "place": "Month", "value": "Users", **more})  # type: ignore[arg-type]


def said(figure: Figure) -> list[list[str]]:
    """Return the table of a figure, its heads first, with plain spaces."""
    rows = [[plain(place), *(cell.text for cell in cells)] for place, cells in figure.rows]
    return [[head.text for head in figure.heads], *rows]


def name(figure: Figure) -> str:
    """Return what the picture is called."""
    return plain(fromstring(figure.picture).attrib["aria-label"])


def plain(text: str) -> str:
    """Return a text with ordinary spaces for the thin ones of its dates."""
    return text.replace("\u2009", " ")


def one_by_one(first: date, days: int) -> list[Days]:
    """Return some days, each by itself."""
    return [Days(Day(on), Day(on + 1)) for on in range(day(first), day(first) + days)]


def test_bars_are_a_row_each() -> None:
    """Bars name the highest, and their table has a row each; nothing is left out, zero neither."""
    shown = figures.bars(words(title="Users by version", place="Version"), [Item("2026", 3), Item("2025", 0)])

    assert said(shown) == [["Version", "Users"], ["2026", "3"], ["2025", "0"]]
    assert name(shown) == "Bar chart: Users by version. Highest: 3, 2026."
    assert shown.reach.startswith("Users by version. Up and down arrow keys")


def test_a_histogram_counts_people_by_band() -> None:
    """Amounts become bands with their bounds in whole tokens (domain R5)."""
    shown = figures.histogram(words(place="Tokens"), [tokens("7"), tokens("100.1"), tokens("499"), tokens("1000")])

    assert said(shown) == [["Tokens", "Users"], ["0–100", "1"], ["101–500", "2"], ["501–1,000", "1"]]


def test_columns_have_a_total_beside_their_series() -> None:
    """Several series have a total and a legend; what is nothing at a place is not read out there."""
    series = [Series("A", (7 * MICRO, 0, 0, 0)), Series("B", (MICRO // 2, MICRO, 0, 0))]

    shown = figures.columns(words(dates="winter"), months_of(SUMMER), series, write=figures.tokens)

    assert said(shown)[:3] == [
        ["Month", "A", "B", "Total"],
        ["Nov 15 – 30, 2025", "7", "0.5", "7.5"],
        ["December 2025", "0", "1", "1"],
    ]
    assert [cell.is_quiet for cell in shown.rows[1][1]] == [True, False, False]
    assert name(shown) == "Column chart: Tokens, winter. Highest: 7.5, Nov 15 – 30, 2025."
    assert [label for _sign, label in shown.legend] == ["A", "B"]


def test_one_series_needs_no_legend() -> None:
    """A single series is headed by what its numbers are, and says zero where it is nothing."""
    shown = figures.columns(words(), months_of(SUMMER), [Series("A", (1, 0, 2, 3))], write=present.count)

    assert said(shown)[:3] == [["Month", "Users"], ["Nov 15 – 30, 2025", "1"], ["December 2025", "0"]]
    assert shown.legend == ()
    assert not shown.rows[1][1][0].is_quiet


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "3 of 7 days"), ("sv", "3 av 7 dagar"), ("fr", "3 sur 7 jours"), ("ja", "7 日中 3 日")],
)
def test_a_week_says_its_days(language: str, written: str) -> None:
    """Each week says n of m days, also where the range cuts it, in each language (domain R6)."""
    with translation.override(language):
        pieces = weeks_in(Days(day(date(2026, 8, 1)), day(date(2026, 8, 12))))
        shown = figures.weeks(words(), [Week(days, used) for days, used in zip(pieces, (2, 3, 0), strict=True)])

        assert [days.until - days.since for days in pieces] == [2, 7, 2]
        assert said(shown)[2][1] == written
        assert figures.of_days(5, 11) in name(shown)


def test_parts_of_a_whole_add_up_in_the_table() -> None:
    """A stacked bar says each of its parts and their sum."""
    parts = [Series("Left", (3, 0)), Series("Used", (1, 2))]

    shown = figures.shares(words(place="Pack"), ["p1", "p2"], parts)

    assert said(shown) == [["Pack", "Left", "Used", "Total"], ["p1", "3", "1", "4"], ["p2", "0", "2", "2"]]
    assert name(shown) == "Stacked bars: Tokens. Parts: Left, Used."


def test_a_line_says_what_is_expected() -> None:
    """Places ahead are dashed, named in the legend, and marked as expected in the table; events stand beside."""
    pieces = one_by_one(date(2026, 8, 1), 3)

    shown = figures.line(
        words(place="Date", value="Left", events="Packs"),
        pieces,
        [10, 8],
        write=present.count,
        ahead=[6],
        marks=[Mark(1, "purchased", "Bought: 5")],
    )

    assert said(shown) == [
        ["Date", "Left", "Packs"],
        ["Sat, Aug 1, 2026", "10", ""],
        ["Sun, Aug 2, 2026", "8", "Bought: 5"],
        ["Mon, Aug 3, 2026", "6 (expected)", ""],
    ]
    drawn = {
        line.attrib["class"]: line.attrib["points"]
        for line in fromstring(shown.picture).iter()
        if "points" in line.attrib
    }
    assert drawn["daily only"].split()[-1] == drawn["ahead"].split()[0]
    assert [label for _sign, label in shown.legend] == ["Left", "Expected", "Tokens bought"]
    assert name(shown) == "Line chart: Tokens. Highest: 10, Sat, Aug 1, 2026. Last: 8."


def test_no_numbers_are_said_in_words() -> None:
    """Without numbers a figure has a sentence and no picture, whatever its kind."""
    pieces = months_of(SUMMER)
    none = [
        figures.bars(words(empty="Nobody yet."), []),
        figures.histogram(words(empty="Nobody yet."), []),
        figures.shares(words(empty="Nobody yet."), [], []),
        figures.columns(words(empty="Nobody yet."), pieces, [], write=present.count),
        figures.weeks(words(empty="Nobody yet."), []),
        figures.line(words(empty="Nobody yet."), [], [], write=present.count),
    ]

    for shown in none:
        page = render_to_string("_figure.html", {"figure": shown})
        assert "Nobody yet." in page
        assert "<svg" not in page
    assert "nothing to draw" in render_to_string("_figure.html", {"figure": figures.bars(words(), [])})


def test_a_figure_is_whole_without_scripts() -> None:
    """The page holds picture and table; texts from outside stay texts, and ids bear the key of the figure."""
    shown = figures.bars(words(key="versions", title="<b>", level=3), [Item("<script>", 1)])

    page = render_to_string("_figure.html", {"figure": shown})

    assert "<script>" not in page
    assert "<h3>&lt;b&gt;</h3>" in page
    assert page.count("&lt;script&gt;") >= 3
    assert 'id="versions-fill-0"' in page
    assert "style=" not in page


def test_labels_under_a_plot_are_few() -> None:
    """However many places there are, labels have room: a dozen at most, every second one dispensable."""
    for pieces in (one_by_one(date(2025, 12, 1), 365), one_by_one(date(2026, 1, 1), 30), list(months_of(SUMMER))):
        found = ticks(pieces)
        assert len(found) <= TICKS_MAX
        assert len([tick for tick in found if not tick.spare]) <= TICKS_MAX // 2
        assert found[0].under
    year = ticks(one_by_one(date(2025, 12, 10), 365))
    assert [(tick.label, tick.under) for tick in year][:2] == [("Jan 1", "2026"), ("Feb 1", "")]
    assert len(year) == 12
    assert [tick.under for tick in ticks(months_of(SUMMER))] == ["2025", "", "2026", ""]


def test_places_are_named_as_they_are() -> None:
    """Whole months by their name, days by their date, weeks and what is cut by both ends."""
    assert [place.label for place in places(months_of(SUMMER))] == ["Nov", "Dec", "Jan", "Feb"]
    assert [plain(place.name) for place in places(weeks_in(Days(day(date(2026, 7, 27)), day(date(2026, 8, 4)))))] == [
        "Jul 27 – Aug 2, 2026",
        "Mon, Aug 3, 2026",
    ]
    assert [place.label for place in places(one_by_one(date(2026, 7, 31), 2))] == ["Jul 31", "Aug 1"]
