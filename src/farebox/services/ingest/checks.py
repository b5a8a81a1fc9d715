"""What every kind of event shares: what it comes to, and the checks of moments, dates, people and amounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from farebox.domain.amounts import MICRO, ZERO, Tokens, as_text
from farebox.domain.amounts import tokens as read_tokens
from farebox.domain.charging.jobs import Job
from farebox.domain.clock import DAY, HOUR, MINUTE, Instant, Span, as_date, day_of, moment, read_instant
from farebox.domain.errors import Problem, Rejected
from farebox.domain.teams import canonical
from farebox.domain.usage import UsageType
from farebox.services.ingest.wire import Attributes

AHEAD_US = 5 * MINUTE
"""How far ahead of the server's clock a moment may be (invariant I6)."""

SESSION_US_MAX = 366 * DAY
EARLIEST, LATEST = read_instant("1990-01-01T00:00:00Z"), read_instant("2100-01-01T00:00:00Z")
FIRST_MOMENT, LAST_MOMENT = moment(EARLIEST), moment(LATEST)
FIRST_DATE, LAST_DATE = as_date(day_of(EARLIEST)), as_date(day_of(LATEST))
OFFSET_SECONDS_MAX = 14 * 3600
FARTHEST_EAST_US = 14 * HOUR
ATTRIBUTES_MAX = 10
TOKENS_MAX = Tokens(10**9 * MICRO)
"""The most that one manual entry may consume or change: as much as the largest pack."""
QUANTITY_MAX = Tokens(10**6 * MICRO)
"""The most results or units that one event may report: at any rate they still add up in 64 bits."""


class ByHand(NamedTuple):
    """What somebody entered by hand: a consumption, or the change of a `pool`."""

    pool: str
    tokens: Tokens | None
    """The tokens consumed, or those added to the pool; None where a quantity is to be priced."""
    quantity_micro: int
    reason_type: str
    comment: str


class Reported(NamedTuple):
    """A use as reported, before its names are known to be anybody's."""

    person: str
    product: str
    since: Instant
    until: Instant
    open: bool
    version: str = ""
    feature: str = ""
    machine: str = ""
    server: str = ""
    offset_seconds: int = 0
    usage_type: UsageType = UsageType.NORMAL
    active: tuple[Span, ...] | None = None
    attributes: Attributes | None = None
    places: dict[str, str] | None = None
    job: Job | None = None
    job_class: str = ""
    job_status: str = ""
    by_hand: ByHand | None = None


def about_the_time(pointer: str, at: datetime, *, now: Instant) -> tuple[Problem, ...]:
    """Return what is wrong with a moment, if anything (invariant I6)."""
    if FIRST_MOMENT <= at <= _latest(now):
        return ()
    if FIRST_MOMENT <= at < LAST_MOMENT:
        return (Problem(pointer, "in_future", "more than five minutes ahead of the server's clock"),)
    return (Problem(pointer, "out_of_range", "moments from 1990 to 2099 are accepted"),)


@lru_cache(maxsize=16)
def _latest(now: Instant) -> datetime:
    return moment(Instant(now + AHEAD_US))


def about_the_date(on: date, *, now: Instant) -> Iterator[Problem]:
    """Yield what is wrong with a transaction date: it is at most the latest that any place on earth has by now."""
    if not FIRST_DATE <= on < LAST_DATE:
        yield Problem("/data/transactionDate", "out_of_range", "dates from 1990 to 2099 are accepted")
    elif on > as_date(day_of(Instant(now + FARTHEST_EAST_US))):
        yield Problem("/data/transactionDate", "in_future", "a date that nobody on earth has yet")


def person(subject: str, problems: list[Problem], *, pointer: str = "/subject") -> str:
    """Return the canonical form of a person's name; what is wrong with it joins `problems`."""
    if not subject:
        problems.append(Problem(pointer, "missing_field", "subject names the person: an e-mail address or a login"))
        return ""
    try:
        return _canonical(subject)
    except Rejected as error:
        problems += [problem._replace(pointer=pointer) for problem in error.problems]
        return ""


@lru_cache(maxsize=65_536)
def _canonical(subject: str) -> str:
    return canonical(subject)


def charge_back(attributes: Attributes | None, problems: list[Problem]) -> Attributes | None:
    """Return charge-back values, None for none; too many of them join `problems`."""
    if attributes and len(attributes) > ATTRIBUTES_MAX:
        problems.append(
            Problem("/data/attributes", "too_many_attributes", f"{len(attributes)} values; at most {ATTRIBUTES_MAX}")
        )
    return attributes or None


def amount(text: str | None, pointer: str, problems: list[Problem], *, most: Tokens) -> Tokens:
    """Return an amount that an event writes, nothing for none; more than `most`, either way, joins `problems`."""
    found = read_tokens(text) if text else ZERO
    if abs(found) > most:
        problems.append(Problem(pointer, "invalid_value", f"at most {as_text(most)}"))
        return ZERO
    return found
