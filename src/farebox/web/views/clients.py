"""The programs of a team: listed for its administrators, changed by the primary one after a fresh sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Any, assert_never

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from farebox.domain.errors import Conflict, Forbidden, NotFound, Rejected
from farebox.services.oauth import acting, clients
from farebox.services.oauth.acting import Missing
from farebox.wallclock import now
from farebox.web.forms import ClientForm, Kind
from farebox.web.fresh import freshly_signed_in

_changes = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Shelf:
    """The programs of one team, and whether the person may change them."""

    team: Any
    programs: list[tuple[Any, str]]
    is_mine: bool


@login_required
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List the programs of the person's teams."""
    teams = clients.administered(_person(request))
    if not teams:
        raise PermissionDenied
    own = {team.pk for team in clients.administered(_person(request), changing=True)}
    shelves = [Shelf(team, _with_states(clients.listed(teams=[team.pk])), team.pk in own) for team in teams]
    return render(request, "clients.html", {"shelves": shelves})


def _with_states(programs: list[Any]) -> list[tuple[Any, str]]:
    return [(program, _state(program)) for program in programs]


def _state(program: Any) -> str:
    if program.revoked_us is not None:
        return _("revoked")
    return _("in force") if acting.halted(program) is None else _("waits")


@_changes
@freshly_signed_in
def register(request: HttpRequest, team_id: int) -> HttpResponse:
    """Register a program in a team and show its secret in this one answer."""
    _require_primary(request, team_id)
    team = next(team for team in clients.administered(_person(request), changing=True) if team.pk == team_id)
    if request.method != "POST":
        return _form(request, team, ClientForm())
    form = ClientForm(request.POST)
    if not form.is_valid():
        return _form(request, team, form, status=HTTPStatus.BAD_REQUEST)
    try:
        program, secret = clients.register(
            _new(form, team_id), actor=_actor(request), now=now(), by=_person(request), key=form.cleaned_data["nonce"]
        )
    except Conflict:  # the answer was loaded again, and the browser sent the form with it
        return redirect("clients")
    except Rejected as error:
        _show(form, error)
        return _form(request, team, form, status=HTTPStatus.BAD_REQUEST)
    return _page(request, program.client_id, secret=secret)


def _form(request: HttpRequest, team: Any, form: ClientForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    told = {"form": form, "team": team, "nonce": token_urlsafe(16)}
    return render(request, "client_new.html", told, status=status)


def _new(form: ClientForm, team: int) -> clients.NewClient:
    asked = form.cleaned_data
    kind = Kind(asked["kind"])
    return clients.NewClient(
        name=asked["name"],
        redirects=asked["redirects"].split(),
        team=team,
        public=kind in (Kind.PUBLIC, Kind.IMPLICIT),
        writes=bool(asked["writes"]),
        pkce=kind is Kind.SERVER_PKCE,
        implicit=kind is Kind.IMPLICIT,
    )


def _show(form: ClientForm, error: Rejected) -> None:
    """Say at each field what is wrong with it."""
    texts = {
        "/name": _("A name has 1 to 100 printable characters."),
        "/redirects": _("Name 1 to 20 addresses."),
    }
    addresses = form.cleaned_data["redirects"].split()
    for problem in error.problems:
        field, _slash, nth = problem.pointer[1:].partition("/")
        text = _fault(addresses[int(nth)], clients.Fault(problem.message)) if nth else texts[problem.pointer]
        form.add_error(field, text)


def _fault(address: str, fault: clients.Fault) -> str:
    """Say what is wrong with one address of those that were typed."""
    match fault:
        case clients.Fault.NOT_WHOLE:
            why = _("is no whole address, like https://app.example.com/callback.")
        case clients.Fault.TOO_MUCH:
            why = _("has a fragment or a user, which an address to return to has not.")
        case clients.Fault.HTTP:
            why = _(
                "begins with http, which is for the person’s own machine alone. "
                "The operator allows it for others with FAREBOX_OAUTH_COMPATIBILITY=1."
            )
        case _:
            assert_never(fault)
    return f"{address} {why}"


@_changes
@freshly_signed_in
def shown(request: HttpRequest, client_id: str) -> HttpResponse:
    """Show a program to the primary administrator of its team."""
    _program(request, client_id)
    return _page(request, client_id)


@_changes
@freshly_signed_in
def rotate(request: HttpRequest, client_id: str) -> HttpResponse:
    """Ask once more, then make another secret and show it in this one answer."""
    program = _program(request, client_id)
    if request.method != "POST":
        question = _("Make another secret for “%(name)s”?") % {"name": program.name}
        consequence = _("The secret of now ends at once. Tokens that the program has go on.")
        return _sure(request, program, question, consequence, _("Make another secret"))
    try:
        secret = clients.rotate(client_id, actor=_actor(request), now=now())
    except Conflict:
        return redirect("clients")
    return _page(request, client_id, secret=secret)


@_changes
@freshly_signed_in
def revoke(request: HttpRequest, client_id: str) -> HttpResponse:
    """Ask once more, then end a program at once."""
    program = _program(request, client_id)
    if request.method != "POST":
        question = _("Revoke “%(name)s”?") % {"name": program.name}
        consequence = _("The program and all its tokens end at once. This cannot be taken back.")
        return _sure(request, program, question, consequence, _("Revoke"))
    try:
        clients.revoke(client_id, actor=_actor(request), now=now())
        messages.success(request, _("The program is revoked, and all its tokens."))
    except Conflict:
        pass  # it has ended already, which is what was wanted
    return redirect("clients")


def _sure(request: HttpRequest, program: Any, question: str, consequence: str, does: str) -> HttpResponse:
    """Ask once more before something that cannot be taken back."""
    if program.revoked_us is not None:
        return redirect("clients")
    told = {"program": program, "question": question, "consequence": consequence, "does": does}
    return render(request, "client_sure.html", told)


@_changes
@freshly_signed_in
def act(request: HttpRequest, client_id: str) -> HttpResponse:
    """Let a program act as an administrator, or no longer."""
    program = _program(request, client_id)
    if request.method != "POST":
        return redirect("client", client_id)
    administrator = request.POST.get("administrator", "")
    try:
        if administrator:
            clients.act_for(client_id, administrator, actor=_actor(request), now=now())
        else:
            clients.stop_acting(client_id, actor=_actor(request), now=now())
    except (Rejected, Conflict):
        is_open = program.team.two_legged
        problem = _("The program cannot act as this person.") if is_open else _waits(Missing.ALLOWED)
        return _page(request, client_id, problem=problem, status=HTTPStatus.BAD_REQUEST)
    return redirect("client", client_id)


@_changes
@freshly_signed_in
def allow_acting(request: HttpRequest, team_id: int) -> HttpResponse:
    """Open a team to programs that act as its administrators, or close it."""
    _require_primary(request, team_id)
    if request.method == "POST":
        allowed = request.POST.get("allowed") == "1"
        clients.allow_acting(team_id, allowed=allowed, actor=_actor(request), now=now())
    return redirect("clients")


def _page(
    request: HttpRequest, client_id: str, *, secret: str = "", problem: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    program = clients.named(client_id)
    told = {
        "program": program,
        "addresses": program.redirect_uris.split(),
        "administrators": clients.administrators(program.team_id),
        "secret": secret,
        "problem": problem,
        "waits": _waits(acting.missing(program)) if _concerns_acting(program) else "",
    }
    return render(request, "client.html", told, status=status)


def _concerns_acting(program: Any) -> bool:
    """Tell whether what is missing to act is worth saying: not that nobody is bound, where nobody was asked for."""
    return program.two_legged or not program.team.two_legged


def _waits(lacking: Missing | None) -> str:
    """Say what is missing before a program may act as an administrator."""
    match lacking:
        case None:
            return ""
        case Missing.ALLOWED | Missing.TEAM:
            return _("The team has not allowed this yet: the primary administrator does, on the page Programs.")
        case Missing.BOUND | Missing.ROLE:
            return _("Nobody is bound whose rights the program has: that person is no administrator any more.")
        case _:
            assert_never(lacking)


def _program(request: HttpRequest, client_id: str) -> Any:
    """Let the primary administrator of a program's team pass; others find nothing, or may not."""
    try:
        program = clients.named(client_id)
    except NotFound as error:
        raise Http404 from error
    _require_primary(request, program.team_id)
    return program


def _require_primary(request: HttpRequest, team: int | None) -> None:
    try:
        clients.require_primary(_person(request), team)
    except NotFound as error:
        raise Http404 from error
    except Forbidden as error:
        raise PermissionDenied from error


def _person(request: HttpRequest) -> Any:
    return request.user


def _actor(request: HttpRequest) -> str:
    return f"account {request.user.pk}"
