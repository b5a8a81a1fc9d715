"""Names in reports: hidden or shown for a team, files that still have them, and who is behind one pseudonym."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from farebox.domain.clock import Day, Instant, day_of
from farebox.domain.errors import Forbidden, NotFound, QuotaExceeded, Rejected
from farebox.services import names, reveal
from farebox.services.export import ExportState, named
from farebox.wallclock import now
from farebox.web.fresh import is_fresh, prove_again

_changes = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Made:
    """One export of a team, as its history shows it; `until` is the last date of its file, None without a file."""

    row: Any
    names: str
    until: Day | None


@login_required
@_changes
def turn(request: HttpRequest, team_id: int) -> HttpResponse:
    """Ask once more, then hide the names of a team or show them; showing them takes a fresh sign-in."""
    switch = _switch(request, team_id)
    hides = "include" not in (request.POST if request.method == "POST" else request.GET)
    if hides == switch.hidden:
        messages.info(request, _("Nothing changed: it was so already."))
        return _to_settings()
    if not hides and not is_fresh(request):
        return prove_again(request, f"{request.path}?include=1")
    if request.method != "POST":
        return render(request, "names_turn.html", _asked(request, switch, hides=hides))
    names.turn(_person(request), team_id, hidden=hides, now=now())
    if hides and "remove" in request.POST:
        named.remove_with_names(team_id, _person(request), now=now())
    said = _("Names are hidden in reports of %s.") if hides else _("Names are shown in reports of %s.")
    messages.success(request, said % switch.team)
    return _to_settings()


@login_required
@_changes
def files(request: HttpRequest, team_id: int) -> HttpResponse:
    """List the files of a team in which names still stand, and take away those that one may."""
    switch = _switch(request, team_id)
    if request.method != "POST":
        return render(request, "names_files.html", _asked(request, switch, hides=True))
    gone = named.remove_with_names(team_id, _person(request), now=now())
    messages.success(request, ngettext("%d file was removed.", "%d files were removed.", gone) % gone)
    return redirect("names-files", team_id)


@login_required
@_changes
def reveal_one(request: HttpRequest) -> HttpResponse:
    """Tell the primary administrator who is behind one pseudonym, in this one answer, and write that down."""
    if not reveal.may_reveal(_person(request)):
        raise PermissionDenied
    pseudonym = (request.POST if request.method == "POST" else request.GET).get("pseudonym", "")[:40].strip()
    if not is_fresh(request):
        return prove_again(request, request.get_full_path())
    if request.method != "POST":
        return _reveal_page(request, pseudonym)
    reason = request.POST.get("reason", "")
    try:
        found = reveal.reveal(_person(request), pseudonym, reason, now=now())
    except Rejected:
        return _reveal_page(request, pseudonym, reason, _why_not(), status=HTTPStatus.BAD_REQUEST)
    except QuotaExceeded:
        too_often = _("You asked for %d pseudonyms within an hour. Wait a while.") % reveal.HOURLY_MAX
        return _reveal_page(request, pseudonym, reason, too_often, status=HTTPStatus.TOO_MANY_REQUESTS)
    return render(request, "names_revealed.html", {"pseudonym": pseudonym, "found": found})


def _why_not() -> str:
    bounds = {"min": reveal.REASON_MIN, "max": reveal.REASON_MAX}
    return _("Give a reason of %(min)d to %(max)d characters.") % bounds


def _reveal_page(
    request: HttpRequest, pseudonym: str, reason: str = "", problem: str = "", *, status: int = HTTPStatus.OK
) -> HttpResponse:
    shown = {
        "pseudonym": pseudonym,
        "reason": reason,
        "problem": problem,
        "reason_min": reveal.REASON_MIN,
        "reason_max": reveal.REASON_MAX,
    }
    return render(request, "names_reveal.html", shown, status=status)


def _asked(request: HttpRequest, switch: names.Switch, *, hides: bool) -> dict[str, object]:
    """Return what a page about a team's names shows: its switch, the files with names, the history of its exports."""
    at = now()
    with_names = named.with_names(switch.team_id, now=at)
    mine = [row for row in with_names if switch.is_primary or row.owner_id == _person(request).pk]
    return {
        "switch": switch,
        "hides": hides,
        "files": [_made(row, at) for row in with_names],
        "removable": len(mine),
        "others": len(with_names) - len(mine),
        "history": [_made(row, at) for row in named.history(switch.team_id)],
    }


def _made(row: Any, at: Instant) -> Made:
    is_there = row.state == ExportState.READY and row.expires_us > at
    return Made(row, _in_words(row), day_of(row.expires_us) if is_there else None)


def _in_words(row: Any) -> str:
    """Say whether people are named in a file; nothing is known of one that was never made."""
    if row.finished_us is None or row.state == ExportState.FAILED:
        return "–"
    if row.names_hidden:
        return _("pseudonyms")
    return _("names") if named.has_names(row) else _("nobody is named")


def _switch(request: HttpRequest, team_id: int) -> names.Switch:
    try:
        return names.switch_of(_person(request), team_id)
    except NotFound as error:
        raise Http404 from error
    except Forbidden as error:
        raise PermissionDenied from error


def _to_settings() -> HttpResponse:
    return redirect("settings")


def _person(request: HttpRequest) -> Any:
    return request.user
