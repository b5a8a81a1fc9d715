"""
Tokens reserved: taken from packs into a hold, and given back when it is booked or released (domain F7, F7a, S1).

A hold that is booked is given back too: the charge that it stood for draws in the same transaction, as any charge
does, so that there is one way in which tokens are drawn. What is given back into a dead pack lapses at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant
from farebox.domain.ledger import TransferKind
from farebox.domain.packs import Pack, burn_down
from farebox.records import db, ledger
from farebox.records.catalogue import ContractFacts
from farebox.records.ledger import EntryRow
from farebox.records.models.contracts import Scheme

_EXPIRED = db.word(TransferKind.EXPIRED)
_RELEASED = db.word(TransferKind.RELEASED)
_RESERVED = db.word(TransferKind.RESERVED)

PAYING_POOLS = {Scheme.FLEX.value: ("CREDIT", "FLEX"), Scheme.ENTERPRISE.value: ("CY",)}
"""The pools that pay under each scheme, in the order in which they do (product C3, domain N6)."""


class Wanted(NamedTuple):
    """Tokens to reserve, and for what; `since` is the charge's instant, `due` when it is decided without news."""

    contract: int
    person: int
    product: int
    kind: str
    event: int
    since: Instant
    due: Instant
    tokens: Tokens


class OpenHold(NamedTuple):
    """A hold that is neither booked nor released."""

    id: int
    contract: int
    person: int
    product: int
    kind: str
    event: int
    since: Instant
    due: Instant
    tokens: Tokens


@dataclass(slots=True)
class _Pack:
    """A pack while holds take from it and give back."""

    id: int
    contract: int
    pool: str
    since: Instant
    until: Instant
    size: int
    swept: bool
    account: int
    reserved_account: int
    expired_account: int
    left: int
    left_before: int
    reserved: int
    reserved_before: int
    lapsed: int = 0

    def is_alive(self, at: Instant) -> bool:
        return self.since <= at < self.until


_COLUMNS = "id, contract_id, person_id, product_id, kind, event, since_us, due_us, tokens_micro"
_PACKS = (
    "WITH k (i, contract_id) AS (VALUES {keys}) "
    "SELECT p.id, p.contract_id, p.pool, p.since_us, p.until_us, p.size_micro, p.swept, a.id, r.id, x.id, "
    "p.left_micro, p.left_micro, p.reserved_micro, p.reserved_micro FROM k CROSS JOIN records_pack p "
    "CROSS JOIN records_account a CROSS JOIN records_account r CROSS JOIN records_account x "
    "WHERE p.contract_id = k.contract_id AND (NOT p.swept OR p.reserved_micro > 0) AND a.pack_id = p.id "
    "AND r.team_id = a.team_id AND r.pool = a.pool AND r.kind = 'RESERVED' AND r.pack_id IS NULL "
    "AND x.team_id = a.team_id AND x.pool = a.pool AND x.kind = 'EXPIRED' AND x.pack_id IS NULL "
    "ORDER BY p.until_us, p.size_micro, p.id"
)


class Reserve:
    """The packs of some contracts, as holds take from them and give back; nothing is written before `write`."""

    def __init__(self, contracts: Iterable[ContractFacts], *, now: Instant) -> None:
        self._now = now
        self._contracts = {contract.id: contract for contract in contracts}
        self._of_contract: dict[int, list[_Pack]] = defaultdict(list)
        self._packs: dict[int, _Pack] = {}
        self._placed: list[tuple[Wanted, list[tuple[_Pack, int]]]] = []
        self._ended: list[tuple[OpenHold, bool]] = []
        for row in db.rows_for(_PACKS, [(i, contract) for i, contract in enumerate(sorted(self._contracts))]):
            pack = _Pack(*row)
            self._packs[pack.id] = pack
            self._of_contract[pack.contract].append(pack)
        for packs in self._of_contract.values():
            packs.sort(key=lambda pack: pack.pool)  # credits before tokens; each pool stays in burn order

    def available(self, contract: int, at: Instant) -> Tokens:
        """Return what the packs alive `at` that instant have that nothing is reserved from."""
        return Tokens(sum(pack.left for pack in self._payers(contract, at)))

    def reserved(self, contract: int) -> Tokens:
        """Return what is reserved in a contract."""
        return Tokens(sum(pack.reserved for pack in self._of_contract[contract]))

    def _payers(self, contract: int, at: Instant) -> list[_Pack]:
        pools = self._pools(contract)
        return [p for p in self._of_contract[contract] if p.pool in pools and p.is_alive(at)]

    def _pools(self, contract: int) -> tuple[str, ...]:
        return PAYING_POOLS[self._contracts[contract].scheme]

    def place(self, wanted: Wanted) -> bool:
        """Reserve tokens from the packs alive at the charge's instant: all of them, or nothing (domain F7)."""
        owed, taken = wanted.tokens, []
        payers = self._payers(wanted.contract, wanted.since)
        for pool in self._pools(wanted.contract):
            packs = [Pack(p.id, p.since, p.until, Tokens(p.size), Tokens(p.left)) for p in payers if p.pool == pool]
            burnt = burn_down(packs, owed, at=wanted.since)
            taken += [(self._packs[pack], int(tokens)) for pack, tokens in burnt.draws]
            owed = burnt.shortfall
        if owed:
            return False
        for pack, tokens in taken:
            pack.left -= tokens
            pack.reserved += tokens
        self._placed.append((wanted, taken))
        return True

    def end(self, hold: OpenHold, *, booked: bool) -> None:
        """Give back what a hold has; `booked` says that its charge draws in this transaction."""
        self._ended.append((hold, booked))

    def write(self) -> None:
        """Record what was placed and ended."""
        entries: dict[int, list[EntryRow]] = defaultdict(list)
        self._end_all(entries)
        self._place_all(entries)
        if entries:
            of_teams: dict[int, list[EntryRow]] = defaultdict(list)
            for contract, rows in entries.items():
                of_teams[self._contracts[contract].team] += rows
            ledger.append_all(of_teams, now=self._now)
        for pack in self._packs.values():
            left, reserved = pack.left - pack.left_before, pack.reserved - pack.reserved_before
            if left or reserved or pack.lapsed:
                ledger.change_pack(pack.id, left=left, lapsed=pack.lapsed, swept=pack.swept, reserved=reserved)

    def _end_all(self, entries: Mapping[int, list[EntryRow]]) -> None:
        if not self._ended:
            return
        by_id = {hold.id: hold for hold, _ in self._ended}
        for number, pack_id, tokens in _parts(list(by_id)):
            hold, pack = by_id[number], self._packs[pack_id]
            rows = entries[hold.contract]
            rows.append(EntryRow(pack.reserved_account, pack.account, tokens, _RELEASED, None, self._now, hold=number))
            pack.reserved -= tokens
            if pack.swept:
                rows.append(EntryRow(pack.account, pack.expired_account, tokens, _EXPIRED, None, pack.until))
                pack.lapsed += tokens
            else:
                pack.left += tokens
        db.many(
            "UPDATE records_hold SET ended_us = %s, booked = %s WHERE id = %s",
            [(self._now, booked, hold.id) for hold, booked in self._ended],
        )

    def _place_all(self, entries: Mapping[int, list[EntryRow]]) -> None:
        if not self._placed:
            return
        first = db.reserve("hold", len(self._placed))
        parts: list[tuple[int, int, int]] = []
        for nth, (wanted, taken) in enumerate(self._placed):
            for pack, tokens in taken:
                parts.append((first + nth, pack.id, tokens))
                entries[wanted.contract].append(
                    EntryRow(
                        pack.account, pack.reserved_account, tokens, _RESERVED, None, wanted.since, hold=first + nth
                    )
                )
        db.insert("records_hold", _HOLD, [(first + nth, *wanted) for nth, (wanted, _) in enumerate(self._placed)])
        if parts:
            start = db.reserve("holdpart", len(parts))
            db.insert("records_holdpart", _PART, [(start + nth, *part) for nth, part in enumerate(parts)])


_HOLD = ("id", "contract_id", "person_id", "product_id", "kind", "event", "since_us", "due_us", "tokens_micro")
_PART = ("id", "hold_id", "pack_id", "tokens_micro")


def _parts(holds: Sequence[int]) -> list[tuple[int, int, int]]:
    return [
        (hold, pack, tokens)
        for chunk in db.chunks(holds, db.CHUNK_ROWS)
        for hold, pack, tokens in db.rows(
            f"SELECT hold_id, pack_id, tokens_micro FROM records_holdpart WHERE hold_id IN ({db.marks(chunk)}) "
            "ORDER BY id",
            chunk,
        )
    ]


def end_holds(contract: ContractFacts, holds: Iterable[OpenHold], *, booked: bool, now: Instant) -> None:
    """Give back what these holds of one contract have."""
    reserve = Reserve([contract], now=now)
    for hold in holds:
        reserve.end(hold, booked=booked)
    reserve.write()


def mark_booked(holds: Sequence[int]) -> None:
    """Note that the charges which these holds stood for were drawn."""
    db.many("UPDATE records_hold SET booked = %s WHERE id = %s", [(True, hold) for hold in holds])


def of_events(events: Sequence[int]) -> list[OpenHold]:
    """Return the open holds of these jobs' events."""
    return [
        OpenHold._make(row)
        for chunk in db.chunks(events, db.CHUNK_ROWS)
        for row in db.rows(
            f"SELECT {_COLUMNS} FROM records_hold WHERE ended_us IS NULL AND kind = 'JOB' "
            f"AND event IN ({db.marks(chunk)}) ORDER BY id",
            chunk,
        )
    ]


def due_jobs(*, now: Instant, limit: int) -> list[OpenHold]:
    """Return holds of jobs that were not heard of in time, oldest first."""
    return [
        OpenHold._make(row)
        for row in db.rows(
            f"SELECT {_COLUMNS} FROM records_hold WHERE ended_us IS NULL AND kind = 'JOB' AND due_us <= %s "
            "ORDER BY due_us, id LIMIT %s",
            (now, limit),
        )
    ]


def of_keys(keys: Sequence[tuple[int, int, int]]) -> dict[tuple[int, int, int], OpenHold]:
    """Return the open hold of each (contract, person, product) that has one; never that of a job."""
    sql = (
        "WITH k (i, contract_id, person_id, product_id) AS (VALUES {keys}) SELECT h."
        + _COLUMNS.replace(", ", ", h.")
        + " FROM k CROSS JOIN records_hold h WHERE h.contract_id = k.contract_id AND h.person_id = k.person_id "
        "AND h.product_id = k.product_id AND h.event = 0 AND h.ended_us IS NULL"
    )
    holds = [OpenHold._make(row) for row in db.rows_for(sql, [(i, *key) for i, key in enumerate(keys)])]
    return {(hold.contract, hold.person, hold.product): hold for hold in holds}
