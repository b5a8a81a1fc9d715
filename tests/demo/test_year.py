"""The demonstration's people and their year: the same every time, and with the rhythm of working people."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from farebox.demo.cast import DOMAIN, FLEX_PEOPLE, FLEX_SOURCE, ITEMS, PEOPLE
from farebox.demo.crew import WEEKDAYS, YEAR_DAYS, people
from farebox.demo.year import Someone, sessions, working_share
from farebox.domain.clock import HOUR, MINUTE, Day, Instant, as_date, day_of, read_instant
from farebox.domain.teams import canonical

TODAY = day_of(read_instant("2026-06-17T10:00:00Z"))
Use = tuple[Instant, dict[str, Any]]


@pytest.fixture(scope="module")
def cast() -> tuple[Someone, ...]:
    """Return the people."""
    return people(TODAY)


@pytest.fixture(scope="module")
def year(cast: tuple[Someone, ...]) -> list[Use]:
    """Return the uses of everyone in the year before today."""
    return [(end, dict(event)) for end, event in sessions(cast, Day(TODAY - YEAR_DAYS), TODAY, source=FLEX_SOURCE)]


def minutes(use: Use) -> int:
    """Return how long a use lasted."""
    end, event = use
    return (end - read_instant(event["data"]["start"])) // MINUTE


def day(use: Use) -> Day:
    """Return the day on which a use began."""
    return day_of(read_instant(use[1]["data"]["start"]))


def test_the_same_day_gives_the_same_year(cast: tuple[Someone, ...], year: list[Use]) -> None:
    """Nothing depends on when, or in how many pieces, it is drawn."""
    middle = Day(TODAY - 100)
    pieces = [
        *sessions(people(TODAY), Day(TODAY - YEAR_DAYS), middle, source=FLEX_SOURCE),
        *sessions(people(TODAY), middle, TODAY, source=FLEX_SOURCE),
    ]

    assert pieces == year
    assert list(sessions(cast[:1], Day(TODAY - 9), TODAY, source="other")) != list(
        sessions(cast[:1], Day(TODAY - 9), TODAY, source=FLEX_SOURCE)
    )


def test_sixty_people_are_marked_as_nobody(cast: tuple[Someone, ...]) -> None:
    """Each has a name and an address of the demonstration's own, and each is another person."""
    assert len(cast) == PEOPLE == 60
    assert 0 < FLEX_PEOPLE < PEOPLE
    assert all("Demo-" in someone.name and someone.login.endswith(f"@{DOMAIN}") for someone in cast)
    assert len({canonical(someone.login) for someone in cast}) == 60
    assert DOMAIN.endswith(".example")


def test_fifteen_products_are_used_all_of_them(year: list[Use]) -> None:
    """Every product of the catalogue is opened in the year, the cheap and the free ones too."""
    assert len(ITEMS) == 15
    assert {use[1]["data"]["product"] for use in year} == {item.code for item in ITEMS}


def test_every_use_has_an_identity_of_its_own(year: list[Use]) -> None:
    """No event is sent under the id of another."""
    assert len({use[1]["id"] for use in year}) == len(year)


def test_weekends_holidays_and_summer_are_quiet(year: list[Use]) -> None:
    """A working day has many times the use of a Sunday, and July less than May."""
    per_day = Counter(day(use) for use in year)
    days = [Day(on) for on in range(TODAY - 364, TODAY)]
    mean = {name: _mean(per_day, [on for on in days if chosen(as_date(on))]) for name, chosen in _KINDS.items()}

    assert mean["working"] > 8 * mean["weekend"]
    assert mean["working"] > 2 * mean["july"]
    assert mean["working"] > 5 * mean["holiday"]
    assert working_share(as_date(Day(TODAY))) == 100


_KINDS = {
    "working": lambda on: on.weekday() < 5 and on.month in (2, 3, 4, 9, 10, 11),
    "weekend": lambda on: on.weekday() >= 5,
    "july": lambda on: on.weekday() < 5 and on.month == 7,
    "holiday": lambda on: on.weekday() < 5 and (on.month, on.day) in {(12, 24), (12, 25), (12, 26), (12, 31), (1, 1)},
}


def _mean(per_day: Counter[Day], days: list[Day]) -> float:
    assert days
    return sum(per_day[on] for on in days) / len(days)


def test_some_launches_are_mistakes_and_some_are_left_open(year: list[Use]) -> None:
    """A few minutes, and more than a day, both happen, and both are rare."""
    lasted = [minutes(use) for use in year]

    assert 0.02 < sum(length <= 5 for length in lasted) / len(lasted) < 0.06
    assert 20 < sum(length > 24 * HOUR // MINUTE for length in lasted) < len(lasted) * 0.02
    assert 0 < min(lasted) <= max(lasted) <= 74 * 60


def test_part_timers_keep_their_days(cast: tuple[Someone, ...], year: list[Use]) -> None:
    """A few people work part of the week, and are seldom seen on other days."""
    days_of = {someone.login: someone.weekdays for someone in cast if someone.weekdays != WEEKDAYS}
    theirs = [use for use in year if use[1]["subject"] in days_of]
    kept = sum(as_date(day(use)).weekday() in days_of[use[1]["subject"]] for use in theirs)

    assert 4 <= len(days_of) <= 12
    assert all(len(days & set(range(5))) == 3 for days in days_of.values())
    assert kept > 0.8 * len(theirs) > 0


def test_people_join_during_the_year(cast: tuple[Someone, ...], year: list[Use]) -> None:
    """Nobody uses anything before they joined; most are there from the start."""
    joined = {someone.login: someone.joined for someone in cast}

    assert all(day(use) >= joined[use[1]["subject"]] for use in year)
    assert 5 <= sum(since > TODAY - YEAR_DAYS for since in joined.values()) <= 15


def test_versions_move_from_old_to_new(year: list[Use]) -> None:
    """The newest version is rare at first and usual at the end; nobody goes back."""
    acad = [use for use in year if use[1]["data"]["product"] == "ACD"]
    share = [
        sum(use[1]["data"]["version"] == "2026" for use in part) / len(part)
        for part in (acad[: len(acad) // 4], acad[-len(acad) // 4 :])
    ]
    assert share[0] < 0.35 < 0.75 < share[1]
    assert {use[1]["data"]["version"] for use in acad} == {"2024", "2025", "2026"}
    last: dict[tuple[str, str], str] = {}
    order = {(item.code, version): nth for item in ITEMS for nth, version in enumerate(item.versions)}
    for use in year:
        data = use[1]["data"]
        who = (use[1]["subject"], data["product"])
        assert order[data["product"], data["version"]] >= order[data["product"], last.get(who, data["version"])]
        last[who] = data["version"]


def test_the_rhythm_is_that_of_the_date_alone() -> None:
    """A date is as busy in every year, apart from its weekday."""
    on = as_date(TODAY)
    assert working_share(on) == working_share(on + timedelta(weeks=1))
