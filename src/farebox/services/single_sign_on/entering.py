"""
Who it is that a provider vouches for: decided by its subject; by the e-mail address only the very first time.

The first time the provider has to say that the address is verified, its domain has to be proven by this team, and the
person has to be invited, imported or a member, unless the team lets everybody join. From then on the address that the
provider tells counts for nothing. Operators of the installation come in through no provider: it is a team's, and they
act for all of them.  (quality: identity is (iss, sub); E-mail identity)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from allauth.socialaccount.models import SocialAccount

from farebox.domain.clock import Instant
from farebox.domain.invitations import LASTING, InvitationState, name_problems
from farebox.domain.mails import MailKind
from farebox.domain.rights import ADMINISTRATORS, Role
from farebox.domain.teams import email_or_empty
from farebox.records import accepting, audit, db, invitations, mails, names
from farebox.records.audit import NOBODY, Same
from farebox.records.models import Invitation, Membership, Person, SsoConnection, SsoDomain, Team, User


class Refusal(StrEnum):
    """Why somebody whom the provider knows is not let in."""

    GONE = "gone"
    """The connection has been taken away."""
    UNVERIFIED = "unverified"
    """The provider tells no address, or does not say that it is verified."""
    OTHER_DOMAIN = "other_domain"
    """The address is of a domain that the team has not proven."""
    UNKNOWN = "unknown"
    """Nobody has invited this person into the team."""
    TAKEN = "taken"
    """The account belongs to another subject of the provider."""
    DISABLED = "disabled"
    """The account was disabled."""
    OPERATOR = "operator"
    """The account is an operator's, who signs in with a password."""
    OTHER_PERSON = "other_person"
    """Somebody else came back from the provider than the one who was asked to prove who they are."""


class SsoRefused(Exception):
    """Somebody whom a provider vouches for and who is not let in; a page of the sign-in says why."""

    def __init__(self, reason: Refusal) -> None:
        self.reason = reason
        super().__init__(reason.value)


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a provider says: which subject, with which address and name, and whether it has verified the address."""

    key: str
    subject: str
    email: str
    is_verified: bool
    name: str


def enter(vouched: Vouched, *, expected: int | None = None, now: Instant) -> int:
    """
    Return the number of the account of whom a provider vouches for, linked to its subject the first time.

    `expected` is the account of who was asked to prove again who they are. Raises `SsoRefused`, which is written down.
    """
    try:
        return db.insist(lambda: _enter(vouched, expected, now))
    except SsoRefused as refused:
        _note_refused(vouched.key, refused.reason, now)
        raise


def _enter(vouched: Vouched, expected: int | None, now: Instant) -> int:
    with db.atomic():
        return _entered(vouched, expected, now)


def _entered(vouched: Vouched, expected: int | None, now: Instant) -> int:
    connection = SsoConnection.objects.filter(key=vouched.key).first()
    if connection is None:
        raise SsoRefused(Refusal.GONE)
    link = _link_of(connection, vouched)
    user = link.user if link is not None else _first(connection, vouched, now)
    if not user.is_active:
        raise SsoRefused(Refusal.DISABLED)
    if not _is_proven(connection, user.email):
        raise SsoRefused(Refusal.OTHER_DOMAIN)
    if user.is_operator:
        raise SsoRefused(Refusal.OPERATOR)
    if expected not in (None, user.pk):
        raise SsoRefused(Refusal.OTHER_PERSON)
    if link is None:
        _link(connection, vouched, user, now)
    if connection.tested_us is None and _leads(user, connection.team_id):
        SsoConnection.objects.filter(pk=connection.pk, tested_us__isnull=True).update(tested_us=now)
    return user.pk


def _link_of(connection: SsoConnection, vouched: Vouched) -> SocialAccount | None:
    """Return the link of a subject; who has none yet waits for whoever comes in as the same one at this moment."""
    links = SocialAccount.objects.filter(provider=vouched.key, uid=vouched.subject).select_related("user")
    found = links.first()
    if found is None:
        Team.objects.select_for_update(no_key=True).get(pk=connection.team_id)  # roles are given one after another
        found = links.first()
    return found


def _first(connection: SsoConnection, vouched: Vouched, now: Instant) -> User:
    """Return the account that an address stands for, made if there is none yet."""
    address = email_or_empty(vouched.email)
    if not address or not vouched.is_verified:
        raise SsoRefused(Refusal.UNVERIFIED)
    if not _is_proven(connection, address):
        raise SsoRefused(Refusal.OTHER_DOMAIN)
    user = User.objects.filter(email=address).first()
    person = _person(connection.team_id, address)
    if not _may_enter(connection, person, user, now):
        raise SsoRefused(Refusal.UNKNOWN)
    if user is None:
        name = (person.name if person is not None else "") or _name(vouched, address)
        user = User.objects.create_user(address, None, name=name, created_us=now)
    _join(connection.team_id, user, person, now)
    return user


def _person(team_id: int, address: str) -> Person | None:
    row = Person.objects.filter(team_id=team_id, key=address).select_related("joined").first()
    return row.joined or row if row is not None else None


def _may_enter(connection: SsoConnection, person: Person | None, user: User | None, now: Instant) -> bool:
    """Tell whether somebody belongs to the team; who left it comes back by an invitation, whoever may join."""
    if user is not None and Membership.objects.filter(team_id=connection.team_id, user=user).exists():
        return True
    if person is not None and (person.left_us is not None or person.user_id not in (None, user and user.pk)):
        return _invitation(person, now) is not None
    if connection.joins:
        return True
    return person is not None and (person.member_us is not None or _invitation(person, now) is not None)


def _invitation(person: Person, now: Instant) -> Invitation | None:
    still_open = Invitation.objects.filter(person=person, state=InvitationState.OPEN, sent_us__gt=now - LASTING)
    return still_open.first()


def _join(team_id: int, user: User, person: Person | None, now: Instant) -> None:
    """Make somebody a member; an open invitation is accepted with it, in the role that it is for."""
    if person is None:
        pseudonym = names.pseudonym()
        person = Person.objects.create(
            team_id=team_id, key=user.email, name=user.name, pseudonym=pseudonym, created_us=now
        )
    asked = _invitation(person, now)
    role = _accepted(asked, now) if asked is not None else Role.USER
    is_new = accepting.join(person, user, role, name=person.name or user.name, now=now)
    if asked is not None:
        accepting.note(asked, person, user, role, now=now)
    elif is_new:
        facts: audit.Facts = {"person": person.pk, "role": role.value}
        audit.note([audit.Change(team_id, "sso.joined", f"account {user.pk}", facts)], f"account {user.pk}", at=now)


def _accepted(asked: Invitation, now: Instant) -> Role:
    """End an invitation and return the role that it gives; that of a user where the primary one is taken by now."""
    if not invitations.still_open(asked, now=now).update(state=InvitationState.ACCEPTED, ended_us=now):
        raise SsoRefused(Refusal.UNKNOWN)  # it ended at the same moment
    role = accepting.role_of(asked)
    return Role.USER if role is Role.PRIMARY and accepting.is_led(asked.team_id) else role


def _link(connection: SsoConnection, vouched: Vouched, user: User, now: Instant) -> None:
    if SocialAccount.objects.filter(provider=vouched.key, user_id=user.pk).exists():
        raise SsoRefused(Refusal.TAKEN)
    SocialAccount.objects.create(provider=vouched.key, uid=vouched.subject, user_id=user.pk, extra_data={})
    change = audit.Change(connection.team_id, "sso.linked", f"account {user.pk}", {})
    audit.note([change], f"account {user.pk}", at=now)
    facts: dict[str, str | int] = {"what": "sso.linked", "team": connection.team_id}
    mails.queue(None, None, user.pk, MailKind.SIGN_IN_CHANGED, facts, language=user.language, now=now)


def _leads(user: User, team_id: int) -> bool:
    return Membership.objects.filter(team_id=team_id, user=user, role__in=(*ADMINISTRATORS, Role.SSO)).exists()


def _is_proven(connection: SsoConnection, address: str) -> bool:
    domain = address.partition("@")[2]
    mine = SsoDomain.objects.filter(team_id=connection.team_id, domain=domain, proven_us__isnull=False)
    return mine.exists()


def _name(vouched: Vouched, address: str) -> str:
    """Return the name that the provider tells; the first part of the address where that is none for pages and mails."""
    name = " ".join(vouched.name.split())
    return address.partition("@")[0] if name_problems(name, "/name") else name


def _note_refused(key: str, reason: Refusal, now: Instant) -> None:
    team = SsoConnection.objects.filter(key=key).values_list("team_id", flat=True).first()
    about = NOBODY if team is None else f"team {team}"
    with db.atomic():
        audit.note_some(
            audit.Change(team, "sso.refused", about, {"reason": reason.value}), NOBODY, of=Same.OBJECT, at=now
        )
