"""The SQL of a question: ids are grouped first, texts are joined to the groups, rows have one order."""

from __future__ import annotations

from datetime import date

from farebox.query.plan import Asker, Question, make_plan
from farebox.query.render import Statement, render


def rendered(question: Question, *, names_hidden: bool = False) -> Statement:
    """Render a question that contract 7 asks."""
    return render(make_plan(question, Asker(contract_id=7, names_hidden=names_hidden)))


def test_a_question_reads_like_this() -> None:
    """Facts are grouped by ids, names are looked up once a group, values are bound."""
    question = Question(
        fields=("productName", "productLineCode", "usageMonth"),
        metrics=("tokensConsumed",),
        usage_categories=("DESKTOP_PRODUCT",),
        where="usageDate >= '2025-01-01' AND userName = 'ann'",
    )

    assert rendered(question) == Statement(
        "SELECT coalesce(t0.name, '') AS c0, coalesce(t1.code, '') AS c1, grouped.k1 AS c2, grouped.m0 AS c3\n"
        "FROM (SELECT fact.product_id AS k0, date_trunc('month', fact.usage_date) AS k1,"
        " coalesce(sum(fact.tokens_micro), 0) AS m0\n"
        "FROM fact\n"
        "WHERE fact.contract_id = ? AND fact.funding = 1 AND fact.usage_category IN (?)"
        " AND (fact.usage_date >= ? AND fact.person_id IN (SELECT person_id FROM dim_person WHERE name = ?))\n"
        "GROUP BY fact.product_id, date_trunc('month', fact.usage_date)\n"
        ") AS grouped\n"
        "LEFT JOIN dim_product AS t0 ON t0.product_id = grouped.k0\n"
        "LEFT JOIN dim_product AS t1 ON t1.product_id = grouped.k0\n"
        "ORDER BY c0, c1, c2, grouped.k0",
        (7, 1, date(2025, 1, 1), "ann"),
    )


def test_hidden_names_leave_no_way_to_the_clear_ones() -> None:
    """With names hidden, the SQL does not mention the columns of names of people and machines (quality P1)."""
    question = Question(
        fields=("userName", "machineName"), where="userName LIKE 'ann%' AND machineName != 'x' OR userName < 'b'"
    )

    sql = rendered(question, names_hidden=True).sql

    assert "pseudonym" in sql
    assert ".name" not in sql
    assert " name " not in sql
    assert "text" not in sql
