"""One person of a team: each product with a tick, and how it is held."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from farebox.domain.errors import Rejected
from farebox.domain.rights import Action
from farebox.services import assign
from farebox.wallclock import now
from farebox.web.people_forms import codes, wanted
from farebox.web.people_pages import account, defaults_note, invitations, refusing
from farebox.web.shown import people_problems
from farebox.web.shown.people import href
from farebox.web.shown.people_person import one_person
from farebox.web.team import Acting, for_team


@for_team(Action.PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
@refusing
def person(request: HttpRequest, acting: Acting, person: int) -> HttpResponse:
    """Show a person, or save what was ticked and cleared."""
    if request.method != "POST":
        return _page(request, acting, person)
    sent, asks = request.POST, wanted(request.POST)
    try:
        saved = assign.set_products(
            account(request),
            acting.team_id,
            person,
            asks.products,
            every=asks.every,
            shown=codes(sent, "shown"),
            shown_every="shown_every" in sent,
            language=get_language() or "",
            now=now(),
        )
    except Rejected as error:
        problem = " ".join(dict.fromkeys(people_problems.in_words(error.problems)))
        return _page(request, acting, person, problem, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, _("The changes are saved.") if saved.is_new else _("Nothing changed: it was so already."))
    return redirect(href(person, acting.query))


def _page(
    request: HttpRequest, acting: Acting, person: int, problem: str = "", *, status: int = HTTPStatus.OK
) -> HttpResponse:
    at = now()
    access = assign.person(account(request), acting.team_id, person, now=at)
    invitation = invitations(request, acting, now=at).get(person)
    found = {
        "acting": acting,
        "may_end_sessions": access.row.has_account and acting.may(request.user, Action.END_SESSIONS),
        "person": one_person(access, invitation, problem=problem),
        "defaults": defaults_note(request, acting, now=at) if access.rests else "",
    }
    return render(request, "users_person.html", found, status=status)
