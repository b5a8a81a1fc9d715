"""Token usage › By user: its words, its chart and its tables."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Instant
from farebox.web import present
from farebox.web.choice import Choice
from farebox.web.compare import compare
from farebox.web.question import Format, Question, Range
from farebox.web.report import Report, Titled
from farebox.web.reports import users
from farebox.web.reports.measures import mean_of
from farebox.web.reports.users import SORTS, Used, Users, UserUse
from farebox.web.shown import over_time
from farebox.web.shown.links import user_address
from farebox.web.shown.over_time import BY_HAND
from farebox.web.shown.products import month_shown, share_drawn
from farebox.web.tables import Cell, Column, Kind, Many, Row, Table, arranged

__all__ = ["SORTS", "show"]

NAMED_MAX = 3
"""How many products a row names; the others are a number there, and in the file by name."""


def show(choice: Choice, question: Question, at: Instant) -> tuple[Report, dict[str, Any]]:
    """Gather the tab and say it."""
    found = users.gather(choice, question, lambda found: arranged(table(found, question), question), at=at)
    report = Report(
        name="usage-by-user",
        title=_("Token usage by user"),
        as_of=found.as_of,
        position=found.position,
        tables=(table(found, question),) if question.format is Format.PAGE else (table(found, question), uses(found)),
        asked=(
            Titled(_("Users"), users.per_user(question.days)),
            Titled(_("Products of each user"), users.per_product(question.days)),
        ),
    )
    return report, _own(found, question, choice)


def _own(found: Users, question: Question, choice: Choice) -> dict[str, Any]:
    now, before = found.totals, found.totals_before
    return {
        "by_user": found,
        "before": present.dates(found.before),
        "compared": {
            "users": compare(now.users, before.users),
            "tokens": compare(now.tokens, before.tokens),
            "products": compare(now.products, before.products),
        },
        "over_time": over_time.tokens(question, found.pieces, found.by_piece),
        "gone": _gone(found.gone),
        "before_address": question.address(range=Range.CUSTOM, days=found.before, search="", by=None),
        "has_adjustments": any(not user.pseudonym for user in found.users),
        "searched": _("Search pseudonyms") if choice.names_hidden else _("Search users"),
        **month_shown(found.last_month, question),
    }


def table(found: Users, question: Question) -> Table:
    """Return a row for each person of a team with use in the range."""
    is_named = bool(found.known.named)
    columns = (
        Column(name="userName", label=_("Name")),
        Column(name="name", label=_("Name"), shown=False, filed=is_named),
        Column(name="hashedUserId", label=_("Pseudonym"), shown=False),
        Column(name="team", label=_("Team"), shown=found.tells_teams, filed=found.tells_teams, searched=False),
        Column(name="productName", label=_("Products used"), searched=False),
        Column(name="tokensConsumed", label=_("Tokens"), kind=Kind.TOKENS),
        Column(name="daysUsed", label=_("Days used"), kind=Kind.COUNT),
        Column(name="monthlyTokens", label=_("Monthly average"), kind=Kind.MEAN, shown=question.months > 1),
        Column(name="previousTokens", label=_("Tokens before"), kind=Kind.TOKENS, shown=False),
        Column(name="growth", label=_("Growth"), kind=Kind.TOKENS),
        Column(name="change", label=_("Growth in percent"), kind=Kind.CHANGE, shown=False),
        Column(name="lastUsageDate", label=_("Last used"), kind=Kind.DAY),
    )
    return Table(
        key="users",
        title=_("Users"),
        columns=columns,
        rows=_rows(found, question),
        sorts=SORTS,
        empty=_("Nobody used tokens on these dates."),
    )


def uses(found: Users) -> Table:
    """Return a row for each person and product: the second sheet of the file, of the people that a search finds."""
    columns = (
        Column(name="userName", label=_("Name")),
        Column(name="hashedUserId", label=_("Pseudonym"), shown=False),
        Column(name="team", label=_("Team"), shown=found.tells_teams, filed=found.tells_teams, searched=False),
        Column(name="productLineCode", label=_("Product line code"), searched=False),
        Column(name="productName", label=_("Product"), searched=False),
        Column(name="tokensConsumed", label=_("Tokens"), kind=Kind.TOKENS),
        Column(name="daysUsed", label=_("Days used"), kind=Kind.COUNT),
    )
    rows = [_use(user, used, found) for user in found.users for used in found.products.get(user.pseudonym, ())]
    return Table(key="uses", title=_("Products of each user"), columns=columns, rows=tuple(rows))


def _rows(found: Users, question: Question) -> Many[UserUse]:
    products, months = found.products, question.months
    most = max((user.tokens for user in found.users), default=ZERO)
    return Many(
        records=found.users,
        order=found.order,
        make=lambda user: _row(user, found, most, question),
        values={
            "userName": attrgetter("user"),
            "name": lambda user: found.known.name(user.pseudonym),
            "hashedUserId": attrgetter("pseudonym"),
            "team": lambda user: found.known.team(user.pseudonym),
            "productName": lambda user: ", ".join(_names(products.get(user.pseudonym, ()))),
            "tokensConsumed": attrgetter("tokens"),
            "daysUsed": attrgetter("days_used"),
            "monthlyTokens": lambda user: mean_of(user.tokens, months),
            "previousTokens": attrgetter("before"),
            "growth": (lambda user: user.growth) if found.compares else (lambda _user: None),
            "change": attrgetter("change"),
            "lastUsageDate": attrgetter("last"),
        },
        texts={"userName": lambda user: _said(user, found)},
    )


def _said(user: UserUse, found: Users) -> tuple[str, str]:
    """Return what is said of a person: the name and what tells it from others, or what stands for both."""
    return found.known.said(user.pseudonym, user.user) if user.pseudonym else (str(BY_HAND), "")


def _person(user: UserUse, found: Users, question: Question) -> Cell:
    words, note = _said(user, found)
    address = user_address(user.pseudonym, question) if user.pseudonym else ""
    return Cell(user.user, href=address, words=words, note=note)


def _row(user: UserUse, found: Users, most: Tokens, question: Question) -> Row:
    return (
        _person(user, found, question),
        Cell(found.known.name(user.pseudonym)),
        Cell(user.pseudonym),
        Cell(found.known.team(user.pseudonym)),
        _products(found.products.get(user.pseudonym, ())),
        Cell(user.tokens, drawn=share_drawn(user.tokens, found.totals.tokens, most)),
        Cell(user.days_used),
        Cell(mean_of(user.tokens, question.months)),
        Cell(user.before),
        _growth(user) if found.compares else Cell(None),
        Cell(user.change),
        Cell(user.last),
    )


def _growth(user: UserUse) -> Cell:
    return Cell(user.growth, words=present.signed(user.growth) if user.growth else "", note=_compared(user))


def _compared(user: UserUse) -> str:
    """Return what the growth is measured by: the tokens of the period before, and the percent."""
    before = _("%(tokens)s before") % {"tokens": present.amount(user.before)}
    if user.change is None or not user.growth:
        return before
    return present.aside(before, present.change(user.change))


def _products(products: Sequence[Used]) -> Cell:
    """Return the names of products; those beyond the first few are a number on the page."""
    names = _names(products)
    more = len(names) - NAMED_MAX
    words = [", ".join(names[:NAMED_MAX])] + ([f"+{present.count(more)}"] if more > 0 else [])
    return Cell(", ".join(names), words=" ".join(words) or "–")


def _names(products: Sequence[Used]) -> list[str]:
    return [used.name for used in products if used.code]


def _use(user: UserUse, used: Used, found: Users) -> Row:
    words, note = _said(user, found)
    return (
        Cell(user.user, words=words, note=note),
        Cell(user.pseudonym),
        Cell(found.known.team(user.pseudonym)),
        Cell(used.code),
        Cell(used.name),
        Cell(used.tokens),
        Cell(used.days_used),
    )


def _gone(number: int) -> str:
    if not number:
        return ""
    text = ngettext(
        "%(number)s person used something in the previous period and nothing in this one.",
        "%(number)s people used something in the previous period and nothing in this one.",
        number,
    )
    return text % {"number": present.count(number)}
