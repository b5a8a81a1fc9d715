"""What an event says was used: its moments as instants, its person in canonical form, checked against the clock."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import assert_never

from farebox.domain.clock import Instant, Span, instant
from farebox.domain.errors import Problem
from farebox.domain.usage import UsageType
from farebox.services.ingest import outright
from farebox.services.ingest.checks import (
    OFFSET_SECONDS_MAX,
    SESSION_US_MAX,
    Reported,
    about_the_time,
    charge_back,
    person,
)
from farebox.services.ingest.wire import (
    AdjustmentData,
    ApiCallData,
    CloudUseData,
    ConsumptionData,
    Data,
    Envelope,
    JobData,
    NoData,
    SessionData,
)


def understand(envelope: Envelope, data: Data, *, now: Instant) -> Reported | tuple[Problem, ...] | None:
    """Return the use that an event reports, None for a type that no rule charges yet, or every problem."""
    problems = list(about_the_time("/time", envelope.time, now=now))
    found = None
    match data:
        case SessionData():
            found = _session(envelope, data, now, problems)
        case CloudUseData():
            found = _cloud_use(envelope, data, now, problems)
        case JobData():
            found = outright.job(envelope.subject, data, now, problems)
        case ConsumptionData():
            found = outright.consumption(data, now, problems)
        case AdjustmentData():
            found = outright.adjustment(data, now, problems)
        case ApiCallData():
            charge_back(data.attributes, problems)
        case NoData():
            pass
        case _:
            assert_never(data)
    return tuple(problems) if problems else found


def read_back(subject: str, time: datetime, data: Data) -> Reported | None:
    """Return the use that a kept event reports; it was checked when it came."""
    problems: list[Problem] = []
    match data:
        case SessionData():
            return _session_of(subject, data, problems)
        case CloudUseData():
            return _cloud_use_of(subject, time, data, problems)
        case JobData():
            return outright.job_of(subject, data, problems)
        case ConsumptionData():
            return outright.consumption_of(data, problems)
        case AdjustmentData():
            return outright.adjustment_of(data, problems)
        case ApiCallData() | NoData():
            return None
        case _:
            assert_never(data)


def _session(envelope: Envelope, data: SessionData, now: Instant, problems: list[Problem]) -> Reported:
    use = _session_of(envelope.subject, data, problems)
    _check_span(use, data.start, data.end, now, problems)
    if data.lastHeartbeat is not None:
        problems += about_the_time("/data/lastHeartbeat", data.lastHeartbeat, now=now)
    if abs(use.offset_seconds) > OFFSET_SECONDS_MAX:
        problems.append(Problem("/data/utcOffset", "out_of_range", "an offset is at most 14 hours"))
    for nth, span in enumerate(data.active or ()):
        problems += about_the_time(f"/data/active/{nth}/start", span.start, now=now)
        problems += about_the_time(f"/data/active/{nth}/end", span.end, now=now)
        if span.end < span.start:
            problems.append(Problem(f"/data/active/{nth}", "end_before_start", "the activity ends before it starts"))
    return use


def _session_of(subject: str, data: SessionData, problems: list[Problem]) -> Reported:
    since = instant(data.start)
    known_until = data.end or data.lastHeartbeat
    until = since if known_until is None else instant(known_until)
    return Reported(
        person(subject, problems),
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
        charge_back(data.attributes, problems),
    )


def _cloud_use(envelope: Envelope, data: CloudUseData, now: Instant, problems: list[Problem]) -> Reported:
    use = _cloud_use_of(envelope.subject, envelope.time, data, problems)
    _check_span(use, data.start or envelope.time, data.end, now, problems)
    return use


def _cloud_use_of(subject: str, time: datetime, data: CloudUseData, problems: list[Problem]) -> Reported:
    since = instant(data.start or time)
    places = {name: getattr(data, name) for name in ("hubId", "hubName", "projectId", "projectName", "trigger")}
    return Reported(
        person(subject, problems),
        data.product,
        since,
        since if data.end is None else instant(data.end),
        data.end is None,
        attributes=charge_back(data.attributes, problems),
        places={name: text for name, text in places.items() if text},
    )


def _activity(data: SessionData) -> tuple[Span, ...] | None:
    if data.active is None:
        return None
    return tuple(sorted(Span(instant(span.start), instant(span.end)) for span in data.active))


def _check_span(use: Reported, start: datetime, end: datetime | None, now: Instant, problems: list[Problem]) -> None:
    problems += about_the_time("/data/start", start, now=now)
    if end is not None:
        problems += about_the_time("/data/end", end, now=now)
    if use.until < use.since:
        problems.append(Problem("/data/end", "end_before_start", "the session ends before it starts"))
    if use.until - use.since > SESSION_US_MAX:
        pointer = "/data/lastHeartbeat" if end is None else "/data/end"
        problems.append(Problem(pointer, "too_long", "a session lasts at most 366 days"))


@lru_cache(maxsize=256)
def _offset_seconds(text: str) -> int:
    if not text:
        return 0
    hours, minutes = text.lstrip("+-").split(":")
    seconds = int(hours) * 3600 + int(minutes) * 60
    return -seconds if text.startswith("-") else seconds
