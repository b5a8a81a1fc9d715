"""Invitations that are open or have lapsed: listed, sent again, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from farebox.domain.clock import MINUTE, Instant
from farebox.domain.errors import NotFound
from farebox.domain.invitations import LASTING, InvitationState, has_lapsed
from farebox.domain.mails import MailKind
from farebox.domain.rights import Role
from farebox.records import audit, db, invitations, leaving, mails, ticks
from farebox.records.chosen import By
from farebox.records.models import Invitation, Person, Team
from farebox.services.invite.asking import Asking, asking

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
    may_change: bool
    """Whether who reads this may send it again or withdraw it."""


def pending(by: By, team_id: int, *, now: Instant) -> list[Pending]:
    """Return the open and lapsed invitations of a team, the latest sent first."""
    who = asking(by, team_id)
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
            may_change=who.may_give(Role(row.role)),
        )
        for row in rows.order_by("-sent_us", "-pk")
    ]


def resend(by: By, team_id: int, invitation_id: int, *, now: Instant) -> bool:
    """
    Send an invitation again: it lasts seven days from now, and the earlier link is dead [S 003].

    Within a minute of the last time it changes nothing. Tells whether it was sent. Raises `NotFound` for any that is
    not open in this team, and `Forbidden` for one into a role that the one who asks may not give (quality T4).
    """
    who = _allowed(by, team_id, invitation_id)
    with db.atomic():
        row = _open(team_id, invitation_id)
        as_read = Invitation.objects.filter(pk=row.pk, state=InvitationState.OPEN, nonce=row.nonce)
        if now < row.sent_us + AGAIN_AFTER or not as_read.update(nonce=invitations.nonce(), sent_us=now):
            return False
        facts = {"invitation": row.pk, "sent": now}
        mails.queue(team_id, row.person_id, None, MailKind.INVITATION, facts, language=row.language, now=now)
        _note(row, "invited again", who, now)
    return True


def withdraw(by: By, team_id: int, invitation_id: int, *, now: Instant) -> None:
    """
    Withdraw an invitation: its link is dead, and what was given is taken back: products, groups, seats and trials.

    Raises as `resend` does.
    """
    who = _allowed(by, team_id, invitation_id)
    with db.atomic():
        Team.objects.select_for_update(no_key=True).filter(pk=team_id).first()  # who accepts waits, or has accepted
        row = _open(team_id, invitation_id)
        ticks.locked(ticks.PEOPLE, [row.person_id])  # before the invitation, as by who leaves
        ended = {"state": InvitationState.WITHDRAWN, "ended_us": now}
        if not Invitation.objects.filter(pk=row.pk, state=InvitationState.OPEN).update(**ended):
            raise NotFound("no such invitation, or it is open no more")
        _note(row, "invitation withdrawn", who, now, _taken_back(row.person_id, now))


def role_asked(by: By, team_id: int, invitation_id: int) -> Role:
    """Return the role that an invitation is into, to who may send it again or withdraw it. Raises as `resend` does."""
    _allowed(by, team_id, invitation_id)
    return Role(_open(team_id, invitation_id).role)


def _allowed(by: By, team_id: int, invitation_id: int) -> Asking:
    who = asking(by, team_id)
    who.insist_on(Role(_open(team_id, invitation_id).role))
    return who


def _open(team_id: int, invitation_id: int) -> Invitation:
    row = Invitation.objects.filter(pk=invitation_id, team_id=team_id, state=InvitationState.OPEN).first()
    if row is None:
        raise NotFound("no such invitation, or it is open no more")
    return row


def _taken_back(person: int, now: Instant) -> Mapping[str, int]:
    """Take everything back from who is no member, and return how much there was; a member keeps what is theirs."""
    if Person.objects.filter(pk=person, member_us__isnull=False, left_us__isnull=True).exists():
        return {}
    return {what: counted[person] for what, counted in leaving.take_back([person], now).items()}


def _note(row: Invitation, verb: str, by: Asking, now: Instant, more: Mapping[str, int] | None = None) -> None:
    facts = {"person": row.person_id, **(more or {})}
    audit.note([audit.Change(row.team_id, verb, f"invitation {row.pk}", facts)], by.actor, at=now)
