"""
Uses as files of reports tell them: who used what on which day, however it was paid for, and each person's sums.

The questions of the usage API know only what tokens pay for (domain R9); these know named subscriptions and trials too,
and tell them apart. They are about contracts that the caller may read, and nothing of what was asked becomes SQL text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from farebox.domain.usage import Funding, UsageCategory
from farebox.query.codes import FUNDINGS, USAGE_CATEGORIES
from farebox.query.render import Statement

_ADJUSTMENT = USAGE_CATEGORIES.code(UsageCategory.MANUAL_ADJUSTMENT)
_TOKENS = FUNDINGS.code(Funding.TOKENS)
_LATEST = (
    "{d: usage_date, s: coalesce(since_us, 0), i: charge_id, version: version_id, funding: funding, "
    "contract: contract_id}"
)
"""A row of which the largest is the latest; rows that began together are told apart by what was charged."""


class DayUsed(NamedTuple):
    """What one person used of one version of a product on one day, as the engine yields it; ids may be 0."""

    day: date
    contract: int
    person: int
    product: int
    version: str
    feature: str
    funding: int
    tokens_micro: int
    duration_us: int


class Sums(NamedTuple):
    """
    What one person used of one product, as the engine yields it: in some days, and most recently, in those or before.

    `by_tokens` counts the rows of those days that tokens pay for; without any, there are no tokens to speak of. What
    was adjusted by hand is no use, belongs to no product and to nobody, and has no last day of use.
    """

    person: int
    product: int
    days_used: int
    tokens_micro: int
    by_tokens: int
    last: date | None
    version: str
    funding: int
    contract: int


def days_used(
    contracts: Sequence[int], since: date, until: date, fundings: Sequence[Funding], *, names_hidden: bool
) -> Statement:
    """
    Return the statement that yields a `DayUsed` for each, by day and person; `until` does not belong to it.

    People come in the order of their names, or of their pseudonyms where names are hidden (quality P1).
    """
    name = "pseudonym" if names_hidden else "name"
    codes = [FUNDINGS.code(one) for one in fundings]
    sql = f"""
        SELECT g.usage_date, g.contract_id, g.person_id, g.product_id, coalesce(v.text, ''), coalesce(f.text, ''),
            g.funding, g.tokens, g.duration
        FROM (
            SELECT usage_date, contract_id, person_id, product_id, version_id, feature_id, funding,
                CAST(sum(tokens_micro) AS BIGINT) AS tokens, CAST(sum(duration_us) AS BIGINT) AS duration
            FROM fact
            WHERE contract_id IN ({_marks(contracts)}) AND usage_date >= ? AND usage_date < ?
                AND funding IN ({_marks(codes)})
            GROUP BY ALL
        ) AS g
        LEFT JOIN dim_person AS p ON p.person_id = g.person_id
        LEFT JOIN dim_product AS q ON q.product_id = g.product_id
        LEFT JOIN dim_label AS v ON v.label_id = g.version_id
        LEFT JOIN dim_label AS f ON f.label_id = g.feature_id
        ORDER BY g.usage_date, p.{name}, q.code, 5, 6, g.contract_id, g.funding, g.person_id
        """  # noqa: S608 -- our own names, and values bound
    return Statement(sql, (*contracts, since, until, *codes))


def sums(contracts: Sequence[int], since: date, until: date, *, names_hidden: bool) -> Statement:
    """
    Return the statement that yields `Sums` for each person and product that came together before `until`, by person.

    A day counts once however many rows it has; an adjustment by hand is no use (domain R6), and counts among the
    tokens, so that they come to what the usage API answers (domain R3). What was used after those days is not told: a
    file of October says in December what it said in November (domain R10).
    """
    name = "pseudonym" if names_hidden else "name"
    within = "usage_date >= ?"
    is_use = f"usage_category <> {_ADJUSTMENT}"
    sql = f"""
        SELECT g.person_id, g.product_id, g.days_used, g.tokens, g.by_tokens, g.latest.d,
            coalesce(v.text, ''), coalesce(g.latest.funding, {_TOKENS}), coalesce(g.latest.contract, g.contract)
        FROM (
            SELECT person_id, product_id, max(contract_id) AS contract, count(*) FILTER (WHERE {is_use}) AS uses,
                count(DISTINCT usage_date) FILTER (WHERE {within} AND {is_use}) AS days_used,
                CAST(coalesce(sum(tokens_micro) FILTER (WHERE {within}), 0) AS BIGINT) AS tokens,
                count(*) FILTER (WHERE {within} AND funding = {_TOKENS}) AS by_tokens,
                max({_LATEST}) FILTER (WHERE {is_use}) AS latest
            FROM fact
            WHERE contract_id IN ({_marks(contracts)}) AND usage_date < ?
            GROUP BY person_id, product_id, CASE WHEN person_id = 0 THEN contract_id ELSE 0 END
        ) AS g
        LEFT JOIN dim_person AS p ON p.person_id = g.person_id
        LEFT JOIN dim_product AS q ON q.product_id = g.product_id
        LEFT JOIN dim_label AS v ON v.label_id = g.latest.version
        WHERE g.tokens <> 0 OR (g.uses > 0 AND g.person_id <> 0)
        ORDER BY p.{name}, q.code, g.person_id, g.product_id, g.contract
        """  # noqa: S608 -- our own names, and values bound
    return Statement(sql, (*[since] * 3, *contracts, until))


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
