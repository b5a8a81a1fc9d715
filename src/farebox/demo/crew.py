"""The people of the demonstration, on the day it is built: the sixty who use tokens, and some who hold seats."""

from __future__ import annotations

from farebox.demo.cast import DOMAIN, FIRST_NAMES, LAST_NAMES, PEOPLE, ROLES, SEATED, Role, Seated
from farebox.demo.year import Someone
from farebox.domain.clock import Day

__all__ = ["YEAR_DAYS", "Someone", "people", "seated"]

YEAR_DAYS = 369
"""How far back the use goes: the chart's year, and some days before it; the first packs are a day older."""

WEEKDAYS = frozenset(range(7))


def people(today: Day) -> tuple[Someone, ...]:
    """Return sixty people; a few joined during the year, a few work part of the week."""
    return tuple(_someone(number, today) for number in range(PEOPLE))


def _someone(number: int, today: Day) -> Someone:
    first, last = FIRST_NAMES[number % 30], LAST_NAMES[number // 30]
    return Someone(
        number,
        login=f"{first}.{last}".lower().replace("ë", "e") + f"@{DOMAIN}",
        name=f"{first} {last}",
        role=ROLES[number * 7 % 6],
        joined=Day(today - YEAR_DAYS if number % 7 else today - 40 * (number // 7 + 1)),
        moved=Day(today - 30 - number * 53 % 300),
        weekdays=WEEKDAYS if number % 9 != 4 else frozenset({number % 3, 2 + number % 3, 4}),
    )


def seated(today: Day) -> tuple[Someone, ...]:
    """Return those who hold a seat or a trial; they use its product alone, from the day on which they got it."""
    return tuple(_seated(one, today) for one in SEATED)


def _seated(one: Seated, today: Day) -> Someone:
    usual = _someone(one.number, today)
    return usual._replace(role=Role("seated", 70, 2, (one.product,)), joined=Day(today - one.days_ago))
