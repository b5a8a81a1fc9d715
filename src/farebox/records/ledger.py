"""The ledger's tables as a booking reads and writes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import connection

from farebox.domain.clock import Day, Instant
from farebox.domain.errors import Busy
from farebox.domain.ledger import Account, AccountKind
from farebox.domain.packs import Pool
from farebox.records import db


class PackState(NamedTuple):
    """A pack as the books have it."""

    id: int
    pool: str
    since: Instant
    until: Instant
    size: int
    left: int
    lapsed: int
    swept: bool
    reserved: int


class EntryRow(NamedTuple):
    """A transfer to append, before it has its numbers."""

    source: int
    target: int
    tokens_micro: int
    kind: str
    charge: int | None
    at: Instant
    hold: int | None = None
    act: int | None = None


def lock(teams: Sequence[int]) -> None:
    """Make others who book for these teams wait; where one process writes, the transaction already does."""
    if teams and connection.features.has_select_for_update:
        marks = db.marks(teams)
        db.rows(
            f"SELECT team_id FROM records_ledgerhead WHERE team_id IN ({marks}) ORDER BY team_id FOR UPDATE",
            sorted(teams),
        )


def packs_of(contract: int) -> list[PackState]:
    """Return the packs of a contract."""
    return [
        PackState._make((*row[:7], bool(row[7]), row[8]))
        for row in db.rows(
            "SELECT id, pool, since_us, until_us, size_micro, left_micro, lapsed_micro, swept, reserved_micro "
            "FROM records_pack "
            "WHERE contract_id = %s ORDER BY until_us, size_micro, id",
            (contract,),
        )
    ]


def accounts_of(team: int) -> dict[Account, int]:
    """Return the ids of a team's accounts."""
    return {
        Account(Pool(pool), AccountKind(kind), pack or 0): account
        for account, pool, kind, pack in db.rows(
            "SELECT id, pool, kind, pack_id FROM records_account WHERE team_id = %s", (team,)
        )
    }


def transfers_of(charges: Sequence[int]) -> dict[int, list[tuple[int, int, int]]]:
    """Return what each charge moved, in order: (source account, target account, tokens in millionths)."""
    found: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for chunk in db.chunks(charges, db.CHUNK_ROWS):
        sql = (
            "SELECT charge_id, source_id, target_id, tokens_micro FROM records_entry "
            f"WHERE charge_id IN ({db.marks(chunk)}) ORDER BY id"
        )
        for charge, source, target, tokens in db.rows(sql, chunk):
            found[charge].append((source, target, tokens))
    return found


def next_booking(team: int, *, now: Instant) -> Instant:
    """Return the instant to book at: now, or just after the last booking if the clock stepped back (L10)."""
    found = db.rows("SELECT booked_us FROM records_ledgerhead WHERE team_id = %s", (team,))
    return Instant(max(now, int(found[0][0]) + 1)) if found else now


_ENTRY = ("id", "team_id", "number", "source_id", "target_id", "tokens_micro", "kind", "charge_id", "at_us",
          "booked_us", "hold_id", "act_id")  # fmt: skip


def append(team: int, entries: Sequence[EntryRow], *, booked: Instant) -> None:
    """Append transfers with the team's next numbers, without a gap (domain L7)."""
    append_all({team: entries}, now=booked)


def append_all(of_teams: Mapping[int, Sequence[EntryRow]], *, now: Instant) -> None:
    """
    Append transfers to the ledgers of some teams, each with its next numbers, without a gap (domain L7).

    They are booked now, or just after the team's last booking if the clock stepped back (invariant L10).
    """
    heads = db.rows_for(_HEADS, [(team, len(of_teams[team]), now) for team in sorted(of_teams)])
    ends = {team: (number, booked) for team, number, booked in heads}
    count = sum(len(entries) for entries in of_teams.values())
    if not count:
        return
    first = db.reserve("entry", count)
    rows: list[tuple[object, ...]] = []
    for team, entries in of_teams.items():
        last, booked = ends[team]
        number = last - len(entries) + 1
        for i, entry in enumerate(entries):
            rows.append((first + len(rows), team, number + i, *entry[:6], booked, *entry[6:]))
    db.insert("records_entry", _ENTRY, rows)


_HEADS = (
    "INSERT INTO records_ledgerhead (team_id, number, booked_us) VALUES {keys} ON CONFLICT (team_id) DO UPDATE SET "
    "number = records_ledgerhead.number + EXCLUDED.number, booked_us = CASE "
    "WHEN EXCLUDED.booked_us > records_ledgerhead.booked_us THEN EXCLUDED.booked_us "
    "ELSE records_ledgerhead.booked_us + 1 END RETURNING team_id, number, booked_us"
)


def change_pack(pack: int, *, left: int, lapsed: int, swept: bool, reserved: int = 0) -> None:
    """
    Add to what a pack has left, what is reserved and what lapsed of it; none may fall below zero (domain L4).

    Raises `Busy` where the guard refuses.
    """
    touched = db.execute(
        "UPDATE records_pack SET left_micro = left_micro + %s, lapsed_micro = lapsed_micro + %s, "
        "reserved_micro = reserved_micro + %s, swept = %s WHERE id = %s "
        "AND left_micro + %s >= 0 AND lapsed_micro + %s >= 0 AND reserved_micro + %s >= 0",
        (left, lapsed, reserved, swept, pack, left, lapsed, reserved),
    )
    if touched != 1:
        raise Busy(f"pack {pack} changed meanwhile")


class Owed(NamedTuple):
    """What of a charge no pack paid: its shortfall, or what was over-consumed, and from when on packs pay for it."""

    charge: int
    at: Instant
    day: Day
    tokens: int


def open_overs(contract: int) -> list[Owed]:
    """Return what was consumed beyond the pool of an enterprise contract, oldest first (domain N7)."""
    rows = db.rows(
        "SELECT id, at_us, usage_day, over_micro FROM records_charge WHERE contract_id = %s AND over_micro > 0 "
        "AND ended_us IS NULL ORDER BY usage_day, at_us, id",
        (contract,),
    )
    return [Owed(charge, Instant(at), Day(day), int(tokens)) for charge, at, day, tokens in rows]


def cover_overs(covers: Sequence[tuple[int, int]]) -> None:
    """Lower what charges over-consumed, as (tokens in millionths, charge) pairs."""
    db.many("UPDATE records_charge SET over_micro = over_micro - %s WHERE id = %s", covers)


def drawn_from(team: int, account: int) -> list[tuple[int, int, int, int]]:
    """Return all that charges moved out of an account and into it: (charge, source, target, tokens in millionths)."""
    return [
        (charge, source, target, int(tokens))
        for charge, source, target, tokens in db.rows(
            "SELECT charge_id, source_id, target_id, tokens_micro FROM records_entry WHERE team_id = %s "
            "AND charge_id IS NOT NULL AND (source_id = %s OR target_id = %s) ORDER BY number",
            (team, account, account),
        )
    ]


def instants_of(charges: Sequence[int]) -> dict[int, tuple[Instant, Day]]:
    """Return the instant and the usage date of each of these charges."""
    rows = db.rows(f"SELECT id, at_us, usage_day FROM records_charge WHERE id IN ({db.marks(charges)})", list(charges))
    return {charge: (Instant(at), Day(day)) for charge, at, day in rows}


def open_shortfalls(contract: int) -> list[tuple[int, Instant, int]]:
    """Return the charges that no pack covered whole, oldest first: (charge, instant, tokens in millionths)."""
    return [
        (charge, Instant(at), tokens)
        for charge, at, tokens in db.rows(
            "SELECT id, at_us, shortfall_micro FROM records_charge WHERE contract_id = %s AND shortfall_micro > 0 "
            "AND ended_us IS NULL ORDER BY at_us, id",
            (contract,),
        )
    ]


def cover_shortfalls(covers: Sequence[tuple[int, int]]) -> None:
    """Lower the open shortfalls of charges, as (tokens in millionths, charge) pairs."""
    db.many("UPDATE records_charge SET shortfall_micro = shortfall_micro - %s WHERE id = %s", covers)
