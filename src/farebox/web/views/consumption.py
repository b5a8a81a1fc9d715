"""Uses that nothing reported, entered by the primary administrator of a team, and taken back."""

from __future__ import annotations

from secrets import token_urlsafe

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from farebox.domain.errors import NotFound
from farebox.domain.rights import Action
from farebox.services.ingest import by_primary
from farebox.services.ingest.by_hand import Entry
from farebox.services.ingest.entries import Listed, Status
from farebox.wallclock import now
from farebox.web.operator_forms import ConsumeForm
from farebox.web.people_forms import page_of
from farebox.web.shown import entries as shown
from farebox.web.team import Acting, for_team
from farebox.web.views.operating.entries import form, question, stays, withdrawn
from farebox.web.views.operating.sheets import Cleaned, Sheet, Sure, fill_in
from farebox.web.views.operating.tokens import beyond, day_of_entry, entered, entry_id, use_of

_changes = require_http_methods(["GET", "HEAD", "POST"])


@for_team(Action.MANUAL_USE, fresh_to_look=True)
@_changes
def consume(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Enter a use of the team's own products, of its own tokens, and see what was entered before."""
    sheet = Sheet(
        title=_("Enter consumption by hand"),
        button=_("Enter"),
        back=reverse("balances"),
        about=acting.team,
        told=(_("For a use that nothing reported, such as one off the network."),),
        team=acting.team_id,
        template="consumption.html",
        beside={"entries": _entries(request, acting)},
    )
    offered = by_primary.products(request.user, acting.team_id, now=now())
    choices = {"product": [(one.code, f"{one.name} ({one.code})") for one in offered]}

    def make(sent: QueryDict | None) -> ConsumeForm:
        return ConsumeForm(sent, initial={"nonce": token_urlsafe(16)}, choices=choices)

    def do(found: Cleaned) -> HttpResponse:
        entry = Entry(entry_id(request, found), day_of_entry(found))
        done = by_primary.consume(request.user, acting.team_id, entry, use_of(found), now=now())
        messages.success(request, entered({"state": done.state, "tokens": done.tokens}))
        return redirect(sheet.back)

    def ask(found: Cleaned) -> Sure | None:
        entry = Entry(entry_id(request, found), day_of_entry(found))
        drawn = by_primary.rehearse(request.user, acting.team_id, entry, use_of(found), now=now())
        return beyond(drawn, found, dict(choices["product"]))

    return fill_in(request, sheet, make, do, ask)


def _entries(request: HttpRequest, acting: Acting) -> object:
    """Return the table of the team's entries, whose own ones lead to where they are withdrawn."""
    found = by_primary.listed(request.user, acting.team_id, page=page_of(request.GET))

    def address(one: Listed) -> str:
        return _address(acting, "balances-consume-withdraw", one.number) if one.is_primarys else ""

    def page(number: int) -> str:
        return f"{_address(acting, 'balances-consume')}&page={number}" if 1 <= number <= found.pages else ""

    before, after = page(found.page - 1), page(found.page + 1)
    return shown.table(found, before=before, after=after, address=address, say=shown.to_the_team)


def _address(acting: Acting, name: str, *numbers: int) -> str:
    return f"{reverse(name, args=numbers)}?team={acting.team_id}"


@for_team(Action.MANUAL_USE, fresh_to_look=True)
@_changes
def withdraw(request: HttpRequest, acting: Acting, entry: int) -> HttpResponse:
    """Take back what a primary administrator of the team entered, with a reason; the page itself is the question."""
    try:
        one = by_primary.one(request.user, acting.team_id, entry)
    except NotFound as error:
        raise Http404 from error
    if not (one.is_primarys or one.status is Status.WITHDRAWN):
        raise PermissionDenied
    back = _address(acting, "balances-consume")
    if request.method != "POST" and not one.is_withdrawable:
        return stays(request, back)

    def do(found: Cleaned) -> HttpResponse:
        revision, reason = found["revision"] + 1, found["reason"]
        done = by_primary.withdraw(request.user, acting.team_id, entry, revision=revision, reason=reason, now=now())
        messages.success(request, withdrawn({"state": done.state, "tokens": done.tokens}))
        return redirect(back)

    sheet = question(one, about=acting.team, back=back, say=shown.to_the_team, team=acting.team_id)
    return fill_in(request, sheet, lambda sent: form(one, sent), do)
