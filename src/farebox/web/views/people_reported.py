"""
From a report to what somebody may open: by the pseudonym, and only while the team shows names.

Where names are hidden, a report leads to nobody: whoever saw which name lost a product would know who is behind the
pseudonym (quality P1: no oracle).
"""

from __future__ import annotations

from typing import assert_never

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from farebox.domain.errors import NotFound
from farebox.domain.rights import Action
from farebox.services import assign, names
from farebox.services.assign import Outcome
from farebox.wallclock import now
from farebox.web.people_pages import account, refusing
from farebox.web.shown.people import href
from farebox.web.team import Acting, for_team
from farebox.web.views.people_selected import on_unassign, product_meant


@for_team(Action.PEOPLE)
@require_safe
@refusing
def access(request: HttpRequest, acting: Acting, pseudonym: str) -> HttpResponse:
    """Lead from a report of somebody's use to the page of what they may open."""
    return redirect(href(_person(request, acting, pseudonym), acting.query))


@for_team(Action.PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
@refusing
def unassign(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Ask once more, then take products back from whoever a report is about; the answer names nobody (domain R8)."""
    sent = request.POST if request.method == "POST" else request.GET
    pseudonym = sent.get("pseudonym", "")
    person = _person(request, acting, pseudonym)
    back = reverse("user-usage", args=[pseudonym])
    if request.method != "POST":
        offer = assign.offer(account(request), acting.team_id, now=now())
        asked = on_unassign(1, offer, sent.get("product", ""), back=back)
        whom = assign.named(account(request), acting.team_id, [person], now=now())
        told = {"acting": acting, "selected": asked, "whom": whom, "pseudonym": pseudonym, "place": request.path}
        return render(request, "users_selected.html", told)
    done = assign.unassign_people(account(request), acting.team_id, [person], product_meant(sent), now=now())
    match done[0].outcome:
        case Outcome.TAKEN:
            messages.success(request, _("It is taken back."))
        case Outcome.NOT_HELD:
            messages.info(request, _("Nothing changed: it was so already."))
        case Outcome.THROUGH_GROUP:
            messages.warning(request, _("Nothing changed: it is held through a group. Change the group instead."))
        case Outcome.DEFAULT:
            messages.warning(
                request, _("Nothing changed: it is held by default. Change the default assignments instead.")
            )
        case _:
            assert_never(done[0].outcome)
    return redirect(back)


def _person(request: HttpRequest, acting: Acting, pseudonym: str) -> int:
    """Return who is behind a pseudonym of the team. Raises `NotFound`, also where the team hides names."""
    if names.switch_of(account(request), acting.team_id).hidden:
        raise NotFound("names are hidden")
    return assign.pseudonym(account(request), acting.team_id, pseudonym)
