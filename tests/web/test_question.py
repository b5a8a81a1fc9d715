"""The URL of a report page says its whole question, and a wrong one is told everything at once (domain T4)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.clock import Day, day
from farebox.domain.errors import Problem, Rejected
from farebox.web.question import Format, Question, Range, read
from farebox.web.token_usage import first_and_last

TODAY = day(date(2026, 11, 21))


def dates(params: dict[str, str], today: Day = TODAY) -> tuple[str, str]:
    """Read a question and return its first and last date."""
    first, last = first_and_last(read(params, today=today).days)
    return first.isoformat(), last.isoformat()


def codes(params: dict[str, str]) -> list[tuple[str, str]]:
    """Return what is wrong with the parameters, as (pointer, code)."""
    with pytest.raises(Rejected) as refused:
        read(params, today=TODAY)
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
    wrong = {"tab": "magic", "range": "custom", "since": "2026-02-30", "until": "soon", "format": "pdf"}

    assert codes(wrong) == [
        ("/tab", "unknown_tab"),
        ("/since", "not_a_date"),
        ("/until", "not_a_date"),
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
    last = first_and_last(read({"range": "30d"}, today=Day(since + more)).days)[1].isoformat()
    asked = {"range": "custom", "since": first.isoformat(), "until": last}

    if last < "3000":
        assert dates(asked) == (asked["since"], asked["until"])


def outcome(params: dict[str, str]) -> Question | tuple[Problem, ...]:
    """Return the question that the parameters ask, or what is wrong with them."""
    try:
        return read(params, today=TODAY)
    except Rejected as refused:
        return refused.problems


@given(st.dictionaries(st.sampled_from(["tab", "range", "since", "until", "format"]), st.text(max_size=30)))
def test_any_address_is_read_or_refused(params: dict[str, str]) -> None:
    """Whatever stands in the address, the answer is a question with dates or a list of problems."""
    found = outcome(params)

    assert found.days.since < found.days.until if isinstance(found, Question) else found


def test_the_format_is_a_page_unless_asked() -> None:
    """The address of the file is the address of the page and one word more."""
    assert read({}, today=TODAY).format is Format.PAGE
    assert read({"format": "csv"}, today=TODAY).format is Format.CSV
    assert read({}, today=TODAY).range is Range.DAYS_30
