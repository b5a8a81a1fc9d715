"""Lists of charge-back values: what they mean on a date, and everything that is wrong with one, row by row."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.domain.clock import Day, day
from farebox.domain.enrichment import (
    BEGINNING,
    END,
    PROBLEMS_MAX,
    ROWS_MAX,
    VALUE_LENGTH_MAX,
    Named,
    Row,
    Since,
    Told,
    in_force,
    read,
    stretches,
    told_of,
)
from farebox.domain.errors import Rejected

APRIL = day(date(2026, 4, 1))
LUND, MALMO = 3, 4

tolds = st.dictionaries(st.integers(0, 40), st.integers(0, 3), max_size=6).map(
    lambda found: tuple(Since(Day(since), label) for since, label in sorted(found.items()))
)


def wrong(*rows: Row) -> list[str]:
    """Return the problems of a refused list as "pointer code"."""
    with pytest.raises(Rejected) as refused:
        read(rows)
    return [f"{problem.pointer} {problem.code}" for problem in refused.value.problems]


def test_a_list_says_values_by_name_and_date() -> None:
    """Names have one form whatever their case; no date is the beginning; blanks around a value mean nothing."""
    said = read([Row("/1", "Ann@Example.com", " Lund "), Row("/2", "ann@example.com", "Malmö", "2026-04-01")])

    assert said == {("ann@example.com", BEGINNING): "Lund", ("ann@example.com", APRIL): "Malmö"}


def test_said_twice_is_said_once_and_contradicted_is_refused() -> None:
    """An equal row counts once, also in another spelling; another value from the same date has no meaning."""
    assert read([Row("/1", "ann", "Lund"), Row("/2", "ANN", "Lund"), Row("/3", "ann", "Lu\u0308nd", "2026-04-01")]) == {
        ("ann", BEGINNING): "Lund",
        ("ann", APRIL): "Lünd",
    }
    with pytest.raises(Rejected) as refused:
        read([Row("/1", "ann", "Lund"), Row("/2", "ANN", "Malmö")])
    (problem,) = refused.value.problems
    assert (problem.pointer, problem.code) == ("/2", "contradiction")
    assert problem.message.endswith("/1")


def test_every_problem_of_every_row_is_told() -> None:
    """One reading finds all that is to be mended, each at its place."""
    assert wrong(
        Row("/1", "аnn@example.com", "Lund"),
        Row("/2", "ann", "x" * (VALUE_LENGTH_MAX + 1), "yesterday"),
        Row("/3", "", "two\nlines"),
        Row("/4", "ben", "Lund", "1989-12-31"),
        Row("/5", "cy", "Lund", "20260401"),
        Row("/6", fault="two columns"),
        Row("/7", "dag", "x" * VALUE_LENGTH_MAX, "2026-02-29"),
    ) == [
        "/1/person invalid_person",
        "/2/value value_too_long",
        "/2/from invalid_time",
        "/3/person invalid_person",
        "/3/value invalid_value",
        "/4/from invalid_time",
        "/5/from invalid_time",
        "/6 wrong_columns",
        "/7/from invalid_time",
    ]


@pytest.mark.parametrize(
    "character", ["\0", "\t", "\r", "\x1b", "\x85", "\u2028", "\u202e", "\u200b", "\ufeff", "\ud800"]
)
def test_what_would_not_be_seen_is_refused(character: str) -> None:
    """Control characters, line ends, turned directions and nothing-wide blanks make two values look alike."""
    assert wrong(Row("/1", "ann", f"Lu{character}nd")) == ["/1/value invalid_value"]


@pytest.mark.parametrize("value", ["R&D", "=1+1", "日本 東京", "نیم\u200cفاصله", "Lund\u00a0C", "👩\u200d🔬"])
def test_any_text_is_a_value(value: str) -> None:
    """A value is the customer's own word, in any script; what a spreadsheet would run is for exports to quote."""
    assert list(read([Row("/1", "ann", value)]).values()) == [value]


def test_the_list_of_problems_is_bounded() -> None:
    """A file of another kind gives a bounded answer, which says how much more there is."""
    found = wrong(*(Row(f"/{number}", "", "Lund") for number in range(PROBLEMS_MAX + 7)))

    assert len(found) == PROBLEMS_MAX + 1
    assert found[-1] == " more_problems"


def test_the_number_of_rows_is_bounded() -> None:
    """The first row too many is refused, and no other is read."""
    rows = (Row(f"/{number}", f"p{number}", "Lund") for number in range(ROWS_MAX + 500))

    assert wrong(*rows) == [f"/{ROWS_MAX} too_many_rows"]


def test_a_value_holds_until_the_next_one() -> None:
    """From its date on, until another is told; an empty one ends it; before the first there is none."""
    told = (Since(APRIL, LUND), Since(Day(APRIL + 10), 0), Since(Day(APRIL + 20), MALMO))

    assert [in_force(told, Day(APRIL + days)) for days in (-1, 0, 9, 10, 19, 20, 9999)] == [0, 3, 3, 0, 0, 4, 4]
    assert in_force((), APRIL) == 0


@given(told=tolds, on=st.integers(-5, 50).map(Day))
def test_stretches_say_what_is_in_force(told: Told, on: Day) -> None:
    """On every date, the one stretch that has the date, or none, says the value in force."""
    labels = [label for since, until, label in stretches(told) if since <= on < until]

    assert labels == ([in_force(told, on)] if in_force(told, on) else [])
    assert all(since < until <= END for since, until, _ in stretches(told))


def test_a_second_name_means_the_same_person() -> None:
    """Somebody's own name holds; where nothing is told of it, what is told of another name of theirs (domain M1)."""
    ann, login, old = Named(1, "ann@example.com"), Named(2, "ann07", 1), Named(3, "ann@old.example", 1)
    lund, malmo = (Since(BEGINNING, LUND),), (Since(BEGINNING, MALMO),)

    assert told_of({"ann07": lund, "ann@old.example": malmo}, [old, login, ann]) == {1: lund, 2: lund, 3: malmo}
    assert told_of({"ann@example.com": malmo, "ann07": lund}, [ann, login, old]) == {1: malmo, 2: lund, 3: malmo}
    assert told_of({}, [ann, login]) == {1: (), 2: ()}
