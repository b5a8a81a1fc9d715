"""
What comes into packs and leaves them without being used: purchases, moves, lapses, adjustments, coverings.

These entries are few beside the draws, and have indexes of their own, so that no question here reads what was used.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from farebox.domain.clock import Day, Instant
from farebox.records import db
from farebox.records.models import Act, Charge


class Flow(NamedTuple):
    """
    Tokens that came into a pack (above zero) or left it (below), and the kind of account on the other side.

    `act` and `charge` are 0 where nobody moved it by hand and where no adjustment did. `pack` is 0 for an adjustment
    of what was consumed beyond the packs.
    """

    number: int
    pack: int
    pool: str
    tokens: int
    kind: str
    other: str
    at: Instant
    booked: Instant
    act: int
    charge: int


class Cause(NamedTuple):
    """Who moved tokens by hand, why, and the other team; 0 where there is none."""

    actor: str
    reason: str
    team: int = 0


class Adjusted(NamedTuple):
    """An adjustment that counts: its usage date, its pool, and what it consumed, which is its opposite (domain N6)."""

    charge: int
    day: Day
    pool: str
    tokens: int


_FLOW = (
    "SELECT e.number, COALESCE(s.pack_id, t.pack_id, 0), s.pool, "
    "CASE WHEN s.pack_id IS NULL THEN e.tokens_micro ELSE -e.tokens_micro END, e.kind, "
    "CASE WHEN s.pack_id IS NULL THEN s.kind ELSE t.kind END, e.at_us, e.booked_us, "
    "COALESCE(e.act_id, 0), COALESCE(e.charge_id, 0) "
)
_SIDES = "JOIN records_account s ON s.id = e.source_id JOIN records_account t ON t.id = e.target_id "
_BY_HAND = (
    _FLOW + "FROM records_entry e " + _SIDES + "JOIN records_pack p ON p.id = COALESCE(s.pack_id, t.pack_id) "
    "WHERE e.team_id = %s AND e.charge_id IS NULL AND e.hold_id IS NULL AND e.booked_us > %s AND e.booked_us <= %s "
    "AND p.contract_id = %s ORDER BY e.number"
)
_ADJUSTING = (
    _FLOW + "FROM records_charge c JOIN records_entry e ON e.charge_id = c.id " + _SIDES +
    "WHERE c.contract_id = %s AND c.usage_category = 'MANUAL_ADJUSTMENT' AND e.booked_us > %s AND e.booked_us <= %s "
    "ORDER BY e.number"
)  # fmt: skip
_COVERING = (
    _FLOW + "FROM records_entry e " + _SIDES + "JOIN records_pack p ON p.id = COALESCE(s.pack_id, t.pack_id) "
    "WHERE e.team_id = %s AND e.kind = 'COVERED' AND e.booked_us > %s AND e.booked_us <= %s "
    "AND p.contract_id = %s ORDER BY e.number"
)
_UNCOVERING = (
    "SELECT r.number, t.pack_id, t.pool, SUM(e.tokens_micro), 'COVERED', 'CONSUMED', r.at_us, r.booked_us, 0, "
    "r.charge_id FROM records_entry e JOIN records_account t ON t.id = e.source_id "
    "JOIN records_pack p ON p.id = t.pack_id JOIN records_entry r ON r.charge_id = e.charge_id "
    "AND r.kind = 'REVERSED' AND r.target_id = e.source_id AND r.source_id = e.target_id AND r.number > e.number "
    "WHERE e.team_id = %s AND e.kind = 'COVERED' AND r.booked_us > %s AND r.booked_us <= %s AND p.contract_id = %s "
    "AND NOT EXISTS (SELECT 1 FROM records_entry b WHERE b.charge_id = e.charge_id AND b.kind = 'REVERSED' "
    "AND b.target_id = e.source_id AND b.source_id = e.target_id AND b.number > e.number AND b.number < r.number) "
    "GROUP BY r.number, t.pack_id, t.pool, r.at_us, r.booked_us, r.charge_id ORDER BY r.number"
)
"""
A reversal gives a pack all that it has of a charge (L5): what covered it since the reversal before, and what it drew.

It is found from the coverings, which are few and indexed; of what was drawn, nothing is read.
"""
_OF_PACK = (
    _FLOW + "FROM records_account a CROSS JOIN records_entry e " + _SIDES + "WHERE a.pack_id = %s "
    "AND e.team_id = a.team_id AND (e.source_id = a.id OR e.target_id = a.id) ORDER BY e.number"
)
_ADJUSTED = (
    "SELECT c.id, c.usage_day, (SELECT MIN(s.pool) FROM records_entry e JOIN records_account s ON s.id = e.source_id "
    "WHERE e.charge_id = c.id), c.tokens_micro FROM records_charge c WHERE c.contract_id = %s "
    "AND c.usage_category = 'MANUAL_ADJUSTMENT' AND c.ended_us IS NULL ORDER BY c.usage_day, c.id"
)
_CONSUMED = (
    "SELECT COALESCE(SUM(tokens_micro), 0) FROM records_charge WHERE contract_id = %s AND usage_day >= %s "
    "AND usage_day < %s AND NOT (tokens_micro = 0) AND ended_us IS NULL"
)
_USED = (
    "FROM records_charge WHERE contract_id = %s AND usage_day >= %s AND usage_day < %s AND NOT (tokens_micro = 0) "
    "AND ended_us IS NULL AND NOT (usage_category = 'MANUAL_ADJUSTMENT')"
)
_OVER = (
    "SELECT COALESCE(SUM(over_micro), 0) FROM records_charge WHERE contract_id = %s AND over_micro > 0 "
    "AND ended_us IS NULL"
)
_SHORT = (
    "SELECT COALESCE(SUM(shortfall_micro), 0) FROM records_charge WHERE contract_id = %s AND shortfall_micro > 0 "
    "AND ended_us IS NULL"
)


def by_hand(team: int, contract: int, *, after: Instant, until: Instant) -> list[Flow]:
    """Return the flows of a contract that no charge caused, booked after an instant and until another, in order."""
    return [Flow._make(row) for row in db.rows(_BY_HAND, (team, after, until, contract))]


def adjusting(contract: int, *, after: Instant, until: Instant) -> list[Flow]:
    """Return the flows of adjustments, those taken back included, booked after an instant and until another."""
    return [Flow._make(row) for row in db.rows(_ADJUSTING, (contract, after, until))]


def covering(team: int, contract: int, *, after: Instant, until: Instant) -> list[Flow]:
    """
    Return what packs paid of charges that had been short or over, booked after an instant and until another.

    What came back to them is there too, above zero: of a covered charge that was taken back (domain L5).
    """
    asked = (team, after, until, contract)
    found = [Flow._make(row) for row in (*db.rows(_COVERING, asked), *db.rows(_UNCOVERING, asked))]
    return [flow._replace(tokens=int(flow.tokens)) for flow in found]


def of_pack(pack: int) -> list[Flow]:
    """Return everything that came into one pack and left it, draws and holds too, in the order of the ledger."""
    return [Flow._make(row) for row in db.rows(_OF_PACK, (pack,))]


def causes_of_acts(acts: Sequence[int]) -> dict[int, tuple[str, Cause]]:
    """Return what kind of act each was, and its cause."""
    rows = Act.objects.filter(pk__in=acts).values_list("pk", "kind", "actor", "reason", "facts")
    return {
        act: (kind, Cause(actor, reason, facts.get("to_team") or facts.get("from_team") or 0))
        for act, kind, actor, reason, facts in rows
    }


def causes_of_charges(charges: Sequence[int]) -> dict[int, Cause]:
    """Return who entered adjustments, and the reason that their events give."""
    rows = Charge.objects.filter(pk__in=charges).values_list("pk", "use__event__source", "use__event__payload")
    return {charge: Cause(source, _reason(bytes(payload))) for charge, source, payload in rows}


def _reason(payload: bytes) -> str:
    """Return the type and the comment of an adjustment's reason, as its event gave them."""
    data = json.loads(payload)["data"]
    return ": ".join(filter(None, (data.get("reasonType", ""), data.get("reasonComment", ""))))


def adjusted(contract: int) -> list[Adjusted]:
    """Return the adjustments of a contract that count."""
    return [Adjusted._make(row) for row in db.rows(_ADJUSTED, (contract,))]


def consumed(contract: int, *, since: Day, until: Day) -> int:
    """Return what all charges of a half-open stretch of usageDates cost, adjustments with their sign (domain R2)."""
    return int(db.rows(_CONSUMED, (contract, since, until))[0][0])


def used(contract: int, *, since: Day, until: Day) -> int:
    """Return what was used on a half-open stretch of usageDates: what adjustments moved is no use."""
    return int(db.rows("SELECT COALESCE(SUM(tokens_micro), 0) " + _USED, (contract, since, until))[0][0])


def first_use(contract: int, *, until: Day) -> Day | None:
    """Return the first usageDate before `until` on which tokens were used, if there is one."""
    ((found,),) = db.rows("SELECT MIN(usage_day) " + _USED, (contract, Day(-(2**31)), until))
    return None if found is None else Day(int(found))


def over(contract: int) -> int:
    """Return what was consumed beyond the pool and not covered since (domain N7)."""
    return int(db.rows(_OVER, (contract,))[0][0])


def short(contract: int) -> int:
    """Return what no pack covered so far (domain F8)."""
    return int(db.rows(_SHORT, (contract,))[0][0])
