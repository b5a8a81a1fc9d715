"""
What opens products to people, as it stands: a person's own ticks, those of groups, and the team's defaults.

The hot paths ask `in_force`, one statement for everybody asked about; pages and reports ask `held`, which tells the
ways as well.  (domain A1, A2)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from farebox.domain.access import EVERY, Held
from farebox.domain.clock import Instant, day_of
from farebox.records import db
from farebox.records.catalogue import snapshot

_ACTIVE = "p.member_us IS NOT NULL AND p.left_us IS NULL AND p.joined_id IS NULL"

_IN_FORCE = (
    "WITH who (id, team_id) AS "
    f"(SELECT p.id, p.team_id FROM records_person p WHERE p.id IN ({{marks}}) AND {_ACTIVE}) "
    "SELECT w.id, 0, a.product_id FROM who w CROSS JOIN records_assignment a WHERE a.person_id = w.id "
    "UNION ALL SELECT w.id, 0, g.product_id FROM who w CROSS JOIN records_groupmember m "
    "CROSS JOIN records_groupassignment g WHERE m.person_id = w.id AND g.group_id = m.group_id "
    "UNION ALL SELECT w.id, 1, d.product_id FROM who w CROSS JOIN records_defaultproduct d WHERE d.team_id = w.team_id"
)
"""CROSS JOIN, as SQLite then keeps the order: who is asked about comes first."""


def in_force(people: Sequence[int]) -> dict[int, set[int]]:
    """
    Return the products that each of these people may open now; `EVERY` (0) stands for all that the offer has.

    Defaults of the team, where it has any, else the person's own and those of the groups; nothing for who is no
    active member (domain A1, A2).
    """
    given: dict[int, set[int]] = defaultdict(set)
    defaults: dict[int, set[int]] = defaultdict(set)
    for chunk in db.chunks(people, db.CHUNK_ROWS):
        for person, is_default, product in db.rows(_IN_FORCE.format(marks=db.marks(chunk)), chunk):
            (defaults if is_default else given)[person].add(product or EVERY)
    return {**given, **defaults}


_WHO = (
    "WITH who (id, team_id, active, member_us) AS (SELECT p.id, p.team_id, "
    f"CASE WHEN {_ACTIVE} THEN 1 ELSE 0 END, p.member_us FROM records_person p WHERE {{where}}) "
)
_MEMBERS = _WHO + "SELECT id, member_us FROM who WHERE active = 1"
_WAYS = (
    _WHO + "SELECT w.id, 0, 0, a.product_id, a.since_us FROM who w CROSS JOIN records_assignment a "
    "WHERE a.person_id = w.id "
    "UNION ALL SELECT w.id, 1, m.group_id, g.product_id, "
    "CASE WHEN m.since_us > g.since_us THEN m.since_us ELSE g.since_us END FROM who w "
    "CROSS JOIN records_groupmember m CROSS JOIN records_groupassignment g "
    "WHERE m.person_id = w.id AND g.group_id = m.group_id "
    "UNION ALL SELECT w.id, 2, 0, d.product_id, d.since_us FROM who w CROSS JOIN records_defaultproduct d "
    "WHERE d.team_id = w.team_id"
)


def held(people: Sequence[int]) -> dict[int, Held]:
    """Return all that each of these people was given, in force or resting; who was given nothing is there as well."""
    found: dict[int, Held] = defaultdict(Held)
    for chunk in db.chunks(people, db.CHUNK_ROWS):
        _read(f"p.id IN ({db.marks(chunk)})", chunk, found)
    return found


def held_in(teams: Sequence[int]) -> dict[int, Held]:
    """Return the same for everybody of some teams."""
    found: dict[int, Held] = defaultdict(Held)
    if teams:
        _read(f"p.team_id IN ({db.marks(teams)})", teams, found)
    return found


def _read(where: str, keys: Sequence[int], found: dict[int, Held]) -> None:
    for person, since in db.rows(_MEMBERS.format(where=where), keys):
        found[person].member_since = Instant(since)
    for person, way, group, product, since in db.rows(_WAYS.format(where=where), keys):
        one = found[person]
        if way == 0:
            one.own[product or EVERY] = Instant(since)
        elif way == 1:
            one.groups[group, product or EVERY] = Instant(since)
        else:
            one.defaults[product] = Instant(since)


_ASSIGNS = (
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM records_defaultproduct d WHERE d.team_id = %s) "
    "OR EXISTS (SELECT 1 FROM records_group o JOIN records_groupassignment g ON g.group_id = o.id "
    "WHERE o.team_id = %s) "
    "OR (EXISTS (SELECT 1 FROM records_assignment) AND EXISTS "
    "(SELECT 1 FROM records_assignment a JOIN records_person p ON p.id = a.person_id WHERE p.team_id = %s)) "
    "THEN 1 ELSE 0 END"
)


def assigns(team: int) -> bool:
    """Tell whether a team assigns anything to anybody in any way; where it does not, nothing is out of place (M5)."""
    return bool(db.rows(_ASSIGNS, (team, team, team))[0][0])


def has_defaults(team: int) -> bool:
    """Tell whether the default assignments of a team are on: as long as there is one (domain A2)."""
    return bool(db.rows("SELECT 1 FROM records_defaultproduct WHERE team_id = %s LIMIT 1", (team,)))


def offer(team: int, *, now: Instant) -> frozenset[int]:
    """Return the products that the contracts of a team open at an instant: what can be ticked (product A3)."""
    today = day_of(now)
    return frozenset(
        product
        for contract in snapshot().contracts_of.get(team, ())
        if contract.start_day <= today and (contract.end_day is None or today < contract.end_day)
        for product, since in contract.opens.items()
        if since <= now
    )
