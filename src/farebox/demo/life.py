"""How the teams of the demonstration came to be as they are: groups, defaults, seats, invitations, a list, roles."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

from django.contrib.auth.base_user import AbstractBaseUser

from farebox.demo.cast import (
    ADMIN,
    DOMAIN,
    ENTERPRISE_TEAM,
    FLEX_PEOPLE,
    FLEX_TEAM,
    GROUPS,
    IMPORTED,
    INVITED,
    ITEMS,
    LAPSED,
    LAST_NAMES,
    LEADER,
    NOT_BY_DEFAULT,
    OPERATOR,
    ORDINARY,
    ORDINARY_SEAT,
    SEATED,
    SECOND,
    SINGLE_SIGN_ON,
    TICKED,
    Seated,
)
from farebox.demo.crew import Someone, seated
from farebox.demo.steps import Step
from farebox.domain.clock import HOUR, Day, Instant, midnight
from farebox.domain.people_list import Said
from farebox.domain.usage import Funding
from farebox.services import (
    catalogue,
    defaults,
    groups,
    handover,
    invite,
    mail,
    people_list,
    seats,
    where_to_get,
)
from farebox.services.assign import person_named

LINE = seats.Command.LINE
"""Who acts: nobody is signed in while the demonstration is built."""

AT_WORK = 9 * HOUR


def own_products(someone: Someone, team: str) -> tuple[str, ...]:
    """Return what a person is given one by one when the team begins: some codes, all of the offer, or nothing."""
    name = someone.role.name
    if team != FLEX_TEAM:
        return ("",)
    return () if any(role == name for _, role, _ in GROUPS) else TICKED.get(name, ("",))


def of_teams(cast: Sequence[Someone], today: Day, *, leader: catalogue.Role, now: Instant) -> Iterator[Step]:
    """
    Yield what happened, each at the beginning of a working day.

    `leader` is the role of who leads the enterprise team until it is handed over to the administrator.
    """
    studio, works = (catalogue.team_named(slug).pk for slug in (FLEX_TEAM, ENTERPRISE_TEAM))

    def days_ago(days: int) -> Instant:
        return min(now, Instant(midnight(Day(today - days)) + AT_WORK))

    yield Step(days_ago(365), lambda: _where_to_get(days_ago(365)))
    yield Step(days_ago(300), lambda: _groups(studio, cast[:FLEX_PEOPLE], days_ago(300)))
    for someone, one in zip(seated(today), SEATED, strict=True):
        yield _sits(someone, one, today, Instant(midnight(Day(today - one.days_ago))))
    yield Step(days_ago(30), lambda: _accounts(cast, leader, days_ago(30)))
    yield Step(days_ago(20), lambda: _seat(studio, days_ago(20)))
    yield Step(days_ago(9), lambda: _invites(works, LAPSED, (), days_ago(9)))
    yield Step(days_ago(5), lambda: _imports(works, days_ago(5)))
    yield Step(days_ago(3), lambda: _defaults(works, days_ago(3)))
    for days, name in zip((2, 1), INVITED, strict=True):
        yield _later(days_ago(days), studio, name)


def _later(at: Instant, team: int, name: str) -> Step:
    return Step(at, lambda: _invites(team, name, ("ACD", "DRF"), at))


def _where_to_get(at: Instant) -> None:
    for item in ITEMS:
        link = f"https://example.com/get/{item.code.lower()}"
        where_to_get.set_where(item.code, link, actor="demo", now=at)


def _groups(team: int, cast: Sequence[Someone], at: Instant) -> None:
    for name, role, codes in GROUPS:
        group = groups.make(LINE, team, name, now=at)
        members = [person_named(FLEX_TEAM, one.login) for one in cast if one.role.name == role]
        groups.join(LINE, team, group, members, now=at)
        groups.set_products(LINE, team, group, codes, now=at)


def _sits(someone: Someone, one: Seated, today: Day, at: Instant) -> Step:
    """Let somebody join with a seat or a trial, which is there before the first use; they are told by mail."""
    kind = Funding.TRIAL if one.trial_days else Funding.SEAT
    end = Day(today - one.days_ago + one.trial_days - 1) if one.trial_days else None

    def do() -> None:
        team = catalogue.team_named(FLEX_TEAM)
        person = catalogue.add_person(team, someone.login, someone.name, now=at)
        seats.give(LINE, team.pk, [person.pk], one.product, kind, end=end, now=at)
        _send(at)

    return Step(at, do)


def _seat(team: int, at: Instant) -> None:
    """Give who signs in as an ordinary user a seat, of what they do not use: their page says what it does."""
    seats.give(LINE, team, [person_named(FLEX_TEAM, ORDINARY)], ORDINARY_SEAT, Funding.SEAT, now=at)
    _send(at)


def _send(at: Instant) -> None:
    """Send what waits, and forget what would be forgotten by now: the outbox shows mails of a month."""
    mail.send_due(now=at)
    mail.prune(now=at)


def _accounts(cast: Sequence[Someone], leader: catalogue.Role, at: Instant) -> None:
    """Let some of the people sign in: one of them as users do, the others with a role."""
    _account(ENTERPRISE_TEAM, cast[LEADER], leader, at)
    _account(ENTERPRISE_TEAM, cast[SINGLE_SIGN_ON], catalogue.Role.SSO, at)
    _account(FLEX_TEAM, cast[SECOND], catalogue.Role.SECONDARY, at)
    _account(FLEX_TEAM, next(one for one in cast if one.login == ORDINARY), catalogue.Role.USER, at)


def _account(slug: str, someone: Someone, role: catalogue.Role, at: Instant) -> None:
    """Make an account; asking its owner into the team once more finds that it is theirs, and sends no mail."""
    team = catalogue.team_named(slug)
    catalogue.add_account(someone.login, secrets.token_urlsafe(24), someone.name, roles={team: role}, now=at)
    invite.invite(LINE, team.pk, f"{someone.name} <{someone.login}>", now=at)


def _invites(team: int, name: str, codes: Sequence[str], at: Instant) -> None:
    products = [catalogue.product_named(code).pk for code in codes]
    invite.invite(LINE, team, f"{name} <{_address(name)}>", products=products, now=at)
    _send(at)


def _address(name: str) -> str:
    return name.lower().replace(" ", ".") + f"@{DOMAIN}"


def _imports(team: int, at: Instant) -> None:
    last = LAST_NAMES[2]
    lines = [Said(nth, first, last, _address(f"{first} {last}")) for nth, first in enumerate(IMPORTED, start=2)]
    number = people_list.check(LINE, team, lines, now=at)
    people_list.begin(LINE, team, number, people_list.shown(LINE, team, number).digest, every=True, now=at)
    people_list.finish(number, now=at)


def _defaults(team: int, at: Instant) -> None:
    defaults.choose(LINE, team, [item.code for item in ITEMS if item.code != NOT_BY_DEFAULT], now=at)


def hand_over(admin: AbstractBaseUser, *, now: Instant) -> None:
    """Hand the enterprise team over to the administrator, who accepts."""
    offered = handover.offer_for(ENTERPRISE_TEAM, ADMIN, actor="demo", language="en", now=now)
    _send(now)
    handover.accept(admin, offered.id, now=now)


def last_accounts(*, now: Instant) -> None:
    """Add the operator's account, which says that all the rest is there."""
    catalogue.add_account(OPERATOR, secrets.token_urlsafe(24), "Demo Operator", roles={}, operator=True, now=now)
