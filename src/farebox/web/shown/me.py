"""My use: its words. What opening a product costs, why a charge is what it is, and what to do about what is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from farebox.domain.authorise import Decision, Grounds
from farebox.domain.clock import Instant, day_of
from farebox.domain.left_open import HOURS_USUAL, signs
from farebox.domain.usage import Funding
from farebox.services.authorise import Answer
from farebox.services.mine import Mine, Myself, OwnOpen
from farebox.web import figures, present
from farebox.web.figures import Figure, Item, Words
from farebox.web.question import Range
from farebox.web.report import range_names
from farebox.web.reports.me import RANGES, Offered, OwnUse, Wanted
from farebox.web.shown.opened import advice, said
from farebox.web.shown.over_time import BY_HAND

DRAWN_MAX = 8
"""How many products the chart shows; all are in the table."""

_REFUSED: Mapping[Grounds, Promise] = {
    Grounds.INSUFFICIENT_TOKENS: gettext_lazy(
        "It would not open: your team has not enough tokens. Tell an administrator of the team."
    ),
    Grounds.NOT_ASSIGNED: gettext_lazy(
        "It would not open: it is not assigned to you. Ask an administrator of the team."
    ),
    Grounds.NOT_A_MEMBER: gettext_lazy(
        "It would not open: you are no member of the team yet. Accept your invitation, or ask an administrator."
    ),
    Grounds.NO_CONTRACT: gettext_lazy("It would not open: no contract of your team has it now."),
    Grounds.NO_RATE: gettext_lazy("It would not open: it has no price yet."),
    Grounds.UNKNOWN_PERSON: gettext_lazy("It would not open: the team does not know you yet."),
    Grounds.UNKNOWN_PRODUCT: gettext_lazy("It would not open: the catalogue does not have it."),
    Grounds.UNKNOWN_VERSION: gettext_lazy("It would not open: the catalogue does not have this version."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedRow:
    """A product as the page shows it: what opening it now means, the notices, and where to get it."""

    mine: Mine
    now: str
    is_refused: bool
    notes: tuple[str, ...]


def own(found: OwnUse, wanted: Wanted, selves: list[Myself], *, at: Instant) -> dict[str, Any]:
    """Return the variables of the page."""
    return {
        "found": found,
        "who": found.who,
        "wanted": wanted,
        "teams": [(one.team, _address(one, Wanted()), one.team_id == found.who.team_id) for one in selves],
        "offered": [_offered(one) for one in found.offered],
        "not_shown": found.found - len(found.offered),
        "searches": found.held > 10,
        "open": [_open(one, at=at) for one in found.open],
        "dates": present.dates(found.days),
        "charge_dates": present.dates(found.charge_days),
        "ranges": [
            (str(name), _address(found.who, wanted._replace(range=value)), value == wanted.range)
            for value, name in _ranges()
        ],
        "days_used": figures.of_days(found.days_used, found.days.until - found.days.since),
        "bars": _bars(found),
        "all_rows": _address(found.who, wanted._replace(costly=False, page=1)) + "#charges",
        "costly_rows": _address(found.who, wanted._replace(costly=True, page=1)) + "#charges",
        "newer": _address(found.who, wanted._replace(page=wanted.page - 1)) + "#charges" if wanted.page > 1 else "",
        "older": _address(found.who, wanted._replace(page=wanted.page + 1)) + "#charges" if found.more_charges else "",
    }


def _ranges() -> Iterator[tuple[Range, str]]:
    names = range_names()
    yield from ((one, names[one]) for one in RANGES)


def _address(who: Myself, wanted: Wanted) -> str:
    """Return the address that asks for the same of a team; what is so by default is left out."""
    params: dict[str, str] = {"team": str(who.team_id)}
    params |= {"range": wanted.range.value} if wanted.range is not RANGES[0] else {}
    params |= {"q": wanted.search} if wanted.search else {}
    params |= {} if wanted.costly else {"charges": "all"}
    params |= {"page": str(wanted.page)} if wanted.page > 1 else {}
    return f"{reverse('me')}?{urlencode(params)}"


def _offered(one: Offered) -> OfferedRow:
    refused = one.answer.decision is Decision.DENY and one.answer.grounds is not Grounds.CHARGED_BY_RESULT
    return OfferedRow(mine=one.mine, now=opening(one.mine, one.answer), is_refused=refused, notes=tuple(_notes(one)))


def opening(product: Mine, answer: Answer) -> str:
    """Say what opening a product now would cost, or why it costs nothing, or why it would not open."""
    until = answer.covered_until
    match answer.grounds:
        case Grounds.SEAT:
            return _("This will not use tokens, because you hold a seat for it.")
        case Grounds.TRIAL if product.until is not None:
            return _("This will not use tokens, because you are in a trial of it until %(date)s.") % {
                "date": _last_day(product.until)
            }
        case Grounds.TRIAL:
            return _("This will not use tokens, because you are in a trial of it.")
        case Grounds.RESERVED if until is not None:
            return _("This will not use more tokens, because what is reserved for it covers it until %(time)s.") % {
                "time": present.clock(until)
            }
        case Grounds.WINDOW_OPEN if until is not None:
            return _("This will not use tokens, because the last charge covers it until %(time)s.") % {
                "time": present.clock(until)
            }
        case Grounds.COSTS_NOTHING | Grounds.WINDOW_OPEN | Grounds.RESERVED:
            return _("This will not use tokens, because it costs nothing.")
        case Grounds.ENTERPRISE if not answer.cost:
            return _("This will not use more tokens today.")
        case Grounds.ENTERPRISE:
            said_day = ngettext(
                "%(tokens)s token, which covers the rest of the day.",
                "%(tokens)s tokens, which cover the rest of the day.",
                present.plural(answer.cost),
            )
            return said_day % {"tokens": present.amount(answer.cost)}
        case Grounds.TOKENS:
            said_window = ngettext(
                "%(tokens)s token, which covers 24 hours.",
                "%(tokens)s tokens, which cover 24 hours.",
                present.plural(answer.cost),
            )
            return said_window % {"tokens": present.amount(answer.cost)}
        case Grounds.CHARGED_BY_RESULT:
            return _("Opening it costs nothing; each result is charged.")
        case (
            Grounds.INSUFFICIENT_TOKENS | Grounds.NOT_ASSIGNED | Grounds.NOT_A_MEMBER | Grounds.NO_CONTRACT
            | Grounds.NO_RATE | Grounds.UNKNOWN_PERSON | Grounds.UNKNOWN_PRODUCT | Grounds.UNKNOWN_VERSION
        ):  # fmt: skip
            return str(_REFUSED[answer.grounds])
    assert_never(answer.grounds)


def _notes(one: Offered) -> Iterator[str]:
    """Yield what to know of a seat or a trial: how long it lasts, and what comes after it [S 003]."""
    if one.answer.decision is Decision.DENY or one.mine.funding is Funding.TOKENS:
        return
    if one.mine.funding is Funding.SEAT:
        if one.mine.until is not None:
            yield _("Your seat lasts until %(date)s.") % {"date": _last_day(one.mine.until)}
    elif one.mine.assigned:
        yield _("Ignore its message that the trial expires: once the trial has ended, you begin to use tokens.")
    else:
        yield _("Once the trial has ended, it opens with tokens only if an administrator assigns it to you.")


def _last_day(until: Instant) -> str:
    """Write the last day of a seat or a trial, which ends where days end in UTC."""
    return f"{present.short_date(day_of(Instant(until - 1)))} (UTC)"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """A session of one's own as the page shows it: its advice, and why it looks left open."""

    one: OwnOpen
    advice: str
    signs: tuple[str, ...]


def _open(one: OwnOpen, *, at: Instant) -> OpenRow:
    told = signs(one.running.opened, hours=HOURS_USUAL, now=at)
    return OpenRow(one=one, advice=advice(one.running), signs=said(one.running.opened, told, at=at))


def _bars(found: OwnUse) -> Figure:
    words = Words(
        key="used",
        title=_("Tokens by product"),
        place=_("Product"),
        value=_("Tokens"),
        empty=_("No tokens were used on these dates."),
        note=_("The products with the most tokens; the table has all.") if len(found.used) > DRAWN_MAX else "",
        level=3,
        card=False,
    )
    items = [Item(one.name or str(BY_HAND), one.tokens) for one in found.used if one.tokens > 0]
    return figures.bars(words, items[:DRAWN_MAX], write=figures.tokens)
