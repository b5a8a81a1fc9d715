"""Seats and trials in words: who holds which until when, and what is wrong with what was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import assert_never

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from farebox.domain.clock import Instant, day_of
from farebox.domain.errors import Problem
from farebox.domain.seat_list import SeatJudged, SeatVerdict
from farebox.domain.usage import Funding
from farebox.services.seats import SeatPage, SeatRow, Standing
from farebox.web import present
from farebox.web.people_forms import Asked
from farebox.web.shown.people import beside, href

WORDS: Mapping[str, Promise] = {
    "past": gettext_lazy("a day that is over: what was used then stays as it was charged."),
    "no_end": gettext_lazy("a trial has an end: choose its last day."),
    "no_time": gettext_lazy("it has to end after it begins."),
    "too_late": gettext_lazy("that is too far away. Leave it empty for no end."),
    "over": gettext_lazy("it has ended already."),
    "unknown_product": gettext_lazy("choose a product that there is."),
    "invalid_kind": gettext_lazy("choose a seat or a trial."),
    "invalid_date": gettext_lazy("write a date like 2026-12-31."),
    "unknown_person": gettext_lazy("nobody of this address is in the team. Import or invite them first."),
    "invalid_person": gettext_lazy("this is no e-mail address, or it has letters that look like others."),
    "wrong_columns": gettext_lazy("this line has not as many columns as the first."),
    "nobody": gettext_lazy("Find somebody by a name, and tick them."),
    "left": gettext_lazy("has left the team."),
}
"""By code."""

_FIELDS: Mapping[str, Promise] = {
    "/product": gettext_lazy("Product"),
    "/kind": gettext_lazy("Kind"),
    "/start": gettext_lazy("First day"),
    "/end": gettext_lazy("Last day"),
    "/email": gettext_lazy("Email address"),
}
"""By pointer."""

COLUMNS = (
    gettext_lazy("Email address"),
    gettext_lazy("Product code"),
    gettext_lazy("Kind"),
    pgettext_lazy("column of a list", "Start"),
    pgettext_lazy("column of a list", "End"),
)
"""The columns of a list of seats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A seat or a trial in words."""

    id: int
    name: str
    address: str
    href: str
    product: str
    kind: str
    since: str
    until: str
    standing: str
    note: str
    is_open: bool
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The list of seats and trials, as its address asks for it."""

    lines: tuple[Line, ...]
    search: str
    standing: str
    standings: tuple[tuple[str, str], ...]
    is_filtered: bool
    is_none: bool
    found: int
    first: int
    last: int
    before: str
    after: str


def listed(page: SeatPage, asked: Asked, per_page: int, *, query: str) -> Listed:
    """Return the list that the page shows; `query` keeps the team in the links."""
    first = (page.number - 1) * per_page + 1
    return Listed(
        lines=tuple(line(row, query) for row in page.rows),
        search=asked.search,
        standing=asked.state,
        standings=tuple((one.value, standing(one)) for one in Standing),
        is_filtered=asked.is_filtered,
        is_none=page.all == 0,
        found=page.found,
        first=first,
        last=first + len(page.rows) - 1,
        before=asked.address(page=page.number - 1) if page.number > 1 else "",
        after=asked.address(page=page.number + 1) if page.number < page.pages else "",
    )


def line(row: SeatRow, query: str) -> Line:
    """Return one of them in words."""
    open_ended = row.standing is not Standing.ENDED
    return Line(
        id=row.id,
        name=row.name,
        address=beside(row.name, row.key),
        href=href(row.person, query),
        product=row.product.name,
        kind=kind(row.kind),
        since=present.short_date(day_of(row.since)),
        until=until(row.until),
        standing=standing(row.standing),
        note="" if row.may_open or not open_ended else _("counts once the person has accepted"),
        is_open=open_ended,
        label=named(row),
    )


def named(row: SeatRow) -> str:
    """Name a seat or a trial by what it is, of what, and whose."""
    said = _("Seat for %(product)s: %(name)s") if row.kind == Funding.SEAT else _("Trial of %(product)s: %(name)s")
    return said % {"product": row.product.name, "name": row.name}


def kind(of: Funding) -> str:
    """Name a kind."""
    return _("trial") if of == Funding.TRIAL else _("seat")


def standing(of: Standing) -> str:
    """Say where something stands in time."""
    match of:
        case Standing.HELD:
            return _("held now")
        case Standing.LATER:
            return _("begins later")
        case Standing.ENDED:
            return _("ended")
        case _:
            assert_never(of)


def until(at: Instant | None) -> str:
    """Return the last day of something."""
    return _("no end") if at is None else present.short_date(day_of(Instant(at - 1)))


def problems(found: Iterable[Problem], names: Mapping[int, str] | None = None) -> list[str]:
    """Say every problem, with the field or the person that it is about."""
    return list(dict.fromkeys(problem(one, names or {}) for one in found))


def problem(one: Problem, names: Mapping[int, str]) -> str:
    """Say one problem."""
    words = str(WORDS.get(one.code) or "") or _("this cannot be read.")
    if one.code == "held":
        words = _("holds one of this kind for that time already.")
    person = one.pointer.removeprefix("/people/")
    if person.isdecimal():
        return f"{names.get(int(person), '')} {words}".strip()
    field = _FIELDS.get(one.pointer)
    return words if field is None else present.labelled(str(field), words)


def judged(one: SeatJudged) -> tuple[int, str, str, str, str, list[str], bool]:
    """Return a line of a list: number, address, product, kind, verdict, what is wrong, and whether it is left out."""
    refused = one.verdict is SeatVerdict.REFUSED
    unknown = not one.email or any(found.pointer == "/kind" for found in one.problems)
    return (
        one.line,
        one.email,
        one.product,
        "" if unknown else kind(one.kind),
        verdict(one.verdict),
        problems(one.problems),
        refused,
    )


def verdict(of: SeatVerdict) -> str:
    """Say what becomes of a line."""
    match of:
        case SeatVerdict.GIVEN:
            return _("is given")
        case SeatVerdict.HELD:
            return _("is held already: nothing changes")
        case SeatVerdict.REFUSED:
            return _("refused: left out")
        case _:
            assert_never(of)


def given_words(kind_given: Funding, many: int) -> str:
    """Say what was given to how many."""
    if kind_given == Funding.TRIAL:
        said = ngettext("%(number)s trial is given.", "%(number)s trials are given.", many)
    else:
        said = ngettext("%(number)s seat is given.", "%(number)s seats are given.", many)
    return said % {"number": present.count(many)}
