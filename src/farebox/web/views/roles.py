"""The roles of a team: who administers it, administrators made and removed, and the primary role handed over."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from farebox.domain.errors import Conflict, NotFound, Rejected
from farebox.domain.rights import Action, Role
from farebox.services import handover, roles, standing
from farebox.services.handover import Offered
from farebox.services.roles import Listed
from farebox.wallclock import now
from farebox.web.fresh import is_fresh, prove_again
from farebox.web.people_forms import searched
from farebox.web.people_pages import refusing
from farebox.web.rows import folded
from farebox.web.shown import people_words
from farebox.web.shown import roles as shown
from farebox.web.team import Acting, for_person, for_team

CANDIDATES_MAX = 50
_changes = require_http_methods(["GET", "HEAD", "POST"])


@for_team(Action.ADMINISTRATORS)
@require_safe
@refusing
def listed(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Show who administers a team, and find whom to make an administrator."""
    search = searched(request.GET)
    found = roles.listed(_user(request), acting.team_id)
    told = {
        "acting": acting,
        "members": shown.members(found, search, acting.query),
        "search": search,
        "offer": handover.open_of(_user(request), acting.team_id, now=now()),
        "is_primary": acting.role is Role.PRIMARY,
    }
    return render(request, "roles.html", told)


@for_team(Action.ADMINISTRATORS)
@_changes
@refusing
def member(request: HttpRequest, acting: Acting, membership: int) -> HttpResponse:
    """Show the roles that may be given to a member, and give the one that was chosen."""
    one = _one(request, acting, membership)
    if request.method != "POST":
        return _member_page(request, acting, one)
    chosen = request.POST.get("role", "")
    if chosen not in set(one.offered):
        return _member_page(request, acting, one, _("Choose one of these roles."), status=HTTPStatus.BAD_REQUEST)
    try:
        roles.choose(_user(request), acting.team_id, membership, Role(chosen), now=now())
    except Conflict:
        again = _("Somebody else changed this role meanwhile. Look at it again.")
        return _member_page(request, acting, _one(request, acting, membership), again, status=HTTPStatus.CONFLICT)
    said = {"name": one.member.called, "role": people_words.role(Role(chosen))}
    messages.success(request, _("%(name)s is now %(role)s.") % said)
    return _to_list(acting)


@for_team(Action.HAND_OVER, fresh_to_look=True)
@_changes
@refusing
def hand_over(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Choose who gets the primary role, and offer it."""
    if request.method != "POST":
        return _hand_over_page(request, acting)
    wanted = request.POST.get("member", "")
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 19):
        return _hand_over_page(request, acting, _("Choose a member."), status=HTTPStatus.BAD_REQUEST)
    try:
        language = get_language() or ""
        made = handover.offer(_user(request), acting.team_id, int(wanted), language=language, now=now())
    except Rejected:
        problem = _("This member cannot get the role. Choose another.")
        return _hand_over_page(request, acting, problem, status=HTTPStatus.BAD_REQUEST)
    except Conflict:
        problem = _("The role is offered to somebody already. Take that offer back first.")
        return _hand_over_page(request, acting, problem, status=HTTPStatus.CONFLICT)
    messages.success(request, _("The primary role is offered to %s, who gets a mail.") % made.receiver)
    return _to_list(acting)


@for_team(Action.HAND_OVER)
@require_POST
@refusing
def withdraw(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Take an offer back."""
    taken = handover.withdraw(_user(request), acting.team_id, now=now())
    messages.success(request, _("The offer to %s is taken back.") % taken.receiver)
    return _to_list(acting)


@for_person
@_changes
def answer(request: HttpRequest, offer: int) -> HttpResponse:
    """Show what is offered to the reader, and take it or refuse it; taking it needs a fresh sign-in."""
    found = next((one for one in handover.offered_to(_user(request), now=now()) if one.id == offer), None)
    if found is None:
        return _over(request, offer)
    if not is_fresh(request):
        return prove_again(request, request.path)
    if request.method != "POST":
        return render(request, "roles_answer.html", {"offer": found, "means": shown.means(Role.PRIMARY)})
    return _answered(request, found)


def _over(request: HttpRequest, offer: int) -> HttpResponse:
    """Say what became of an offer, to who made it and who got it; it is not there for everybody else."""
    try:
        found, state = handover.became_of(_user(request), offer, now=now())
    except NotFound as error:
        raise Http404 from error
    led = any(one.team_id == found.team_id for one in standing.standings(_user(request), Action.ADMINISTRATORS))
    told = {"offer": found, "said": shown.became(found, state, _user(request).pk), "administers": led}
    status = HTTPStatus.OK if request.method != "POST" else HTTPStatus.CONFLICT
    return render(request, "roles_over.html", told, status=status)


def _answered(request: HttpRequest, found: Offered) -> HttpResponse:
    accepts = request.POST.get("answer") == "accept"
    try:
        (handover.accept if accepts else handover.refuse)(_user(request), found.id, now=now())
    except (NotFound, Conflict) as error:
        raise Http404 from error
    said = _("You are now the primary administrator of %s.") if accepts else _("You refused the primary role of %s.")
    messages.success(request, said % found.team)
    return redirect(f"{reverse('users-roles')}?team={found.team_id}" if accepts else "home")


def _one(request: HttpRequest, acting: Acting, membership: int) -> Listed:
    """Return a member whose role the reader may change. Raises `Http404`, or `PermissionDenied` for the others."""
    for one in roles.listed(_user(request), acting.team_id):
        if one.member.id == membership:
            if len(one.offered) < 2:
                raise PermissionDenied
            return one
    raise Http404


def _member_page(
    request: HttpRequest, acting: Acting, one: Listed, problem: str = "", *, status: int = HTTPStatus.OK
) -> HttpResponse:
    told = {
        "acting": acting,
        "line": shown.line(one, acting.query),
        "choices": shown.choices(one),
        "is_self": one.member.user_id == _user(request).pk,
        "problem": problem,
    }
    return render(request, "roles_member.html", told, status=status)


def _hand_over_page(
    request: HttpRequest, acting: Acting, problem: str = "", *, status: int = HTTPStatus.OK
) -> HttpResponse:
    search = searched(request.GET)
    wanted = folded(search)
    found = [
        one
        for one in handover.candidates(_user(request), acting.team_id)
        if wanted in folded(f"{one.name} {one.email}")
    ]
    told = {
        "acting": acting,
        "lines": [shown.line(Listed(one, ()), acting.query) for one in found[:CANDIDATES_MAX]],
        "more": max(0, len(found) - CANDIDATES_MAX),
        "search": search,
        "offer": handover.open_of(_user(request), acting.team_id, now=now()),
        "problem": problem,
        "days": handover.DAYS,
    }
    return render(request, "roles_hand_over.html", told, status=status)


def _to_list(acting: Acting) -> HttpResponse:
    return redirect(reverse("users-roles") + acting.query)


def _user(request: HttpRequest) -> Any:
    return request.user
