"""The first page: what is left, what to know, and where the answers are; plain members are led to their own."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from farebox.domain.errors import NotFound
from farebox.domain.rights import Action
from farebox.services import attention, mine, names, report, standing
from farebox.wallclock import now
from farebox.web.choice import choose
from farebox.web.question import ALL
from farebox.web.reports import home as gathering
from farebox.web.shown import home as shown


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the contracts of the reader, all of them unless one is chosen; who has none is told what to do."""
    assert request.user.is_authenticated
    at = now()
    contracts, number = report.contracts_of(request.user), request.GET.get("contract", "")
    if not contracts and not number:
        return _without_contract(request)
    try:
        choice = choose(contracts, number or ALL)
    except NotFound as error:
        raise Http404 from error
    found = gathering.gather(choice, at=at)
    variables = shown.own(found, attention.steps(request.user, at=at))
    variables |= {"address": request.path, "all_value": ALL, "names_hidden": choice.names_hidden, "chooser_keeps": ()}
    return render(request, "home.html", variables | {"name_notices": names.notices(request.user, now=at)})


def _without_contract(request: HttpRequest) -> HttpResponse:
    """Lead a plain member to their own use, an operator to the installation, and tell all others what is missing."""
    if not standing.standings(request.user, Action.USAGE):
        if mine.selves(request.user):
            return redirect("me")
        if getattr(request.user, "is_operator", False):
            return redirect("operator")
    return render(request, "home_none.html")
