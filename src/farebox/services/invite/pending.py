"""Invitations that are open or have lapsed: listed, sent again, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from farebox.domain.clock import MINUTE, Instant
from farebox.domain.errors import Forbidden, NotFound
from farebox.domain.invitations import LASTING, InvitationState, has_lapsed
from farebox.domain.mails import MailKind
from farebox.domain.rights import Action, Role, may_change
from farebox.records import audit, db, invitations, leaving, mails, ticks
from farebox.records.models import Invitation, Person, Team
from farebox.records.standing import Account, standing

AGAIN_AFTER = Instant(MINUTE)
"""Sent again sooner, it is the same click twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An invitation that nobody has accepted: it lapses at `until`, or has."""

    id: int
    person: int
    name: str
    email: str
    role: Role
    invited: Instant
    sent: Instant
    until: Instant
    lapsed: bool
    may_change: bool = True
    """Whether who reads this may send it again or withdraw it."""


def pending(user: Account, team_id: int, *, now: Instant) -> list[Pending]:
    """Return the open and lapsed invitations of a team, the latest sent first."""
    held = standing(user, team_id, Action.PEOPLE).role
    return [replace(one, may_change=_may_change(held, one.role)) for one in pending_of(team_id, now=now)]


def pending_of(team_id: int, *, now: Instant) -> list[Pending]:
    """Return the same at the command line."""
    rows = Invitation.objects.filter(team_id=team_id, state=InvitationState.OPEN).select_related("person")
    return [
        Pending(
            id=row.pk,
            person=row.person_id,
            name=row.person.name,
            email=row.person.key,
            role=Role(row.role),
            invited=Instant(row.created_us),
            sent=Instant(row.sent_us),
            until=Instant(row.sent_us + LASTING),
            lapsed=has_lapsed(Instant(row.sent_us), now=now),
        )
        for row in rows.order_by("-sent_us", "-pk")
    ]


def resend(user: Account, team_id: int, invitation_id: int, *, now: Instant) -> bool:
    """
    Send an invitation again: it lasts seven days from now, and the earlier link is dead [S 003].

    Within a minute of the last time it changes nothing. Tells whether it was sent. Raises `NotFound` for any that is
    not open in this team, and `Forbidden` for one into a role that the one who asks may not give (quality T4).
    """
    role_asked(user, team_id, invitation_id)
    return _resend(team_id, invitation_id, f"account {user.pk}", now=now)


def resend_as_command(team_id: int, invitation_id: int, *, now: Instant) -> bool:
    """Do the same at the command line."""
    return _resend(team_id, invitation_id, audit.COMMAND, now=now)


def withdraw(user: Account, team_id: int, invitation_id: int, *, now: Instant) -> None:
    """
    Withdraw an invitation: its link is dead, and what was given is taken back: products, groups, seats and trials.

    Raises as `resend` does.
    """
    role_asked(user, team_id, invitation_id)
    _withdraw(team_id, invitation_id, f"account {user.pk}", now=now)


def withdraw_as_command(team_id: int, invitation_id: int, *, now: Instant) -> None:
    """Do the same at the command line."""
    _withdraw(team_id, invitation_id, audit.COMMAND, now=now)


def role_asked(user: Account, team_id: int, invitation_id: int) -> Role:
    """Return the role that an invitation is into, to who may send it again or withdraw it. Raises as `resend` does."""
    held = standing(user, team_id, Action.PEOPLE).role
    role = Role(_open(team_id, invitation_id).role)
    if not _may_change(held, role):
        raise Forbidden("nobody asks again, or takes back, for a right that they do not have")
    return role


def _may_change(held: Role, role: Role) -> bool:
    return role is Role.USER or may_change(held, Role.USER, role)


def _open(team_id: int, invitation_id: int) -> Invitation:
    row = Invitation.objects.filter(pk=invitation_id, team_id=team_id, state=InvitationState.OPEN).first()
    if row is None:
        raise NotFound("no such invitation, or it is open no more")
    return row


def _resend(team_id: int, invitation_id: int, actor: str, *, now: Instant) -> bool:
    with db.atomic():
        row = _open(team_id, invitation_id)
        as_read = Invitation.objects.filter(pk=row.pk, state=InvitationState.OPEN, nonce=row.nonce)
        if now < row.sent_us + AGAIN_AFTER or not as_read.update(nonce=invitations.nonce(), sent_us=now):
            return False
        facts = {"invitation": row.pk, "sent": now}
        mails.queue(team_id, row.person_id, None, MailKind.INVITATION, facts, language=row.language, now=now)
        _note(row, "invited again", actor, now)
    return True


def _withdraw(team_id: int, invitation_id: int, actor: str, *, now: Instant) -> None:
    with db.atomic():
        Team.objects.select_for_update(no_key=True).filter(pk=team_id).first()  # who accepts waits, or has accepted
        row = _open(team_id, invitation_id)
        ticks.locked(ticks.PEOPLE, [row.person_id])  # before the invitation, as by who leaves
        ended = {"state": InvitationState.WITHDRAWN, "ended_us": now}
        if not Invitation.objects.filter(pk=row.pk, state=InvitationState.OPEN).update(**ended):
            raise NotFound("no such invitation, or it is open no more")
        _note(row, "invitation withdrawn", actor, now, _taken_back(row.person_id, now))


def _taken_back(person: int, now: Instant) -> Mapping[str, int]:
    """Take everything back from who is no member, and return how much there was; a member keeps what is theirs."""
    if Person.objects.filter(pk=person, member_us__isnull=False, left_us__isnull=True).exists():
        return {}
    return {what: counted[person] for what, counted in leaving.take_back([person], now).items()}


def _note(row: Invitation, verb: str, actor: str, now: Instant, more: Mapping[str, int] | None = None) -> None:
    facts = {"person": row.person_id, **(more or {})}
    audit.note([audit.Change(row.team_id, verb, f"invitation {row.pk}", facts)], actor, at=now)
