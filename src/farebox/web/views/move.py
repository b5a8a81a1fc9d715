"""Tokens moved to another team by the primary administrator of both: what, where to, what will happen, and then it."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from secrets import token_urlsafe

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from farebox.domain.amounts import tokens
from farebox.domain.errors import FareboxError, NotFound, Rejected
from farebox.domain.rights import Action
from farebox.services.move import by_primary
from farebox.services.move.by_primary import Asked, Given, Going
from farebox.services.standing import Standing
from farebox.wallclock import now
from farebox.web import present
from farebox.web.move_form import MoveForm
from farebox.web.shown import moves as shown
from farebox.web.shown.operator_problems import told
from farebox.web.team import Acting, for_team


@for_team(Action.MOVE_TOKENS, fresh_to_look=True)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Choose a pack and a team, look at what will happen, and move the tokens once."""
    packs = by_primary.packs(request.user, acting.team_id, now=now())
    teams = by_primary.others(request.user, acting.team_id)
    if request.method != "POST":
        return _page(request, acting, packs, _form(request, packs, teams), teams)
    form = _form(request, packs, teams)
    if form.is_valid() and "change" not in request.POST:
        try:
            return _go_on(request, acting, form)
        except NotFound as error:
            raise Http404 from error
        except FareboxError as error:
            refused(form, error)
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return _page(request, acting, packs, form, teams, status=status)


def _form(request: HttpRequest, packs: Sequence[Going], teams: Sequence[Standing]) -> MoveForm:
    """Return the form: as it was sent, else with the pack that the address names."""
    choices = {"pack": shown.choices(packs), "to": [(str(one.team_id), one.team) for one in teams]}
    initial = {"nonce": token_urlsafe(16), "pack": request.GET.get("pack", "")}
    return MoveForm(request.POST if request.method == "POST" else None, initial=initial, choices=choices)


def _go_on(request: HttpRequest, acting: Acting, form: MoveForm) -> HttpResponse:
    """Ask whether it shall be, or do it where that was answered."""
    found, at = form.cleaned_data, now()
    asked = Asked(int(found["pack"]), int(found["to"]), found["amount"], found["reason"])
    if "sure" in request.POST:
        given = by_primary.give_to(request.user, acting.team_id, asked, key=found["nonce"], now=at)
        messages.success(request, _moved(given, dict(form.fields["to"].choices)[found["to"]]))  # type: ignore[attr-defined]
        return redirect("balances")
    foreseen = by_primary.foresee(request.user, acting.team_id, asked, now=at)
    typed = {**found, "amount": foreseen.moved.tokens}
    variables = {"acting": acting, "foreseen": shown.foreseen(foreseen), "typed": typed.items()}
    return render(request, "move_sure.html", variables)


def _moved(given: Given, to: str) -> str:
    if given.is_repeated:
        return _("This form was sent before. Nothing was moved again.")
    words = {
        "team": to,
        "tokens": present.amount(tokens(given.moved.tokens)),
        "covered": present.amount(tokens(given.moved.covered)),
    }
    if tokens(given.moved.covered):
        return _("Tokens moved to %(team)s: %(tokens)s. Of them, for earlier use there: %(covered)s.") % words
    return _("Tokens moved to %(team)s: %(tokens)s.") % words


def refused(form: Form, error: FareboxError) -> None:
    """Say what was refused, in the words of these pages where they are their own."""
    problems = error.problems if isinstance(error, Rejected) else ()
    codes = {(one.code, one.pointer) for one in problems}
    if ("invalid_value", "/tokens") in codes:
        return form.add_error("pack", _("Nothing is left of this pack to move."))
    if ("invalid_value", "/address") in codes:
        return form.add_error("address", _("This is your own address. Move the tokens yourself."))
    if ("too_many", "") in codes:
        return form.add_error(None, _("Too many offers of this team are open. Take one back first."))
    if ("too_many", "/day") in codes:
        return form.add_error(None, _("Too many offers of this team were made within a day. Try again tomorrow."))
    return told(form, error)


def _page(
    request: HttpRequest,
    acting: Acting,
    packs: Sequence[Going],
    form: MoveForm,
    teams: Sequence[Standing],
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    variables = {"acting": acting, "form": form, "packs": packs, "others": teams, "back": reverse("balances")}
    return render(request, "move.html", variables, status=status)
