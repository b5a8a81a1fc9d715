"""People whose use is metered, what they hold besides tokens, and accounts that sign in."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from farebox.domain.clock import Instant
from farebox.domain.errors import Conflict, Problem, Rejected
from farebox.domain.rights import Role
from farebox.domain.teams import canonical, is_email
from farebox.domain.usage import Funding
from farebox.records import db, names, outbox, seats
from farebox.records.models import Membership, Person, Product, Team, User
from farebox.services.catalogue.hand import Hand, note


def add_person(team: Team, address: str, name: str, *, now: Instant, by: Hand | None = None) -> Person:
    """Add a person whose use is metered, or name one whom usage already mentioned."""
    with db.atomic():
        person, _ = Person.objects.update_or_create(
            team=team,
            key=canonical(address),
            defaults={"name": name},
            create_defaults={"name": name, "pseudonym": names.pseudonym(), "created_us": now, "member_us": now},
        )
        if person.member_us is None:
            person.member_us = now
            person.save(update_fields=["member_us"])
        outbox.announce_names()
        note(by, "person.add", f"person {person.pk}", {}, team=team.pk)
    return person


def entitle(person: Person, product: Product, kind: str, *, since: Instant, until: Instant | None = None) -> None:
    """Give a person a seat or a trial of a product (domain F9); who holds one is a member of the team (A1)."""
    with db.atomic():
        seats.give(person.pk, product.pk, Funding(kind), since=since, until=until, now=since)


def add_account(
    address: str,
    password: str,
    name: str,
    *,
    roles: Mapping[Team, Role],
    now: Instant,
    operator: bool = False,
    by: Hand | None = None,
) -> User:
    """
    Add an account that may sign in, with its roles.

    Raises `Rejected` for what is no e-mail address or a password that is too weak, `Conflict` for an address that has
    an account.
    """
    email = canonical(address, pointer="/email")
    problems = [] if is_email(email) else [Problem("/email", "invalid_person", "an account needs an e-mail address")]
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        problems += [Problem("/password", "weak_password", message) for message in error.messages]
    problems += [
        Problem("/role", "invalid_value", f"team {team.slug} has a primary administrator already")
        for team, role in roles.items()
        if role is Role.PRIMARY and Membership.objects.filter(team=team, role=Role.PRIMARY).exists()
    ]
    if problems:
        raise Rejected(problems)
    with db.atomic():
        if User.objects.filter(email=email).exists():
            raise Conflict(f"{email} has an account already")
        user = User.objects.create_user(email, password, name=name, is_operator=operator, created_us=now)
        Membership.objects.bulk_create(Membership(team=team, user=user, role=role) for team, role in roles.items())
        note(by, "account.add", f"account {user.pk}", {"operator": int(operator)})
        for team, role in roles.items():
            note(by, "role.set", f"account {user.pk}", {"now": role.value}, team=team.pk)
    return user
