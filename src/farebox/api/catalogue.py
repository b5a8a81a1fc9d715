"""`GET /v1/catalogue`: every field and metric that can be asked for, as it is declared (usage-api 2)."""

# ruff: noqa: N815 -- members are called what they are called on the wire

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext
from ninja import Query, Router, Schema
from pydantic import Field as Described

from farebox.api.tokenflex.answers import own_answers
from farebox.api.tokenflex.app import AskedRequest
from farebox.domain.usage import UsageCategory
from farebox.query.catalogue import OLD_CATEGORIES, queried
from farebox.query.declarations import Declared, Field, Unit
from farebox.query.fields import CUSTOM_FIELDS, FIELDS
from farebox.query.metrics import METRICS
from farebox.query.values import operators

router = Router(tags=["catalogue"])

UNITS = {Unit.COUNT: "count", Unit.TOKENS_MICRO: "tokens", Unit.MINUTES_US: "minutes", Unit.HOURS_US: "hours"}
"""What the numbers of a metric count, as they are answered."""


class CatalogueFilter(Schema):
    """Whose own names of the custom fields are told too."""

    contract: str = Described("", description="The number of a contract; without it the fields have no own names.")


class Declaration(Schema):
    """A name that can be asked for, and where."""

    name: str = Described(description="The name in fields or metrics, in answers, and in the header of a CSV file.")
    label: str = Described(description="The name that people read, in the language of the request.")
    doc: str = Described(description="What it means.")
    example: str = Described(description="A value, as an answer has it.")
    categories: list[str] = Described(description="The usage categories that have it.")
    query: list[str] = Described(description="The usage categories of which a query may ask for it.")
    export: list[str] = Described(description="The usage categories of which an export may ask for it.")
    needsUsageCategory: bool = Described(description="Whether usageCategory is to name one kind of usage then.")


class CatalogueField(Declaration):
    """A field: what answers are grouped by, and conditions compare."""

    kind: str = Described(description="What its values are.")
    ownName: str = Described(description="The contract's own name of a custom field; empty where it has none.")
    filter: list[str] = Described(description="The operators with which a condition may compare it.")
    values: list[str] = Described(description="All values of an enumerated field.")


class CatalogueMetric(Declaration):
    """A metric: what is counted or added up."""

    unit: str = Described(description="What its numbers count.", examples=list(UNITS.values()))


class NamedCategory(Schema):
    """A usage category, and the older names under which it is understood."""

    name: str = Described(description="The name in answers.")
    oldNames: list[str] = Described(description="Other names that are understood.")


class Catalogue(Schema):
    """Everything that can be asked for."""

    usageCategories: list[NamedCategory] = Described(description="The usage categories.")
    fields: list[CatalogueField] = Described(description="The fields.")
    metrics: list[CatalogueMetric] = Described(description="The metrics.")


@router.get("catalogue", response=own_answers(Catalogue), operation_id="getCatalogue", summary="Fields and metrics")
def get_catalogue(request: AskedRequest, filters: Query[CatalogueFilter]) -> dict[str, object]:
    """Return every field and metric: what it means, which usage has it, and where it can be asked for and filtered."""
    own = request.auth.contract(filters.contract).fields if filters.contract else ()
    return {
        "usageCategories": [{"name": one.value, "oldNames": _old_names(one)} for one in UsageCategory],
        "fields": [_field(field, own) for field in FIELDS],
        "metrics": [_declared(metric) | {"unit": UNITS[metric.unit]} for metric in METRICS],
    }


def _old_names(category: UsageCategory) -> list[str]:
    return [old for old, new in OLD_CATEGORIES.items() if new is category]


def _field(field: Field, own: Sequence[str]) -> dict[str, object]:
    return _declared(field) | {
        "kind": field.kind.value,
        "ownName": dict(zip(CUSTOM_FIELDS, own, strict=False)).get(field, ""),
        "filter": list(operators(field)),
        "values": list(field.codes.values()) if field.codes else [],
    }


def _declared(declared: Declared) -> dict[str, object]:
    return {
        "name": declared.name,
        "label": gettext(declared.label),
        "doc": declared.doc,
        "example": declared.example,
        "categories": _named(declared.categories),
        "query": _named(queried(declared)),
        "export": _named(declared.categories),
        "needsUsageCategory": declared.export_only,
    }


def _named(categories: Iterable[UsageCategory]) -> list[str]:
    """Return the names of categories, in the order in which they are declared."""
    return [category.value for category in UsageCategory if category in categories]
