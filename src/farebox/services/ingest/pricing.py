"""What is priced on its own when its event arrives: jobs and what is entered by hand (domain S1, S2, N6, T7)."""

from __future__ import annotations

from collections.abc import Sequence

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.charging.jobs import Outcome, classes_of, estimate, is_measured, job_row
from farebox.domain.charging.manual import adjustment_row, consumption_row, price_of_quantity
from farebox.domain.clock import Span, day_of
from farebox.domain.packs import Pool
from farebox.domain.rates import Rate, rate_in_force
from farebox.domain.usage import UsageCategory
from farebox.records.catalogue import Catalogue, ContractFacts, ProductFacts
from farebox.records.models.contracts import Scheme
from farebox.records.models.usage import UseKind
from farebox.records.outright import Outright, outright_of
from farebox.services.ingest.checks import ByHand, Reported

SCHEME_OF = {
    Pool.FLEX: Scheme.FLEX,
    Pool.CREDIT: Scheme.FLEX,
    Pool.CY: Scheme.ENTERPRISE,
    Pool.MY: Scheme.ENTERPRISE,
}
"""Which of a team's contracts holds each pool."""

NOTHING = ProductFacts(id=0, code="", family=0, category="", versions=frozenset())
"""The product of an adjustment: none."""


def kind_of(reported: Reported) -> UseKind:
    """Return what a use is, and so which rule prices it."""
    if reported.job is not None:
        return UseKind.JOB
    return UseKind.SESSION if reported.by_hand is None else UseKind.MANUAL


def contract_of_pool(contracts: Sequence[ContractFacts], entered: ByHand, reported: Reported) -> ContractFacts | None:
    """Return the contract whose pool an adjustment changes, if it runs on the transaction date."""
    today = day_of(reported.since)
    for contract in contracts:
        in_time = contract.start_day <= today and (contract.end_day is None or today < contract.end_day)
        if contract.scheme == SCHEME_OF[Pool(entered.pool)] and in_time:
            return contract
    return None


def rate_of(reported: Reported, product: int, contract: ContractFacts, catalogue: Catalogue) -> Rate | None:
    """Return the rate that prices a job, by its class, or a consumption, at its own instant (domain S1, T7)."""
    for complexity in classes_of(reported.job_class):
        history = catalogue.classes.get((contract.card, product, complexity))
        if history:
            return rate_in_force(history, reported.since)
    return None


def missing(reported: Reported, rate: Rate | None) -> str:
    """Return what keeps a use from being priced, nothing if it can be."""
    entered, job = reported.by_hand, reported.job
    if rate is None:
        is_free = job is not None and job.outcome is Outcome.FAILED
        is_given = entered is not None and entered.tokens is not None
        return "" if is_free or is_given else "no_rate"
    return "" if job is None or is_measured(job, rate) else "no_measure"


def priced(use: int, reported: Reported, product: int, rate: Rate | None) -> Outright:
    """Return the price of a job or a manual entry."""
    entered, on = reported.by_hand, day_of(reported.since)
    if reported.job is not None:
        row = job_row(use, product, Span(reported.since, reported.until), reported.job, rate)
        return outright_of(row, UsageCategory.CLOUD_SERVICE)
    assert entered is not None, "a session has no price of its own"
    if entered.pool:
        assert entered.tokens is not None
        return outright_of(adjustment_row(use, on, entered.tokens), UsageCategory.MANUAL_ADJUSTMENT, entered.pool)
    if entered.tokens is not None:
        row = consumption_row(use, product, on, entered.tokens, 0)
    else:
        assert rate is not None, "what has no rate waits for it"
        row = consumption_row(use, product, on, price_of_quantity(rate, entered.quantity_micro), rate.id)
    return outright_of(row, UsageCategory.MANUAL_CONSUMPTION)


def to_reserve(reported: Reported, rate: Rate | None) -> Tokens:
    """Return what to reserve for a job that runs (domain S1)."""
    return ZERO if reported.job is None or rate is None else estimate(reported.job, rate)


def texts_of(reported: Reported) -> dict[str, str]:
    """Return the words of a use that reports show beside it, by name."""
    if reported.job is None and reported.by_hand is None:
        return reported.places or {}  # the plain use, of which there are many
    found = dict(reported.places or {})
    if reported.job_status:
        found["jobStatus"] = reported.job_status
    if reported.by_hand is not None:
        found |= {"reasonType": reported.by_hand.reason_type, "reasonComment": reported.by_hand.comment}
    return {name: text for name, text in found.items() if text}
