"""Sessions that are open now, allowed live or reported, and what sessions cost that ran into another window or day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.charging.precedence import Entitlement, funding_at
from farebox.domain.clock import LAST, MINUTE, Instant, Span
from farebox.domain.left_open import Opened, Rolled, due_from, next_day, next_window
from farebox.domain.periods import Days
from farebox.domain.rates import rate_in_force, setting_in_force
from farebox.domain.silence import SILENCE_MINUTES
from farebox.domain.usage import Funding, Reason
from farebox.records import db, holds, live, usage
from farebox.records.catalogue import Catalogue, ContractFacts
from farebox.records.live import LIVE_SOURCE
from farebox.records.models.contracts import Scheme

ROLLED = (Reason.WINDOW_ROLLED, Reason.FIRST_OF_DAY, Reason.DEARER_PRODUCT)
"""Why a later part of a session is charged that nobody came back to: in use at a window's end, or on another day."""


class Running(NamedTuple):
    """
    A session that is open, with what is known of it.

    `next_at` is when it is charged again if it still runs then, `next_tokens` what that costs; None and zero where it
    will cost nothing, `waits` where it costs as soon as somebody works in it. `due_tokens` it costs already, though
    they are not charged yet, `reserved_tokens` if it outlasts the grace, or is used after its window's end.
    """

    contract: int
    person: int
    product: int
    machine: str
    opened: Opened
    funding: Funding
    next_at: Instant | None
    next_tokens: Tokens
    waits: bool
    due_tokens: Tokens
    reserved_tokens: Tokens


class _Read(NamedTuple):
    contract: int
    person: int
    product: int
    machine: str
    since: Instant
    heard: Instant
    active: Instant | None
    funding: Funding
    offset_seconds: int
    grace_us: int | None
    """None where the server allowed it live: then its window is reserved from the launch on (domain F7)."""


def running(
    contracts: Sequence[int], catalogue: Catalogue, *, people: Sequence[int] = (), now: Instant, limit: int
) -> list[Running]:
    """
    Return the sessions open under these contracts, those opened first first; of `people` alone if some are named.

    What one contract's product sees live, and what was reported without an end, are sessions alike.
    """
    if not contracts:
        return []
    found = sorted([*_live(contracts, people, limit), *_reported(contracts, people, limit)], key=_order)[:limit]
    keys = sorted({(one.contract, one.person, one.product) for one in found})
    windows, held = live.last_windows(keys, at=now), holds.of_keys(keys)
    made = []
    for one in found:
        key = one.contract, one.person, one.product
        contract, hold = catalogue.contracts[one.contract], held.get(key)
        due = _due(one, contract, windows.get(key), now)
        if due is not None:
            windows[key] = due  # it covers what was opened later, too
        next_at = _next(one, contract, windows.get(key), None if hold is None else hold.since, now)
        told = _running(one, contract, next_at, due, catalogue, now=now)
        made.append(told if hold is None else told._replace(reserved_tokens=hold.tokens))
    return made


def count(contracts: Sequence[int]) -> int:
    """Return how many sessions are open under these contracts."""
    rows = db.rows(
        "SELECT (SELECT COUNT(*) FROM records_livesession s WHERE s.closed_us IS NULL "
        f"AND s.contract_id IN ({db.marks(contracts)})) + (SELECT COUNT(*) {_FROM_USES} AND {_under(contracts, ())})",
        (*contracts, LIVE_SOURCE, *contracts),
    )
    return int(rows[0][0])


def rolled(contracts: Sequence[int], days: Days) -> list[Rolled]:
    """Return the charges of some usage dates for the later parts of sessions; a borrowed licence is charged by date."""
    sql = (
        "SELECT c.person_id, c.product_id, u.since_us, c.at_us, c.tokens_micro FROM records_charge c "
        "JOIN records_use u ON u.id = c.use_id "
        f"WHERE c.contract_id IN ({db.marks(contracts)}) AND c.usage_day >= %s AND c.usage_day < %s "
        "AND NOT (c.tokens_micro = 0) AND c.ended_us IS NULL AND c.since_us > u.since_us AND u.kind = 'SESSION' "
        f"AND u.usage_type = 'Normal' AND c.reason IN ({db.marks(ROLLED)}) ORDER BY c.id"
    )
    bound = (*contracts, days.since, days.until, *(reason.value for reason in ROLLED))
    return [Rolled._make(row) for row in db.rows(sql, bound)] if contracts else []


def _order(one: _Read) -> tuple[int, int, int]:
    return one.since, one.person, one.product


def _live(contracts: Sequence[int], people: Sequence[int], limit: int) -> list[_Read]:
    sql = (
        "SELECT s.contract_id, s.person_id, s.product_id, s.machine, s.since_us, s.seen_us, s.active, s.idles "
        f"FROM records_livesession s WHERE s.closed_us IS NULL AND s.contract_id IN ({db.marks(contracts)}) "
        f"{_of(people, 's')} ORDER BY s.since_us, s.id LIMIT %s"
    )
    rows = db.rows(sql, (*contracts, *people, limit))
    entitled = usage.entitlements(sorted({row[1] for row in rows}))
    found = []
    for contract, person, product, machine, since, seen, active, idles in rows:
        rights = [Entitlement(Funding(k), Span(a, b or LAST)) for k, a, b in entitled.get((person, product), ())]
        funding = funding_at(rights, since)
        worked = _last(active or "[]", since) if idles else None
        found.append(_Read(contract, person, product, machine, since, seen, worked, funding, 0, None))
    return found


_FROM_USES = (
    "FROM records_use u JOIN records_event e ON e.id = u.event_id "
    "WHERE u.open AND u.ended_us IS NULL AND u.kind = 'SESSION' AND NOT (e.source = %s AND EXISTS "
    "(SELECT 1 FROM records_livesession s WHERE s.code = e.event_id AND s.closed_us IS NULL))"
)
"""Reported sessions without an end; those that the server allowed and that run still are read as such."""


def _reported(contracts: Sequence[int], people: Sequence[int], limit: int) -> list[_Read]:
    sql = (
        "SELECT u.contract_id, u.person_id, u.product_id, "
        "COALESCE((SELECT l.text FROM records_label l WHERE l.id = u.machine_label), ''), "
        f"u.since_us, u.until_us, u.active, u.funding, u.offset_seconds, u.grace_us {_FROM_USES} "
        f"AND {_under(contracts, people)} ORDER BY u.since_us, u.id LIMIT %s"
    )
    rows = db.rows(sql, (LIVE_SOURCE, *contracts, *people, limit))
    return [
        _Read(contract, person, product, machine, since, until, _last(active, since), Funding(funding), offset, grace)
        for contract, person, product, machine, since, until, active, funding, offset, grace in rows
    ]


def _under(contracts: Sequence[int], people: Sequence[int]) -> str:
    """
    Return the condition that a use is of these contracts, and of some people if any are named.

    Of a few people the uses are looked up; of a whole team the open ones are, by the index of what is open: the plus
    keeps the planner from going through all uses of the contract.
    """
    if people:
        return f"u.contract_id IN ({db.marks(contracts)}) {_of(people, 'u')}"
    return f"u.until_us > 0 AND +u.contract_id IN ({db.marks(contracts)})"


def _of(people: Sequence[int], table: str) -> str:
    return f"AND {table}.person_id IN ({db.marks(people)})" if people else ""


def _last(spans: str | None, since: Instant) -> Instant | None:
    """Return the end of the last activity, the launch where there was none since; None where none is told."""
    read = usage.read_spans(spans)
    return None if read is None else max((span.until for span in read), default=since)


def _due(one: _Read, contract: ContractFacts, window: Instant | None, now: Instant) -> Instant | None:
    """Return where the window begins that an open session under Flex costs already, if there is one."""
    if one.grace_us is None or one.funding is not Funding.TOKENS or contract.scheme == Scheme.ENTERPRISE:
        return None
    opened = Opened(one.since, one.heard, one.active, silence_us=0)
    return due_from(opened, window, grace_us=one.grace_us, now=now)


def _next(
    one: _Read, contract: ContractFacts, window: Instant | None, reserved: Instant | None, now: Instant
) -> Instant | None:
    if one.funding is not Funding.TOKENS:
        return None
    if contract.scheme == Scheme.ENTERPRISE:
        return next_day(now, offset_seconds=one.offset_seconds)
    return next_window(window, reserved, now=now)


def _running(
    one: _Read,
    contract: ContractFacts,
    next_at: Instant | None,
    due: Instant | None,
    catalogue: Catalogue,
    *,
    now: Instant,
) -> Running:
    rates = catalogue.rates.get((contract.card, one.product), ())
    rate, rate_due = rate_in_force(rates, next_at or now), None if due is None else rate_in_force(rates, due)
    tokens = ZERO if rate is None or one.funding is not Funding.TOKENS else rate.tokens
    minutes = setting_in_force(contract.settings.get("SILENCE_MINUTES", ()), one.heard, SILENCE_MINUTES)
    opened = Opened(one.since, one.heard, one.active, minutes * MINUTE)
    waits = bool(tokens) and next_at is None
    return Running(
        contract=one.contract,
        person=one.person,
        product=one.product,
        machine=one.machine,
        opened=opened,
        funding=one.funding,
        next_at=next_at if tokens else None,
        next_tokens=tokens,
        waits=waits,
        due_tokens=ZERO if rate_due is None else rate_due.tokens,
        reserved_tokens=ZERO,
    )
