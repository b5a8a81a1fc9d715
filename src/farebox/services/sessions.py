"""Sessions: those of one's own, seen and ended; and those of a member, ended by who may."""

from __future__ import annotations

from farebox.domain.clock import Instant
from farebox.domain.errors import NotFound
from farebox.domain.rights import Action
from farebox.records import audit, db, sign_ins, standing
from farebox.records.models import Person, User
from farebox.records.sign_ins import SignIn

__all__ = ["SignIn", "end_members", "end_others", "end_own", "forget", "of"]


def of(user: User, *, current: str, now: Instant) -> list[SignIn]:
    """Return where somebody is signed in, what was last used first; `current` is the key of the session that asks."""
    return sign_ins.sign_ins_of(user.pk, current=current, now=now)


def end_own(user: User, key: str, *, now: Instant) -> None:
    """End one of somebody's own sessions. Raises `NotFound` for any other."""
    with db.atomic():
        if not sign_ins.end(user.pk, key):
            raise NotFound("no such session")
        _note(standing.log_of(user.pk), user.pk, f"account {user.pk}", 1, now)


def end_others(user: User, *, current: str, now: Instant) -> int:
    """End somebody's sessions but the one that asks; return how many ended."""
    with db.atomic():
        ended = sign_ins.end_all(user.pk, keep=current)
        _note(standing.log_of(user.pk), user.pk, f"account {user.pk}", ended, now)
    return ended


def end_members(user: User, team_id: int, person_id: int, *, now: Instant) -> int:
    """
    End all sessions of a member of a team; return how many ended.

    Raises `NotFound` for who is not in the team, exactly as for nobody, and for who has no account.
    """
    standing.standing(user, team_id, Action.END_SESSIONS)
    person = Person.objects.filter(pk=person_id, team_id=team_id, user__isnull=False, left_us__isnull=True).first()
    if person is None or person.user_id is None:
        raise NotFound("no such member with an account")
    with db.atomic():
        ended = sign_ins.end_all(person.user_id)
        _note(team_id, person.user_id, f"account {user.pk}", ended, now)
    return ended


def forget(*, now: Instant) -> int:
    """Delete sessions that are over; return how many. Runs beside the requests."""
    with db.atomic():
        return sign_ins.forget(now=now)


def _note(team_id: int | None, account: int, actor: str, ended: int, now: Instant) -> None:
    audit.note([audit.Change(team_id, "sessions.ended", f"account {account}", {"ended": ended})], actor, at=now)
