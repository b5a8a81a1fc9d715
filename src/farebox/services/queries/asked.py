"""
What makes two questions the same: that the warehouse is asked the same of the same usage, and shown the same.

Spaces, letter case of keywords, older names of categories and the order in which they are listed make no difference.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from farebox.query.plan import Asker, Plan, Question, make_plan
from farebox.query.render import render


def plan_of(question: Question, asker: Asker) -> Plan:
    """Return the plan of a question. Raises `QueryRejected` with every problem of it."""
    return make_plan(question, asker, lenient=True)


@lru_cache(maxsize=1024)
def statement_of(question: Question, asker: Asker) -> str:
    """
    Return a hash of what a question means to who asks it. Raises `QueryRejected`.

    An answer may be shown to somebody else, or later, only where the hash is still the same: hidden names, and
    custom fields that were given another name, make it another (quality P1).
    """
    plan = plan_of(question, asker)
    ordered = render(replace(plan, usage_categories=tuple(sorted(plan.usage_categories))))
    return _digest(plan.contract_id, plan.names_hidden, plan.names, ordered.sql, ordered.values)


def query_id(statement: str, position: int) -> str:
    """Return the id of a question over the usage up to a ledger position: 56 hexadecimal digits (usage-api 5.3)."""
    return _digest(statement, position)


def as_json(question: Question) -> dict[str, object]:
    """Return a question in the members of the API."""
    return {
        "fields": question.fields,
        "metrics": question.metrics,
        "usageCategory": question.usage_categories,
        "where": question.where,
    }


def from_json(members: Mapping[str, Any]) -> Question:
    """Return the question that `as_json` wrote."""
    return Question(
        fields=tuple(members["fields"]),
        metrics=tuple(members["metrics"]),
        usage_categories=tuple(members["usageCategory"]),
        where=members["where"],
    )


def _digest(*parts: object) -> str:
    return hashlib.sha224(repr(parts).encode()).hexdigest()
