"""
Accepting an invitation, which makes the account, the role and the membership in one step, once.

Looking at a link changes nothing: programs that examine mails follow every link. What a link of no worth answers tells
nothing about any address.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from farebox.domain.clock import Instant
from farebox.domain.errors import Conflict, Forbidden, NotFound, Problem, Rejected
from farebox.domain.invitations import LASTING, InvitationState, has_lapsed, name_problems
from farebox.domain.rights import Role
from farebox.records import accepting, db, invitations, single_sign_on
from farebox.records.models import Invitation, Team, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a link leads to; of one that is over nothing but that is told."""

    over: bool = False
    team: str = ""
    inviter: str = ""
    email: str = ""
    name: str = ""
    role: Role = Role.USER
    products: tuple[str, ...] = ()
    every: bool = False
    until: Instant | None = None
    has_account: bool = False


def look(secret: str, *, now: Instant) -> Look:
    """Return what a link leads to. Raises `NotFound` for a link that is none."""
    row = invitations.known_by(secret)
    if row is None:
        raise NotFound("no such invitation")
    if row.state != InvitationState.OPEN or has_lapsed(Instant(row.sent_us), now=now):
        return Look(over=True)
    products, every = invitations.offered_by(row)
    return Look(
        team=row.team.name,
        inviter=row.by.get_full_name() if row.by is not None else "",
        email=row.person.key,
        name=row.person.name,
        role=Role(row.role),
        products=tuple(one.name for one in products),
        every=every,
        until=Instant(row.sent_us + LASTING),
        has_account=User.objects.filter(email=row.person.key).exists(),
    )


def accept(user: AbstractBaseUser | AnonymousUser, secret: str, *, now: Instant) -> str:
    """
    Accept with an account that is signed in, and return the name of the team.

    Raises `NotFound` for a link that is none, `Conflict` for one that is over, also where it ended meanwhile, and
    `Forbidden` where the invitation is for another address.
    """
    row = _row(secret)
    account = User.objects.filter(pk=user.pk or 0, is_active=True).first()
    if account is None or account.email != row.person.key:
        raise Forbidden("this invitation is for another address")
    with db.atomic():
        _end(row, now)
        _join(row, account, name=account.name, now=now)
    return row.team.name


def accept_new(secret: str, name: str, password: str, *, language: str = "", now: Instant) -> User:
    """
    Accept with a new account, and return it.

    Raises `Rejected` with every problem of name and password, `Conflict` for a link that is over or an address that
    has an account by now, `Forbidden` where single sign-on leaves no password, and `NotFound`.
    """
    row = _row(secret)
    if single_sign_on.enforced(row.person.key):
        raise Forbidden("this address signs in over single sign-on")
    called = " ".join(name.split())
    _check(called, password, row.person.key)

    def once() -> User:
        with db.atomic():
            _end(row, now)
            if User.objects.filter(email=row.person.key).exists():
                raise Conflict("this address has an account by now")
            account = User.objects.create_user(row.person.key, password, name=called, language=language, created_us=now)
            _join(row, account, name=called, now=now)
        return account

    return db.insist(once)


def _row(secret: str) -> Invitation:
    row = invitations.known_by(secret)
    if row is None:
        raise NotFound("no such invitation")
    return row


def _check(name: str, password: str, email: str) -> None:
    problems = [] if name else [Problem("/name", "no_name", "a name is needed")]
    problems += name_problems(name, "/name")
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        problems += [Problem("/password", "weak_password", message) for message in error.messages]
    if problems:
        raise Rejected(problems)


def _end(row: Invitation, now: Instant) -> None:
    """End an invitation, which only one of several who try can do; the others wait for that one. Raises `Conflict`."""
    Team.objects.select_for_update(no_key=True).get(pk=row.team_id)
    if not invitations.still_open(row, now=now).update(state=InvitationState.ACCEPTED, ended_us=now):
        raise Conflict("this invitation is over")


def _join(row: Invitation, account: User, *, name: str, now: Instant) -> None:
    """Make an account a member, with the role that was offered. Raises `Conflict` where it is taken by now."""
    if row.role == Role.PRIMARY and accepting.is_led(row.team_id):
        raise Conflict("the team has a primary administrator by now")
    person, role = row.person.joined or row.person, accepting.role_of(row)
    accepting.join(person, account, role, name=name, now=now)
    accepting.note(row, person, account, role, now=now)
