"""Sessions that are open now, allowed live or reported, and what sessions cost that ran into another window or day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.charging.precedence import funding_at
from farebox.domain.clock import MINUTE, Instant
from farebox.domain.left_open import Ahead, Opened, Rolled, Seen, ahead, next_day, told_at
from farebox.domain.periods import Days
from farebox.domain.rates import Rate, rate_in_force, setting_in_force
from farebox.domain.silence import SILENCE_MINUTES
from farebox.domain.usage import Funding, Reason
from farebox.records import db, holds, live, seats, usage
from farebox.records.catalogue import Catalogue, ContractFacts
from farebox.records.holds import OpenHold
from farebox.records.live import LIVE_SOURCE, Key
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

    @property
    def key(self) -> Key:
        """What its windows belong to."""
        return self.contract, self.person, self.product


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
    opened = [_opened(one, catalogue.contracts[one.contract]) for one in found]
    held = holds.of_keys(sorted({one.key for one in found}))
    told = _ahead(found, opened, held, catalogue, now=now)
    return [
        _running(one, known, ahead_of, held.get(one.key), catalogue, now=now)
        for one, known, ahead_of in zip(found, opened, told, strict=True)
    ]


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
    held = seats.held(sorted({row[1] for row in rows}))
    found = []
    for contract, person, product, machine, since, seen, active, idles in rows:
        funding = funding_at(held.get((person, product), ()), since)
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


def _opened(one: _Read, contract: ContractFacts) -> Opened:
    minutes = setting_in_force(contract.settings.get("SILENCE_MINUTES", ()), one.heard, SILENCE_MINUTES)
    return Opened(one.since, one.heard, one.active, minutes * MINUTE)


def _ahead(
    found: Sequence[_Read],
    opened: Sequence[Opened],
    held: Mapping[Key, OpenHold],
    catalogue: Catalogue,
    *,
    now: Instant,
) -> list[Ahead]:
    """Return what each session costs next; those of one person and product are looked at together."""
    told, chains = [Ahead(None)] * len(found), defaultdict[Key, list[int]](list)
    for nth, one in enumerate(found):
        if one.funding is not Funding.TOKENS:
            continue
        if catalogue.contracts[one.contract].scheme == Scheme.ENTERPRISE:
            told[nth] = Ahead(next_day(now, offset_seconds=one.offset_seconds))
        else:
            chains[one.key].append(nth)
    known = [told_at(of, one.grace_us) for one, of in zip(found, opened, strict=True)]
    windows = live.windows_at(
        [(key, at) for key, numbers in chains.items() for at in (now, *(known[nth] for nth in numbers))]
    )
    for key, numbers in chains.items():
        seen = [Seen(opened[nth], found[nth].grace_us, windows.get((key, known[nth]))) for nth in numbers]
        reserved = held[key].since if key in held else None
        for nth, one_told in zip(numbers, ahead(seen, windows.get((key, now)), reserved, now=now), strict=True):
            told[nth] = one_told
    return told


def _running(
    one: _Read, opened: Opened, told: Ahead, hold: OpenHold | None, catalogue: Catalogue, *, now: Instant
) -> Running:
    rates = catalogue.rates.get((catalogue.contracts[one.contract].card, one.product), ())
    is_paid = one.funding is Funding.TOKENS
    tokens = _price(rates, told.next_at or now) if is_paid else ZERO
    due = Tokens(max(0, _price(rates, told.due) - _price(rates, told.instead)))
    return Running(
        contract=one.contract,
        person=one.person,
        product=one.product,
        machine=one.machine,
        opened=opened,
        funding=one.funding,
        next_at=told.next_at if tokens else None,
        next_tokens=tokens,
        waits=bool(tokens) and told.next_at is None,
        due_tokens=due,
        reserved_tokens=hold.tokens if is_paid and hold is not None else ZERO,
    )


def _price(rates: Sequence[Rate], at: Instant | None) -> Tokens:
    rate = None if at is None else rate_in_force(rates, at)
    return ZERO if rate is None else rate.tokens
