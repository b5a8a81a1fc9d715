"""The catalogue: every published name is declared, codes never move, and the reference page is current."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest

from farebox.domain.packs import Pool
from farebox.domain.usage import ChargeCategory, Funding, UsageCategory, UsageType
from farebox.query import codes
from farebox.query.catalogue import FIELD_BY_NAME, METRIC_BY_NAME, reference_markdown
from farebox.query.codes import CodeTable
from farebox.query.declarations import ALL, CLOUD_PRODUCT, CLOUD_SERVICE, DESKTOP, MANUAL, Kind
from farebox.query.fields import FIELDS
from farebox.query.metrics import METRICS
from farebox.query.rollups import DATE, ROLLUPS
from farebox.query.where import read_where

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "fields.md"


def test_the_reference_page_is_current() -> None:
    """`docs/reference/fields.md` is what the declarations say; `make docs` writes it."""
    assert REFERENCE.read_text(encoding="utf-8") == reference_markdown()


def test_every_published_field_is_declared_once() -> None:
    """The fields of the published list and the pseudonym, and no other, in any order."""
    published = {
        "productLineCode", "productName", "userName", "hashedUserId", "usageDate", "usageMonth", "contractYear",
        "usageCategory", "chargedItemID", "chargeCategory", "sessionStartDate", "sessionEndDate", "productVersion",
        "productFeatureCode", "machineName", "licenseServerName", "licenseServerTimeZoneOffset", "usageType",
        "hubId", "hubName", "projectId", "projectName", "jobStatus",
        "transactionDate", "reasonType", "reasonComment", "tokenPool",
        *(f"customField{place}" for place in range(1, 11)),
    }  # fmt: skip

    assert {field.name for field in FIELDS} == published
    assert len(FIELD_BY_NAME) == len(FIELDS)
    assert len({field.label for field in FIELDS}) == len(FIELDS)


def test_every_published_metric_is_declared_once() -> None:
    """Six metrics, the days, and the quantity that exports of manual entries know."""
    assert [metric.name for metric in METRICS] == [
        "uniqueProducts", "uniqueUsers", "daysUsed", "tokensConsumed", "usageMinutes", "usageHours", "useCount",
        "quantity",
    ]  # fmt: skip
    assert len(METRIC_BY_NAME) == len(METRICS)


def test_every_field_has_the_published_categories() -> None:
    """What is not of one kind of usage is of all (usage-api 2)."""
    of_one_kind = {
        "productVersion": DESKTOP, "productFeatureCode": DESKTOP, "machineName": DESKTOP, "licenseServerName": DESKTOP,
        "usageType": DESKTOP, "sessionStartDate": DESKTOP, "sessionEndDate": DESKTOP,
        "licenseServerTimeZoneOffset": DESKTOP, "chargeCategory": DESKTOP | CLOUD_PRODUCT | CLOUD_SERVICE,
        "hubId": CLOUD_PRODUCT, "hubName": CLOUD_PRODUCT, "projectId": CLOUD_PRODUCT, "projectName": CLOUD_PRODUCT,
        "jobStatus": CLOUD_SERVICE, "transactionDate": MANUAL, "reasonType": MANUAL, "reasonComment": MANUAL,
    }  # fmt: skip

    assert {field.name: field.categories for field in FIELDS if field.categories != ALL} == of_one_kind


def test_every_example_can_be_filtered_by() -> None:
    """An example is a value of its field, and shows how it is written."""
    for field in FIELDS:
        assert read_where(f"{field.name} = '{field.example}'").problems == ()


def test_a_metric_names_the_column_that_it_is_over() -> None:
    """What a roll-up must have for a metric is what its SQL reads; a count of rows reads none."""
    everywhere = set[str].intersection(*(set(rollup.keys) for rollup in ROLLUPS)) - {DATE}
    for metric in METRICS:
        read = set(re.findall(r"fact\.(\w+)", metric.sql))
        assert metric.over in read or read == set()
        assert read - {metric.over} <= everywhere


def test_the_starred_fields_are_for_exports() -> None:
    """Session- and transaction-level fields are those that the published list marks."""
    assert {field.name for field in FIELDS if field.export_only} == {
        "chargedItemID", "chargeCategory", "sessionStartDate", "sessionEndDate", "licenseServerTimeZoneOffset",
        "hubId", "hubName", "projectId", "projectName", "jobStatus", "transactionDate", "reasonComment",
    }  # fmt: skip
    assert FIELD_BY_NAME["machineName"].categories == DESKTOP
    assert FIELD_BY_NAME["reasonType"].categories == MANUAL


def test_declarations_are_whole() -> None:
    """A text is looked up, an enumeration has codes, and everything has an example and a sentence."""
    for field in FIELDS:
        assert (field.lookup is not None) == (field.kind is Kind.TEXT), field.name
        assert (field.codes is not None) == (field.kind is Kind.ENUM), field.name
    for declared in (*FIELDS, *METRICS):
        assert declared.example, declared.name
        assert declared.doc.endswith("."), declared.name


@pytest.mark.parametrize(
    ("table", "members", "stored"),
    [
        (codes.USAGE_CATEGORIES, UsageCategory,
         "DESKTOP_PRODUCT CLOUD_PRODUCT CLOUD_SERVICE MANUAL_ADJUSTMENT MANUAL_CONSUMPTION"),
        (codes.CHARGE_CATEGORIES, ChargeCategory, "CASUAL INCREMENTAL CHARGED FREE"),
        (codes.USAGE_TYPES, UsageType, "Normal Borrowed"),
        (codes.POOLS, Pool, "FLEX CY MY CREDIT"),
        (codes.FUNDINGS, Funding, "TOKENS SEAT TRIAL"),
    ],
)  # fmt: skip
def test_codes_never_move(table: CodeTable, members: type[StrEnum], stored: str) -> None:
    """Stored facts hold these places: a new member is added at the end, here and there."""
    assert list(table.values()) == stored.split()
    assert set(table.members) == set(members)
    assert [table.text(table.code(text)) for text in (None, *stored.split())] == ["", *stored.split()]
