"""
My use: what the reader may open in a team and what that costs now, has open, used and was charged.

What opening costs is what the same question of a product would be answered at this moment, asked for all of them in
one reading (domain A1); nothing is reserved by it. (product B8, B9)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Day, Instant, day_of
from farebox.domain.periods import Days, Months, last_days, last_months
from farebox.services import mine
from farebox.services.authorise import Answer, Launch, Mode, quotes
from farebox.services.mine import Mine, Myself, OwnCharge, OwnOpen
from farebox.services.report import Question as Asked
from farebox.web.question import Range
from farebox.web.report import where
from farebox.web.reports.cells import count_in, is_fresh, tokens_in

PRODUCTS_MAX = 100
"""How many products a page shows; the others are found by their names."""

RANGES = (Range.DAYS_30, Range.MONTHS_12)
CHARGE_DAYS = 30


class Wanted(NamedTuple):
    """What the address of the page asks for, in one team."""

    range: Range = RANGES[0]
    search: str = ""
    costly: bool = True
    """Whether only charges that cost tokens are listed."""
    page: int = 1


class Offered(NamedTuple):
    """A product that may be opened, and what opening it now would be answered."""

    mine: Mine
    answer: Answer


class Used(NamedTuple):
    """What was used of a product in a range: tokens, days, and the last date; by hand where it has no code."""

    code: str
    name: str
    tokens: Tokens
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnUse:
    """All that the page shows of one team; `more_products` and `more_charges` tell of what is not on it."""

    as_of: Instant
    who: Myself
    open: tuple[OwnOpen, ...]
    offered: tuple[Offered, ...]
    found: int
    held: int
    days: Days
    tokens: Tokens
    days_used: int
    used: tuple[Used, ...]
    charges: tuple[OwnCharge, ...]
    charge_days: Days
    more_charges: bool


def gather(who: Myself, wanted: Wanted, *, style: Months, at: Instant) -> OwnUse:
    """Gather the page of somebody in one team."""
    today = day_of(at)
    products = mine.openable(who, now=at)
    such = [one for one in products if _is_such(one, wanted.search)]
    shown = such[:PRODUCTS_MAX]
    days = days_of(wanted.range, today, style)
    fresh = is_fresh(at)
    totals, by_product = mine.used(who, [_totals(days), _by_product(days)])
    since = last_days(today, CHARGE_DAYS)
    charges, more = mine.charges(who, since=since.since, costly=wanted.costly, page=wanted.page)
    return OwnUse(
        as_of=totals.as_of if totals.position and not fresh else at,
        who=who,
        open=mine.open_now(who, now=at),
        offered=tuple(map(Offered, shown, answers(who, shown, at=at))),
        found=len(such),
        held=len(products),
        days=days,
        tokens=tokens_in(totals.rows[0][0]) if totals.rows else ZERO,
        days_used=count_in(totals.rows[0][1]) if totals.rows else 0,
        used=tuple(sorted(map(_used, by_product.rows), key=lambda one: (-one.tokens, -one.days, one.name))),
        charges=charges,
        charge_days=since,
        more_charges=more,
    )


def answers(who: Myself, products: Sequence[Mine], *, at: Instant) -> list[Answer]:
    """Return what opening products now would be answered, without effect, in one reading (domain A1)."""
    launches = [Launch(who.team_id, who.key, one.code, Mode.QUOTE) for one in products]
    return quotes(launches, now=at) if launches else []


def days_of(wanted: Range, today: Day, style: Months) -> Days:
    """Return the usage dates of a range that the page offers (domain T4)."""
    return last_months(today, 12, style) if wanted is Range.MONTHS_12 else last_days(today, 30)


def _is_such(one: Mine, search: str) -> bool:
    wanted = search.casefold()
    return wanted in one.name.casefold() or wanted in one.code.casefold()


def _totals(days: Days) -> Asked:
    return Asked(metrics=("tokensConsumed", "daysUsed"), where=where(days))


def _by_product(days: Days) -> Asked:
    return Asked(fields=("productLineCode", "productName"), metrics=("tokensConsumed", "daysUsed"), where=where(days))


def _used(row: Sequence[object]) -> Used:
    code, name, tokens, days = row
    assert isinstance(tokens, int), "it is a column of tokens"
    assert isinstance(days, int), "it is a column of numbers"
    return Used(str(code or ""), str(name or ""), Tokens(tokens), days)
