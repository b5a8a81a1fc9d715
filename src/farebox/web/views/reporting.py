"""The report pages; today Token usage › Summary."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Day, as_date, day_of, instant
from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.web import gather, present
from farebox.web.compare import compare
from farebox.web.question import Format, Question, Range, dates_of, month_start, read
from farebox.web.token_usage import Dates, Period, Summary, api_query, csv_text
from farebox.web.usage_chart import usage_chart

RANGE_NAMES = {
    Range.DAYS_30: _("Last 30 days"),
    Range.MONTHS_3: _("Last 3 complete months"),
    Range.MONTHS_6: _("Last 6 complete months"),
    Range.MONTHS_9: _("Last 9 complete months"),
    Range.MONTHS_12: _("Last 12 complete months"),
    Range.CUSTOM: _("Dates of my own"),
}


@login_required
@require_safe
def token_usage(request: HttpRequest) -> HttpResponse:
    """Show the summary, give its rows as CSV, or say with 400 everything that is wrong with the question."""
    at = instant(timezone.now())
    question, problems = _question(request, day_of(at))
    try:
        summary = gather.summary(request.user, request.GET.get("contract", ""), question, at=at)
    except NotFound as error:
        raise Http404 from error
    if summary is None:
        return render(request, "token_usage_none.html")
    if question and summary.period and question.format is Format.CSV:
        return _csv(summary.contract.number, summary.period)
    return render(request, "token_usage.html", _shown(request, summary, question, problems), status=_status(problems))


def _question(request: HttpRequest, today: Day) -> tuple[Question | None, tuple[Problem, ...]]:
    try:
        return read(request.GET.dict(), today=today), ()
    except Rejected as error:
        return None, error.problems


def _status(problems: tuple[Problem, ...]) -> int:
    return 400 if problems else 200


def _csv(number: str, period: Period) -> HttpResponse:
    dates = f"{as_date(period.dates.since)}--{as_date(period.dates.until)}"
    safe = "".join(sign for sign in number if sign.isascii() and (sign.isalnum() or sign == "-"))
    named = {"Content-Disposition": f'attachment; filename="token-usage-{safe}-{dates}.csv"'}
    return HttpResponse(csv_text(period.days), content_type="text/csv; charset=utf-8", headers=named)


def _shown(
    request: HttpRequest, summary: Summary, question: Question | None, problems: tuple[Problem, ...]
) -> dict[str, object]:
    """Return the variables of the template."""
    standing = summary.standing
    return {
        "summary": summary,
        "question": question,
        "added": present.signed(standing.added),
        "removed": present.signed(Tokens(-standing.removed)) if standing.removed else present.amount(ZERO),
        "left_percent": present.share(max(standing.available, 0), standing.held) if standing.held > 0 else "",
        "contract_year_dates": present.interval(*_ends(standing.year.dates)) if standing.year else "",
        "last_use_month": _month(summary.last_use) if summary.last_use is not None else (),
        "chart": usage_chart(summary),
        "form": _form(request, summary, question),
        "problems": problems,
        "period": _period(summary.period) if summary.period else None,
        "csv_address": _csv_address(request),
        "api_address": f"{settings.BASE_URL}/tokenflex/v1/usage/{summary.contract.number}/query",
        "api_query": api_query(summary.period.dates) if summary.period else "",
    }


def _form(request: HttpRequest, summary: Summary, question: Question | None) -> dict[str, object]:
    """Return what the range form holds: the question as understood, or as typed where it was not."""
    since, until = dates_of(Range.DAYS_30, summary.year[-1].day)
    if question:
        since, until = question.since, question.until
    typed = request.GET if question is None else {}
    chosen = question.range if question else request.GET.get("range", "")
    return {
        "ranges": [(value, name, value == chosen) for value, name in RANGE_NAMES.items()],
        "since": typed.get("since") or as_date(since).isoformat(),
        "until": typed.get("until") or as_date(until).isoformat(),
    }


def _period(period: Period) -> dict[str, object]:
    now, before = period.totals, period.totals_before
    return {
        "dates": present.interval(period.dates.since, period.dates.until),
        "days": period.dates.days,
        "before": present.interval(period.before.since, period.before.until),
        "totals": now,
        "tokens": compare(now.tokens, before.tokens),
        "products": compare(now.products, before.products),
        "users": compare(now.users, before.users),
        "rows": period.days,
    }


def _csv_address(request: HttpRequest) -> str:
    params = request.GET.copy()
    params["format"] = Format.CSV
    return f"{request.path}?{params.urlencode()}"


def _ends(dates: Dates) -> tuple[Day, Day]:
    return dates.since, dates.until


def _month(day: Day) -> tuple[str, str]:
    """Return the first and the last date of the month of `day`, as an address writes them."""
    last = Day(month_start(day, 1) - 1)
    return as_date(month_start(day, 0)).isoformat(), as_date(last).isoformat()
