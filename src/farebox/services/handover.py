"""
The primary role handed over: offered by who has it, accepted by who gets it, within seven days.

At every commit a team has exactly the primary administrators that it had before: both change in one transaction.
(product B1, quality T4)
"""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser

from farebox.domain.clock import DAY, Instant
from farebox.domain.errors import Conflict, NotFound, Problem, Rejected
from farebox.domain.rights import Action, Role
from farebox.domain.teams import canonical
from farebox.records import audit, db, handovers, mails, roles, token_offers
from farebox.records.handovers import Offered
from farebox.records.mails import MailKind
from farebox.records.models.handovers import HandoverState
from farebox.records.roles import Member
from farebox.records.standing import standing

__all__ = [
    "DAYS",
    "HandoverState",
    "Offered",
    "accept",
    "became_of",
    "candidates",
    "offer",
    "offer_for",
    "offered_to",
    "open_of",
    "refuse",
    "withdraw",
]

DAYS = 7
"""For how long an offer may be accepted."""


def candidates(user: AbstractBaseUser, team: int) -> list[Member]:
    """Return to whom the primary administrator may offer the role: members who may sign in, who may the most first."""
    held = standing(user, team, Action.HAND_OVER)
    return [one for one in roles.members(held.team_id) if one.is_active and one.user_id != user.pk]


def offer(user: AbstractBaseUser, team: int, membership: int, *, language: str, now: Instant) -> Offered:
    """
    Offer the primary role to a member, who is told by mail and may accept for seven days.

    Whoever calls it has proven who they are a moment ago. Raises `NotFound` for who is no member, `Rejected` for
    oneself or an account that may not sign in, `Conflict` where an offer is open.
    """
    standing(user, team, Action.HAND_OVER)
    member = roles.member(team, membership=membership)
    return _offer(team, user.pk, member, roles.account_of(user), language, now)


def offer_for(slug: str, address: str, *, actor: str, language: str, now: Instant) -> Offered:
    """Do the same at the command line, in the name of the team's primary administrator."""
    team = roles.team_named(slug).pk
    giver = roles.primary(team)
    if giver is None:
        raise Conflict("the team has no primary administrator who could offer the role")
    member = roles.member(team, email=canonical(address, pointer="/address"))
    return _offer(team, giver.user_id, member, actor, language, now)


def _offer(team: int, giver: int, member: Member, actor: str, language: str, now: Instant) -> Offered:
    if member.user_id == giver:
        raise Rejected([Problem("/member", "own_role", "this is who has the role now")])
    if not member.is_active:
        raise Rejected([Problem("/member", "inactive", "this account may not sign in")])
    with db.atomic():
        made = handovers.add(team, giver, member.user_id, now=now, until=Instant(now + DAYS * DAY))
        spoken = roles.language_of(member.user_id, language)
        facts: dict[str, str | int] = {"handover": made}
        mails.queue(team, None, member.user_id, MailKind.HANDOVER, facts, language=spoken, now=now)
        _note(team, "handover.offer", member.user_id, made, actor, now)
    found = handovers.open_of(team, now=now)
    assert found is not None, "an offer that was just made is open"
    return found


def open_of(user: AbstractBaseUser, team: int, *, now: Instant) -> Offered | None:
    """Return the open offer of a team, for those who may offer; if there is one."""
    standing(user, team, Action.ADMINISTRATORS)
    return handovers.open_of(team, now=now)


def offered_to(user: AbstractBaseUser, *, now: Instant) -> list[Offered]:
    """Return what is offered to somebody and may still be accepted."""
    return handovers.open_to(user.pk, now=now)


def became_of(user: AbstractBaseUser, offer_id: int, *, now: Instant) -> tuple[Offered, HandoverState]:
    """Return an offer and what became of it. Raises `NotFound` for everybody but who made it and who got it."""
    found = handovers.became_of(offer_id, user.pk, now=now)
    if found is None:
        raise NotFound("no such offer, or not yours")
    return found


def accept(user: AbstractBaseUser, offer_id: int, *, now: Instant) -> Offered:
    """
    Take the role that was offered: from this commit on the giver is a secondary administrator.

    Raises `NotFound` for an offer that is not open, is somebody else's, or that the giver could no longer make.
    """
    found = _mine(user, offer_id, now)
    with db.atomic():
        if not handovers.close(found.id, HandoverState.ACCEPTED, now=now):
            raise NotFound("this offer is not open any more")
        member = roles.member(found.team_id, user=user.pk)
        if not roles.put(found.team_id, found.giver_id, Role.PRIMARY, Role.SECONDARY):
            raise NotFound("who offered this is not the primary administrator any more")
        if not roles.put(found.team_id, user.pk, member.role, Role.PRIMARY):
            raise Conflict("somebody changed your role at the same moment; try again")
        token_offers.end_open(found.team_id, now=now)
        _note(found.team_id, "handover.accept", found.receiver_id, found.id, roles.account_of(user), now)
    return found


def refuse(user: AbstractBaseUser, offer_id: int, *, now: Instant) -> Offered:
    """Refuse what was offered. Raises `NotFound` as `accept` does."""
    found = _mine(user, offer_id, now)
    _close(found, HandoverState.REFUSED, "handover.refuse", roles.account_of(user), now)
    return found


def withdraw(user: AbstractBaseUser, team: int, *, now: Instant) -> Offered:
    """Take back what is offered in a team. Raises `NotFound` where nothing is."""
    standing(user, team, Action.HAND_OVER)
    found = handovers.open_of(team, now=now)
    if found is None:
        raise NotFound("nothing is offered")
    _close(found, HandoverState.WITHDRAWN, "handover.withdraw", roles.account_of(user), now)
    return found


def _mine(user: AbstractBaseUser, offer_id: int, now: Instant) -> Offered:
    for found in handovers.open_to(user.pk, now=now):
        if found.id == offer_id:
            return found
    raise NotFound("no such offer, or not yours")


def _close(found: Offered, state: HandoverState, verb: str, actor: str, now: Instant) -> None:
    with db.atomic():
        if not handovers.close(found.id, state, now=now):
            raise NotFound("this offer is not open any more")
        _note(found.team_id, verb, found.receiver_id, found.id, actor, now)


def _note(team: int, verb: str, account: int, handover: int, actor: str, now: Instant) -> None:
    audit.note([audit.Change(team, verb, f"account {account}", {"handover": handover})], actor, at=now)
