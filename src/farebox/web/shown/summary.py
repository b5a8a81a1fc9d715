"""Token usage › Summary: its words, its charts and its table."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Day, Instant
from farebox.domain.periods import Days, add_months, month_of
from farebox.web import present
from farebox.web.choice import Choice
from farebox.web.compare import compare
from farebox.web.figures import Figure
from farebox.web.question import Question, Range
from farebox.web.report import Report, Titled
from farebox.web.reports import summary
from farebox.web.reports.stretches import gathered, pieces_of
from farebox.web.reports.summary import SORTS, Period, Summary
from farebox.web.shown import over_time
from farebox.web.shown.usage_chart import usage_chart

__all__ = ["SORTS", "show"]


def show(choice: Choice, question: Question, at: Instant) -> tuple[Report, dict[str, Any]]:
    """Gather the page and say it."""
    found = summary.gather(choice, question, at=at)
    report = Report(
        name="token-usage",
        title=_("Token usage"),
        as_of=found.as_of,
        position=found.position,
        tables=(summary.table(found.period, question.gathered),),
        asked=(Titled(_("This period"), summary.per_piece(question.days, question.gathered)),),
    )
    return report, _own(found, question)


def _own(found: Summary, question: Question) -> dict[str, Any]:
    standing = found.standing
    return {
        "summary": found,
        "standing": standing,
        "added": present.signed(standing.added),
        "removed": present.signed(Tokens(-standing.removed)) if standing.removed else present.amount(ZERO),
        "left_percent": present.share(max(standing.available, 0), standing.held) if standing.held > 0 else "",
        "contract_year_dates": present.dates(standing.year.days) if standing.year else "",
        "chart": usage_chart(found),
        "over_time": _over_time(found.period, question),
        "period": _period(found.period),
        "last_use_address": _month_address(found.last_use, question) if found.last_use is not None else "",
    }


def _over_time(period: Period, question: Question) -> Figure:
    pieces = pieces_of(period.days, question.gathered)
    sums = gathered(pieces, ((row.day, row.tokens) for row in period.used))
    return over_time.tokens(question, pieces, sums, empty=_("Nobody used tokens on these dates."))


def _period(period: Period) -> dict[str, object]:
    now, before = period.totals, period.totals_before
    return {
        "totals": now,
        "before": present.dates(period.before),
        "tokens": compare(now.tokens, before.tokens),
        "products": compare(now.products, before.products),
        "users": compare(now.users, before.users),
    }


def _month_address(on: Day, question: Question) -> str:
    """Return the address of the month of a day."""
    month = Days(month_of(on), add_months(month_of(on), 1))
    return question.address(range=Range.CUSTOM, days=month)
