"""What stands under a person's number, as joining two names reads and moves it (domain M1)."""

from __future__ import annotations

from collections.abc import Collection

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant
from farebox.records import db

_OPEN = (
    "FROM records_use u JOIN records_contract o ON o.id = u.contract_id AND o.team_id = %s "
    "WHERE u.person_id = %s AND u.ended_us IS NULL AND NOT u.late AND NOT EXISTS (SELECT 1 FROM records_charge c "
    "WHERE c.use_id = u.id AND c.ended_us IS NULL AND c.usage_day <= o.closed_through)"
)


def open_uses(team: int, person: int) -> list[int]:
    """Return the uses of a person that no closed books count."""
    return [use for (use,) in db.rows(f"SELECT u.id {_OPEN} ORDER BY u.id", (team, person))]


def cost(team: int, people: Collection[int]) -> Tokens:
    """Return what all uses of some people of a team cost together."""
    found = db.rows(
        "SELECT COALESCE(SUM(c.tokens_micro), 0) FROM records_contract o "
        "JOIN records_use u ON u.contract_id = o.id AND u.ended_us IS NULL "
        "JOIN records_charge c ON c.use_id = u.id AND c.ended_us IS NULL "
        f"WHERE o.team_id = %s AND u.person_id IN ({db.marks(people)})",
        (team, *people),
    )
    return Tokens(int(found[0][0]))


def is_running(person: int) -> bool:
    """Tell whether a session of a person is running, or tokens are reserved for one or for a job."""
    for table, over in (("records_livesession", "closed_us"), ("records_hold", "ended_us")):
        if db.rows(f"SELECT 1 FROM {table} WHERE person_id = %s AND {over} IS NULL LIMIT 1", (person,)):
            return True
    return False


def move(person: int, into: int, *, at: Instant) -> None:
    """Let a person's name, and those that were joined to it before, mean another; what it holds moves along."""
    db.execute("UPDATE records_person SET joined_id = %s WHERE joined_id = %s", (into, person))
    db.execute("UPDATE records_person SET joined_id = %s, left_us = NULL WHERE id = %s", (into, person))
    db.execute("UPDATE records_entitlement SET person_id = %s WHERE person_id = %s", (into, person))
    db.execute(
        "UPDATE records_assignment SET person_id = %s WHERE person_id = %s AND NOT EXISTS (SELECT 1 "
        "FROM records_assignment b WHERE b.person_id = %s "
        "AND COALESCE(b.product_id, 0) = COALESCE(records_assignment.product_id, 0))",
        (into, person, into),
    )
    db.execute("DELETE FROM records_assignment WHERE person_id = %s", (person,))
    _move_membership(person, into, at=at)
    db.execute(
        "UPDATE records_denial SET person = %s WHERE person = %s AND rolled_us IS NOT NULL AND at_us <= %s",
        (into, person, at),
    )


def _move_membership(person: int, into: int, *, at: Instant) -> None:
    """Let the other be in the groups, and be a member, if one of the two is; an invitation of the first name ends."""
    db.execute(
        "UPDATE records_groupmember SET person_id = %s WHERE person_id = %s AND NOT EXISTS (SELECT 1 "
        "FROM records_groupmember b WHERE b.person_id = %s AND b.group_id = records_groupmember.group_id)",
        (into, person, into),
    )
    db.execute("DELETE FROM records_groupmember WHERE person_id = %s", (person,))
    db.execute(
        "UPDATE records_person SET member_us = (SELECT p.member_us FROM records_person p WHERE p.id = %s) "
        "WHERE id = %s AND member_us IS NULL",
        (person, into),
    )
    db.execute(
        "UPDATE records_invitation SET state = 'WITHDRAWN', ended_us = %s WHERE person_id = %s AND state = 'OPEN'",
        (at, person),
    )
