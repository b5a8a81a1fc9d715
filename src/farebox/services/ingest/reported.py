"""What an event says was used: its moments as instants, its person in canonical form, checked against the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple, assert_never

from farebox.domain.clock import DAY, MINUTE, Instant, Span, as_date, day_of, instant, moment, read_instant
from farebox.domain.errors import Problem, Rejected
from farebox.domain.teams import canonical
from farebox.domain.usage import UsageType
from farebox.services.ingest.wire import (
    AdjustmentData,
    ApiCallData,
    Attributes,
    CloudUseData,
    ConsumptionData,
    Data,
    Envelope,
    JobData,
    NoData,
    SessionData,
)

AHEAD_US = 5 * MINUTE
"""How far ahead of the server's clock a moment may be (invariant I6)."""

SESSION_US_MAX = 366 * DAY
EARLIEST, LATEST = read_instant("1990-01-01T00:00:00Z"), read_instant("2100-01-01T00:00:00Z")
FIRST_MOMENT, LAST_MOMENT = moment(EARLIEST), moment(LATEST)
FIRST_DATE, LAST_DATE = as_date(day_of(EARLIEST)), as_date(day_of(LATEST))
OFFSET_SECONDS_MAX = 14 * 3600
ATTRIBUTES_MAX = 10


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


def understand(envelope: Envelope, data: Data, *, now: Instant) -> Reported | tuple[Problem, ...] | None:
    """Return the use that an event reports, None for a type that no rule charges yet, or every problem."""
    problems = list(_about_the_time("/time", envelope.time, now=now))
    found = None
    match data:
        case SessionData():
            found = _session(envelope, data, now, problems)
        case CloudUseData():
            found = _cloud_use(envelope, data, now, problems)
        case JobData():
            _check_job(data, now, problems)
        case ConsumptionData():
            _check_consumption(data, problems)
        case AdjustmentData():
            problems += _about_the_date(data.transactionDate)
        case ApiCallData():
            _attributes(data.attributes, problems)
        case NoData():
            pass
        case _:
            assert_never(data)
    return tuple(problems) if problems else found


def read_back(subject: str, time: datetime, data: Data) -> Reported | None:
    """Return the use that a kept event reports; it was checked when it came."""
    problems: list[Problem] = []
    if isinstance(data, SessionData):
        return _session_of(subject, data, problems)
    if isinstance(data, CloudUseData):
        return _cloud_use_of(subject, time, data, problems)
    return None


def _session(envelope: Envelope, data: SessionData, now: Instant, problems: list[Problem]) -> Reported:
    use = _session_of(envelope.subject, data, problems)
    _check_span(use, data.start, data.end, now, problems)
    if data.lastHeartbeat is not None:
        problems += _about_the_time("/data/lastHeartbeat", data.lastHeartbeat, now=now)
    if abs(use.offset_seconds) > OFFSET_SECONDS_MAX:
        problems.append(Problem("/data/utcOffset", "out_of_range", "an offset is at most 14 hours"))
    for nth, span in enumerate(data.active or ()):
        problems += _about_the_time(f"/data/active/{nth}/start", span.start, now=now)
        problems += _about_the_time(f"/data/active/{nth}/end", span.end, now=now)
        if span.end < span.start:
            problems.append(Problem(f"/data/active/{nth}", "end_before_start", "the activity ends before it starts"))
    return use


def _session_of(subject: str, data: SessionData, problems: list[Problem]) -> Reported:
    since = instant(data.start)
    known_until = data.end or data.lastHeartbeat
    until = since if known_until is None else instant(known_until)
    return Reported(
        _person(subject, problems),
        data.product,
        since,
        until if data.end else max(since, until),
        data.end is None,
        data.version,
        data.feature,
        data.machine,
        data.server,
        _offset_seconds(data.utcOffset),
        UsageType.NORMAL if data.usageType == "Normal" else UsageType.BORROWED,
        _activity(data),
        _attributes(data.attributes, problems),
    )


def _cloud_use(envelope: Envelope, data: CloudUseData, now: Instant, problems: list[Problem]) -> Reported:
    use = _cloud_use_of(envelope.subject, envelope.time, data, problems)
    _check_span(use, data.start or envelope.time, data.end, now, problems)
    return use


def _cloud_use_of(subject: str, time: datetime, data: CloudUseData, problems: list[Problem]) -> Reported:
    since = instant(data.start or time)
    places = {name: getattr(data, name) for name in ("hubId", "hubName", "projectId", "projectName", "trigger")}
    return Reported(
        _person(subject, problems),
        data.product,
        since,
        since if data.end is None else instant(data.end),
        data.end is None,
        attributes=_attributes(data.attributes, problems),
        places={name: text for name, text in places.items() if text},
    )


def _check_job(data: JobData, now: Instant, problems: list[Problem]) -> None:
    for name in ("submitted", "finished", "downloadStarted", "uploadEnded"):
        moment: datetime | None = getattr(data, name)
        if moment is not None:
            problems += _about_the_time(f"/data/{name}", moment, now=now)
    if data.finished is not None and data.finished < data.submitted:
        problems.append(Problem("/data/finished", "end_before_start", "the job ends before it was submitted"))
    if data.downloadStarted and data.uploadEnded and data.uploadEnded < data.downloadStarted:
        problems.append(Problem("/data/uploadEnded", "end_before_start", "the upload ends before the download starts"))
    _attributes(data.attributes, problems)


def _check_consumption(data: ConsumptionData, problems: list[Problem]) -> None:
    _person(data.person, problems, pointer="/data/person")
    problems += _about_the_date(data.transactionDate)
    if data.tokens is None and data.quantity is None:
        problems.append(Problem("/data/tokens", "missing_field", "tokens or quantity is needed"))


def _activity(data: SessionData) -> tuple[Span, ...] | None:
    if data.active is None:
        return None
    return tuple(sorted(Span(instant(span.start), instant(span.end)) for span in data.active))


def _check_span(use: Reported, start: datetime, end: datetime | None, now: Instant, problems: list[Problem]) -> None:
    problems += _about_the_time("/data/start", start, now=now)
    if end is not None:
        problems += _about_the_time("/data/end", end, now=now)
    if use.until < use.since:
        problems.append(Problem("/data/end", "end_before_start", "the session ends before it starts"))
    if use.until - use.since > SESSION_US_MAX:
        pointer = "/data/lastHeartbeat" if end is None else "/data/end"
        problems.append(Problem(pointer, "too_long", "a session lasts at most 366 days"))


def _about_the_time(pointer: str, at: datetime, *, now: Instant) -> tuple[Problem, ...]:
    if FIRST_MOMENT <= at <= _latest(now):
        return ()
    if FIRST_MOMENT <= at < LAST_MOMENT:
        return (Problem(pointer, "in_future", "more than five minutes ahead of the server's clock"),)
    return (Problem(pointer, "out_of_range", "moments from 1990 to 2099 are accepted"),)


@lru_cache(maxsize=16)
def _latest(now: Instant) -> datetime:
    return moment(Instant(now + AHEAD_US))


def _about_the_date(on: date) -> Iterator[Problem]:
    if not FIRST_DATE <= on < LAST_DATE:
        yield Problem("/data/transactionDate", "out_of_range", "dates from 1990 to 2099 are accepted")


def _person(subject: str, problems: list[Problem], *, pointer: str = "/subject") -> str:
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


@lru_cache(maxsize=256)
def _offset_seconds(text: str) -> int:
    if not text:
        return 0
    hours, minutes = text.lstrip("+-").split(":")
    seconds = int(hours) * 3600 + int(minutes) * 60
    return -seconds if text.startswith("-") else seconds


def _attributes(attributes: Attributes | None, problems: list[Problem]) -> Attributes | None:
    if attributes and len(attributes) > ATTRIBUTES_MAX:
        problems.append(
            Problem("/data/attributes", "too_many_attributes", f"{len(attributes)} values; at most {ATTRIBUTES_MAX}")
        )
    return attributes or None
