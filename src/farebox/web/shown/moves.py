"""What the page that moves tokens says of packs and of what will happen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from farebox.domain.amounts import Tokens, tokens
from farebox.domain.clock import Day, Instant, day_of
from farebox.domain.packs import Pool
from farebox.services.move.by_primary import Foreseen, Going
from farebox.services.move.offering import Offered
from farebox.services.standing import Standing
from farebox.services.token_events import LISTED_US
from farebox.web import present
from farebox.web.shown.token_words import POOLS, pack_label

LISTED_MAX = 3
"""How many purchases the page Balances asks about; the page that moves tokens has all packs."""


class Line(NamedTuple):
    """One thing that will happen."""

    name: str
    value: str


def pack(one: Going) -> str:
    """Name a pack, with what of it can go and until when it lasts."""
    words = {
        "pack": pack_label(one.id, one.order_number),
        "pool": POOLS[Pool(one.pool)],
        "left": present.amount(one.left),
        "date": present.short_date(day_of(one.until)),
    }
    return _("%(pack)s · %(pool)s · left: %(left)s · until %(date)s") % words


def choices(packs: Sequence[Going]) -> list[tuple[str, str]]:
    """Return the packs as a form offers them."""
    return [(str(one.id), pack(one)) for one in packs]


class Bought(NamedTuple):
    """A purchase of lately: which pack, when, and what of it can still go."""

    pack: int
    name: str
    date: str
    left: str


class Movable(NamedTuple):
    """A team that the reader leads, and where it is one of several what was bought for it lately, the latest first."""

    team_id: int
    team: str
    bought: list[Bought]


def movable(team: Standing, packs: Sequence[Going], *, several: bool, at: Instant) -> Movable:
    """Return what to offer of a team: to move tokens, and of several whether purchases went to the right one."""
    since = at - LISTED_US if several else at
    new = [(one.bought, one) for one in packs if one.bought is not None and one.bought > since]
    latest = sorted(new, key=lambda pair: (-pair[0], pair[1].id))[:LISTED_MAX]
    return Movable(
        team.team_id,
        team.team,
        [
            Bought(one.id, pack_label(one.id, one.order_number), _date(bought), present.amount(one.left))
            for bought, one in latest
        ],
    )


def foreseen(found: Foreseen) -> dict[str, object]:
    """Return what a move would do: the question, and each thing that will happen with its number."""
    gone, covered = tokens(found.moved.tokens), tokens(found.moved.covered)
    lines = [
        Line(_("Pack"), f"{pack_label(found.pack.id, found.pack.order_number)} · {POOLS[Pool(found.pack.pool)]}"),
        Line(_("Leaves this team"), present.amount(gone)),
        Line(_("Stays here"), present.amount(Tokens(found.pack.left - gone))),
    ]
    if found.pack.reserved:
        lines.append(Line(_("Stays here, as it is reserved"), present.amount(found.pack.reserved)))
    lines += [
        Line(_("To the team"), found.to),
        Line(_("Comes in there"), present.amount(gone)),
        Line(_("Pays there at once for earlier use"), present.amount(covered)),
        Line(_("Valid until"), _date(found.pack.until)),
    ]
    warnings = [] if found.ended is None else [ended(found.to, found.ended)]
    return {"question": _("Move these tokens to %s?") % found.to, "lines": lines, "warnings": warnings}


def ended(team: str, last: Day) -> str:
    """Warn that tokens would come into a contract that is over."""
    words = {"team": team, "date": present.short_date(last)}
    said = _("The contract of the team %(team)s ended on %(date)s. Nobody can use tokens there unless it is renewed.")
    return said % words


def _date(at: Instant) -> str:
    return present.short_date(day_of(at))


class OfferShown(NamedTuple):
    """An offer of tokens as it is listed: what of which pack, until when, and whether the pack still has as many."""

    id: int
    pack: str
    tokens: str
    ends: str
    left: str
    is_there: bool
    offer: Offered


def offer(one: Offered, *, at: Instant) -> OfferShown:
    """Return an offer in words; what is not there any more cannot be accepted."""
    return OfferShown(
        one.id,
        f"{pack_label(one.pack, one.order_number)} · {POOLS[Pool(one.pool)]}",
        present.amount(one.tokens),
        _date(one.ends),
        present.amount(one.left),
        one.left >= one.tokens and one.ends > at,
        one,
    )
