"""
Jobs of cloud services: a price for each result, or for the time that the work took.

A job that succeeded costs what was in force when it was submitted, whatever happened since; one that failed, was
cancelled or timed out costs nothing, and one that still runs costs nothing yet. A rate with a unit size prices time:
seconds × rate ÷ size, rounded down to a millionth; a rate without one prices results.  (domain S1, S2, T7)
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, assert_never

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import SECOND, Span, day_of
from farebox.domain.rates import Rate
from farebox.domain.usage import ChargeCategory, Reason, Row


class Outcome(StrEnum):
    """What became of a job so far."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    RUNNING = "RUNNING"


_WORDS = {
    Outcome.SUCCEEDED: "success succeeded complete completed",
    Outcome.FAILED: "failed failure error cancelled canceled timeout timedout",
    Outcome.RUNNING: "submitted queued pending running inprogress processing",
}
_OUTCOMES = {word: outcome for outcome, words in _WORDS.items() for word in words.split()}
STATUS_WORDS = tuple(_OUTCOMES)
"""The words for what became of a job that are understood, in small letters and without blanks, `-` and `_`."""


_COMPLEX = frozenset({"rvt", "nwd", "nwc", "ifc"})
"""The file types whose translation is complex; every other type is simple (domain S1)."""


def classes_of(named: str) -> tuple[str, ...]:
    """Return the classes that may price a job, the first that has a rate: as it is named, else by file type (S1)."""
    if named in ("", "complex", "simple"):
        return (named,)
    return named, "complex" if named in _COMPLEX else "simple"


class Job(NamedTuple):
    """What a job says of itself that its price depends on."""

    outcome: Outcome
    results: int | None
    """How many results it has; for work by time, of how many units it is thought to be before it is done."""
    seconds: int | None
    """How long it worked, once that is known (domain S2)."""


def outcome_of(status: str) -> Outcome | None:
    """Return what a status word says, however it is written; None for a word that says nothing."""
    return _OUTCOMES.get(status.strip().casefold().replace(" ", "").replace("_", "").replace("-", ""))


def billable_seconds(work: Span) -> int:
    """Return the whole seconds from the start of the download to the end of the upload, rounded down (domain S2)."""
    return max(0, work.until - work.since) // SECOND


def is_measured(job: Job, rate: Rate) -> bool:
    """Tell whether a job says enough to be priced: one by time how long it worked, or how many units it took."""
    says = not rate.unit_size or job.seconds is not None or job.results is not None
    return says or job.outcome is not Outcome.SUCCEEDED


def price_of_job(job: Job, rate: Rate) -> Tokens:
    """Return what a job costs by now (domain S1): nothing unless it succeeded."""
    match job.outcome:
        case Outcome.SUCCEEDED:
            return _price(job, rate)
        case Outcome.FAILED | Outcome.RUNNING:
            return ZERO
        case _:
            assert_never(job.outcome)


def _price(job: Job, rate: Rate) -> Tokens:
    if rate.unit_size and job.seconds is not None:
        return Tokens(rate.tokens * job.seconds // rate.unit_size)
    return Tokens(rate.tokens * (1 if job.results is None else job.results))


def estimate(job: Job, rate: Rate) -> Tokens:
    """Return what to reserve for a job that runs: its rate × quantity; work by time needs an estimate (domain S1)."""
    if job.outcome is not Outcome.RUNNING or (rate.unit_size and job.results is None):
        return ZERO
    return Tokens(rate.tokens * (1 if job.results is None else job.results))


def job_row(use: int, product: int, span: Span, job: Job, rate: Rate | None) -> Row:
    """
    Make the one row of a job: day, rate and packs are those of its submission (domain S1, T7).

    Only a job that failed may do without a rate.
    """
    tokens = ZERO if rate is None else price_of_job(job, rate)
    category, reason = _VERDICTS[job.outcome]
    return Row(
        use, product, span.since, span.until, day_of(span.since), category, tokens, span.since, reason, None,
        rate.id if rate is not None and job.outcome is Outcome.SUCCEEDED else 0,
    )  # fmt: skip


_VERDICTS = {
    Outcome.SUCCEEDED: (ChargeCategory.CHARGED, Reason.JOB_SUCCEEDED),
    Outcome.FAILED: (ChargeCategory.FREE, Reason.JOB_FAILED),
    Outcome.RUNNING: (ChargeCategory.FREE, Reason.JOB_RUNNING),
}
