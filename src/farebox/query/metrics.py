"""
Every metric of the usage data API, declared once (usage-api 2, domain R1, R6, R9).

Each is a whole number in SQL, exact on every engine; `present` turns millionths and microseconds into tokens,
minutes and hours. A person or product of id 0 is "none" and counts as nobody and nothing.
"""

from __future__ import annotations

from farebox.domain.usage import UsageCategory
from farebox.query.codes import USAGE_CATEGORIES
from farebox.query.declarations import MANUAL, N_, Metric, Unit

_ADJUSTMENT = USAGE_CATEGORIES.code(UsageCategory.MANUAL_ADJUSTMENT)

METRICS = (
    Metric(
        name="uniqueProducts", label=N_("Products"), unit=Unit.COUNT,
        doc="Distinct products.", example="42",
        sql="count(DISTINCT fact.product_id) FILTER (WHERE fact.product_id <> 0)", over="product_id",
        row_sql="CASE WHEN fact.product_id <> 0 THEN 1 ELSE 0 END",
    ),
    Metric(
        name="uniqueUsers", label=N_("Users"), unit=Unit.COUNT,
        doc="Distinct people; the same number whether names are hidden or not.", example="118",
        sql="count(DISTINCT fact.person_id) FILTER (WHERE fact.person_id <> 0)", over="person_id",
        row_sql="CASE WHEN fact.person_id <> 0 THEN 1 ELSE 0 END",
    ),
    Metric(
        name="daysUsed", label=N_("Days used"), unit=Unit.COUNT,
        doc="Distinct usage dates with a row; an adjustment by hand is no use.", example="21",
        sql=f"count(DISTINCT fact.usage_date) FILTER (WHERE fact.usage_category <> {_ADJUSTMENT})", over="usage_date",
        row_sql=f"CASE WHEN fact.usage_category <> {_ADJUSTMENT} THEN 1 ELSE 0 END",
    ),
    Metric(
        name="tokensConsumed", label=N_("Tokens"), unit=Unit.TOKENS_MICRO,
        doc="Sum of tokens, exact.", example="46",
        sql="coalesce(sum(fact.tokens_micro), 0)", over="tokens_micro",
        row_sql="fact.tokens_micro",
    ),
    Metric(
        name="usageMinutes", label=N_("Minutes"), unit=Unit.MINUTES_US,
        doc="Sum of duration in minutes, to six decimals.", example="5310",
        sql="coalesce(sum(fact.duration_us), 0)", over="duration_us",
        row_sql="fact.duration_us",
    ),
    Metric(
        name="usageHours", label=N_("Hours"), unit=Unit.HOURS_US,
        doc="Sum of duration in hours, to six decimals.", example="88.5",
        sql="coalesce(sum(fact.duration_us), 0)", over="duration_us",
        row_sql="fact.duration_us",
    ),
    Metric(
        name="useCount", label=N_("Charged uses"), unit=Unit.COUNT,
        doc="Number of charged events.", example="17",
        sql="coalesce(sum(fact.charged), 0)", over="charged",
        row_sql="fact.charged",
    ),
    Metric(
        name="quantity", label=N_("Quantity"), unit=Unit.COUNT,
        doc="Number of manual entries.", example="3",
        sql="count(*)", row_sql="1", categories=MANUAL, export_only=True,
    ),
)  # fmt: skip
