"""Token usage › By user › one person: its words, its charts and its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Instant
from farebox.web import figures, present
from farebox.web.choice import Choice
from farebox.web.compare import compare
from farebox.web.figures import Figure, Item, Week, Words
from farebox.web.question import Question
from farebox.web.report import Report, Titled
from farebox.web.reports import user
from farebox.web.reports.measures import mean_of
from farebox.web.reports.user import SORTS, UsedProduct, UserReport
from farebox.web.shown import over_time
from farebox.web.shown.links import product_address, tab_address
from farebox.web.shown.over_time import BY_HAND, told_apart
from farebox.web.shown.products import month_shown, share_drawn
from farebox.web.tables import Cell, Column, Kind, Row, Table

__all__ = ["SORTS", "show"]

DRAWN_MAX = 6
"""How many products have charts of their own; all are in the table and in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A product with its charts: the days of each week, and the days with each version."""

    key: str
    name: str
    address: str
    tokens: Tokens
    days: str
    weeks: Figure
    versions: Figure


def show(choice: Choice, question: Question, at: Instant, *, pseudonym: str) -> tuple[Report, dict[str, Any]]:
    """Gather the page and say it."""
    found = user.gather(choice, question, pseudonym, at=at)
    report = Report(
        name=f"usage-of-user-{pseudonym}",
        title=_("Token usage of %(name)s") % {"name": _name(found)},
        as_of=found.as_of,
        position=found.position,
        tables=(products(found, question), weeks(found), versions(found), course(found)),
        asked=(
            Titled(_("Products used"), user.per_product(question.days, pseudonym)),
            Titled(_("Tokens and days over time"), user.per_day(question.days, pseudonym)),
            Titled(_("Days by version"), user.per_version(question.days, pseudonym)),
        ),
    )
    return report, _own(found, question, choice)


def _own(found: UserReport, question: Question, choice: Choice) -> dict[str, Any]:
    now, before = found.totals, found.totals_before
    named = found.who.named
    return {
        "found": found,
        "called": _name(found),
        "key": named.key if named and named.key != named.name else "",
        "back": tab_address("user", question),
        "reveal": _reveal(found, choice),
        "own_choice": _of_team(choice, found.who.team_id),
        "before": present.dates(found.before),
        "days_used": figures.of_days(now.days_used, _length(found)),
        "compared": {
            "tokens": compare(now.tokens, before.tokens),
            "days": compare(now.days_used, before.days_used),
            "products": compare(now.products, before.products),
        },
        "over_time": over_time.by_product(question, found.pieces, found.products),
        "drawn": [_drawn(at, name, one, found, question) for at, (name, one) in enumerate(_charted(found))],
        "others": len([one for one in found.products if one.code]) - len(_charted(found)),
        **month_shown(found.last_month, question),
    }


def products(found: UserReport, question: Question) -> Table:
    """Return a row for each product."""
    most = max((one.tokens for one in found.products), default=ZERO)
    columns = (
        Column(name="productName", label=_("Product")),
        Column(name="productLineCode", label=_("Product line code"), shown=False),
        Column(name="tokensConsumed", label=_("Tokens"), kind=Kind.TOKENS),
        Column(name="daysUsed", label=_("Days used"), kind=Kind.COUNT),
        Column(name="monthlyTokens", label=_("Monthly average"), kind=Kind.MEAN),
        Column(name="lastUsageDate", label=_("Last used"), kind=Kind.DAY),
    )
    return Table(
        key="products",
        title=_("Products used"),
        columns=columns,
        rows=tuple(_row(one, found, most, question) for one in found.products),
        sorts=SORTS,
    )


def weeks(found: UserReport) -> Table:
    """Return on how many days of each week each product was used; weeks without use are left out (domain R6)."""
    columns = (
        Column(name="productLineCode", label=_("Product line code")),
        Column(name="productName", label=_("Product")),
        Column(name="firstDate", label=_("First date"), kind=Kind.DAY),
        Column(name="lastDate", label=_("Last date"), kind=Kind.DAY),
        Column(name="daysUsed", label=_("Days used"), kind=Kind.COUNT),
        Column(name="days", label=_("Days"), kind=Kind.COUNT),
    )
    rows = [
        (*_product(one), Cell(days.since), Cell(days.until - 1), Cell(used), Cell(days.until - days.since))
        for one in found.products
        for days, used in zip(found.weeks, one.by_week, strict=True)
        if used
    ]
    return Table(key="weeks", title=_("Days used each week"), columns=columns, rows=tuple(rows), is_whole=True)


def versions(found: UserReport) -> Table:
    """Return on how many days each version of each product was used."""
    columns = (
        Column(name="productLineCode", label=_("Product line code")),
        Column(name="productName", label=_("Product")),
        Column(name="productVersion", label=_("Version")),
        Column(name="daysUsed", label=_("Days used"), kind=Kind.COUNT),
    )
    rows = [(*_product(one), Cell(name), Cell(days)) for one in found.products for name, days in one.versions]
    return Table(key="versions", title=_("Days by version"), columns=columns, rows=tuple(rows), is_whole=True)


def course(found: UserReport) -> Table:
    """Return the tokens of each product in each piece of the chart; pieces without tokens are left out."""
    columns = (
        Column(name="productLineCode", label=_("Product line code")),
        Column(name="productName", label=_("Product")),
        Column(name="firstDate", label=_("First date"), kind=Kind.DAY),
        Column(name="lastDate", label=_("Last date"), kind=Kind.DAY),
        Column(name="tokensConsumed", label=_("Tokens"), kind=Kind.TOKENS),
    )
    rows = [
        (*_product(one), Cell(days.since), Cell(days.until - 1), Cell(tokens))
        for one in found.products
        for days, tokens in zip(found.pieces, one.by_piece, strict=True)
        if tokens
    ]
    return Table(key="course", title=_("Tokens over time"), columns=columns, rows=tuple(rows), is_whole=True)


def _name(found: UserReport) -> str:
    return found.who.named.name if found.who.named else found.who.pseudonym


def _length(found: UserReport) -> int:
    return found.days.until - found.days.since


def _of_team(choice: Choice, team_id: int) -> Choice:
    """Return the choice without contracts of other teams: nobody has the pseudonym there."""
    return replace(choice, offered=tuple(one for one in choice.offered if one.team_id == team_id))


def _reveal(found: UserReport, choice: Choice) -> str:
    """Return where the primary administrator of a team that hides names may ask who it is; empty for others (P1)."""
    of_team = [one for one in choice.chosen if one.team_id == found.who.team_id]
    if not any(one.primary and one.names_hidden for one in of_team):
        return ""
    return f"{reverse('names-reveal')}?{urlencode({'pseudonym': found.who.pseudonym})}"


def _row(one: UsedProduct, found: UserReport, most: Tokens, question: Question) -> Row:
    return (
        Cell(one.name, href=product_address(one.code, question), note=one.code)
        if one.code
        else Cell("", words=str(BY_HAND)),
        Cell(one.code),
        Cell(one.tokens, drawn=share_drawn(one.tokens, found.totals.tokens, most)),
        Cell(one.days_used, words=figures.of_days(one.days_used, _length(found))),
        Cell(mean_of(one.tokens, question.months)),
        Cell(one.last),
    )


def _product(one: UsedProduct) -> Row:
    return Cell(one.code), Cell(one.name)


def _charted(found: UserReport) -> Sequence[tuple[str, UsedProduct]]:
    """Return the products that have charts, with their names: the largest of those that were used."""
    return [(name, one) for name, one in told_apart(found.products) if one.code][:DRAWN_MAX]


def _drawn(at: int, name: str, one: UsedProduct, found: UserReport, question: Question) -> Drawn:
    return Drawn(
        key=f"product-{at}",
        name=name,
        address=product_address(one.code, question),
        tokens=one.tokens,
        days=figures.of_days(one.days_used, _length(found)),
        weeks=_weeks(f"weeks-{at}", name, one, found),
        versions=_versions(f"versions-{at}", name, one),
    )


def _weeks(key: str, name: str, one: UsedProduct, found: UserReport) -> Figure:
    words = Words(
        key=key,
        title=_("Days used each week"),
        dates=name,
        place=_("Week"),
        value=_("Days used"),
        empty=_("It was used on no day of the range."),
        level=3,
        card=False,
    )
    return figures.weeks(words, [Week(days, used) for days, used in zip(found.weeks, one.by_week, strict=True)])


def _versions(key: str, name: str, one: UsedProduct) -> Figure:
    words = Words(
        key=key,
        title=_("Days by version"),
        dates=name,
        place=_("Version"),
        value=_("Days used"),
        note=_("A day with several versions counts for each of them.") if len(one.versions) > 1 else "",
        empty=_("It was used on no day of the range."),
        level=3,
        card=False,
    )
    return figures.bars(words, [Item(version or _("Not told"), days) for version, days in one.versions])
