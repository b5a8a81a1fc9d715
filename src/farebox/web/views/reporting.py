"""Token usage: its three tabs, and the pages of one product and of one person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from farebox.domain.clock import Instant, day_of, instant
from farebox.domain.errors import NotFound
from farebox.services import report
from farebox.web.choice import Choice, choose
from farebox.web.question import Format, Offers, Question
from farebox.web.report import Report, asked, download, frame
from farebox.web.shown import product as one_product
from farebox.web.shown import products, summary, users
from farebox.web.shown import user as one_user

TABS = ("summary", "product", "user")

Shown = tuple[Report, dict[str, Any]]
"""A gathered report, and the variables of its own template."""

Show = Callable[[Choice, Question, Instant], Shown]


@login_required
@require_safe
def token_usage(request: HttpRequest) -> HttpResponse:
    """Show one of the three tabs, give its file, or say with 400 everything that is wrong with the question."""
    shows: dict[str, tuple[Show, tuple[str, ...], str]] = {
        "summary": (summary.show, summary.SORTS, "token_usage.html"),
        "product": (products.show, products.SORTS, "by_product.html"),
        "user": (users.show, users.SORTS, "by_user.html"),
    }
    tab = request.GET.get("tab", "")
    show, sorts, template = shows.get(tab, shows["summary"])
    return answer(request, Offers(tabs=TABS, sorts=sorts), show, template)


@login_required
@require_safe
def user(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Show what one person used, or give the file of it; 404 for pseudonyms of nobody in the team."""
    return answer(request, Offers(sorts=one_user.SORTS), partial(one_user.show, pseudonym=pseudonym), "user.html")


@login_required
@require_safe
def product(request: HttpRequest, code: str) -> HttpResponse:
    """Show who used one product, or give the file of it; 404 for what the reader's teams never used."""
    return answer(request, Offers(sorts=one_product.SORTS), partial(one_product.show, code=code), "product.html")


def answer(request: HttpRequest, offers: Offers, show: Show, template: str) -> HttpResponse:
    """
    Answer a request for a report: the page, its file, or with 400 the page and all that is wrong with the question.

    Raises `Http404` for a contract that is not the reader's, and where `show` finds nothing.
    """
    assert request.user.is_authenticated
    at = instant(timezone.now())
    question, problems = asked(request, offers, today=day_of(at))
    contracts, number = report.contracts_of(request.user), request.GET.get("contract", "")
    if not contracts and not number:
        return render(request, "token_usage_none.html")
    try:
        choice = choose(contracts, number)
        question = replace(question, contract=choice.value)  # so that a link means the same to whoever follows it
        gathered, own = show(choice, question, at)
    except NotFound as error:
        raise Http404 from error
    if question.format is not Format.PAGE:
        return download(gathered, question, choice)
    shown = {**frame(request, gathered, question, choice, problems), **own}
    return render(request, template, shown, status=400 if problems else 200)
