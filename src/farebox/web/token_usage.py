"""
What the page Token usage › Summary shows, as one frozen view-model.

Amounts, days and counts only: no texts, no query, no user. The service layer fills it, the template, the chart
and the CSV file read it, so that all three show the same numbers.  (domain R3, R7)
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from farebox.domain.amounts import ZERO, Tokens, as_text
from farebox.domain.clock import Day, Instant, as_date
from farebox.domain.periods import Days

YEAR_DAYS = 365
LOW_PERCENT = 20
"""At or below this share of what the packs alive held, the page warns (pages.md)."""


PACE_DAYS, PACE_DAYS_MIN = 90, 7
"""How many days the pace is taken from, and at least so many for a young contract."""

SIGHT_DAYS = 3_650
"""How far ahead a run-out date is named."""


class ContractKind(StrEnum):
    """Which kind of contract pays."""

    FLEX = "flex"
    ENTERPRISE = "enterprise"


class Happening(StrEnum):
    """What a mark on the chart stands for."""

    PURCHASED = "purchased"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A contract that the reader may choose."""

    number: str
    team: str
    kind: ContractKind


@dataclass(frozen=True, slots=True)
class UsageDay:
    """Tokens of one usage date."""

    day: Day
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Mark:
    """Tokens that were bought, or that lapsed with their pack, on a day."""

    day: Day
    what: Happening
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class ContractYear:
    """A year of an enterprise contract."""

    number: int
    days: Days


@dataclass(frozen=True, slots=True)
class RunOut:
    """
    When the tokens end at the `pace` of the last `days`, in tokens a day.

    `day` is none where that is not in sight. What lapses before it is used is not counted.
    """

    day: Day | None
    pace: Tokens
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    The balance now (domain R7).

    `removed` counts what lapsed too, and `lapsed` names it apart; both are positive. `shortfall` is what no pack
    has covered yet (domain F8). `year`, `multi_year` (tokens beside those of the year) and `over` (consumed beyond
    them, domain N7) are set for an enterprise contract only.
    """

    used: Tokens
    available: Tokens
    reserved: Tokens
    added: Tokens
    removed: Tokens
    lapsed: Tokens
    shortfall: Tokens = ZERO
    multi_year: Tokens = ZERO
    over: Tokens = ZERO
    run_out: RunOut | None = None
    year: ContractYear | None = None

    @property
    def held(self) -> Tokens:
        """What the packs alive now held at first: used, reserved and available together."""
        return Tokens(self.used + self.reserved + self.available)

    @property
    def is_low(self) -> bool:
        """Whether a fifth or less is left of what there was."""
        return self.held > 0 and self.available * 100 <= self.held * LOW_PERCENT


@dataclass(frozen=True, slots=True)
class Totals:
    """What a range adds up to: tokens, and how many products and people took part (domain R9)."""

    tokens: Tokens
    products: int
    users: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The lower part: a range, its totals, its days with use in order, and the totals of the period before."""

    days: Days
    totals: Totals
    used: tuple[UsageDay, ...]
    before: Days
    totals_before: Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All that the page shows; `year` has 365 days, without a gap, the last of them today."""

    contract: Contract
    contracts: tuple[Contract, ...]
    as_of: Instant
    standing: Standing
    year: tuple[UsageDay, ...]
    marks: tuple[Mark, ...]
    period: Period | None

    @property
    def is_untouched(self) -> bool:
        """Whether there is nothing to show yet: no tokens, no use."""
        return not self.marks and not self.standing.held and not any(day.tokens for day in self.year)

    @property
    def last_use(self) -> Day | None:
        """The last day of the year on which tokens were used."""
        return next((used.day for used in reversed(self.year) if used.tokens), None)


def full_days(days: Days, used: Iterable[UsageDay]) -> tuple[UsageDay, ...]:
    """Return one row for each of `days`, zero where `used` has none."""
    tokens = {row.day: row.tokens for row in used}
    every = (Day(on) for on in range(days.since, days.until))
    return tuple(UsageDay(on, tokens.get(on, ZERO)) for on in every)


def run_out(available: Tokens, year: tuple[UsageDay, ...]) -> RunOut:
    """
    Estimate when `available` ends at the pace of the last 90 days, or of the days since the first use if fewer.

    Younger than a week, a pace counts as a week's. Beyond ten years nothing is in sight.
    """
    recent = year[-PACE_DAYS:]
    first = next((at for at, used in enumerate(year) if used.tokens), len(year))
    days = min(len(recent), max(len(year) - first, PACE_DAYS_MIN))
    used = sum(row.tokens for row in year[-days:])
    pace = Tokens(max(used, 0) // days)
    left = max(available, 0) * days // used if used > 0 else SIGHT_DAYS + 1
    return RunOut(Day(year[-1].day + left) if left <= SIGHT_DAYS else None, pace, days)


def csv_text(days: Iterable[UsageDay]) -> str:
    """Write rows as the file that the page offers, under the API's field names (RFC 4180)."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(("usageDate", "tokensConsumed"))
    rows.writerows((as_date(row.day).isoformat(), as_text(row.tokens)) for row in days)
    return out.getvalue()


def api_query(days: Days) -> str:
    """Write the query that gives the rows of the page over the usage API."""
    return json.dumps({"fields": ["usageDate"], "metrics": ["tokensConsumed"], "where": where(days)})


def where(days: Days) -> str:
    """Write the condition of `days` as the usage API reads it."""
    first, last = first_and_last(days)
    return f"usageDate >= '{first}' AND usageDate <= '{last}'"


def first_and_last(days: Days) -> tuple[date, date]:
    """Return the first and the last date of `days`, as people name a range."""
    return as_date(days.since), as_date(Day(days.until - 1))
