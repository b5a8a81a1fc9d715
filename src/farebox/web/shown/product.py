"""Token usage › By product › one product: its words, its charts and its tables."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext as _

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.bands import bands_of
from farebox.domain.clock import Instant
from farebox.web import figures, present
from farebox.web.choice import Choice
from farebox.web.compare import compare
from farebox.web.figures import Figure, Item, Words
from farebox.web.question import SEARCH_MAX, Basis, Question
from farebox.web.report import Report, Titled
from farebox.web.reports import product
from farebox.web.reports.measures import mean_at_most, mean_of
from farebox.web.reports.product import SORTS, ProductReport, ProductUser
from farebox.web.shown import over_time
from farebox.web.shown.links import tab_address, user_address
from farebox.web.shown.products import month_shown, share_drawn
from farebox.web.tables import Cell, Column, Kind, Many, Row, Table, arranged

__all__ = ["SORTS", "show"]


def show(choice: Choice, question: Question, at: Instant, *, code: str) -> tuple[Report, dict[str, Any]]:
    """Gather the page and say it."""

    def arrange(found: ProductReport) -> Sequence[ProductUser]:
        return arranged(users(found, question, with_team=choice.is_all), question)

    found = product.gather(choice, question, code, arrange, at=at)
    report = Report(
        name=f"usage-of-product-{code}",
        title=_("Token usage: %(name)s") % {"name": found.name},
        as_of=found.as_of,
        position=found.position,
        tables=(users(found, question, with_team=choice.is_all), bands(found, question), versions(found)),
        asked=(
            Titled(_("Users"), product.per_user(question.days, code)),
            Titled(_("Versions"), product.per_version(question.days, code)),
            Titled(_("Versions of each user"), product.versions_of_users(question.days, code)),
        ),
    )
    return report, _own(found, question, choice)


def _own(found: ProductReport, question: Question, choice: Choice) -> dict[str, Any]:
    months = question.months
    mean, mean_before = mean_of(found.totals.tokens, months), mean_of(found.totals_before.tokens, months)
    whole = found.all_tokens
    return {
        "product": found,
        "back": tab_address("product", question),
        "before": present.dates(found.before),
        "share": present.share(found.totals.tokens, whole) if 0 < found.totals.tokens <= whole else "",
        "mean": mean,
        "compared": {
            "tokens": compare(found.totals.tokens, found.totals_before.tokens),
            "users": compare(found.totals.users, found.totals_before.users),
            "mean": compare(mean, mean_before),
        },
        "distribution": _distribution(found, question),
        "bases": _bases(question),
        "by_version": _by_version(found),
        "versions": _leads(found, question),
        "searched": _("Search pseudonyms and versions") if choice.names_hidden else _("Search users and versions"),
        "over_time": over_time.tokens(question, found.pieces, found.by_piece),
        "of_team": choice.is_all,
        **month_shown(found.last_month, question),
    }


def users(found: ProductReport, question: Question, *, with_team: bool) -> Table:
    """Return a row for each person of a team who used the product."""
    is_named = bool(found.known.named)
    columns = (
        Column(name="userName", label=_("User")),
        Column(name="name", label=_("Name"), shown=False, filed=is_named),
        Column(name="hashedUserId", label=_("Pseudonym"), shown=False),
        Column(name="team", label=_("Team"), shown=with_team, filed=with_team),
        Column(name="productVersion", label=_("Versions")),
        Column(name="tokensConsumed", label=_("Tokens"), kind=Kind.TOKENS),
        Column(name="monthlyTokens", label=_("Monthly average"), kind=Kind.MEAN),
        Column(name="daysUsed", label=_("Days used"), kind=Kind.COUNT),
        Column(name="lastUsageDate", label=_("Last used"), kind=Kind.DAY),
    )
    return Table(
        key="users",
        title=_("Users of %(name)s") % {"name": found.name},
        short=_("Users"),
        columns=columns,
        rows=_users(found, question),
        sorts=SORTS,
        empty=_("Nobody used it on these dates."),
    )


def bands(found: ProductReport, question: Question) -> Table:
    """Return how many people are in each band of tokens, as the distribution shows it (domain R5)."""
    return Table(
        key="bands",
        title=_("Distribution"),
        columns=(
            Column(name="tokens", label=_("Tokens")),
            Column(name="users", label=_("Users"), kind=Kind.COUNT),
        ),
        rows=tuple((Cell(figures.band_name(band)), Cell(band.members)) for band in bands_of(_amounts(found, question))),
        is_whole=True,
    )


def versions(found: ProductReport) -> Table:
    """Return how many people used each version, and its tokens."""
    return Table(
        key="versions",
        title=_("Versions"),
        columns=(
            Column(name="productVersion", label=_("Version")),
            Column(name="uniqueUsers", label=_("Users"), kind=Kind.COUNT),
            Column(name="tokensConsumed", label=_("Tokens"), kind=Kind.TOKENS),
        ),
        rows=tuple((Cell(one.version), Cell(one.users), Cell(one.tokens)) for one in found.versions),
        is_whole=True,
    )


def _users(found: ProductReport, question: Question) -> Many[ProductUser]:
    most = max((one.tokens for one in found.users), default=ZERO)
    return Many(
        records=found.users,
        order=found.order,
        make=lambda one: _user(one, found, most, question),
        values={
            "userName": attrgetter("user"),
            "name": lambda one: found.known.name(one.pseudonym),
            "hashedUserId": attrgetter("pseudonym"),
            "team": lambda one: found.known.team(one.pseudonym),
            "productVersion": lambda one: ", ".join(filter(None, found.versions_of.get(one.pseudonym, ()))),
            "tokensConsumed": attrgetter("tokens"),
            "monthlyTokens": lambda one: mean_of(one.tokens, question.months),
            "daysUsed": attrgetter("days_used"),
            "lastUsageDate": attrgetter("last"),
        },
        texts={"userName": lambda one: _said(one, found), "productVersion": lambda one: (_ran(one, found).words,)},
    )


def _user(one: ProductUser, found: ProductReport, most: Tokens, question: Question) -> Row:
    words = _("%(percent)s of the product's tokens")
    return (
        _person(one, found, question),
        Cell(found.known.name(one.pseudonym)),
        Cell(one.pseudonym),
        Cell(found.known.team(one.pseudonym)),
        _ran(one, found),
        Cell(one.tokens, drawn=share_drawn(one.tokens, found.totals.tokens, most, words)),
        Cell(mean_of(one.tokens, question.months)),
        Cell(one.days_used),
        Cell(one.last),
    )


def _said(one: ProductUser, found: ProductReport) -> tuple[str, str]:
    return found.known.said(one.pseudonym, one.user) if one.pseudonym else (_("Booked to nobody"), "")


def _person(one: ProductUser, found: ProductReport, question: Question) -> Cell:
    words, note = _said(one, found)
    return Cell(one.user, href=user_address(one.pseudonym, question) if one.pseudonym else "", words=words, note=note)


def _ran(one: ProductUser, found: ProductReport) -> Cell:
    """Return the versions that somebody used, the newest first."""
    versions = found.versions_of.get(one.pseudonym, ())
    return Cell(", ".join(filter(None, versions)), words=", ".join(map(_version, versions)) or "–")


def _version(version: str) -> str:
    return version or _("Not told")


def _amounts(found: ProductReport, question: Question) -> list[Tokens]:
    """Return what the distribution sorts: the tokens of each person, or their mean of a month (domain R5)."""
    tokens = [one.tokens for one in found.users if one.pseudonym]
    return [mean_at_most(one, question.months) for one in tokens] if question.basis is Basis.MEAN else tokens


def _distribution(found: ProductReport, question: Question) -> Figure:
    by_mean = question.basis is Basis.MEAN
    words = Words(
        key="bands",
        title=_("Distribution of tokens"),
        place=_("Tokens per month") if by_mean else _("Tokens"),
        value=_("Users"),
        dates=_("users by their monthly average") if by_mean else _("users by their tokens"),
        empty=_("Nobody used it on these dates."),
        card=False,
    )
    return figures.histogram(words, _amounts(found, question))


def _bases(question: Question) -> list[dict[str, object]]:
    """Return what the distribution may go by, where it makes a difference."""
    if question.months == 1:
        return []
    names = {Basis.TOTAL: _("Total"), Basis.MEAN: _("Monthly average")}
    return [
        {"name": name, "address": question.address(basis=basis), "is_here": basis is question.basis}
        for basis, name in names.items()
    ]


def _by_version(found: ProductReport) -> Figure:
    words = Words(
        key="versions",
        title=_("Users by version"),
        place=_("Version"),
        value=_("Users"),
        dates=present.dates(found.days),
        note=_("Who used several versions counts in each of them.") if len(found.versions) > 1 else "",
        empty=_("Nobody used it on these dates."),
        card=False,
    )
    items = [Item(_version(one.version), one.users) for one in found.versions]
    return figures.bars(words, items)


def _leads(found: ProductReport, question: Question) -> list[tuple[str, str]]:
    """Return the versions and the addresses of the users whose versions have such a name."""
    named = [_version(one.version) for one in found.versions if one.users]
    return [(name, question.address(search=name[:SEARCH_MAX])) for name in named]
