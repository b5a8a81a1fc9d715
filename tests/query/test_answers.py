"""Questions over the real warehouse give what plain Python gives (domain R1, R9; usage-api 3)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.query import oracle
from tests.query.clauses import OWN_NAMES, clauses
from tests.query.oracle import Always, folded
from tests.query.small_world import ELSEWHERE, FULL, LABELS, PEOPLE, PRODUCTS, as_row, fact_of, facts

from farebox.domain.clock import Instant
from farebox.query.plan import Asker, Question, make_plan
from farebox.query.present import json_rows
from farebox.query.rollups import table_of
from farebox.query.rules import Surface
from farebox.warehouse import Batch, Fact, Warehouse

GENERAL = (
    "productLineCode", "productName", "userName", "hashedUserId", "usageDate", "usageMonth", "contractYear",
    "usageCategory", "customField1", "customField2", "customField3", "customField5", "customField7",
)  # fmt: skip
DESKTOP = ("productVersion", "productFeatureCode", "machineName", "licenseServerName", "usageType")
DESKTOP_SESSIONS = (
    "chargedItemID", "chargeCategory", "sessionStartDate", "sessionEndDate", "licenseServerTimeZoneOffset",
)  # fmt: skip
HUBS = ("chargedItemID", "chargeCategory", "hubId", "hubName", "projectId", "projectName", "tokenPool")
MANUAL = ("chargedItemID", "transactionDate", "reasonType", "reasonComment", "tokenPool")
SESSION_METRICS = ("tokensConsumed", "usageMinutes", "usageHours")
METRICS = (*SESSION_METRICS, "uniqueProducts", "uniqueUsers", "useCount", "daysUsed")

BY_DAY = (
    "usageDate", "usageMonth", "contractYear", "usageCategory", "tokenPool", "productLineCode", "productName",
)  # fmt: skip
BY_MONTH = ("usageMonth", "contractYear", "usageCategory", "tokenPool", "userName", "hashedUserId")

MODES: tuple[tuple[Surface, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (Surface.QUERY, (), (*GENERAL, *DESKTOP, "reasonType", "tokenPool"), METRICS),
    (Surface.QUERY, (), BY_DAY, tuple(name for name in METRICS if name != "uniqueUsers")),
    (Surface.QUERY, (), BY_MONTH, tuple(name for name in METRICS if name not in ("uniqueProducts", "daysUsed"))),
    (Surface.QUERY, ("DESKTOP_PRODUCT", "CLOUD_SERVICE"), (*GENERAL, *DESKTOP), METRICS),
    (Surface.EXPORT, ("DESKTOP_PRODUCT",), (*GENERAL, *DESKTOP, *DESKTOP_SESSIONS), SESSION_METRICS),
    (Surface.EXPORT, ("CLOUD_PRODUCT",), (*GENERAL, *HUBS), METRICS),
    (Surface.QUERY, ("MANUAL_ADJUSTMENT", "MANUAL_CONSUMPTION"), (*GENERAL, *MANUAL), (*METRICS, "quantity")),
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A warehouse with the small world's people, products and texts."""
    opened = Warehouse.open(tmp_path_factory.mktemp("warehouse") / "facts.duckdb", memory="500MB")
    opened.apply(Batch(1, Instant(0), people=PEOPLE, products=PRODUCTS, labels=LABELS))
    yield opened
    opened.close()


contracts = count(1)
"""A new contract for each example, so that examples also prove that contracts are kept apart."""


UNSURE = frozenset({"Cn", "Cs", "Co"})
FEW, MANY = st.lists(facts, max_size=3), st.lists(facts, min_size=12, max_size=25)


@given(data=st.data(), mode=st.sampled_from(MODES), names_hidden=st.booleans(), used=FEW | MANY)
@settings(max_examples=few(150), deadline=None)
def test_the_warehouse_answers_as_plain_python_does(
    warehouse: Warehouse, data: st.DataObject, mode: Any, names_hidden: bool, used: list[Fact]
) -> None:
    """Every question that may be asked has the rows, the order, the total and the pages that the oracle gives."""
    surface, categories, allowed, measures = mode
    contract = used_in_a_new_contract(warehouse, *used)
    rows = rows_of(contract, used, names_hidden=names_hidden)
    also = data.draw(st.none() | FEW.map(elsewhere), label="also in another contract")
    other = () if also is None else (used_in_a_new_contract(warehouse, *also),)
    rows += [row for number in other for row in rows_of(number, also or (), names_hidden=names_hidden)]
    names = data.draw(st.lists(st.sampled_from(allowed), max_size=3, unique=True), label="fields")
    metrics = data.draw(st.lists(st.sampled_from(measures), min_size=not names, unique=True), label="metrics")
    known = [*rows, as_row(FULL, names_hidden=names_hidden)]
    where, meant = data.draw(st.just(("", Always(holds=True))) | clauses((*allowed, "usageDate"), known), label="where")
    start, length = data.draw(st.tuples(st.integers(0, 4), st.integers(0, 4)), label="page")

    asker = Asker(contract_id=contract, names_hidden=names_hidden, custom_names=OWN_NAMES, also=other)
    question = Question(fields=tuple(names), metrics=tuple(metrics), usage_categories=categories, where=where)
    plan = make_plan(question, asker, surface)
    whole, page = warehouse.ask(plan), warehouse.ask(plan, offset=start, limit=length)
    with warehouse.stream(plan) as stream:
        streamed = list(stream.rows)

    expected = oracle.answer(rows, names, metrics, categories, meant)
    assert [list(row) for row in json_rows(plan, whole.rows)] == expected
    assert whole.total == page.total == len(expected)
    assert page.rows == whole.rows[start : start + length]
    assert streamed == whole.rows


def rows_of(contract: int, used: Iterable[Fact], *, names_hidden: bool) -> list[oracle.UsageRow]:
    """Return the oracle's rows of the facts of a contract."""
    numbered = (fact._replace(charge_id=contract * 100 + n) for n, fact in enumerate(used))
    return [as_row(fact, names_hidden=names_hidden) for fact in numbered]


def elsewhere(used: Iterable[Fact]) -> list[Fact]:
    """Return facts as another team has them, with its own people."""
    return [fact._replace(person_id=ELSEWHERE.get(fact.person_id, fact.person_id)) for fact in used]


def test_a_question_that_a_roll_up_answers_is_answered_by_the_facts_alike(warehouse: Warehouse) -> None:
    """The same question, asked so that only the facts can answer, has the same rows."""
    used = [fact_of(seed) for seed in range(200)]
    asker = Asker(contract_id=used_in_a_new_contract(warehouse, *used), names_hidden=False)

    def answered(where: str, *metrics: str) -> tuple[str, list[Any]]:
        plan = make_plan(Question(fields=("usageMonth", "usageCategory"), metrics=metrics, where=where), asker)
        return table_of(plan), warehouse.ask(plan).rows

    every = "userName != 'nobody' AND productName != 'nothing'"
    for metrics, table in ((SESSION_METRICS, "daily"), (("uniqueProducts",), "daily"), (("uniqueUsers",), "monthly")):
        rolled, plain = answered("", *metrics), answered(every, *metrics)
        assert (rolled[0], plain[0]) == (table, "fact")
        assert rolled[1] == plain[1] != []


STABLE = [chr(point) for point in range(0x20, 0x110000) if unicodedata.ucd_3_2_0.category(chr(point)) not in UNSURE]
"""Every sign that has been a sign for so long that all tables of letters agree on it."""


def test_letters_match_in_either_case_sign_by_sign(warehouse: Warehouse) -> None:
    """The engine's small letters are the oracle's, for every letter there is: none becomes two, none minds others."""
    with warehouse.snapshot() as snapshot:
        small = snapshot._cursor.execute("SELECT lower(sign) FROM (SELECT unnest(?) AS sign)", [STABLE]).fetchall()

    assert [sign for (sign,) in small] == [folded(sign) for sign in STABLE]


def test_a_name_cannot_be_tested_when_names_are_hidden(warehouse: Warehouse) -> None:
    """With names hidden, a where clause compares pseudonyms only: the clear name finds nothing (quality P1)."""
    asker = Asker(contract_id=used_in_a_new_contract(warehouse, FULL), names_hidden=True)

    def found(where: str) -> int:
        return warehouse.ask(make_plan(Question(metrics=("uniqueUsers",), where=where), asker)).rows[0][0]

    assert found("userName = 'ann'") == found("userName LIKE 'ann%'") == found("machineName = 'WS-114'") == 0
    assert found("userName = 'p-93f1'") == found("userName LIKE '%93F1'") == found("machineName = 'm-77aa'") == 1


def test_products_that_share_a_name_are_one_group(warehouse: Warehouse) -> None:
    """Grouped by name alone, two products of one name are one row, and a person who uses both counts once."""
    contract = used_in_a_new_contract(warehouse, FULL._replace(product_id=2), FULL._replace(product_id=3))

    def answered(*fields: str) -> list[Any]:
        question = Question(fields=fields, metrics=("tokensConsumed", "uniqueUsers", "uniqueProducts"))
        plan = make_plan(question, Asker(contract_id=contract, names_hidden=False))
        return list(json_rows(plan, warehouse.ask(plan).rows))

    assert answered("productName") == [("Modeller 100%", 14, 1, 2)]
    assert answered("productName", "productLineCode") == [
        ("Modeller 100%", "MOD", 7, 1, 1), ("Modeller 100%", "MODLT", 7, 1, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("where", "people"),
    [
        ("userName LIKE 'o''brien_x'", ["O'Brien_x"]),
        ("userName LIKE '%BRIEN%'", ["O'BrienXx", "O'Brien_x"]),
        ("userName LIKE 'ann'", ["ann"]),
        ("productName LIKE '%100\\%'", []),
        ("productName LIKE '%sis \\ fl%'", ["ann"]),
        ("sessionStartDate != '2024-12-24T00:00:41'", ["O'BrienXx", "O'Brien_x"]),
        ("sessionStartDate < '2030-01-01'", ["ann"]),
        ("customField1 = ''", ["O'BrienXx"]),
        ("customField1 != 'Malmö'", ["O'BrienXx", "O'Brien_x"]),
    ],
)
def test_a_filter_finds(warehouse: Warehouse, where: str, people: list[str]) -> None:
    """In LIKE only % is special and letters match in either case; what is missing differs from every value."""
    contract = used_in_a_new_contract(
        warehouse,
        FULL._replace(since_us=Instant(1_734_998_441_000_000), product_id=4),
        FULL._replace(since_us=None, person_id=3, custom_1=4),
        FULL._replace(since_us=None, person_id=4, custom_1=0),
    )
    question = Question(fields=("userName",), where=where, usage_categories=("DESKTOP_PRODUCT",))
    plan = make_plan(question, Asker(contract_id=contract, names_hidden=False), Surface.EXPORT)

    assert [row[0] for row in warehouse.ask(plan).rows] == people


def used_in_a_new_contract(warehouse: Warehouse, *used: Fact) -> int:
    """Put facts into a contract of their own and return it."""
    contract = next(contracts)
    placed = [fact._replace(contract_id=contract, charge_id=contract * 100 + n) for n, fact in enumerate(used)]
    warehouse.apply(Batch(warehouse.position() + 1, Instant(0), facts=placed))
    return contract
