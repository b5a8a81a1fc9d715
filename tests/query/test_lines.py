"""The engine writes the lines that the presenter writes, byte for byte (usage-api 6.10; domain R3)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.query.small_world import FULL, LABELS, PEOPLE, PRODUCTS, facts
from tests.query.test_answers import GENERAL, MODES

from farebox.domain.amounts import TOKENS_MAX, Tokens
from farebox.domain.clock import FIRST, LAST, Day, Instant, day_of
from farebox.domain.ids import CHARGES_MAX
from farebox.query.lines import csv_header, render_csv
from farebox.query.plan import Asker, Plan, Question, make_plan
from farebox.query.present import _UNSEEN, csv_lines, neutralised
from farebox.query.rules import Surface
from farebox.warehouse import Batch, Fact, LabelRow, PersonRow, ProductRow, Warehouse

SESSIONS = (
    "chargedItemID", "sessionStartDate", "sessionEndDate", "licenseServerTimeZoneOffset", "usageDate", "usageMonth",
    "contractYear", "chargeCategory",
)  # fmt: skip
NASTY = st.text(st.sampled_from("=+-@\t\r\n\0＝＋－＠\"',;a é\u3000\u200b\ufeff\u00ad\U0001f600"), max_size=6)

contracts = count(1)
"""A new contract for each example."""
positions = count(1)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A warehouse with the small world's people, products and texts."""
    opened = Warehouse.open(tmp_path_factory.mktemp("warehouse") / "lines.duckdb", memory="500MB")
    apply(opened, people=PEOPLE, products=PRODUCTS, labels=LABELS)
    yield opened
    opened.close()


def apply(warehouse: Warehouse, **given: Any) -> None:
    """Apply one more batch."""
    warehouse.apply(Batch(next(positions), Instant(0), **given))


def export(contract: int, question: Question, *, surface: Surface = Surface.EXPORT, hidden: bool = False) -> Plan:
    """Plan an export of a contract."""
    return make_plan(question, Asker(contract_id=contract, names_hidden=hidden), surface)


def both(warehouse: Warehouse, plan: Plan) -> tuple[str, str]:
    """Return the file as the engine writes it, and as the presenter writes it."""
    with warehouse.snapshot() as snapshot:
        written = snapshot.csv(plan)
        parts = list(written.parts)
        assert written.rows == sum(rows for rows, _ in parts)
        by_engine = b"".join(part for _, part in parts).decode()
        return by_engine, "".join(csv_lines(plan, snapshot.stream(plan).rows))


@settings(max_examples=few(60), deadline=None)
@given(st.data())
def test_every_question_gives_the_same_file(warehouse: Warehouse, data: st.DataObject) -> None:
    """Whatever may be exported, names hidden or not, is the same file in the same order, however it is written."""
    surface, categories, fields, metrics = data.draw(st.sampled_from(MODES))
    contract = next(contracts)
    made = data.draw(st.lists(facts, max_size=25))
    placed = [one._replace(contract_id=contract, charge_id=contract * 1000 + nth) for nth, one in enumerate(made)]
    apply(warehouse, facts=placed)
    asked = data.draw(st.lists(st.sampled_from(fields), unique=True, max_size=8))
    measured = data.draw(st.lists(st.sampled_from(metrics), unique=True, min_size=0 if asked else 1))
    question = Question(fields=tuple(asked), metrics=tuple(measured), usage_categories=categories)

    by_engine, by_presenter = both(
        warehouse, export(contract, question, surface=surface, hidden=data.draw(st.booleans()))
    )

    assert by_engine == by_presenter


@settings(max_examples=few(60), deadline=None)
@given(st.lists(NASTY, min_size=1, max_size=12))
def test_nasty_texts_are_neutralised_and_quoted_alike(warehouse: Warehouse, texts: list[str]) -> None:
    """Formulas behind unseen signs, quotes, line ends and NULs come out of the engine as out of the presenter."""
    contract = next(contracts)
    since = contract * 1000
    labels = [LabelRow(since + nth, text, f"m{since + nth}") for nth, text in enumerate(texts)]
    placed = [
        FULL._replace(contract_id=contract, charge_id=since + nth, custom_1=since + nth) for nth in range(len(texts))
    ]
    apply(warehouse, facts=placed, labels=labels)
    question = Question(fields=("customField1", "chargedItemID"), usage_categories=("DESKTOP_PRODUCT",))

    by_engine, by_presenter = both(warehouse, export(contract, question))

    assert by_engine == by_presenter


def test_every_unseen_sign_is_seen_through(warehouse: Warehouse) -> None:
    """Every blank of every script, and every sign without width, before an equals sign is led by an apostrophe."""
    contract = next(contracts)
    signs = [sign for sign in map(chr, range(0x11_0000)) if sign.isspace() or sign in _UNSEEN]
    since = contract * 1000
    labels = [LabelRow(since + nth, f"{sign}=1") for nth, sign in enumerate(signs)]
    placed = [
        FULL._replace(contract_id=contract, charge_id=since + nth, custom_1=since + nth) for nth in range(len(signs))
    ]
    apply(warehouse, facts=placed, labels=labels)

    by_engine, by_presenter = both(warehouse, export(contract, Question(fields=("customField1",))))

    assert by_engine == by_presenter
    assert all(f"{neutralised(label.text)}" in by_engine for label in labels)


extremes = st.builds(
    lambda charge, on, since, offset, micro, lasted, year: FULL._replace(
        charge_id=charge, usage_date=Day(on), since_us=Instant(since), until_us=None, offset_seconds=offset,
        tokens_micro=Tokens(micro), duration_us=lasted, contract_year=year,
    ),
    st.integers(0, CHARGES_MAX - 1),
    st.integers(day_of(FIRST), day_of(LAST)),
    st.integers(FIRST, LAST),
    st.none() | st.integers(-64_800, 64_800),
    st.integers(-TOKENS_MAX, TOKENS_MAX) | st.integers(-2_000_000, 2_000_000),
    st.integers(-(10**13), 10**17) | st.integers(-200, 200),
    st.integers(1, 999),
)  # fmt: skip


@settings(max_examples=few(80), deadline=None)
@given(st.lists(extremes, min_size=1, max_size=8, unique_by=lambda fact: fact.charge_id))
def test_numbers_dates_and_ids_are_exact_to_their_ends(warehouse: Warehouse, made: list[Fact]) -> None:
    """The first and last day, the largest amounts, halves of a millionth and every charge's id are written alike."""
    contract = next(contracts)
    apply(warehouse, facts=[one._replace(contract_id=contract) for one in made])
    metrics = ("tokensConsumed", "usageMinutes", "usageHours")
    sessions = Question(fields=SESSIONS, metrics=metrics, usage_categories=("DESKTOP_PRODUCT",))
    grouped = Question(fields=("contractYear",), metrics=metrics)

    for question in (sessions, grouped):
        by_engine, by_presenter = both(warehouse, export(contract, question))
        assert by_engine == by_presenter


def test_products_that_share_a_name_are_one_row(warehouse: Warehouse) -> None:
    """Texts that coincide are folded in a file as in an answer, and the names asked for are its first line."""
    contract = next(contracts)
    apply(
        warehouse,
        products=[ProductRow(71, "X1", "Twin"), ProductRow(72, "X2", "Twin")],
        people=[PersonRow(71, '=1+"x"', "p-71")],
        facts=[
            FULL._replace(contract_id=contract, charge_id=contract * 1000 + nth, product_id=71 + nth, person_id=71)
            for nth in range(2)
        ],
    )
    plan = export(contract, Question(fields=("productName", "userName"), metrics=("uniqueProducts", "tokensConsumed")))

    by_engine, by_presenter = both(warehouse, plan)

    assert by_engine == by_presenter
    assert by_engine == ("productName,userName,uniqueProducts,tokensConsumed\r\n" + 'Twin,"\'=1+""x""",2,14\r\n')
    assert csv_header(plan) == "productName,userName,uniqueProducts,tokensConsumed\r\n"


def test_only_what_is_one_fact_is_not_grouped() -> None:
    """A file with the charged item needs no groups; every other one does."""
    sessions = Question(fields=("chargedItemID",), metrics=("usageHours",), usage_categories=("DESKTOP_PRODUCT",))

    assert "GROUP BY" not in render_csv(export(1, sessions)).sql
    assert "GROUP BY" in render_csv(export(1, Question(fields=GENERAL, metrics=("usageHours",)))).sql
