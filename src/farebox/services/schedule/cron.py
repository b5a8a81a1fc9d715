"""
Cron expressions of six fields: second, minute, hour, day of month, month, day of week; always in UTC (usage-api 6.9).

Understood are `*`, `?` for a day that does not matter, lists, ranges, steps, names of months and weekdays, `L` and `LW`
for the last day and the last weekday of a month, `5L` for its last Friday, `MON#2` for its second Monday. Sunday is 0
and 7. Where a day of month and a day of week are both given, either is enough, as cron has it.
"""

from __future__ import annotations

from datetime import timedelta

from cronsim import CronSim, CronSimError

from farebox.domain.clock import Instant, instant, moment
from farebox.domain.errors import Problem, Rejected

CHARACTERS_MAX = 200
RUNS_A_DAY_MAX = 24
"""How often a schedule may run on one day: each run makes exports of a whole month."""

POINTER = "/frequencyExpression"
_NAMES = ("second", "minute", "hour", "day-of-month", "month", "day-of-week")
_DAYS = (3, 5)
"""The fields in which `?` stands for any."""


def check(text: str, *, now: Instant) -> None:
    """Raise `Rejected` for an expression that cannot be read, never comes true, or does so too often."""
    problem = _problem(text, now)
    if problem is not None:
        raise Rejected([problem])


def following(text: str, *, after: Instant) -> Instant:
    """Return the first moment after `after` at which an expression comes true."""
    return instant(next(_read(text, after)))


def latest(text: str, *, until: Instant) -> Instant:
    """Return the last moment, `until` at the latest, at which an expression came true."""
    return instant(next(_read(text, until, back=True)))


def _problem(text: str, now: Instant) -> Problem | None:
    try:
        read = _read(text, now)
    except CronSimError as error:
        message = f"not a cron expression of six fields ({' '.join(_NAMES)}): {_wrong(text, str(error))}"
        return Problem(POINTER, "invalid_frequency", message)
    if len(read.seconds) * len(read.minutes) * len(read.hours) > RUNS_A_DAY_MAX:
        message = f"a schedule runs at most {RUNS_A_DAY_MAX} times a day; name one second, one minute and the hours"
        return Problem(POINTER, "too_often", message)
    if next(read, None) is None:
        return Problem(POINTER, "never_due", "there is no such moment in the next fifty years")
    return None


def _wrong(text: str, said: str) -> str:
    """Return which of the six fields is wrong, and what it is."""
    fields, name = text.split(), said.removeprefix("Bad ")
    if len(fields) != len(_NAMES) or name not in _NAMES:
        return f"this has {len(fields)} fields" if len(fields) != len(_NAMES) else said
    place = _NAMES.index(name)
    return f"field {place + 1}, the {name}, is {fields[place]!r:.40}"


def _read(text: str, at: Instant, *, back: bool = False) -> CronSim:
    """Return the moments after `at`, or from `at` backwards. Raises `CronSimError`."""
    fields = text.split()
    if len(fields) != len(_NAMES) or len(text) > CHARACTERS_MAX or not text.isascii():
        raise CronSimError("wrong number of fields")
    for place in _DAYS:
        fields[place] = "*" if fields[place] == "?" else fields[place]
    start = moment(at).replace(microsecond=0)
    return CronSim(" ".join(fields), start + timedelta(seconds=1) if back else start, reverse=back)
