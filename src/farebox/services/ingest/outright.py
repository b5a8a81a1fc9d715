"""Events that have a price of their own: jobs, and what is entered by hand (domain S1, S2, N6)."""

from __future__ import annotations

from datetime import date, datetime

from farebox.domain.amounts import MICRO
from farebox.domain.charging.jobs import STATUS_WORDS, Job, Outcome, billable_seconds, outcome_of
from farebox.domain.clock import SECOND, Instant, Span, day, instant, midnight
from farebox.domain.errors import Problem
from farebox.services.ingest.checks import (
    QUANTITY_MAX,
    SESSION_US_MAX,
    TOKENS_MAX,
    ByHand,
    Reported,
    about_the_date,
    about_the_time,
    amount,
    charge_back,
    person,
)
from farebox.services.ingest.wire import AdjustmentData, ConsumptionData, JobData


def job(subject: str, data: JobData, now: Instant, problems: list[Problem]) -> Reported:
    """Return the use that a job is, submission to end, and check what it says."""
    use = job_of(subject, data, problems)
    for name in ("submitted", "finished", "downloadStarted", "uploadEnded"):
        moment: datetime | None = getattr(data, name)
        if moment is not None:
            problems += about_the_time(f"/data/{name}", moment, now=now)
    if data.finished is not None and data.finished < data.submitted:
        problems.append(Problem("/data/finished", "end_before_start", "the job ends before it was submitted"))
    if data.downloadStarted and data.uploadEnded and data.uploadEnded < data.downloadStarted:
        problems.append(Problem("/data/uploadEnded", "end_before_start", "the upload ends before the download starts"))
    if ((use.job and use.job.seconds) or 0) > SESSION_US_MAX // SECOND:
        problems.append(Problem("/data/uploadEnded", "too_long", "a job works for at most 366 days"))
    return use


def job_of(subject: str, data: JobData, problems: list[Problem]) -> Reported:
    """Return the use that a job is; a service may leave out for whom it worked."""
    outcome = outcome_of(data.status)
    if outcome is None and data.status:
        problems.append(Problem("/data/status", "invalid_value", f"known are {', '.join(STATUS_WORDS)}"))
    results = amount(data.quantity, "/data/quantity", problems, most=QUANTITY_MAX)
    if results % MICRO:
        problems.append(Problem("/data/quantity", "invalid_value", "a job has a whole number of results"))
    since = instant(data.submitted)
    ended = data.finished or data.uploadEnded
    return Reported(
        person(subject, problems) if subject else "",
        data.product,
        since,
        max(since, instant(ended)) if ended else since,
        False,
        attributes=charge_back(data.attributes, problems),
        job=Job(outcome or Outcome.FAILED, None if data.quantity is None else results // MICRO, _seconds(data)),
        job_class=data.job_class.strip().casefold(),
        job_status=data.status,
    )


def _seconds(data: JobData) -> int | None:
    if data.downloadStarted is None or data.uploadEnded is None:
        return None
    return billable_seconds(Span(instant(data.downloadStarted), instant(data.uploadEnded)))


def consumption(data: ConsumptionData, now: Instant, problems: list[Problem]) -> Reported:
    """Return the use that somebody entered by hand, and check what it says."""
    use = consumption_of(data, problems)
    problems += about_the_date(data.transactionDate, now=now)
    if data.tokens is None and data.quantity is None:
        problems.append(Problem("/data/tokens", "missing_field", "tokens or quantity is needed"))
    return use


def consumption_of(data: ConsumptionData, problems: list[Problem]) -> Reported:
    """Return the use that somebody entered by hand; tokens that are given go before a quantity."""
    given = amount(data.tokens, "/data/tokens", problems, most=TOKENS_MAX)
    quantity = amount(data.quantity, "/data/quantity", problems, most=QUANTITY_MAX)
    entered = ByHand("", None if data.tokens is None else given, quantity, data.reasonType, data.reasonComment)
    return _entered(person(data.person, problems, pointer="/data/person"), data.product, data.transactionDate, entered)


def adjustment(data: AdjustmentData, now: Instant, problems: list[Problem]) -> Reported:
    """Return the use that an adjustment is, and check what it says."""
    problems += about_the_date(data.transactionDate, now=now)
    use = adjustment_of(data, problems)
    if use.by_hand is not None and not use.by_hand.tokens and not problems:
        problems.append(Problem("/data/tokens", "invalid_value", "an adjustment changes the pool by more than nothing"))
    return use


def adjustment_of(data: AdjustmentData, problems: list[Problem]) -> Reported:
    """Return the use that an adjustment is: nobody's use, of nothing."""
    change = amount(data.tokens, "/data/tokens", problems, most=TOKENS_MAX)
    entered = ByHand(data.pool, change, 0, data.reasonType, data.reasonComment)
    return _entered("", "", data.transactionDate, entered)


def _entered(who: str, product: str, on: date, entered: ByHand) -> Reported:
    at = midnight(day(on))
    return Reported(who, product, at, at, False, by_hand=entered)
