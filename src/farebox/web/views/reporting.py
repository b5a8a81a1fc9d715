"""The report pages; today Token usage › Summary."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Day, day_of, instant
from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.domain.periods import Days, add_months, month_of
from farebox.services import report
from farebox.web import gather, present
from farebox.web.compare import compare
from farebox.web.question import Format, Question, Range, days_of, read, read_date
from farebox.web.token_usage import Period, Summary, api_query, csv_text, first_and_last
from farebox.web.usage_chart import usage_chart

RANGE_NAMES = {
    Range.DAYS_30: _("Last 30 days"),
    Range.MONTHS_3: _("Last 3 complete months"),
    Range.MONTHS_6: _("Last 6 complete months"),
    Range.MONTHS_9: _("Last 9 complete months"),
    Range.MONTHS_12: _("Last 12 complete months"),
    Range.CUSTOM: _("Custom dates"),
}


@login_required
@require_safe
def token_usage(request: HttpRequest) -> HttpResponse:
    """Show the summary, give its rows as CSV, or say with 400 everything that is wrong with the question."""
    assert request.user.is_authenticated
    at = instant(timezone.now())
    question, problems = _question(request, day_of(at))
    contracts, number = report.contracts_of(request.user), request.GET.get("contract", "")
    if not contracts and not number:
        return render(request, "token_usage_none.html")
    try:
        chosen = gather.chosen_of(contracts, number)
    except NotFound as error:
        raise Http404 from error
    summary = gather.summary(contracts, chosen, question, at=at)
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
    dates = "--".join(on.isoformat() for on in first_and_last(period.days))
    safe = "".join(sign for sign in number if sign.isascii() and (sign.isalnum() or sign == "-"))
    named = {"Content-Disposition": f'attachment; filename="token-usage-{safe}-{dates}.csv"'}
    return HttpResponse(csv_text(period.used), content_type="text/csv; charset=utf-8", headers=named)


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
        "contract_year_dates": present.dates(standing.year.days) if standing.year else "",
        "last_use_month": _month(summary.last_use) if summary.last_use is not None else (),
        "chart": usage_chart(summary),
        "form": _form(request, summary, question),
        "problems": problems,
        "period": _period(summary.period) if summary.period else None,
        "csv_address": _csv_address(request),
        "api_address": f"{settings.BASE_URL}/tokenflex/v1/usage/{quote(summary.contract.number, safe='')}/query",
        "api_query": api_query(summary.period.days) if summary.period else "",
    }


def _form(request: HttpRequest, summary: Summary, question: Question | None) -> dict[str, object]:
    """Return what the range form holds: the question as understood, or the dates typed where it was refused."""
    first, last = first_and_last(question.days if question else days_of(Range.DAYS_30, summary.year[-1].day))
    chosen = question.range if question else request.GET.get("range", "")
    return {
        "ranges": [(value, name, value == chosen) for value, name in RANGE_NAMES.items()],
        "since": first.isoformat() if question else _typed_date(request, "since"),
        "until": last.isoformat() if question else _typed_date(request, "until"),
    }


def _typed_date(request: HttpRequest, name: str) -> str:
    """Return a date as typed, or nothing where it is none: a date field can hold nothing else."""
    typed = request.GET.get(name, "")
    return typed if read_date(typed) is not None else ""


def _period(period: Period) -> dict[str, object]:
    now, before = period.totals, period.totals_before
    return {
        "dates": present.dates(period.days),
        "days": period.days.until - period.days.since,
        "before": present.dates(period.before),
        "totals": now,
        "tokens": compare(now.tokens, before.tokens),
        "products": compare(now.products, before.products),
        "users": compare(now.users, before.users),
        "rows": period.used,
    }


def _csv_address(request: HttpRequest) -> str:
    params = request.GET.copy()
    params["format"] = Format.CSV
    return f"{request.path}?{params.urlencode()}"


def _month(on: Day) -> tuple[str, ...]:
    """Return the first and the last date of the month of a day, as an address writes them."""
    month = Days(month_of(on), add_months(month_of(on), 1))
    return tuple(date.isoformat() for date in first_and_last(month))
