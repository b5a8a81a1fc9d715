"""The list of a team's people, ready for the reader: its lines, its filters, the way to its other pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from farebox.services.assign import Holder, Page, PersonRow, State, Thing
from farebox.services.invite import Pending
from farebox.web import present
from farebox.web.people_forms import Asked
from farebox.web.shown import people_words as words

Invitations = Mapping[int, Pending]
"""Invitations that nobody has accepted, by the person's number."""


class Head(NamedTuple):
    """The head of a column: its label, where a click on it leads, and how it is sorted now."""

    label: str
    href: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A person in a list; `invitation` is one that the reader may send again, `may_invite`: none is open."""

    id: int
    name: str
    address: str
    href: str
    state: str
    state_note: str = ""
    role: str = ""
    products: str = ""
    through: str = ""
    invitation: int = 0
    may_invite: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The list of a team's people, as its address asks for it."""

    path: str
    query: str
    """What the list is asked now, beside the team: acts on one person come back to it."""
    title: str
    lines: tuple[Line, ...]
    heads: tuple[Head, ...]
    states: tuple[tuple[str, str], ...]
    products: tuple[tuple[str, str], ...]
    search: str
    state: str
    product: str
    sort: str
    is_filtered: bool
    is_nobody: bool
    found_words: str
    everyone: str
    whole: str
    found: int
    first: int
    last: int
    before: str
    after: str


def people(
    page: Page[PersonRow], asked: Asked, invitations: Invitations, products: Sequence[Thing], *, query: str
) -> People:
    """Return the list that the page shows; `query` keeps the team in the links."""
    number = present.count(page.found)
    counted = ngettext("%(number)s person", "%(number)s people", page.found) % {"number": number}
    return People(
        path=asked.path,
        query=asked.address(page=asked.page, team="").partition("?")[2],
        title=_("People of the team") if asked.is_filtered else counted,
        lines=tuple(line(row, invitations.get(row.id), query) for row in page.rows),
        heads=_heads(asked),
        states=tuple((one.value, words.state(one)) for one in State),
        products=tuple((one.code, one.name) for one in products),
        search=asked.search,
        state=asked.state,
        product=asked.product,
        sort="" if asked.sort == "name" else asked.sort,
        is_filtered=asked.is_filtered,
        is_nobody=page.found == 0 and not asked.is_filtered,
        found_words=_("Found: %(people)s.") % {"people": counted},
        everyone=_("Everybody found: %(people)s") % {"people": counted},
        whole=asked.address(search="", state="", product=""),
        found=page.found,
        first=page.first,
        last=page.last,
        before=asked.address(page=page.number - 1) if page.number > 1 else "",
        after=asked.address(page=page.number + 1) if page.number < page.pages else "",
    )


def line(row: PersonRow, invitation: Pending | None, query: str) -> Line:
    """Return one person as the list shows them."""
    until = None if invitation is None else invitation.until
    return Line(
        id=row.id,
        name=row.name,
        address=beside(row.name, row.key),
        href=href(row.id, query),
        state=words.state(row.state),
        state_note=words.state_note(row.state, row.since, lapses=until),
        role=words.role(row.role),
        products=words.products(row.products, every=row.every),
        through=words.through(row.through),
        invitation=invitation.id if invitation is not None and invitation.may_change else 0,
        may_invite=invitation is None and row.may_be_invited,
    )


def holder(one: Holder, query: str) -> Line:
    """Return somebody who holds a product."""
    return Line(
        id=one.id,
        name=one.name,
        address=beside(one.name, one.key),
        href=href(one.id, query),
        state=words.state(one.state),
        through=words.held(one.ways, one.entitled),
    )


def href(person: int, query: str) -> str:
    """Return where a person's page is."""
    return reverse("users-person", args=[person]) + query


def beside(name: str, key: str) -> str:
    """Return the address or login where the name is not that already."""
    return "" if name == key else key


def _heads(asked: Asked) -> tuple[Head, ...]:
    return (
        _sorting(asked, "name", _("Name")),
        _sorting(asked, "state", _("State")),
        Head(_("Role")),
        Head(_("Products")),
        Head(_("Held")),
    )


def _sorting(asked: Asked, name: str, label: str) -> Head:
    is_here, falls = asked.sort.removeprefix("-") == name, asked.sort.startswith("-")
    turned = f"-{name}" if is_here and not falls else name
    order = ("descending" if falls else "ascending") if is_here else ""
    return Head(label, asked.address(sort=turned), order)


def lapses(invitations: Sequence[Pending]) -> Invitations:
    """Return invitations by the person."""
    return {one.person: one for one in invitations}
