"""Events that wait, in words: for what, what it takes, and where that is done (domain M2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from farebox.services.ingest import Held
from farebox.web import present

_REASONS: Mapping[str, Promise] = {
    "unknown_product": gettext_lazy("the catalogue does not have the product"),
    "unknown_version": gettext_lazy("the catalogue does not have the version of the product"),
    "no_contract": gettext_lazy("no contract of the team opens the product at that time"),
    "no_rate": gettext_lazy("no rate is in force at that time"),
    "insufficient_tokens": gettext_lazy("an adjustment takes more tokens than there are"),
    "no_measure": gettext_lazy("a job says neither how long it worked nor how many units"),
    "no_rule": gettext_lazy("no rule charges this kind of event"),
}
"""What the codes of waiting events mean, as `farebox quarantine list` prints them."""


class Row(NamedTuple):
    """A row of the page: events that wait for the same, and where to do what they wait for; empty where nowhere."""

    held: Held
    reason: str
    product: str
    oldest: str
    remedy: str
    address: str


def reason(code: str) -> str:
    """Say what an event waits for."""
    return str(_REASONS.get(code, code))


def row(one: Held) -> Row:
    """Return a row of the page in words."""
    remedy, address = _remedy(one)
    product = f"{one.product} {one.version}".strip() or "–"
    return Row(one, reason(one.problem), product, present.clock(one.oldest), remedy, address)


def address(team: int = 0) -> str:
    """Return the address of the page that shows what waits, of all teams or of one."""
    page = reverse("operator-waiting")
    return f"{page}?{urlencode({'team': team})}" if team else page


def _remedy(one: Held) -> tuple[str, str]:
    match one.problem:
        case "unknown_product":
            return _("Add the product"), f"{reverse('operator-product-new')}?{urlencode({'code': one.product})}"
        case "unknown_version":
            return _("Add the version"), f"{reverse('operator-products')}?{urlencode({'q': one.product})}"
        case "no_contract":
            return _("See the contracts of the team"), reverse("operator-team", args=[one.team_id])
        case "no_rate":
            return _("Set a rate"), reverse("operator-cards")
        case "insufficient_tokens":
            return _("See the tokens of the team"), reverse("operator-team", args=[one.team_id])
        case _:
            return "", ""
