"""
Inviting: a member with an account is given the products at once, everybody else is asked by mail to join  [S 003].

What is ticked for somebody who is asked is theirs from the moment they accept; a member without an account, such as one
who was imported, has it at once. Asked again while an invitation is open,
a person gets the further products and no second mail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from django.conf import settings

from farebox.domain.access import EVERY
from farebox.domain.access import Assignment as Ticked
from farebox.domain.clock import Instant
from farebox.domain.errors import Conflict, Forbidden, NotFound, Problem, Rejected
from farebox.domain.invitations import InvitationState, Named, has_lapsed, read_people
from farebox.domain.mails import MailKind
from farebox.domain.rights import Role
from farebox.domain.teams import is_email
from farebox.records import access, audit, db, invitations, mails, names, outbox, ticks
from farebox.records.chosen import By
from farebox.records.models import Invitation, Membership, Person, Team, User
from farebox.records.standing import Account
from farebox.services.invite.asking import Asking, asking


class Said(StrEnum):
    """What became of one of those who were named."""

    INVITED = "INVITED"
    WAITING = "WAITING"
    """An invitation was open already; further products were added to it."""
    ASSIGNED = "ASSIGNED"
    """A member with an account, who was given products; told so where they may open more by them."""
    ALREADY = "ALREADY"
    """A member with an account, and with all that was to be given."""


class Outcome(NamedTuple):
    """What became of one of those who were named; `invitation` is 0 for a member, `told`: a mail says what is new."""

    said: Said
    person: int
    name: str
    email: str
    invitation: int
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What those who are named are to get, and who asks."""

    team: int
    role: Role
    language: str
    by: Asking
    now: Instant
    products: tuple[int, ...] = ()
    every: bool = False


def invite(
    by: By,
    team_id: int,
    text: str,
    *,
    products: Sequence[int] = (),
    every: bool = False,
    role: Role = Role.USER,
    language: str = "",
    now: Instant,
) -> list[Outcome]:
    """
    Invite those whom a text names (`Full Name <address>`), or give members the products; in the order of the text.

    `language` is that of the mail; without one it is that of who invites. A primary administrator is invited at the
    command line alone, where the team has none. Raises `NotFound` and `Forbidden` as `standing` does, and `Rejected`
    with every problem; then nobody was invited.
    """
    who = asking(by, team_id)
    if not who.may_give(role):
        raise Forbidden("nobody gives a right that they do not have, and the primary role is handed over")
    wanted = _Wanted(
        team=team_id,
        products=tuple(dict.fromkeys(products)),
        every=every,
        role=role,
        language=_language(by, language),
        by=who,
        now=now,
    )
    return _invite(wanted, text)


def invite_primary(operator: Account, team_id: int, text: str, *, language: str = "", now: Instant) -> Outcome:
    """
    Let an operator invite the primary administrator of a team that has none (quality T4: exactly one).

    Raises `NotFound` for who is no operator, `Rejected` where not exactly one person is named, `Conflict` where there
    is a primary administrator or one is invited.
    """
    if not getattr(operator, "is_operator", False):
        raise NotFound("no such team, or not yours")
    who = Asking(f"account {operator.pk}", operator.pk, None)
    spoken = _language(operator, language)
    return _invite(_Wanted(team=team_id, role=Role.PRIMARY, language=spoken, by=who, now=now), text)[0]


def _language(by: By, said: str) -> str:
    """Return the language to write in: the one that was said, else that of who asks, else that of the installation."""
    wanted = said or getattr(by, "language", "")
    return wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _invite(wanted: _Wanted, text: str) -> list[Outcome]:
    problems: list[Problem] = []
    people: list[Named] = []
    try:
        people = read_people(text)
    except Rejected as error:
        problems += error.problems
    unknown = set(wanted.products) - access.offer(wanted.team, now=wanted.now)
    if unknown:
        problems.append(Problem("/products", "unknown_product", "a product is not in the team's offer"))
    if wanted.role is Role.PRIMARY and len(people) > 1:
        problems.append(Problem("/people", "too_many", "a team has one primary administrator"))
    if problems:
        raise Rejected(problems)
    return db.insist(lambda: _record(wanted, people))


def _record(wanted: _Wanted, people: Sequence[Named]) -> list[Outcome]:
    with db.atomic():
        if Team.objects.select_for_update(no_key=True).filter(pk=wanted.team).first() is None:  # one after another
            raise NotFound("no such team, or not yours")
        if wanted.role is Role.PRIMARY:
            _check_no_primary(wanted)
        outcomes = [_one(wanted, named) for named in people]
        outbox.announce_names()
    return outcomes


def _check_no_primary(wanted: _Wanted) -> None:
    """Raise `Conflict` where a team has a primary administrator, or an invitation that would make one."""
    if Membership.objects.filter(team_id=wanted.team, role=Role.PRIMARY).exists():
        raise Conflict("the team has a primary administrator; the role is handed over")
    asked = Invitation.objects.filter(team_id=wanted.team, role=Role.PRIMARY, state=InvitationState.OPEN)
    if any(not has_lapsed(Instant(one.sent_us), now=wanted.now) for one in asked):
        raise Conflict("a primary administrator is invited already; withdraw that invitation first")


def _one(wanted: _Wanted, named: Named) -> Outcome:
    """Invite one person, or give them the products."""
    person = _person(wanted, named)
    if _is_settled(person, wanted):
        if wanted.role is Role.PRIMARY:
            raise Conflict("this person is a member of the team already; the role is handed over to members")
        return _give_member(wanted, person)
    row = Invitation.objects.filter(person=person, state=InvitationState.OPEN).first()
    if row is not None and not has_lapsed(Instant(row.sent_us), now=wanted.now):
        _give_and_tell(wanted, person)
        return Outcome(Said.WAITING, person.pk, person.name, person.key, row.pk)
    row = _ask(wanted, person, row)
    given = ",".join(str(product) for product in sorted(_give(wanted, person)[person.pk]))
    facts: audit.Facts = {"person": person.pk, "role": wanted.role, "products": given}
    audit.note([audit.Change(wanted.team, "invited", f"invitation {row.pk}", facts)], wanted.by.actor, at=wanted.now)
    queued = {"invitation": row.pk, "sent": row.sent_us}
    mails.queue(wanted.team, person.pk, None, MailKind.INVITATION, queued, language=wanted.language, now=wanted.now)
    return Outcome(Said.INVITED, person.pk, person.name, person.key, row.pk)


def _give(wanted: _Wanted, person: Person) -> Mapping[int, frozenset[int]]:
    """Tick what is wanted for a person, and return what is new by the person's number."""
    asked = {person.pk: Ticked(frozenset(wanted.products), wanted.every)}
    return ticks.give(asked, offer=access.offer(wanted.team, now=wanted.now), now=wanted.now)


def _give_member(wanted: _Wanted, person: Person) -> Outcome:
    """Give a member what is wanted."""
    is_new, told = _give_and_tell(wanted, person)
    return Outcome(Said.ASSIGNED if is_new else Said.ALREADY, person.pk, person.name, person.key, 0, told)


def _give_and_tell(wanted: _Wanted, person: Person) -> tuple[bool, bool]:
    """
    Give somebody what is wanted, and tell them what they may open that they could not before; what rests is no news.

    Who is no member may open nothing yet, and is told nothing. Tells whether anything was new, and told by mail.
    """
    before = access.held([person.pk])[person.pk].in_force()
    given = _give(wanted, person)
    after = access.held([person.pk])[person.pk].in_force()
    opened = after.keys() - before.keys() if EVERY not in before else frozenset[int]()
    told = given[person.pk] & opened
    audit.note(ticks.given_changes(wanted.team, given), wanted.by.actor, at=wanted.now)
    products = sorted(told - {EVERY})
    mailed = mails.tell_assigned(person, products, every=EVERY in told, language=wanted.language, now=wanted.now)
    return bool(given[person.pk]), mailed


def _person(wanted: _Wanted, named: Named) -> Person:
    """Return the person of an address, made if unknown; who is no member is called as the invitation does."""
    person, is_new = Person.objects.select_related("joined").get_or_create(
        team_id=wanted.team,
        key=named.email,
        defaults={"name": named.name, "pseudonym": names.pseudonym(), "created_us": wanted.now},
    )
    person = person.joined or person
    if not is_email(person.key):
        message = f"{named.email} is another name of {person.key}, to which no mail can be sent"
        raise Rejected([Problem("/people", "no_address", message)])
    if not is_new and named.name and named.name != person.name and (not person.name or not _is_active(person)):
        person.name = named.name
        person.save(update_fields=["name"])
    return person


def _is_active(person: Person) -> bool:
    return person.member_us is not None and person.left_us is None


def _is_settled(person: Person, wanted: _Wanted) -> bool:
    """
    Tell whether a person is a member with an account; an account with a role in the team makes its owner one.

    A member without an account, such as one who was imported, is invited to make one, and keeps what is theirs.
    """
    if person.left_us is not None:
        return False
    account = User.objects.filter(email=person.key, memberships__team_id=wanted.team, is_active=True).first()
    if account is None:
        return person.user_id is not None and person.member_us is not None
    if person.user_id is None or person.member_us is None:
        person.user, person.member_us = account, person.member_us or wanted.now
        person.name = person.name or account.name
        person.save(update_fields=["user", "member_us", "name"])
    return True


def _ask(wanted: _Wanted, person: Person, lapsed: Invitation | None) -> Invitation:
    """
    Return an invitation that lasts from now: a new one, or the one that lapsed, as it is asked now.

    Raises `Forbidden` where the lapsed one is into a role that who asks may not give (quality T4).
    """
    asked = {
        "by_id": wanted.by.account,
        "role": wanted.role,
        "language": wanted.language,
        "nonce": invitations.nonce(),
        "sent_us": wanted.now,
    }
    if lapsed is None:
        return Invitation.objects.create(team_id=wanted.team, person=person, created_us=wanted.now, **asked)
    wanted.by.insist_on(Role(lapsed.role))
    Invitation.objects.filter(pk=lapsed.pk).update(**asked)
    lapsed.refresh_from_db()
    return lapsed
