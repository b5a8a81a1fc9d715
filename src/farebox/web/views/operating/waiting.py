"""Events that wait: what for, and the release of those that can be rated by now (domain M2)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from farebox.domain.errors import Busy, NotFound
from farebox.services.ingest import held, release_waiting
from farebox.wallclock import now
from farebox.web import present
from farebox.web.shown import waiting as shown
from farebox.web.views.operating.sheets import actor, changing, looking

DIGITS_MAX = 15


@looking
def listed(request: HttpRequest) -> HttpResponse:
    """Show what events wait for, of all teams or of one."""
    team = _team(request.GET)
    found = held(team=team)
    rows = [shown.row(one) for one in found.rows]
    name = found.name
    return render(request, "operator/waiting.html", {"found": found, "rows": rows, "team": team, "name": name})


@changing
def release(request: HttpRequest) -> HttpResponse:
    """Charge what can be by now, and say how many that were and how many wait on."""
    team = _team(request.POST or request.GET)
    left = held(team=team)
    if request.method == "POST" and left.events:
        try:
            done = release_waiting(now=now(), team=team, actor=actor(request))
        except Busy:
            messages.error(request, _("Others are charging at this moment. What was released stays; try it again."))
        else:
            _say(request, done, held(team=team).events)
    return redirect(shown.address(team))


def _say(request: HttpRequest, done: int, left: int) -> None:
    said = ngettext("%s event is released and charged.", "%s events are released and charged.", done)
    still = ngettext("%s event waits on.", "%s events wait on.", left)
    words = [said % present.count(done), *([still % present.count(left)] if left else [])]
    (messages.success if done else messages.info)(request, " ".join(words))


def _team(asked: QueryDict) -> int:
    """Return the number of the team that is asked for; none is the installation. Raises `NotFound`."""
    text = asked.get("team", "")
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) <= DIGITS_MAX and int(text)):
        raise NotFound(f"no team {text[:DIGITS_MAX]!r}")
    return int(text)
