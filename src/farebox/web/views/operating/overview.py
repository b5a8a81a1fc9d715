"""The installation at a glance."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from farebox.services import operating, proposals
from farebox.wallclock import now
from farebox.web.shown import operator as shown
from farebox.web.views.operating.sheets import looking

SEARCH_MAX, PAGES_MAX = 100, 10**6


@looking
def home(request: HttpRequest) -> HttpResponse:
    """Show the teams, what wants looking after, and the steps that are not taken yet."""
    at = now()
    search = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:SEARCH_MAX]
    found = operating.overview(search=search, page=_page(request), at=at)
    context = {
        "overview": found,
        "search": search,
        "steps": shown.steps(found.steps, found.leads),
        "amiss": shown.amiss(found.amiss, proposals.waiting(at=at)),
        "page_addresses": shown.page_addresses(request.path, search, found.page, found.pages),
    }
    return render(request, "operator/overview.html", context)


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return int(text) if text.isascii() and text.isdecimal() and 0 < int(text[:9]) < PAGES_MAX else 1
