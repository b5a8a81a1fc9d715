"""`GET /tokenflex/v1/contract…`: which contracts there are, their years, their own fields, and values (usage-api 4)."""

# ruff: noqa: N815 -- members are called what they are called on the wire

from __future__ import annotations

from typing import Annotated

from ninja import Query, Router, Schema
from pydantic import Field, WithJsonSchema

from farebox.api.tokenflex.answers import Number, answers, number
from farebox.api.tokenflex.app import AskedRequest
from farebox.api.tokenflex.parameters import Category, category_of
from farebox.domain.clock import Day, as_date
from farebox.domain.contracts import ContractYear
from farebox.domain.errors import Problem, Rejected
from farebox.query.catalogue import custom_field_named, guess
from farebox.query.fields import CUSTOM_FIELDS
from farebox.services import contracts, report
from farebox.services.contracts import Outline
from farebox.services.report import Question, Readable
from farebox.wallclock import now

router = Router(tags=["contract"])

LISTED = ("productName", "userName", "machineName", "licenseServerName")
"""The fields whose values can be listed (usage-api 4.5)."""

_Date = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
_Listed = Annotated[str, WithJsonSchema({"type": "string", "enum": list(LISTED)})]
_Names = Annotated[list[str], Field(min_length=len(CUSTOM_FIELDS), max_length=len(CUSTOM_FIELDS))]


class ContractOutline(Schema):
    """A contract, and its first and last day."""

    contractNumber: str = Field(description="The number, as addresses have it.")
    contractName: str = Field(description="The name of the team whose contract it is.")
    contractStartDate: _Date = Field(description="The first day.")
    contractEndDate: _Date = Field(description="The last day; of one without an end, that of its last year so far.")
    isActive: bool = Field(description="Whether today (UTC) is one of its days.")


class YearOfContract(Schema):
    """One year of a contract, its first and last day, and its tokens as they are booked at this moment."""

    year: int = Field(description="Counted from 1.")
    startDate: _Date = Field(description="The first day.")
    endDate: _Date = Field(description="The last day.")
    provisionedTokens: Number = Field(
        description="Bought and moved in, less moved out; packs count to their first year."
    )
    consumedTokens: Number = Field(description="Without tokens of several years.")
    remainingTokens: Number = Field(
        description="Provisioned less consumed, and not what is left: packs pay beyond their year."
    )
    multiyearTokensAtStart: Number = Field(description="Of several years: there at the start, or come in the year.")
    multiyearConsumedTokens: Number = Field(description="What was taken from tokens of several years.")


class ContractDetail(ContractOutline):
    """A contract with its years."""

    multiyearProvisionedTokens: Number = Field(
        description="Tokens of several years that it was given, in all its years."
    )
    contractYears: list[YearOfContract] = Field(description="Its years up to now, in order.")


class ValuesFilters(Schema):
    """What a list of values is limited to."""

    usageCategory: Category = ""


@router.get("/contract", response=answers(list[ContractOutline]), operation_id="listContracts", summary="Contracts")
def list_contracts(request: AskedRequest) -> list[dict[str, object]]:
    """List the contracts that you may read, ended ones too. Without a role that may read there are none."""
    return [_outline(one) for one in contracts.outlines(request.auth.contracts(), at=now())]


@router.get(
    "/contract/{contract_number}", response=answers(ContractDetail), operation_id="getContract", summary="One contract"
)
def get_contract(request: AskedRequest, contract_number: str) -> dict[str, object]:
    """Return a contract with its years: what each was provisioned with, what it consumed, and what it has left."""
    found = contracts.detail(request.auth.contract(contract_number), at=now())
    years = [_year(year) for year in found.years]
    return _outline(found.outline) | {"multiyearProvisionedTokens": number(found.multi_year), "contractYears": years}


@router.get(
    "/contract/{contract_number}/enrichment",
    response=answers(_Names),
    operation_id="listEnrichmentCategories",
    summary="Names of the custom fields",
)
def list_categories(request: AskedRequest, contract_number: str) -> list[str]:
    """Return the contract's own names of customField1 to customField10, in this order; empty where there is none."""
    return _ten(request.auth.contract(contract_number).fields)


@router.get(
    "/contract/{contract_number}/enrichment/{anything:category}",
    response=answers(list[str]),
    operation_id="listEnrichmentValues",
    summary="Values of a custom field",
)
def list_category(request: AskedRequest, contract_number: str, category: str) -> list[str]:
    """List the values that usage has in a custom field, which is named as the contract calls it, or customField1."""
    contract = request.auth.contract(contract_number)
    field = custom_field_named(category, contract.fields)
    if field is None:
        known = [*(field.name for field in CUSTOM_FIELDS), *filter(None, contract.fields)]
        message = f"there is no custom field {category[:40]!r}{guess(category, known)}"
        raise Rejected([Problem("/category", "unknown_field", message)])
    return _values(contract, field.name)


@router.get(
    "/contract/{contract_number}/{field}",
    response=answers(list[str]),
    operation_id="listFieldValues",
    summary="Values of a field",
)
def list_field(request: AskedRequest, contract_number: str, field: _Listed, filters: Query[ValuesFilters]) -> list[str]:
    """List the products, people, machines or licence servers that have usage, of one usage category or of all."""
    contract = request.auth.contract(contract_number)
    problems: list[Problem] = []
    if field not in LISTED:
        message = f"values are listed of {', '.join(LISTED)}{guess(field, LISTED)}"
        problems.append(Problem("/field", "unknown_field", message))
    category = category_of("usageCategory", filters.usageCategory, problems)
    if problems:
        raise Rejected(problems)
    return _values(contract, field, f"usageCategory = '{category}'" if category else "")


def _values(contract: Readable, field: str, where: str = "") -> list[str]:
    """Return the distinct values of a field; machines of usage that has none are no fault, but no values either."""
    rows = report.answer(Question(fields=(field,), where=where), contract).rows
    return sorted({str(value) for (value,) in rows} - {""})


def _ten(names: tuple[str, ...]) -> list[str]:
    return [*names, *[""] * len(CUSTOM_FIELDS)][: len(CUSTOM_FIELDS)]


def _outline(contract: Outline) -> dict[str, object]:
    since, until = contract.days
    return {
        "contractNumber": contract.number,
        "contractName": contract.name,
        "contractStartDate": _date(since),
        "contractEndDate": _date(Day(until - 1)),
        "isActive": contract.active,
    }


def _year(year: ContractYear) -> dict[str, object]:
    since, until = year.days
    return {
        "year": year.number,
        "startDate": _date(since),
        "endDate": _date(Day(until - 1)),
        "provisionedTokens": number(year.provisioned),
        "consumedTokens": number(year.consumed),
        "remainingTokens": number(year.remaining),
        "multiyearTokensAtStart": number(year.multi_year_at_start),
        "multiyearConsumedTokens": number(year.multi_year_consumed),
    }


def _date(on: Day) -> str:
    return as_date(on).isoformat()
