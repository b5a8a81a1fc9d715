"""The roles of a team in words: who has which, what each may do, and an offer of the primary role."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, assert_never

from django.urls import reverse
from django.utils.translation import gettext as _

from farebox.domain.rights import ADMINISTRATORS, Role
from farebox.services.handover import HandoverState, Offered
from farebox.services.roles import Listed
from farebox.web import present
from farebox.web.rows import folded
from farebox.web.shown import people_words

OTHERS_MAX = 20
"""How many of those who administer nothing are listed at once; a search finds the others."""


class Line(NamedTuple):
    """A member: name, address beside it, role, and where the role is changed; empty where the reader may not."""

    id: int
    name: str
    address: str
    role: str
    note: str
    href: str


class Choice(NamedTuple):
    """A role that may be given, what it may do, and whether the member has it."""

    value: str
    name: str
    means: str
    is_now: bool


class Members(NamedTuple):
    """The administrators of a team, and those of the others whom a search finds."""

    administrators: tuple[Line, ...]
    others: tuple[Line, ...]
    others_count: int
    found: int


def members(listed: Sequence[Listed], search: str, query: str) -> Members:
    """Return the members of a team, as the reader may change them."""
    leading = [one for one in listed if one.member.role in ADMINISTRATORS]
    others = [one for one in listed if one.member.role not in ADMINISTRATORS]
    wanted = folded(search)
    found = [one for one in others if wanted in folded(f"{one.member.name} {one.member.email}")]
    return Members(
        tuple(line(one, query) for one in leading),
        tuple(line(one, query) for one in found[:OTHERS_MAX]),
        len(others),
        len(found),
    )


def line(one: Listed, query: str) -> Line:
    """Return a member as a row."""
    member = one.member
    return Line(
        member.id,
        member.called,
        member.email if member.name else "",
        people_words.role(member.role),
        "" if member.is_active else _("may not sign in"),
        reverse("users-role", args=[member.id]) + query if len(one.offered) > 1 else "",
    )


def choices(one: Listed) -> tuple[Choice, ...]:
    """Return the roles that may be given to a member, the one they have among them."""
    return tuple(
        Choice(role.value, people_words.role(role), means(role), role is one.member.role) for role in one.offered
    )


def means(role: Role) -> str:
    """Say what a role may do."""
    match role:
        case Role.PRIMARY:
            return _("May do everything in the team, and is the only one who registers programs and moves tokens.")
        case Role.SECONDARY:
            return _(
                "Sees balances, reports and the audit log, invites and removes people, assigns products, makes exports."
            )
        case Role.SSO:
            return _(
                "Sees balances and reports, invites and removes people, assigns products, makes exports, sets up "
                "single sign-on and ends sessions of members."
            )
        case Role.USER:
            return _("Opens products, and sees only what they used themselves.")
        case _:
            assert_never(role)


def became(offer: Offered, state: HandoverState, reader: int) -> tuple[str, ...]:
    """Say what became of an offer of the primary role, and what its reader may do now."""
    said = {"giver": offer.giver, "receiver": offer.receiver, "time": present.clock(offer.until)}
    got = reader == offer.receiver_id
    match state:
        case HandoverState.OPEN:
            return (_("%(receiver)s was offered the role and may accept until %(time)s.") % said,)
        case HandoverState.ACCEPTED:
            return (
                _("%(receiver)s accepted the role that %(giver)s offered. There is nothing left to answer.") % said,
            )
        case HandoverState.REFUSED:
            return (_("%(receiver)s refused the role that %(giver)s offered. Nothing changed.") % said,)
        case HandoverState.WITHDRAWN:
            told = _("The offer of %(giver)s to %(receiver)s was taken back. Nothing changed.") % said
        case HandoverState.LAPSED:
            told = _("The offer of %(giver)s to %(receiver)s could be accepted until %(time)s. Nothing changed.") % said
        case _:
            assert_never(state)
    return (told, _("If you are to get the role, ask for another offer.")) if got else (told,)
