"""The clock of a team, chosen by its administrators in the settings."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from farebox.domain.errors import Forbidden, NotFound, Rejected
from farebox.domain.recurring import zones
from farebox.services import time_zone
from farebox.services.time_zone import Clock
from farebox.wallclock import now

Area = tuple[str, list[tuple[str, str]]]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, team_id: int) -> HttpResponse:
    """Show the clocks of the world, or take the one that was chosen."""
    clock = _clock(request.user, team_id)
    if request.method != "POST":
        return _page(request, clock)
    try:
        time_zone.choose(request.user, team_id, request.POST.get("zone", ""), now=now())  # type: ignore[arg-type]
    except Rejected:
        return _page(request, clock, _("There is no such time zone."), status=HTTPStatus.BAD_REQUEST)
    messages.success(request, _("The time zone is chosen. Recurring exports go on by it."))
    return redirect(f"{reverse('settings')}#time-zone")


def _clock(user: Any, team_id: int) -> Clock:
    """Return the clock of a team that the person administers; others find nothing, or may not."""
    try:
        return time_zone.clock_of(user, team_id)
    except NotFound as error:
        raise Http404 from error
    except Forbidden as error:
        raise PermissionDenied from error


def _page(request: HttpRequest, clock: Clock, problem: str = "", *, status: int = HTTPStatus.OK) -> HttpResponse:
    told = {"clock": clock, "areas": list(_areas(zones())), "problem": problem}
    return render(request, "time_zone.html", told, status=status)


def _areas(names: Iterable[str]) -> Iterable[Area]:
    """Yield the clocks by area of the world; what stands in no area comes first."""
    for area, found in groupby(names, key=lambda name: name.rpartition("/")[0].partition("/")[0]):
        yield area, [(name, name.partition("/")[2].replace("_", " ") or name) for name in found]
