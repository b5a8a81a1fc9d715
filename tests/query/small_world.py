"""
A small world of people, products and texts that like to be confused, as facts and as the oracle's rows.

Two products share a name; some texts hold quotes, wildcards, backslashes and capitals of several scripts.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import strategies as st
from tests.query.oracle import Shown, UsageRow

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Day, Instant
from farebox.domain.ids import charged_item_id
from farebox.query.codes import CHARGE_CATEGORIES, FUNDINGS, POOLS, USAGE_CATEGORIES, USAGE_TYPES, CodeTable
from farebox.warehouse import Fact, LabelRow, PersonRow, ProductRow

PEOPLE = (
    PersonRow(1, "ann", "p-93f1"),
    PersonRow(2, "bob@example.test", "p-11aa"),
    PersonRow(3, "O'Brien_x", "p-4c00"),
    PersonRow(4, "O'BrienXx", "p-0b1e"),
    PersonRow(5, "bob@example.test", "p-9d3c"),
    PersonRow(6, "ann", "p-5e5e"),
)
ELSEWHERE = {1: 6, 2: 5}
"""Who of the people is in another team too, and is another person there: nothing links the two (quality P2)."""

PRODUCTS = (
    ProductRow(1, "DRW", "Drawing"),
    ProductRow(2, "MOD", "Modeller 100%"),
    ProductRow(3, "MODLT", "Modeller 100%"),
    ProductRow(4, "ANA", "Analysis \\ flow"),
)
LABELS = (
    LabelRow(1, "2025"),
    LabelRow(2, "2026"),
    LabelRow(3, "Malmö"),
    LabelRow(4, "MALMÖ"),
    LabelRow(5, "=cmd|' /C calc'!A0"),
    LabelRow(6, "WS-114", "m-77aa"),
    LabelRow(7, "ws_114", "m-01bb"),
    LabelRow(8, "İzmir ΟΔΟΣ"),
    LabelRow(9, "Straße K1_%"),
    LabelRow(10, "e\u0301te\n100\\%"),
)
_PEOPLE = {row.person_id: row for row in PEOPLE}
_PRODUCTS = {row.product_id: row for row in PRODUCTS}
_LABELS = {row.label_id: row for row in LABELS}
_LABELLED = {
    "productVersion": "version_id",
    "productFeatureCode": "feature_id",
    "licenseServerName": "server_id",
    "hubId": "hub_id",
    "hubName": "hub_name_id",
    "projectId": "project_id",
    "projectName": "project_name_id",
    "jobStatus": "job_status_id",
    "reasonType": "reason_type_id",
    "reasonComment": "reason_comment_id",
} | {f"customField{place}": f"custom_{place}" for place in range(1, 11)}
_EPOCH = date(1970, 1, 1)


def fact_of(seed: int) -> Fact:
    """Make a fact from a seed: few values of each kind, so that facts fall into the same groups."""
    pick = Random(seed).choice
    return Fact(
        charge_id=0,
        contract_id=0,
        usage_date=pick([Day(20_100), Day(20_101), Day(20_119), Day(20_120), Day(20_140)]),
        contract_year=pick([1, 1, 2]),
        usage_category=pick([1, 1, 1, 2, 3, 4, 5]),
        funding=pick([1, 1, 1, 1, 2, 3]),
        charged=pick([0, 1, 2]),
        duration_us=pick([0, 1_000_000, 217_000_000, 10**11 + 7]),
        tokens_micro=Tokens(pick([-7_000_000, 0, 100_000, 7_000_000, 10**17])),
        person_id=pick([0, 1, 2, 3, 4]),
        product_id=pick([0, 1, 2, 2, 3, 3, 4]),
        charge_category=pick([0, 1, 2, 3, 4]),
        usage_type=pick([0, 1, 2]),
        pool=pick([0, 1, 2, 3, 4]),
        since_us=pick([None, Instant(1_735_000_001_000_000), Instant(1_735_000_001_700_000)]),
        until_us=pick([None, Instant(1_735_000_002_000_000)]),
        offset_seconds=pick([None, -28800, 0, 3600, 19800]),
        transaction_date=pick([None, Day(20_101)]),
        machine_id=pick([0, 6, 7]),
        **{column: pick([0, 0, 3, 3, 4, 5, 8, 9, 10]) for column in _LABELLED.values()},
    )


facts = st.integers(0, 2**32).map(fact_of)

FULL = Fact(
    charge_id=77, contract_id=0, usage_date=Day(20_100), contract_year=2, usage_category=1, funding=1, charged=1,
    duration_us=60_000_000, tokens_micro=Tokens(7_000_000), person_id=1, product_id=2, charge_category=3, usage_type=1,
    pool=1, since_us=Instant(1_735_000_001_000_000), until_us=Instant(1_735_000_002_000_000), offset_seconds=3600,
    transaction_date=Day(20_101), machine_id=6, **dict.fromkeys(_LABELLED.values(), 3),
)  # fmt: skip
"""A fact that has every field."""


def as_row(fact: Fact, *, names_hidden: bool) -> UsageRow:
    """Return the oracle's row of a fact."""
    on = _EPOCH + timedelta(days=fact.usage_date)
    person, product = _PEOPLE.get(fact.person_id), _PRODUCTS.get(fact.product_id)
    machine = _LABELS.get(fact.machine_id)
    shown = {
        "productLineCode": _same(product.code if product else ""),
        "productName": _same(product.name if product else ""),
        "userName": _same((person.pseudonym if names_hidden else person.name) if person else ""),
        "hashedUserId": _same(person.pseudonym if person else ""),
        "machineName": _same((machine.pseudonym if names_hidden else machine.text) if machine else ""),
        "usageDate": _date(on),
        "usageMonth": _date(on.replace(day=1)),
        "contractYear": _same(fact.contract_year),
        "usageCategory": _code(USAGE_CATEGORIES, fact.usage_category),
        "chargeCategory": _code(CHARGE_CATEGORIES, fact.charge_category),
        "usageType": _code(USAGE_TYPES, fact.usage_type),
        "tokenPool": _code(POOLS, fact.pool),
        "chargedItemID": Shown(fact.charge_id, charged_item_id(fact.charge_id)),
        "sessionStartDate": _moment(fact.since_us),
        "sessionEndDate": _moment(fact.until_us),
        "licenseServerTimeZoneOffset": _offset(fact.offset_seconds),
        "transactionDate": _date(
            None if fact.transaction_date is None else _EPOCH + timedelta(days=fact.transaction_date)
        ),
    }
    for name, column in _LABELLED.items():
        label = _LABELS.get(getattr(fact, column))
        shown[name] = _same(label.text if label else "")
    return UsageRow(
        fields=shown,
        counts=fact.funding == FUNDINGS.code("TOKENS"),
        category=shown["usageCategory"].text,
        person=fact.person_id,
        day=fact.usage_date,
        product=fact.product_id,
        tokens_micro=fact.tokens_micro,
        duration_us=fact.duration_us,
        charged=fact.charged,
    )


def _same(value: str | int) -> Shown:
    return Shown(value, value)


def _code(codes: CodeTable, code: int) -> Shown:
    return _same(["", *codes.values()][code])


def _date(on: date | None) -> Shown:
    return Shown(on, "" if on is None else on.isoformat())


def _moment(at_us: int | None) -> Shown:
    if at_us is None:
        return Shown(None, "")
    second = at_us // 1_000_000
    return Shown(second, datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S"))


def _offset(seconds: int | None) -> Shown:
    words = {None: "", -28800: "-8:00", 0: "+0:00", 3600: "+1:00", 19800: "+5:30"}
    return Shown(seconds, words[seconds])
