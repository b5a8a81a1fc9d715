"""The units that were charged on some dates, as a rate that changes would have priced them (domain/what_if)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from farebox.domain.amounts import MICRO, Tokens, tokens
from farebox.domain.charging.jobs import Job, Outcome, billable_seconds
from farebox.domain.clock import Instant, Span, read_instant
from farebox.domain.periods import Days
from farebox.domain.usage import Reason
from farebox.domain.what_if import FamilyDay, JobDone
from farebox.records import db

_OPENED = (Reason.WINDOW_OPENED, Reason.WINDOW_ROLLED, Reason.WINDOW_RESUMED)
_CHARGEABLE = (Reason.FIRST_OF_DAY, Reason.DEARER_PRODUCT, Reason.NOT_DEARER, Reason.ALREADY_CHARGED)
_PAID = "AND NOT (c.tokens_micro = 0) "
"""Lets an index find the few charges of some dates; what was free has no part in it."""

_DATED = "c.ended_us IS NULL AND c.contract_id = %s AND c.usage_day >= %s AND c.usage_day < %s "


class Windows(NamedTuple):
    """How many windows were charged, and what they cost."""

    opened: int
    tokens: Tokens


def windows(contract: int, product: int, days: Days, *, free: bool) -> Windows:
    """Return the windows of a product that a Flex contract was charged for; also those at rate 0 if it was `free`."""
    found = db.rows(
        "SELECT COUNT(*), COALESCE(SUM(c.tokens_micro), 0) FROM records_charge c WHERE "
        + _DATED
        + ("" if free else _PAID)
        + f"AND c.product_id = %s AND c.reason IN ({db.marks(_OPENED)})",
        (contract, *days, product, *map(db.word, _OPENED)),
    )
    return Windows(int(found[0][0]), Tokens(int(found[0][1])))


def family_days(contract: int, product: int, days: Days) -> list[FamilyDay]:
    """Return the days of people on which a product was chargeable under an enterprise contract (domain N2)."""
    reasons = tuple(map(db.word, _CHARGEABLE))
    families = (
        "SELECT DISTINCT c.family_id FROM records_charge c WHERE "
        + _DATED
        + f"AND c.product_id = %s AND c.family_id IS NOT NULL AND c.reason IN ({db.marks(reasons)})"
    )
    rows = db.rows(
        "SELECT c.person_id, c.family_id, c.usage_day, c.product_id, SUM(c.tokens_micro), MIN(c.at_us) "
        "FROM records_charge c WHERE "
        + _DATED
        + f"AND c.family_id IN ({families}) AND c.reason IN ({db.marks(reasons)}) "
        "GROUP BY c.person_id, c.family_id, c.usage_day, c.product_id",
        (contract, *days, contract, *days, product, *reasons, *reasons),
    )
    kept: dict[tuple[int, int, int], list[tuple[int, int, int]]] = defaultdict(list)
    for person, family, day, one, amount, at in rows:
        kept[person, family, day].append((one, int(amount), at))
    return [_day(found) for found in kept.values() if any(one == product for one, _amount, _at in found)]


def _day(found: Sequence[tuple[int, int, int]]) -> FamilyDay:
    products = frozenset(one for one, _amount, _at in found)
    return FamilyDay(
        products, Tokens(sum(amount for _one, amount, _at in found)), Instant(min(at for _one, _amount, at in found))
    )


def jobs(contract: int, product: int, days: Days, *, free: bool) -> Iterator[JobDone]:
    """Yield the jobs that a contract was charged for, as their events tell of them; also those at rate 0 if `free`."""
    rows = db.rows(
        "SELECT e.payload, c.tokens_micro, c.at_us FROM records_charge c JOIN records_use u ON u.id = c.use_id "
        "JOIN records_event e ON e.id = u.event_id WHERE "
        + _DATED
        + ("" if free else _PAID)
        + "AND c.product_id = %s AND c.reason = %s",
        (contract, *days, product, db.word(Reason.JOB_SUCCEEDED)),
    )
    for payload, amount, at in rows:
        data: dict[str, Any] = json.loads(bytes(payload)).get("data") or {}
        named = str(data.get("class") or "").strip().casefold()
        yield JobDone(named, _job(data), Tokens(int(amount)), Instant(at))


def _job(data: dict[str, Any]) -> Job:
    started, ended = data.get("downloadStarted"), data.get("uploadEnded")
    seconds = billable_seconds(Span(read_instant(started), read_instant(ended))) if started and ended else None
    quantity = data.get("quantity")
    return Job(Outcome.SUCCEEDED, None if quantity is None else tokens(quantity) // MICRO, seconds)
