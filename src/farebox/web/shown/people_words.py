"""The words for people of a team: their state and role, what they hold and through what, and what that costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from farebox.domain.access import Way
from farebox.domain.clock import Instant, day_of
from farebox.domain.rights import Role
from farebox.domain.usage import Funding
from farebox.services.assign import Entitled, Hold, Paid, State, Through
from farebox.web import present
from farebox.web.shown.export_words import listed

NAMES_MAX = 3
"""How many products are named in a row of a list before the others are counted."""


def state(of: State) -> str:
    """Say where somebody stands in the team."""
    match of:
        case State.ACTIVE:
            return _("active")
        case State.PENDING:
            return _("invited")
        case State.LAPSED:
            return _("invitation lapsed")
        case State.UNCLAIMED:
            return _("known from usage")
        case State.LEFT:
            return _("has left")
        case _:
            assert_never(of)


def state_note(of: State, since: Instant | None, *, lapses: Instant | None = None) -> str:
    """Say since when, or what is to be done: an invitation works for some days, and is then sent again [S 003]."""
    day = present.short_date(day_of(since)) if since is not None else ""
    match of:
        case State.ACTIVE:
            return _("since %(date)s") % {"date": day} if day else ""
        case State.PENDING:
            if lapses is None:
                return _("since %(date)s") % {"date": day} if day else ""
            return _("works until %(date)s") % {"date": present.short_date(day_of(lapses))}
        case State.LAPSED:
            return _("not accepted in time; send it again")
        case State.UNCLAIMED:
            return _("may open nothing yet")
        case State.LEFT:
            return ""
        case _:
            assert_never(of)


def role(of: Role) -> str:
    """Name a role."""
    match of:
        case Role.PRIMARY:
            return _("primary administrator")
        case Role.SECONDARY:
            return _("secondary administrator")
        case Role.SSO:
            return _("SSO administrator")
        case Role.USER:
            return _("user")
        case _:
            assert_never(of)


def through(ways: Sequence[Through], groups: Sequence[str] = ()) -> str:
    """Say through what products are held."""
    return listed([_through(way, groups) for way in ways]) if ways else "–"


def _through(way: Through, groups: Sequence[str]) -> str:
    match way:
        case Through.OWN:
            return _("individually")
        case Through.GROUP:
            return group(groups)
        case Through.DEFAULT:
            return _("by default")
        case Through.SEAT:
            return _("by a seat")
        case Through.TRIAL:
            return _("by a trial")
        case _:
            assert_never(way)


def group(names: Sequence[str]) -> str:
    """Name the groups through which something is held."""
    if not names:
        return _("through a group")
    said = ngettext("through the group %(names)s", "through the groups %(names)s", len(names))
    return said % {"names": listed(names)}


def held(ways: Sequence[Hold], seat: Entitled | None) -> str:
    """Say in which ways one product is held."""
    groups = [way.group_name for way in ways if way.way is Way.GROUP]
    found = [Through(way.value) for way in Way if any(one.way is way for one in ways)]
    if seat is not None:
        found.append(Through.SEAT if seat.kind == Funding.SEAT else Through.TRIAL)
    return through(found, groups)


def products(names: Sequence[str], *, every: bool) -> str:
    """Name a few products and count the others; or all, with those that come later."""
    if every:
        return _("all products, later ones too")
    if not names:
        return _("none")
    named, more = names[:NAMES_MAX], len(names) - NAMES_MAX
    if more <= 0:
        return listed(named)
    said = ngettext("%(names)s and %(number)s more", "%(names)s and %(number)s more", more)
    return said % {"names": listed(named), "number": present.count(more)}


def paid(of: Paid, entitled: Entitled | None) -> str:
    """Say whether tokens are used for a product, and if not, why (domain F9) [S 003]; empty where tokens simply are."""
    match of:
        case Paid.SEAT:
            return _("This will not use tokens, because the person has a seat for it %(until)s.") % _until(entitled)
        case Paid.TRIAL:
            return _("This will not use tokens, because the person tries it out %(until)s.") % _until(entitled)
        case Paid.COSTS_NOTHING:
            return _("This will not use tokens, because its rate is 0.")
        case Paid.ENTERPRISE:
            return _("The enterprise contract pays for it.")
        case Paid.NO_RATE:
            return _("It cannot be opened: no rate is in force.")
        case Paid.TOKENS | Paid.CLOSED:
            return ""
        case _:
            assert_never(of)


def entitled(product: str, held: Entitled) -> str:
    """Say which seat or trial is held, and until when."""
    said = _("%(product)s: a seat %(until)s") if held.kind == Funding.SEAT else _("%(product)s: a trial %(until)s")
    return said % {"product": product, **_until(held)}


def _until(held: Entitled | None) -> dict[str, str]:
    if held is None or held.until is None:
        return {"until": _("without an end")}
    return {"until": _("until %(date)s") % {"date": present.short_date(day_of(Instant(held.until - 1)))}}


def scheme(code: str) -> str:
    """Name a token scheme."""
    return _("Enterprise") if code == "ENTERPRISE" else _("Flex")
