"""
Exports that are made again and again: what may be asked for, and which days each run is about (usage-api 6.9).

When a run is due is told by a cron expression, which `services.schedule.cron` reads. What was entered by hand can be
exported, but not on a schedule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple, assert_never

from farebox.domain.clock import Day, Instant, as_date, day, day_of
from farebox.domain.usage import UsageCategory

DATE_RANGE = "Previous-1-Month"
"""The only range that there is: the whole calendar month before the run, in UTC."""


class Level(StrEnum):
    """How far usage is added up."""

    TRANSACTIONAL = "Transactional"
    DAILY = "Daily"
    MONTHLY = "Monthly"


class Kind(StrEnum):
    """The kinds of usage that can be scheduled; `CLOUD` is both kinds of the cloud."""

    DESKTOP_PRODUCT = "DESKTOP_PRODUCT"
    CLOUD = "CLOUD"
    CLOUD_SERVICE = "CLOUD_SERVICE"
    CLOUD_PRODUCT = "CLOUD_PRODUCT"

    @property
    def categories(self) -> tuple[UsageCategory, ...]:
        """The categories of usage that it stands for."""
        match self:
            case Kind.CLOUD:
                return UsageCategory.CLOUD_SERVICE, UsageCategory.CLOUD_PRODUCT
            case Kind.DESKTOP_PRODUCT | Kind.CLOUD_SERVICE | Kind.CLOUD_PRODUCT:
                return (UsageCategory(self.value),)
            case _:
                assert_never(self)


class Wanted(NamedTuple):
    """One kind of usage, and the levels at which it is wanted."""

    kind: Kind
    levels: tuple[Level, ...]


class Part(NamedTuple):
    """What one export of a run holds."""

    category: UsageCategory
    level: Level


def parts(wanted: Iterable[Wanted]) -> tuple[Part, ...]:
    """Return the exports of a run, each once, in the order in which they were first asked for."""
    return tuple(dict.fromkeys(part for one in wanted for part in _parts(one)))


def _parts(wanted: Wanted) -> Iterator[Part]:
    for category in wanted.kind.categories:
        yield from (Part(category, level) for level in wanted.levels if offered(category, level))


def offered(category: UsageCategory, level: Level) -> bool:
    """Tell whether a category is scheduled at a level: cloud products are not told session by session."""
    return (category, level) != (UsageCategory.CLOUD_PRODUCT, Level.TRANSACTIONAL)


def previous_month(due: Instant) -> tuple[Day, Day]:
    """Return the first day of the calendar month before `due`, and the first day after it, in UTC."""
    until = as_date(day_of(due)).replace(day=1)
    since = as_date(Day(day(until) - 1)).replace(day=1)
    return day(since), day(until)
