"""Tokens offered to who leads another team: by address, listed and withdrawn, and answered by whom they are offered."""

from __future__ import annotations

from http import HTTPStatus
from secrets import token_urlsafe

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from farebox.domain.amounts import tokens
from farebox.domain.errors import FareboxError, NotFound, Rejected
from farebox.domain.rights import Action
from farebox.services.move import by_primary, offering
from farebox.services.move.offering import Offer, Offered
from farebox.wallclock import now
from farebox.web import present
from farebox.web.fresh import is_fresh, prove_again
from farebox.web.move_form import OfferForm
from farebox.web.numbers import number_in
from farebox.web.shown import moves as shown
from farebox.web.shown.operator_problems import in_one_line
from farebox.web.team import Acting, for_person, for_team
from farebox.web.views.move import refused


@for_team(Action.MOVE_TOKENS, fresh_to_look=True)
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Offer tokens of a pack to an address, and list what is offered."""
    at = now()
    packs = by_primary.packs(request.user, acting.team_id, now=at)
    sent = request.POST if request.method == "POST" else None
    initial = {"nonce": token_urlsafe(16), "pack": request.GET.get("pack", "")}
    form = OfferForm(sent, initial=initial, choices={"pack": shown.choices(packs)})
    if form.is_valid():
        try:
            return _offered(request, acting, form)
        except NotFound as error:
            raise Http404 from error
        except FareboxError as error:
            refused(form, error)
    made = [shown.offer(one, at=at) for one in offering.open_of(request.user, acting.team_id, now=at)]
    variables = {"acting": acting, "form": form, "packs": packs, "offers": made, "days": offering.DAYS}
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, "token_offer.html", variables, status=status)


def _offered(request: HttpRequest, acting: Acting, form: OfferForm) -> HttpResponse:
    found = form.cleaned_data
    asked = Offer(pack=int(found["pack"]), address=found["address"], tokens=found["amount"], reason=found["reason"])
    language = get_language() or ""
    made = offering.offer(request.user, acting.team_id, asked, key=found["nonce"], language=language, now=now())
    said = _("The offer is made. If a primary administrator has this address, a mail goes there.")
    again = _("This form was sent before. Nothing was offered again.")
    messages.success(request, again if made.is_repeated else said)
    return _to_offers(acting)


@for_team(Action.MOVE_TOKENS)
@require_POST
def withdraw(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Take an offer back."""
    try:
        offering.withdraw(request.user, acting.team_id, number_in(request.POST.get("offer", "")) or 0, now=now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("The offer is taken back."))
    return _to_offers(acting)


def _to_offers(acting: Acting) -> HttpResponse:
    return redirect(f"{reverse('balances-offer')}?team={acting.team_id}")


@for_person
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, offer: int) -> HttpResponse:
    """Show what is offered to the reader, and take it into a team of theirs or refuse it, after a fresh sign-in."""
    found = next((one for one in offering.offered_to(request.user, now=now()) if one.id == offer), None)
    if found is None:
        return _over(request, offer)
    if not is_fresh(request):
        return prove_again(request, request.path)
    if request.method != "POST":
        return _question(request, found)
    try:
        return _answered(request, found)
    except NotFound as error:
        raise Http404 from error
    except Rejected as error:
        return _question(request, found, in_one_line(error), status=HTTPStatus.BAD_REQUEST)


def _over(request: HttpRequest, offer: int) -> HttpResponse:
    if not offering.is_over(request.user, offer, now=now()):
        raise Http404
    messages.info(request, _("This offer was answered, taken back, or has lapsed."))
    return redirect("balances")


def _question(request: HttpRequest, found: Offered, problem: str = "", *, status: int = HTTPStatus.OK) -> HttpResponse:
    at = now()
    variables = {
        "offer": found,
        "shown": shown.offer(found, at=at),
        "warnings": [shown.ended(team, last) for team, last in offering.ended(request.user, found, now=at)],
        "teams": offering.teams_for(request.user, found),
        "chosen": request.POST.get("into", ""),
        "problem": problem,
    }
    return render(request, "token_offered.html", variables, status=status)


def _answered(request: HttpRequest, found: Offered) -> HttpResponse:
    answered = request.POST.get("answer")
    if answered not in ("accept", "refuse"):
        return _question(request, found, status=HTTPStatus.BAD_REQUEST)
    if answered == "refuse":
        offering.refuse(request.user, found.id, now=now())
        messages.success(request, _("You refused the tokens of %s.") % found.team)
        return redirect("balances")
    into = number_in(request.POST.get("into", "")) or 0
    moved = offering.accept(request.user, found.id, into, now=now())
    team = next((one.team for one in offering.teams_for(request.user, found) if one.team_id == into), "")
    words = {"team": team, "tokens": present.amount(tokens(moved.tokens))}
    messages.success(request, _("Tokens moved to %(team)s: %(tokens)s.") % words)
    return redirect("balances")
