"""The sessions of a year, drawn from a seed: the same people and days give the same uses, to the microsecond."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from farebox.demo.cast import ITEMS, Role
from farebox.domain.clock import HOUR, MINUTE, SECOND, Day, Instant, as_date, as_iso, day_of, midnight

SEED = 2026
HUNDRED = 100
OFFSET_HOURS = 1
VERSION_DAYS = 220
"""How long a person stays with a version that is not the newest."""

CASUAL, LEFT_OPEN = 40, 6
"""Launches in a thousand that were a mistake, and that were left open for days."""

LEFT_AT = (Instant(16 * HOUR + 40 * MINUTE), Instant(6 * HOUR + 40 * MINUTE))
LEFT_LONG = 8 * HOUR + 20 * MINUTE
"""When sessions are begun that are left open, and how long ago at least."""

Event = dict[str, object]

_HOLIDAYS = {(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)}
_VERSIONS = {item.code: item.versions for item in ITEMS}


class Someone(NamedTuple):
    """A person of the demonstration: since when, with the newest versions since when, and on which weekdays."""

    number: int
    login: str
    name: str
    role: Role
    joined: Day
    moved: Day
    weekdays: frozenset[int]


def working_share(on: date) -> int:
    """Return how much of a working day a date is, in hundredths: weekends, holidays and summer are quiet."""
    if (on.month, on.day) in _HOLIDAYS:
        return 3
    if on.weekday() >= 5:  # Saturday and Sunday
        return 6
    if on.month == 7:
        return 30
    if (on.month, on.day) >= (12, 22) or (on.month, on.day) <= (1, 5):
        return 25
    return {0: 95, 4: 80}.get(on.weekday(), HUNDRED)


def sessions(people: Iterable[Someone], since: Day, until: Day, *, source: str) -> Iterator[tuple[Instant, Event]]:
    """Yield the events of `people` from day to day, each with the instant at which its session ends."""
    for day in range(since, until):
        for someone in people:
            if day >= someone.joined:
                yield from _day(someone, Day(day), source)


def _day(someone: Someone, day: Day, source: str) -> Iterator[tuple[Instant, Event]]:
    chance = random.Random(f"{SEED}/{source}/{someone.number}/{day}")  # noqa: S311 — a play, not a secret
    on = as_date(day)
    share = working_share(on) if on.weekday() in someone.weekdays else working_share(on) // 20
    if chance.randrange(HUNDRED) * HUNDRED >= someone.role.share * share:
        return
    at = midnight(day, OFFSET_HOURS * 3600) + chance.randrange(7 * 60, 11 * 60) * MINUTE + chance.randrange(60) * SECOND
    for nth in range(chance.randint(1, someone.role.sessions)):
        since, until = Instant(at), Instant(at + _minutes(chance) * MINUTE)
        yield until, _event(someone, chance, f"{source}-{someone.number}-{day}-{nth}", since, until, source)
        at = until + chance.randrange(5, 150) * MINUTE


def left_open(someone: Someone, *, source: str, now: Instant) -> tuple[Instant, Event]:
    """
    Return the session that somebody left open, with the instant at which it began.

    It began at 16:40 or at 06:40 and for longer than a working day ago, whichever is later: less than a day ago, so
    that it is still open (domain M4).
    """
    starts = (Instant(midnight(Day(day_of(now) + days), OFFSET_HOURS * 3600) + clock)
              for days in (0, -1) for clock in LEFT_AT)  # fmt: skip
    since = next(start for start in starts if now - start >= LEFT_LONG)
    chance = random.Random(f"{SEED}/{source}/{someone.number}/open")  # noqa: S311 — a play, not a secret
    event = _event(someone, chance, f"{source}-{someone.number}-open-{as_iso(since)}", since, since, source)
    data = event["data"]
    assert isinstance(data, dict)
    del data["end"]
    return since, event


def _minutes(chance: random.Random) -> int:
    """Return how long a session lasts: mostly an hour or two, sometimes by mistake, sometimes left open for days."""
    kind = chance.randrange(1_000)
    if kind < CASUAL:
        return chance.randint(1, 5)
    if kind < CASUAL + LEFT_OPEN:
        return chance.randint(26, 74) * HOUR // MINUTE
    return chance.randint(12, 260)


def _version(someone: Someone, product: str, since: Instant) -> str:
    """Return the version that a person has: the newest from the day they moved on, before it an older one."""
    versions = _VERSIONS[product]
    early = max(0, midnight(someone.moved) - since)
    steps_back = -(-early // (VERSION_DAYS * 24 * HOUR))
    return versions[max(0, len(versions) - 1 - steps_back)]


def _event(someone: Someone, chance: random.Random, name: str, since: Instant, until: Instant, source: str) -> Event:
    products = someone.role.products
    product = products[min(int(chance.expovariate(1.1)), len(products) - 1)]
    version = _version(someone, product, since)
    return {
        "specversion": "1.0",
        "id": name,
        "source": source,
        "type": "farebox.session",
        "time": as_iso(since),
        "subject": someone.login,
        "data": {
            "product": product,
            "start": as_iso(since),
            "end": as_iso(until),
            "version": version,
            "feature": f"88888{product}_{version}_0F",
            "machine": f"DEMO-WS-{someone.number:03d}",
            "server": "DEMO-LIC-1",
            "utcOffset": f"+{OFFSET_HOURS}:00",
            "attributes": {"project": f"P-{chance.randint(1, 12):02d}"},
        },
    }
