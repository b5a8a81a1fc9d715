"""Which table answers a question: a roll-up that has all of it, or the facts."""

from __future__ import annotations

import pytest

from farebox.query.plan import Asker, Question, make_plan
from farebox.query.render import render
from farebox.query.rollups import table_of
from farebox.query.rules import Surface

ASKER = Asker(contract_id=7, names_hidden=False)


@pytest.mark.parametrize(
    ("fields", "metrics", "where", "table"),
    [
        ("usageDate", "tokensConsumed", "usageDate >= '2025-01-05'", "daily"),
        ("usageMonth productName usageCategory tokenPool", "usageHours useCount uniqueProducts", "", "daily"),
        ("productLineCode", "", "productName LIKE '%abc%' OR contractYear IN (1, 2)", "daily"),
        ("", "tokensConsumed", "usageMonth BETWEEN '2025-01-01' AND '2025-03-01' AND 1=1", "daily"),
        ("usageMonth contractYear usageCategory", "uniqueUsers tokensConsumed", "", "monthly"),
        ("userName", "usageMinutes", "userName LIKE 'ann%' AND usageMonth = '2025-01-01'", "monthly"),
        ("usageMonth", "uniqueUsers", "usageDate >= '2025-01-01' AND usageDate < '2026-01-01'", "monthly"),
        ("usageMonth", "uniqueUsers", "usageDate BETWEEN '2025-01-01' AND '2025-02-28'", "monthly"),
        ("usageMonth", "uniqueUsers", "usageDate BETWEEN '2025-01-01' AND '2025-02-27'", "fact"),
        ("usageMonth", "uniqueUsers", "usageDate > '2025-01-01'", "fact"),
        ("usageMonth", "uniqueUsers", "usageDate = '2025-01-01'", "fact"),
        ("usageMonth", "uniqueUsers", "usageDate IN ('2025-01-01')", "fact"),
        ("usageDate", "uniqueUsers", "", "fact"),
        ("usageMonth", "uniqueUsers uniqueProducts", "", "fact"),
        ("userName productName", "tokensConsumed", "", "fact"),
        ("productName", "tokensConsumed", "userName = 'ann'", "fact"),
        ("customField1", "tokensConsumed", "", "fact"),
        ("usageMonth", "tokensConsumed", "machineName = 'x'", "fact"),
    ],
)
def test_a_question_is_answered_from(fields: str, metrics: str, where: str, table: str) -> None:
    """Products by day, people by month where nothing tells the days of a month apart, and else the facts."""
    question = Question(fields=tuple(fields.split()), metrics=tuple(metrics.split()), where=where)
    plan = make_plan(question, ASKER)

    assert table_of(plan) == table
    assert f"FROM {table}{'' if table == 'fact' else ' AS fact'}\n" in render(plan).sql


def test_the_number_of_entries_is_counted_from_the_facts() -> None:
    """A count of rows is none of the rows of a roll-up."""
    question = Question(fields=("usageMonth",), metrics=("quantity",), usage_categories=("MANUAL_ADJUSTMENT",))

    assert table_of(make_plan(question, ASKER, Surface.EXPORT)) == "fact"
