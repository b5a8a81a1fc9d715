"""Who is behind one pseudonym: told to the primary administrator, for a reason, and written down (quality P1)."""

from __future__ import annotations

from dataclasses import dataclass

from farebox.domain.clock import HOUR, SECOND, Instant
from farebox.domain.errors import Forbidden, Problem, QuotaExceeded, Rejected
from farebox.domain.rights import Action
from farebox.records import audit, db, privacy
from farebox.records.models import Person, User
from farebox.records.standing import standings

REASON_MIN, REASON_MAX = 10, 200
HOURLY_MAX = 20
"""How often one person may ask in an hour, found or not."""


@dataclass(frozen=True, slots=True)
class Revealed:
    """Who a pseudonym stands for, in which team; the name may be empty, the key is an e-mail or a login."""

    team: str
    name: str
    key: str


def may_reveal(user: User) -> bool:
    """Tell whether somebody is the primary administrator of any team."""
    return bool(standings(user, Action.REVEAL))


def reveal(user: User, pseudonym: str, reason: str, *, now: Instant) -> list[Revealed]:
    """
    Tell who is behind a pseudonym in the teams that `user` leads, and write down that it was asked and why.

    Nobody is found for a pseudonym of another team as for one that does not exist (quality T2); that is written down
    as well. Raises `Forbidden` for who leads no team, `Rejected` for a reason that is none, `QuotaExceeded` for who
    asks too often.
    """
    teams = [one.team_id for one in standings(user, Action.REVEAL)]
    if not teams:
        raise Forbidden("only the primary administrator of a team is told who is behind a pseudonym")
    why = reason.strip()
    if not REASON_MIN <= len(why) <= REASON_MAX or not why.isprintable():
        message = f"a reason has {REASON_MIN} to {REASON_MAX} printable characters"
        raise Rejected([Problem("/reason", "invalid_value", message)])
    with db.atomic():
        if privacy.reveals(user.pk, teams, since=Instant(now - HOUR)) >= HOURLY_MAX:
            raise QuotaExceeded(f"{HOURLY_MAX} pseudonyms in an hour; wait for the next", retry_seconds=HOUR // SECOND)
        found = privacy.behind(pseudonym.strip(), teams) if pseudonym.isprintable() else []
        changes = [audit.Change(one.team_id, privacy.REVEAL, f"person {one.pk}", {"reason": why}) for one in found]
        missed = audit.Change(None, privacy.REVEAL_MISSED, f"account {user.pk}", {})
        audit.note(changes or [missed], f"account {user.pk}", at=now)
    return [_revealed(one) for one in found]


def _revealed(person: Person) -> Revealed:
    return Revealed(person.team.name, person.name, person.key)
