"""Entries by hand in words: what was entered, about whom, by whom, and what became of it (domain N6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from farebox.domain.amounts import Tokens
from farebox.services.ingest.entries import By, Listed, Page, Status
from farebox.web import present
from farebox.web.operator_forms import POOLS

_STATES: Mapping[Status, Promise] = {
    Status.COUNTS: gettext_lazy("counts"),
    Status.AMENDED: gettext_lazy("amended, and counts so"),
    Status.WAITS: gettext_lazy("waits for the catalogue, a rate or a contract"),
    Status.WITHDRAWN: gettext_lazy("withdrawn"),
}


Say = Callable[[By], str]
"""How a reader is told who did something."""


class Row(NamedTuple):
    """An entry as a table shows it; `address` leads to where it is withdrawn, and is empty where it cannot be."""

    entry: Listed
    what: str
    who: str
    amount: str
    on: str
    by: str
    state: str
    address: str


def table(
    found: Page, *, before: str, after: str, address: Callable[[Listed], str], say: Say, ids: bool = False
) -> Mapping[str, Any]:
    """Return what the table of entries shows; `before` and `after` lead to its other pages; commands want the ids."""
    rows = [row(one, address=address, say=say) for one in found.entries]
    return {"found": found, "rows": rows, "before": before, "after": after, "ids": ids}


def row(one: Listed, *, address: Callable[[Listed], str], say: Say) -> Row:
    """Write an entry."""
    return Row(
        one,
        _("Adjustment: %s") % POOLS[one.pool] if one.pool else one.product,
        one.who or "–",
        _amount(one),
        present.short_date(one.on),
        say(one.by) if one.by.actor else "–",
        _state(one, say),
        address(one) if one.is_withdrawable else "",
    )


def facts(one: Listed, say: Say) -> list[tuple[str, str]]:
    """Return what an entry says, line by line."""
    told = row(one, address=lambda _one: "", say=say)
    lines = [
        (_("Entry"), told.what),
        (_("Person"), one.who),
        (_("Tokens"), told.amount),
        (_("Date"), told.on),
        (_("Reason"), one.reason),
        (_("Entered by"), told.by),
        (_("State"), told.state),
    ]
    return [(name, value) for name, value in lines if value]


def _amount(one: Listed) -> str:
    if one.tokens is not None:
        return present.signed(one.tokens)
    units = one.units or Tokens(0)
    return ngettext("%s unit", "%s units", present.plural(units)) % present.amount(units)


def _state(one: Listed, say: Say) -> str:
    if one.status is Status.WITHDRAWN and one.withdrawn_by.actor:
        return _("withdrawn by %s") % say(one.withdrawn_by)
    if one.is_closed:
        return _("counts in closed books, and stays")
    return str(_STATES[one.status])


def to_operators(by: By) -> str:
    """Say to operators who did something: the address of the account."""
    return by.account.email if by.account else _command(by)


def to_the_team(by: By) -> str:
    """Say to a team who did something: its own by name, and an operator as one."""
    if by.account is None:
        return _command(by)
    return _("an operator") if by.is_operator else by.account.name or by.account.email


def _command(by: By) -> str:
    return _("a command of the installation") if by.actor == "command" else "–"
