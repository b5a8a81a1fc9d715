"""`GET /tokenflex/v1/usage/{contract_number}/summary` and `/last`: usage by month, and its age (usage-api 5)."""

# ruff: noqa: N815 -- members are called what they are called on the wire

from __future__ import annotations

from typing import Annotated

from ninja import Query, Router, Schema
from pydantic import Field, WithJsonSchema

from farebox.api.tokenflex.answers import Number, answers
from farebox.api.tokenflex.app import AskedRequest
from farebox.api.tokenflex.parameters import Category, Month, Year, category_of, month_of, year_of
from farebox.domain.clock import as_date
from farebox.domain.errors import Problem, Rejected
from farebox.services import latest, report
from farebox.services.report import Question

router = Router(tags=["usage"])

SUMMARY = Question(fields=("usageMonth", "contractYear", "usageCategory"), metrics=("uniqueUsers", "tokensConsumed"))
"""What a summary asks; its columns are the members of its rows."""

_Date = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]


class SummaryFilters(Schema):
    """What a summary is limited to; bounds are inclusive."""

    minUsageMonth: Month = Field("", description="The first month: itself, a date in it, or a moment in it (UTC).")
    maxUsageMonth: Month = Field("", description="The last month.")
    contractYear: Year = ""
    usageCategory: Category = ""


class MonthOfUsage(Schema):
    """The usage of a month and a contract year in one category."""

    usageMonth: _Date = Field(description="The first day of the month.")
    contractYear: int = Field(description="The contract year, counted from 1.")
    usageCategory: str = Field(description="The kind of usage.")
    uniqueUsers: int = Field(description="People who used something; adjustments are nobody's.")
    tokensConsumed: Number = Field(description="What was charged.")


class LatestUsage(Schema):
    """The last usage of a kind."""

    usageCategory: str = Field(description="The kind of usage.")
    chargeCategory: str = Field(description="N/A where the category is not charged by sessions.")
    lastUsageDate: _Date = Field(description="The last usage date that has usage.")
    lastProcessDate: _Date = Field(description="The day (UTC) on which usage of this kind was recorded last.")


@router.get(
    "/usage/{contract_number}/summary",
    response=answers(list[MonthOfUsage]),
    operation_id="getUsageSummary",
    summary="Usage by month",
)
def get_summary(request: AskedRequest, contract_number: str, filters: Query[SummaryFilters]) -> list[dict[str, object]]:
    """Return people and tokens of each month, contract year and usage category that has usage, in order of months."""
    contract = request.auth.contract(contract_number)
    question = Question(fields=SUMMARY.fields, metrics=SUMMARY.metrics, where=_where(filters))
    found = report.answer(question, contract)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


@router.get(
    "/usage/{contract_number}/last",
    response=answers(list[LatestUsage]),
    operation_id="getLastUsage",
    summary="Last usage of each kind",
)
def get_last(request: AskedRequest, contract_number: str) -> list[dict[str, object]]:
    """Return the last date that has usage, and the day on which some was recorded last, of each kind of usage."""
    return [
        {
            "usageCategory": one.usage_category,
            "chargeCategory": one.charge_category,
            "lastUsageDate": as_date(one.used_on).isoformat(),
            "lastProcessDate": as_date(one.recorded_on).isoformat(),
        }
        for one in latest.freshness(request.auth.contract(contract_number))
    ]


def _where(filters: SummaryFilters) -> str:
    """Return the condition that the filters mean. Raises `Rejected` with every problem that they have."""
    problems: list[Problem] = []
    first = month_of("minUsageMonth", filters.minUsageMonth, problems)
    last = month_of("maxUsageMonth", filters.maxUsageMonth, problems)
    year = year_of("contractYear", filters.contractYear, problems)
    category = category_of("usageCategory", filters.usageCategory, problems)
    if problems:
        raise Rejected(problems)
    return " AND ".join(
        [
            *([f"usageMonth >= '{first}'"] if first else []),
            *([f"usageMonth <= '{last}'"] if last else []),
            *([f"contractYear = {year}"] if year else []),
            *([f"usageCategory = '{category}'"] if category else []),
        ]
    )
