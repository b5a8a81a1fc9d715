"""Keys with which products and licence servers ask and report: made, shown once, ended."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from farebox.domain.errors import NotFound
from farebox.services import operating, sources
from farebox.wallclock import now
from farebox.web.operator_forms import SourceForm
from farebox.web.views.operating.sheets import Cleaned, Sheet, actor, changing, fill_in


@changing
def new(request: HttpRequest, team: int) -> HttpResponse:
    """Make a key, and show it in this one answer; nothing keeps it in clear."""
    page = operating.team_page(team, at=now())
    sheet = Sheet(
        title=_("Make a key"),
        button=_("Make the key"),
        back=reverse("operator-team", args=[team]),
        about=page.name,
        told=(_("With it a product or a licence server asks who may open what, and reports what was used."),),
    )

    def do(found: Cleaned) -> HttpResponse:
        key = sources.add(
            found["name"], team=page.slug, interval_minutes=sources.INTERVAL_MINUTES, actor=actor(request), now=now()
        )
        return render(request, "operator/source_key.html", {"team": page, "name": found["name"], "key": key})

    return fill_in(request, sheet, SourceForm, do)


@changing
def end(request: HttpRequest, team: int, source: int) -> HttpResponse:
    """End a key; the page itself is the question."""
    page = operating.team_page(team, at=now())
    line = next((one for one in page.sources if one.id == source), None)
    if line is None:
        raise NotFound("no such source in this team")
    sheet = Sheet(
        title=_("End the key of %s?") % line.name,
        button=_("End the key"),
        back=reverse("operator-team", args=[team]),
        about=page.name,
        told=(_("Whatever shows it is refused from now on. What it has reported stays."),),
    )

    def do(found: Cleaned) -> HttpResponse:
        sources.revoke(line.name, team=page.slug, now=now(), actor=actor(request))
        messages.success(request, _("The key has ended."))
        return redirect("operator-team", team)

    return fill_in(request, sheet, forms.Form, do)
