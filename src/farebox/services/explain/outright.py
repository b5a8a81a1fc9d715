"""
Uses with a price of their own, priced again from what their event says: jobs, and what is entered by hand.

The event is the one that the books keep, at its latest revision; what is read here was checked when it came
(domain S1, S2, N6).
"""

from __future__ import annotations

import json
from typing import Any

from farebox.domain.amounts import MICRO, Tokens, tokens
from farebox.domain.charging.jobs import Job, Outcome, billable_seconds, job_row, outcome_of
from farebox.domain.charging.manual import adjustment_row, consumption_row, price_of_quantity
from farebox.domain.clock import Span, day_of, read_instant
from farebox.domain.explain import Change, WhatIf
from farebox.domain.rates import Rate, rate_in_force
from farebox.domain.usage import Row
from farebox.records import explaining
from farebox.records.catalogue import Catalogue
from farebox.records.explaining import ChargeFacts
from farebox.services.explain.basis import Decided, OutrightBasis, rate_numbered

_SHOWN = (
    "status", "class", "quantity", "downloadStarted", "uploadEnded", "pool", "tokens", "reasonType", "reasonComment",
    "transactionDate",
)  # fmt: skip
"""The members of an event that decide its price, or say why somebody entered it."""


def price_again(facts: ChargeFacts, catalogue: Catalogue) -> Decided:
    """Price a job or an entry by hand again, and a job also as if it had ended otherwise."""
    data: dict[str, Any] = json.loads(explaining.event(facts.event).payload).get("data") or {}
    details = {name: str(data[name]) for name in _SHOWN if data.get(name) not in (None, "")}
    if facts.kind != "JOB":
        return Decided(OutrightBasis(details), _entry(facts, data), ())
    job, rate = _job(data), _rate_of_job(facts, data, catalogue)
    again = _job_row(facts, job, rate)
    if job.seconds is not None:
        details["billableSeconds"] = str(job.seconds)
    return Decided(OutrightBasis(details), again, () if rate is None else _what_ifs(facts, job, rate, again))


def _job(data: dict[str, Any]) -> Job:
    started, ended = data.get("downloadStarted"), data.get("uploadEnded")
    seconds = billable_seconds(Span(read_instant(started), read_instant(ended))) if started and ended else None
    quantity = data.get("quantity")
    results = None if quantity is None else tokens(quantity) // MICRO
    return Job(outcome_of(data["status"]) or Outcome.FAILED, results, seconds)


def _rate_of_job(facts: ChargeFacts, data: dict[str, Any], catalogue: Catalogue) -> Rate | None:
    own = rate_numbered(facts.row.rate)
    name = str(data.get("class") or "").strip().casefold()
    history = catalogue.classes.get((catalogue.contracts[facts.contract].card, facts.row.product, name), ())
    return own or rate_in_force(history, facts.use.since)


def _job_row(facts: ChargeFacts, job: Job, rate: Rate | None) -> Row:
    return job_row(facts.use.id, facts.row.product, Span(facts.use.since, facts.use.until), job, rate)


def _what_ifs(facts: ChargeFacts, job: Job, rate: Rate, again: Row) -> tuple[WhatIf, ...]:
    """Return what the job would have cost had it ended the other way (domain S1)."""
    failed = job.outcome is Outcome.SUCCEEDED
    other = _job_row(facts, job._replace(outcome=Outcome.FAILED if failed else Outcome.SUCCEEDED), rate)
    change = Change.FAILED if failed else Change.SUCCEEDED
    return (WhatIf(change, None, facts.row.product, other.category, other.tokens, other.tokens - again.tokens),)


def _entry(facts: ChargeFacts, data: dict[str, Any]) -> Row:
    """Price what somebody entered by hand."""
    row, on = facts.row, day_of(facts.use.since)
    if "pool" in data:
        return adjustment_row(row.use, on, tokens(data["tokens"]))
    given = data.get("tokens")
    if given is not None:
        return consumption_row(row.use, row.product, on, tokens(given), 0)
    rate = rate_numbered(row.rate)
    amount = Tokens(0) if rate is None else price_of_quantity(rate, tokens(data["quantity"]))
    return consumption_row(row.use, row.product, on, amount, row.rate)
