"""What is left open in a team, in words and tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from farebox.domain.clock import Instant
from farebox.domain.left_open import HOURS
from farebox.services.left_open import Costly, LeftOpen, Overview, Who
from farebox.web import present
from farebox.web.shown.opened import advice, said


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A session that looks left open: whose, the advice, and why it is here."""

    one: LeftOpen
    called: str
    address: str
    advice: str
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRow:
    """What being left open cost one person with one product."""

    one: Costly
    called: str
    address: str


def own(found: Overview, hours: int, *, at: Instant) -> dict[str, Any]:
    """Return the variables of the page."""
    return {
        "found": found,
        "hours": hours,
        "choices": [(one, _hours(one), one == hours) for one in HOURS],
        "rows": [_row(one, at) for one in found.left],
        "costs": [CostRow(one=one, called=_called(one.who), address=_address(one.who)) for one in found.costs],
        "dates": present.dates(found.days),
        "names_hidden": found.names_hidden,
    }


def _hours(number: int) -> str:
    return ngettext("%(hours)s hour", "%(hours)s hours", number) % {"hours": present.count(number)}


def _row(one: LeftOpen, at: Instant) -> Row:
    return Row(
        one=one,
        called=_called(one.who),
        address=_address(one.who),
        advice=advice(one.running),
        signs=said(one.running.opened, one.signs, at=at),
    )


def _called(who: Who) -> str:
    """Return the name where names are shown, else the pseudonym (quality P1)."""
    return who.name or who.pseudonym


def _address(who: Who) -> str:
    return reverse("user-usage", args=[who.pseudonym]) + "?contract=all"
