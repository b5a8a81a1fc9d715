"""Token packs come in: a purchase, and what it pays of open shortfalls and over-consumption."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from farebox.domain.amounts import MICRO, Tokens, as_text
from farebox.domain.charging.manual import life_of_added
from farebox.domain.clock import Day, Instant, as_iso, day_of, read_instant
from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.domain.ledger import AccountKind, TransferKind
from farebox.domain.packs import Pool
from farebox.domain.periods import year_later
from farebox.records import audit, db, idempotency, ledger
from farebox.records.booking import Booking
from farebox.records.catalogue import snapshot
from farebox.records.models import Contract
from farebox.records.models.contracts import Scheme
from farebox.records.purse import NewPack

POOLS = {Scheme.FLEX: (Pool.FLEX, Pool.CREDIT), Scheme.ENTERPRISE: (Pool.CY, Pool.MY)}
"""Which pools a contract of each scheme may hold."""

PACK_TOKENS_MAX = Tokens(10**9 * MICRO)
"""The largest pack; thousands of them still add up in 64 bits."""

ORDER_LENGTH_MAX, PRICE_LIMIT = 60, 2**63
CURRENCY = re.compile(r"[A-Z]{3}")

EARLIEST, LATEST = read_instant("1990-01-01T00:00:00Z"), read_instant("2100-01-01T00:00:00Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """
    Tokens bought at once, now if no start is given. An end may be left out.

    Flex tokens and credits then last a calendar year (domain C1, T6), those of a contract year until it ends, and
    multi-year ones as long as their contract (N6).
    """

    contract: str
    pool: Pool
    tokens: Tokens
    since: Instant | None = None
    until: Instant | None = None
    order_number: str = ""
    price_minor: int | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A pack that was given: its id, what it holds, and what of it went to open shortfalls at once."""

    pack: int
    tokens: str
    covered: str
    until: str


def give(purchase: Purchase, *, now: Instant, actor: str = audit.COMMAND, key: str = "") -> Given:
    """
    Add a pack, book its purchase, and cover what is open from it, oldest first (domain F8, N7, L9).

    The same `key` with the same purchase gives the same answer and no second pack (L8). Raises `NotFound` for an
    unknown contract, `Rejected` for a purchase that cannot be, `Conflict` for a key used before for another, `Busy`
    where others kept being in the way.
    """
    return db.insist(lambda: _give_once(purchase, actor=actor, now=now, key=key))


def _give_once(purchase: Purchase, *, actor: str, now: Instant, key: str) -> Given:
    with db.atomic():
        before = given_before(purchase, key=key)
        if before is not None:
            return before
        contract = _contract(purchase.contract)
        since = now if purchase.since is None else purchase.since
        until = purchase.until or _end_of(purchase.pool, contract, since)
        _check(purchase, contract, since, until)
        given = _give(purchase, contract, since, until, now=now)
        facts: audit.Facts = {
            "contract": contract.pk,
            "pool": str(purchase.pool),
            "tokens": given.tokens,
            "until": given.until,
        }
        audit.note([audit.Change(contract.team_id, "pack.give", f"pack {given.pack}", facts)], actor, at=now)
        idempotency.remember("give", key, asdict(purchase), asdict(given), at=now)
        return given


def team_of(number: str) -> int:
    """Return the team of a contract. Raises `NotFound`."""
    return _contract(number).team_id


def _contract(number: str) -> Contract:
    found = Contract.objects.filter(number=number).first()
    if found is None:
        raise NotFound(f"no contract {number}")
    return found


def given_before(purchase: Purchase, *, key: str) -> Given | None:
    """Return the answer that a purchase got before, if it did. Raises `Conflict` for a key used for another."""
    before = idempotency.replayed("give", key, asdict(purchase))
    return None if before is None else Given(**before)


def _end_of(pool: Pool, contract: Contract, since: Instant) -> Instant:
    """Return the end of a pack that names none: a year later, or what the pool of the contract allows (N6, T6)."""
    if not EARLIEST <= since < LATEST:
        return LATEST  # refused in any case
    if pool in POOLS[Scheme.FLEX]:
        return year_later(since)
    end = None if contract.end_day is None else Day(contract.end_day)
    return life_of_added(pool, day_of(since), start=Day(contract.start_day), end=end, latest=LATEST).until


def _check(purchase: Purchase, contract: Contract, since: Instant, until: Instant) -> None:
    problems = []
    if purchase.pool not in POOLS[Scheme(contract.scheme)]:
        problems.append(Problem("/pool", "invalid_value", f"{contract.scheme} contracts have no pool {purchase.pool}"))
    if not 0 < purchase.tokens <= PACK_TOKENS_MAX:
        limit = as_text(PACK_TOKENS_MAX)
        problems.append(
            Problem("/tokens", "invalid_value", f"a pack holds more than nothing and at most {limit} tokens")
        )
    if not EARLIEST <= since < LATEST or (purchase.until or since) > LATEST:
        problems.append(Problem("/since", "out_of_range", "a pack starts and ends between 1990 and 2100"))
    if until <= since:
        problems.append(Problem("/until", "end_before_start", "the pack ends before it starts"))
    problems += _about_the_price(purchase)
    if problems:
        raise Rejected(problems)


def _about_the_price(purchase: Purchase) -> list[Problem]:
    """Return what is wrong with the order and the price (domain L9)."""
    problems = []
    if len(purchase.order_number) > ORDER_LENGTH_MAX:
        message = f"an order number has at most {ORDER_LENGTH_MAX} characters"
        problems.append(Problem("/order", "too_long", message))
    if not 0 <= (purchase.price_minor or 0) < PRICE_LIMIT:
        problems.append(Problem("/price", "out_of_range", "a price is not negative, and fits in 64 bits"))
    if (purchase.price_minor is None) != (purchase.currency == ""):
        problems.append(Problem("/currency", "invalid_value", "a price and its currency come together"))
    elif purchase.currency and not CURRENCY.fullmatch(purchase.currency):
        problems.append(Problem("/currency", "invalid_value", "a currency has three capital letters, like EUR"))
    return problems


def _give(purchase: Purchase, contract: Contract, since: Instant, until: Instant, *, now: Instant) -> Given:
    ledger.lock([contract.team_id])
    facts = snapshot().contracts[contract.pk]
    booking = Booking(facts, booked=ledger.next_booking(facts.team, now=now))
    new = NewPack(
        purchase.pool,
        since,
        until,
        purchase.tokens,
        order_number=purchase.order_number,
        price_minor=purchase.price_minor,
        currency=purchase.currency,
    )
    pack = booking.add(new, AccountKind.OUTSIDE, TransferKind.PURCHASED)
    booking.write()
    return Given(pack=pack, tokens=as_text(purchase.tokens), covered=as_text(booking.covered), until=as_iso(until))
