"""What is left open in a team, and what that cost: for its administrators, with the advice to close (product B9)."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from farebox.domain.left_open import HOURS, HOURS_USUAL
from farebox.domain.rights import Action
from farebox.services import left_open
from farebox.wallclock import now
from farebox.web.shown import left_open as shown
from farebox.web.team import Acting, for_team


@for_team(Action.USAGE)
@require_safe
def listed(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Show sessions that have been open for so many hours, stand idle or fell silent; 400 for hours not offered."""
    assert request.user.is_authenticated
    at, typed = now(), request.GET.get("hours", "") or str(HOURS_USUAL)
    hours = next((one for one in HOURS if str(one) == typed), None)
    found = left_open.overview(request.user, acting.team_id, hours=hours or HOURS_USUAL, now=at)
    told = shown.own(found, hours or HOURS_USUAL, at=at) | {"acting": acting}
    told |= {"problem": "" if hours else _("There is no such number of hours to choose.")}
    return render(request, "left_open.html", told, status=HTTPStatus.OK if hours else HTTPStatus.BAD_REQUEST)
