"""Where one is signed in: listed, and ended."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from farebox.domain.errors import NotFound
from farebox.domain.rights import Action
from farebox.services import sessions
from farebox.wallclock import now
from farebox.web.team import Acting, for_person, for_team


@for_person
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Show the sessions of one's own, what was last used first."""
    found = sessions.of(_user(request), current=_current(request), now=now())
    return render(request, "sessions.html", {"sessions": found, "others": sum(not one.is_this for one in found)})


@for_person
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest) -> HttpResponse:
    """End one session of one's own, or all others."""
    if request.method != "POST":
        return redirect("settings-sessions")
    key = request.POST.get("session", "")
    if not key:
        ended = sessions.end_others(_user(request), current=_current(request), now=now())
        messages.success(request, ngettext("%d session was ended.", "%d sessions were ended.", ended) % ended)
        return redirect("settings-sessions")
    try:
        sessions.end_own(_user(request), key[:64], now=now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("The session was ended."))
    return redirect("settings-sessions")


@for_team(Action.END_SESSIONS)
@require_POST
def end_members(request: HttpRequest, acting: Acting, person: int) -> HttpResponse:
    """End all sessions of a member of the team, and go back to the page of that person."""
    try:
        ended = sessions.end_members(_user(request), acting.team_id, person, now=now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, ngettext("%d session was ended.", "%d sessions were ended.", ended) % ended)
    return redirect(f"/users/by-user/{person}{acting.query}")


def _user(request: HttpRequest) -> Any:
    return request.user


def _current(request: HttpRequest) -> str:
    return request.session.session_key or ""
