"""Numbers and dates as each language writes them, exact to the last digit."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from farebox.domain.amounts import Tokens, tokens
from farebox.domain.clock import Day, day, instant
from farebox.domain.periods import Days
from farebox.web import present
from farebox.web.compare import compare

AUGUST = Days(day(date(2026, 8, 1)), day(date(2026, 11, 1)))


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "13,005.5"), ("sv", "13\xa0005,5"), ("fr", "13\u202f005,5"), ("ja", "13,005.5")],
)
def test_an_amount_has_the_signs_of_its_language(language: str, expected: str) -> None:
    """Grouping and decimal signs are the language's own."""
    with translation.override(language):
        assert present.amount(tokens("13005.5")) == expected


@pytest.mark.parametrize(
    ("language", "one"), [("en", ["1"]), ("sv", ["1"]), ("fr", ["0", "0.5", "1", "1.04", "1.5"]), ("ja", [])]
)
def test_a_noun_goes_with_its_amount(language: str, one: list[str]) -> None:
    """1 token, 1.5 tokens; French counts in the singular below two. What is rounded counts as it is written."""
    with translation.override(language):
        numbers = {text: present.plural(tokens(text)) for text in ("0", "0.5", "1", "1.04", "1.5", "2", "10")}
        assert [text for text, number in numbers.items() if number == 1] == one
        assert present.plural(tokens("1.04"), tenths=True) == present.plural(tokens("1"))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Aug 1\u2009–\u2009Oct 31, 2026"),
        ("sv", "1 aug.–31 okt. 2026"),
        ("fr", "1 août\u2009–\u200931 oct. 2026"),
        ("ja", "2026年8月1日～10月31日"),
    ],
)
def test_a_range_is_one_phrase(language: str, expected: str) -> None:
    """The first and the last date are written the way the language joins them."""
    with translation.override(language):
        assert present.dates(AUGUST) == expected


def test_a_day_is_written_one_way_in_each_language() -> None:
    """Alone, as a range of one day, and before a time: a table and a sentence name it alike."""
    day, noon = AUGUST.since, instant(datetime(2026, 8, 1, 12, tzinfo=UTC))
    written = {}
    for language in ("en", "sv", "fr", "ja"):
        with translation.override(language):
            written[language] = present.short_date(day)
            assert present.dates(Days(day, Day(day + 1))) == written[language]
            assert present.clock(noon).startswith(written[language])
    assert written == {"en": "Aug 1, 2026", "sv": "1 aug. 2026", "fr": "1 août 2026", "ja": "2026年8月1日"}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Nov 21, 2026, 2:05\u202fPM UTC"),
        ("sv", "21 nov. 2026 14:05 UTC"),
        ("fr", "21 nov. 2026, 14:05 UTC"),
        ("ja", "2026年11月21日 14:05 UTC"),
    ],
)
def test_a_moment_names_its_zone(language: str, expected: str) -> None:
    """A moment is written in UTC, and says so."""
    with translation.override(language):
        assert present.clock(instant(datetime(2026, 11, 21, 14, 5, 9, tzinfo=UTC))) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("0.000001", "0.000001"), ("9223372036854", "9,223,372,036,854"), ("-0.5", "−0.5"), ("0", "0")],
)
def test_no_digit_is_lost(amount: str, expected: str) -> None:
    """Amounts are exact, large and small, with a real minus sign."""
    with translation.override("en"):
        assert present.amount(tokens(amount)) == expected


@pytest.mark.parametrize(("amount", "expected"), [("8000", "+8,000"), ("0", "+0"), ("-7.5", "−7.5")])
def test_a_change_shows_its_sign(amount: str, expected: str) -> None:
    """What was added and removed carries a sign in front."""
    with translation.override("en"):
        assert present.signed(tokens(amount)) == expected


def test_a_mean_has_one_decimal_half_up() -> None:
    """Means are rounded for the eye; nothing else is."""
    with translation.override("en"):
        assert present.rounded(Tokens(155_250_000)) == "155.3"


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(19, 100, "19%"), (1, 3, "33%"), (3, 100, "3%"), (32, 1000, "3.2%"), (0, 5, "0%"), (5, 2, "250%")],
)
def test_a_share_is_a_percent(part: int, whole: int, expected: str) -> None:
    """Small shares keep a decimal, large ones do not."""
    with translation.override("en"):
        assert present.share(part, whole) == expected


@pytest.mark.parametrize(
    ("now", "before", "sign", "words"),
    [
        (127, 100, "▲", "27% more than in the previous period"),
        (73, 100, "▼", "27% less than in the previous period"),
        (5, 5, "=", "the same as in the previous period"),
        (0, 0, "=", "the same as in the previous period"),
        (5, 0, "·", "nothing in the previous period to compare with"),
        (-3, 0, "·", "nothing in the previous period to compare with"),
    ],
)
def test_a_comparison_is_said_in_words(now: int, before: int, sign: str, words: str) -> None:
    """The words alone tell the direction and the size; the sign repeats it."""
    with translation.override("en"):
        comparison = compare(now, before)

    assert (comparison.sign, comparison.words) == (sign, words)


@pytest.mark.parametrize(
    ("language", "labelled", "aside"),
    [
        ("en", "Studio: 5", "5, +3%"),
        ("sv", "Studio: 5", "5, +3%"),
        ("fr", "Studio\u202f: 5", "5, +3%"),
        ("ja", "Studio\uff1a5", "5\u3001+3%"),
    ],
)
def test_colon_and_comma_are_those_of_the_language(language: str, labelled: str, aside: str) -> None:
    """What is put together of two pieces has the language's own signs between them."""
    with translation.override(language):
        assert (present.labelled("Studio", "5"), present.aside("5", "+3%")) == (labelled, aside)
