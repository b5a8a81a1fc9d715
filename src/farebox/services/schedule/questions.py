"""
What the exports of a schedule ask: for each level its columns, as far as the category has them (usage-api 6.10).

Nothing of this is published. Session by session it is what may be asked for desktop sessions (usage-api 6.2) and what
tells jobs apart; day by day and month by month it is what is added up for charge-back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from farebox.domain.clock import Instant, as_date
from farebox.domain.schedules import Level, Part, previous_month
from farebox.domain.usage import UsageCategory
from farebox.query.catalogue import FIELD_BY_NAME
from farebox.query.plan import Question

_CUSTOM = tuple(f"customField{place}" for place in range(1, 11))
_DAILY = (
    *("usageDate", "usageMonth", "contractYear", "usageCategory", "productLineCode", "productName", "productVersion"),
    *("userName", *_CUSTOM),
)

FIELDS = {
    Level.TRANSACTIONAL: (
        *("usageMonth", "usageDate", "contractYear", "productName", "productLineCode", "productVersion"),
        *("productFeatureCode", "userName", "machineName", "sessionStartDate", "sessionEndDate"),
        *("licenseServerTimeZoneOffset", "chargedItemID", "chargeCategory", "licenseServerName", "usageType"),
        *("usageCategory", "jobStatus", *_CUSTOM),
    ),
    Level.DAILY: _DAILY,
    Level.MONTHLY: _DAILY[1:],
}
METRICS = {
    Level.TRANSACTIONAL: ("tokensConsumed", "usageMinutes", "usageHours"),
    Level.DAILY: ("tokensConsumed", "usageMinutes", "useCount"),
    Level.MONTHLY: ("tokensConsumed", "usageMinutes", "useCount"),
}


def questions(parts: Sequence[Part], due: Instant) -> Iterator[tuple[str, Question]]:
    """Yield the question of each export of a run, with the name of its file."""
    since, until = map(as_date, previous_month(due))
    for category, level in parts:
        question = Question(
            fields=_fields(category, level),
            metrics=METRICS[level],
            usage_categories=(category.value,),
            where=f"usageDate >= '{since}' AND usageDate < '{until}'",
        )
        yield f"{category}_{level}_{since:%Y-%m}.csv", question


def _fields(category: UsageCategory, level: Level) -> tuple[str, ...]:
    return tuple(name for name in FIELDS[level] if category in FIELD_BY_NAME[name].categories)
