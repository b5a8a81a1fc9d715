"""
The catalogue: what can be asked, by name; what was probably meant; and the reference page made from it.

Names are exact. The names that an older version of the API used for usage categories are accepted as input
and never written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType

from farebox.domain.usage import UsageCategory
from farebox.query.declarations import ALL, MANUAL, Declared, Field, Metric
from farebox.query.fields import CUSTOM_FIELDS, FIELDS
from farebox.query.metrics import METRICS

FIELD_BY_NAME: Mapping[str, Field] = MappingProxyType({field.name: field for field in FIELDS})
METRIC_BY_NAME: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in METRICS})

OLD_CATEGORIES: Mapping[str, UsageCategory] = MappingProxyType(
    {
        "PRODUCT_CONSUMPTION": UsageCategory.DESKTOP_PRODUCT,
        "CLOUD_PRODUCT_CONSUMPTION": UsageCategory.CLOUD_PRODUCT,
        "CLOUD_CONSUMPTION": UsageCategory.CLOUD_SERVICE,
    }
)

_GUESS_LENGTH_MAX = 64


def field_named(name: str, custom_names: Sequence[str] = ()) -> Field | None:
    """Return the field of that name, or the custom field that the contract calls so; the first one wins."""
    declared = FIELD_BY_NAME.get(name)
    if declared is not None or not name:
        return declared
    return next((field for field, own in zip(CUSTOM_FIELDS, custom_names, strict=False) if own == name), None)


def custom_field_named(name: str, custom_names: Sequence[str] = ()) -> Field | None:
    """Return the custom field of that name, customField1 … 10 or the contract's own; the first one wins."""
    found = field_named(name, custom_names)
    return found if found in CUSTOM_FIELDS else None


def category_named(name: str) -> UsageCategory | None:
    """Return the usage category of that name, new or old."""
    if name in OLD_CATEGORIES:
        return OLD_CATEGORIES[name]
    return UsageCategory(name) if name in UsageCategory._value2member_map_ else None


def guess(name: str, names: Iterable[str]) -> str:
    """Return "; did you mean …?" for the name most like `name`, or an empty text where none is like it."""
    by_folded = {known.casefold(): known for known in names}
    close = get_close_matches(name[:_GUESS_LENGTH_MAX].casefold(), by_folded, n=1, cutoff=0.6)
    return f"; did you mean {by_folded[close[0]]}?" if close else ""


def guess_field(name: str, custom_names: Sequence[str] = ()) -> str:
    """Return "; did you mean …?" for the field most like `name`."""
    return guess(name, [*FIELD_BY_NAME, *filter(None, custom_names)])


def queried(declared: Declared) -> frozenset[UsageCategory]:
    """Return the kinds of usage of which a query may ask for a field or metric; an export may ask for it of all its."""
    return declared.categories & MANUAL if declared.export_only else declared.categories


def reference_markdown() -> str:
    """Write the reference page of fields and metrics, from the declarations."""
    return "\n".join(
        [
            "# Fields and metrics",
            "<!-- Written by `make docs` from the declarations; change those. -->",
            "",
            "**Query** says where a field may be asked for in a query: *yes*, or only with the `usageCategory`",
            "attribute set to manual categories, or only in an export. Everything may be asked for in an export;",
            "a field that is not for queries then needs the `usageCategory` attribute, with one kind of category.",
            "",
            "## Fields",
            "",
            "| field | meaning | example | kind | categories | query |",
            "| --- | --- | --- | --- | --- | --- |",
            *(_row(field, field.kind) for field in FIELDS),
            "",
            "## Metrics",
            "",
            "| metric | meaning | example | kind | categories | query |",
            "| --- | --- | --- | --- | --- | --- |",
            *(_row(metric, "number") for metric in METRICS),
            "",
            "## Values",
            "",
            "| field | values |",
            "| --- | --- |",
            *(
                f"| {field.name} | {', '.join(f'`{value}`' for value in field.codes.values())} |"
                for field in FIELDS
                if field.codes
            ),
            "",
            "Older names accepted for usageCategory: "
            + ", ".join(f"`{old}` for `{new}`" for old, new in OLD_CATEGORIES.items())
            + ".",
            "",
        ]
    )


def _row(declared: Declared, kind: str) -> str:
    return (
        f"| {declared.name} | {declared.doc} | `{declared.example}` | {kind} "
        f"| {_categories(declared)} | {_in_queries(declared)} |"
    )


def _categories(declared: Declared) -> str:
    if declared.categories == ALL:
        return "all"
    return ", ".join(category.value for category in UsageCategory if category in declared.categories)


def _in_queries(declared: Declared) -> str:
    if not declared.export_only:
        return "yes"
    return "manual categories" if queried(declared) else "no"
