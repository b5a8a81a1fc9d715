"""The URL of a report page says its whole question, and a wrong one is told everything at once (domain T4)."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.clock import Day, day
from farebox.domain.errors import Problem, Rejected
from farebox.domain.periods import Months
from farebox.web.question import ALL, Basis, By, Format, Offers, Question, Range, read

TODAY = day(date(2026, 11, 21))
OFFERS = Offers(tabs=("summary", "product"), sorts=("-tokens", "name"))


def dates(params: dict[str, str], today: Day = TODAY) -> tuple[str, str]:
    """Read a question and return its first and last date."""
    found = read(params, today=today, offers=OFFERS)
    return found.first.isoformat(), found.last.isoformat()


def codes(params: dict[str, str]) -> list[tuple[str, str]]:
    """Return what is wrong with the parameters, as (pointer, code)."""
    with pytest.raises(Rejected) as refused:
        read(params, today=TODAY, offers=OFFERS)
    return [(problem.pointer, problem.code) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ("2026-10-23", "2026-11-21")),
        ({"range": "30d"}, ("2026-10-23", "2026-11-21")),
        ({"range": "3m"}, ("2026-08-01", "2026-10-31")),
        ({"range": "6m"}, ("2026-05-01", "2026-10-31")),
        ({"range": "9m"}, ("2026-02-01", "2026-10-31")),
        ({"range": "12m"}, ("2025-11-01", "2026-10-31")),
        ({"range": "custom", "since": "2026-02-28", "until": "2026-03-01"}, ("2026-02-28", "2026-03-01")),
    ],
)
def test_a_range_means_its_dates(params: dict[str, str], expected: tuple[str, str]) -> None:
    """Thirty days end today; months are the last complete ones; own dates belong to the range, both."""
    assert dates(params) == expected


def test_dates_beside_a_named_range_mean_nothing() -> None:
    """The form sends its date fields with every range; only a custom one reads them."""
    assert dates({"range": "3m", "since": "nonsense", "until": ""}) == ("2026-08-01", "2026-10-31")


def test_the_last_day_of_january_ends_december() -> None:
    """Complete months end before the month of today, on its last day too."""
    assert dates({"range": "3m"}, day(date(2027, 1, 31))) == ("2026-10-01", "2026-12-31")


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-2-3", "", "20260203", "２０２６-01-01", "0001-01-01", "2026-13-01"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """A date has ten ASCII characters and stands in the calendar."""
    assert codes({"range": "custom", "since": text, "until": "2026-03-01"}) == [("/since", "not_a_date")]


def test_every_problem_is_named() -> None:
    """One answer lists all that is wrong, in the order of the address."""
    wrong = {
        "tab": "magic", "range": "custom", "since": "2026-02-30", "until": "soon", "by": "hour", "basis": "median",
        "q": "x" * 101, "sort": "-age", "page": "0", "format": "pdf",
    }  # fmt: skip

    assert codes(wrong) == [
        ("/tab", "unknown_tab"),
        ("/since", "not_a_date"),
        ("/until", "not_a_date"),
        ("/by", "unknown_by"),
        ("/basis", "unknown_basis"),
        ("/q", "search_too_long"),
        ("/sort", "unknown_sort"),
        ("/page", "unknown_page"),
        ("/format", "unknown_format"),
    ]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"range": "5m"}, [("/range", "unknown_range")]),
        ({"range": ""}, [("/range", "unknown_range")]),
        ({"range": "custom", "since": "2026-03-02", "until": "2026-03-01"}, [("/until", "dates_reversed")]),
        ({"range": "custom", "since": "2024-03-01", "until": "2026-03-01"}, [("/until", "range_too_long")]),
        ({"range": "custom"}, [("/since", "not_a_date"), ("/until", "not_a_date")]),
    ],
)
def test_a_range_that_cannot_be_is_refused(params: dict[str, str], expected: list[tuple[str, str]]) -> None:
    """Unknown, reversed, missing and endless ranges are refused, each with its code."""
    assert codes(params) == expected


def test_twenty_four_months_are_not_too_long() -> None:
    """The longest range has 24 months to the day."""
    assert dates({"range": "custom", "since": "2024-03-01", "until": "2026-02-28"}) == ("2024-03-01", "2026-02-28")


@given(st.dates(date(1970, 1, 1), date(2999, 12, 31)), st.integers(0, 700))
def test_a_custom_range_comes_back_as_written(first: date, more: int) -> None:
    """Any two ordered dates within 24 months are read as they stand."""
    since = day(first)
    last = read({"range": "30d"}, today=Day(since + more)).last.isoformat()
    asked = {"range": "custom", "since": first.isoformat(), "until": last}

    if last < "3000":
        assert dates(asked) == (asked["since"], asked["until"])


def outcome(params: dict[str, str]) -> Question | tuple[Problem, ...]:
    """Return the question that the parameters ask, or what is wrong with them."""
    try:
        return read(params, today=TODAY, offers=OFFERS)
    except Rejected as refused:
        return refused.problems


NAMES = ["tab", "range", "since", "until", "by", "basis", "q", "sort", "page", "format"]


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=30)))
def test_any_address_is_read_or_refused(params: dict[str, str]) -> None:
    """Whatever stands in the address, the answer is a question with dates or a list of problems."""
    found = outcome(params)

    assert found.days.since < found.days.until if isinstance(found, Question) else found


def test_the_format_is_a_page_unless_asked() -> None:
    """The address of the file is the address of the page and one word more."""
    assert read({}, today=TODAY).format is Format.PAGE
    assert read({"format": "csv"}, today=TODAY).format is Format.CSV
    assert read({}, today=TODAY).range is Range.DAYS_30


QUESTIONS = st.fixed_dictionaries(
    {},
    optional={
        "tab": st.sampled_from(OFFERS.tabs),
        "contract": st.sampled_from(["F-1", ALL]),
        "range": st.sampled_from([one for one in Range if one is not Range.CUSTOM]),
        "by": st.sampled_from(By),
        "basis": st.sampled_from(Basis),
        "q": st.text(st.characters(codec="utf-8"), max_size=20),
        "sort": st.sampled_from(["-tokens", "tokens", "name", "-name"]),
        "page": st.integers(1, 999).map(str),
        "format": st.sampled_from(Format),
    },
)


@given(QUESTIONS)
def test_a_question_writes_the_address_that_asks_it(params: dict[str, str]) -> None:
    """Every link of a page asks what it says: its address, read again, is the same question."""
    asked = read(params, today=TODAY, offers=OFFERS)

    again = read(dict(parse_qsl(asked.address()[1:])), today=TODAY, offers=OFFERS)

    assert again == asked
    assert read(dict(parse_qsl(asked.address(sort="name")[1:])), today=TODAY, offers=OFFERS).page == 1


@pytest.mark.parametrize(
    ("days", "by"), [(1, By.DAY), (45, By.DAY), (46, By.WEEK), (190, By.WEEK), (191, By.MONTH), (700, By.MONTH)]
)
def test_a_range_is_gathered_so_that_a_chart_can_show_it(days: int, by: By) -> None:
    """Up to some weeks are shown by day, up to half a year by week, more by month, unless the reader chooses."""
    until = date.fromordinal(date(2026, 1, 1).toordinal() + days - 1).isoformat()
    params = {"range": "custom", "since": "2026-01-01", "until": until}

    assert read(params, today=TODAY).gathered is by
    assert read({**params, "by": "month"}, today=TODAY).gathered is By.MONTH


@pytest.mark.parametrize(
    ("style", "first", "last"),
    [
        (Months.COMPLETE, "2026-08-01", "2026-10-31"),
        (Months.TO_DATE, "2026-09-01", "2026-11-21"),
        (Months.ROLLING, "2026-08-22", "2026-11-21"),
    ],
)
def test_what_months_are_is_a_setting(style: Months, first: str, last: str) -> None:
    """The last three months are complete ones, this one and two before it, or three up to today; all divide by 3."""
    found = read({"range": "3m"}, today=TODAY, style=style)

    assert (found.first.isoformat(), found.last.isoformat(), found.months) == (first, last, 3)


def test_averages_divide_by_the_months_of_the_range() -> None:
    """Thirty rolling days are one month, complete months are as many, own dates as many as begin (T5)."""
    custom = {"range": "custom", "since": "2026-01-10", "until": "2026-03-20"}

    assert [read(one, today=TODAY).months for one in ({}, {"range": "9m"}, custom)] == [1, 9, 3]
