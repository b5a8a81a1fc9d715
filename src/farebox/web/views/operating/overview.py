"""The installation at a glance."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from farebox.services import operating, proposals
from farebox.wallclock import now
from farebox.web.people_forms import page_of, searched
from farebox.web.shown import operator as shown
from farebox.web.views.operating.sheets import looking


@looking
def home(request: HttpRequest) -> HttpResponse:
    """Show the teams, what wants looking after, and the steps that are not taken yet."""
    at = now()
    search = searched(request.GET)
    found = operating.overview(search=search, page=page_of(request.GET), at=at)
    context = {
        "overview": found,
        "search": search,
        "steps": shown.steps(found.steps, found.leads),
        "amiss": shown.amiss(found.amiss, proposals.waiting(at=at)),
        "page_addresses": shown.page_addresses(request.path, search, found.page, found.pages),
    }
    return render(request, "operator/overview.html", context)
