"""Token usage › By product: its words, its chart and its table."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Day, Instant
from farebox.domain.periods import Days, add_months
from farebox.web import figures, present
from farebox.web.choice import Choice
from farebox.web.compare import compare
from farebox.web.places import places
from farebox.web.question import By, Question, Range
from farebox.web.report import Report, Titled
from farebox.web.reports import products
from farebox.web.reports.measures import mean_of
from farebox.web.reports.products import SORTS, Products, ProductUse, course_by
from farebox.web.shown import over_time
from farebox.web.shown.links import product_address, tab_address
from farebox.web.shown.over_time import BY_HAND
from farebox.web.tables import Cell, Column, Kind, Row, Table

__all__ = ["SORTS", "show"]

COURSE_MIN = 3
"""With fewer stretches a line has no course to show."""

_COURSES = {
    By.DAY: gettext_lazy("Tokens per day, from %(first)s to %(last)s, at most %(most)s"),
    By.WEEK: gettext_lazy("Tokens per week, from %(first)s to %(last)s, at most %(most)s"),
    By.MONTH: gettext_lazy("Tokens per month, from %(first)s to %(last)s, at most %(most)s"),
}


def show(choice: Choice, question: Question, at: Instant) -> tuple[Report, dict[str, Any]]:
    """Gather the tab and say it."""
    found = products.gather(choice, question, at=at)
    report = Report(
        name="usage-by-product",
        title=_("Token usage by product"),
        as_of=found.as_of,
        position=found.position,
        tables=(table(found, question),),
        asked=(
            Titled(_("This period"), products.per_product(question.days)),
            Titled(_("The previous period"), products.tokens_per_product(found.before)),
        ),
    )
    return report, _own(found, question)


def _own(found: Products, question: Question) -> dict[str, Any]:
    now, before, nobody = found.totals, found.totals_before, _("Nobody used tokens on these dates.")
    return {
        "by_product": found,
        "before": present.dates(found.before),
        "tokens": compare(now.tokens, before.tokens),
        "products": compare(now.products, before.products),
        "grown": _grown(found.grown, question),
        "over_time": over_time.by_product(question, found.pieces, found.products, empty=nobody),
        "has_gone": any(one.code and not one.users and not one.tokens for one in found.products),
        "has_adjustments": any(not one.code for one in found.products),
        **month_shown(found.last_month, question),
    }


def table(found: Products, question: Question) -> Table:
    """Return a row for each product of the range and of the period before."""
    most = max((one.tokens for one in found.products), default=ZERO)
    columns = (
        Column(name="productName", label=_("Product")),
        Column(name="productLineCode", label=_("Product line code"), shown=False),
        Column(name="uniqueUsers", label=_("Users"), kind=Kind.COUNT),
        Column(name="tokensConsumed", label=_("Tokens"), kind=Kind.TOKENS),
        Column(name="monthlyTokens", label=_("Monthly average"), kind=Kind.MEAN),
        Column(name="previousTokens", label=_("Tokens before"), kind=Kind.TOKENS),
        Column(name="growth", label=_("Growth"), kind=Kind.TOKENS),
        Column(name="change", label=_("Growth in percent"), kind=Kind.CHANGE),
    )
    return Table(
        key="products",
        title=_("Products"),
        columns=columns,
        rows=tuple(_row(one, found, most, question) for one in found.products),
        sorts=SORTS,
        empty=_("Nothing was used on these dates, nor in the period before."),
    )


def month_shown(month: Day | None, question: Question) -> dict[str, str]:
    """Return how a month is called, and the address of this page about that month; nothing where there is none."""
    if month is None:
        return {"last_month": "", "last_month_address": ""}
    days = Days(month, add_months(month, 1))
    return {
        "last_month": places([days])[0].name,
        "last_month_address": question.address(range=Range.CUSTOM, days=days, by=None),
    }


def _row(one: ProductUse, found: Products, most: Tokens, question: Question) -> Row:
    is_new = one.change is None and one.tokens > 0 and found.totals_before.products > 0
    return (
        Cell(one.name, href=product_address(one.code, question), note=one.code)
        if one.code
        else Cell("", words=str(BY_HAND)),
        Cell(one.code),
        Cell(one.users),
        Cell(one.tokens, drawn=share_drawn(one.tokens, found.totals.tokens, most)),
        Cell(mean_of(one.tokens, question.months), drawn=_course(one, question)),
        Cell(one.before),
        Cell(one.growth, words=present.signed(one.growth) if one.growth else "") if found.compares else Cell(None),
        Cell(one.change, words=_("new") if is_new else ""),
    )


def share_drawn(part: Tokens, whole: Tokens, most: Tokens, words: str = "") -> SafeString:
    """
    Draw a part beside the largest one; nothing where there is no share of the whole to speak of.

    `words` name the percent of the whole.
    """
    if part < 0 or not 0 < most <= whole:
        return SafeString("")
    percent = {"percent": present.share(part, whole)}
    return figures.meter((words or _("%(percent)s of all tokens")) % percent, part, most)


def _course(one: ProductUse, question: Question) -> SafeString:
    if len(one.course) < COURSE_MIN:
        return SafeString("")
    first, last, most = (figures.tokens(value) for value in (one.course[0], one.course[-1], max(one.course)))
    words = str(_COURSES[course_by(question)]) % {"first": first, "last": last, "most": most}
    return figures.spark(words, one.course)


def _grown(one: ProductUse | None, question: Question) -> dict[str, str | int]:
    """Return the product that grew most, and where all are in the order of their growth."""
    order: dict[str, str | int] = {"order": tab_address("product", question, sort="-growth")}
    if one is None:
        return order
    return order | {
        "name": one.name,
        "address": product_address(one.code, question),
        "by": present.signed(one.growth),
        "number": present.plural(one.growth),
        "percent": present.change(one.change) if one.change is not None else "",
    }
