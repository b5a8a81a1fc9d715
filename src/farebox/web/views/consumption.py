"""Uses that nothing reported, entered by the primary administrator of a team."""

from __future__ import annotations

from secrets import token_urlsafe

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from farebox.domain.rights import Action
from farebox.services.ingest import by_primary
from farebox.services.ingest.by_hand import Entry
from farebox.wallclock import now
from farebox.web.operator_forms import ConsumeForm
from farebox.web.team import Acting, for_team
from farebox.web.views.operating.sheets import Cleaned, Sheet, fill_in
from farebox.web.views.operating.tokens import day_of_entry, entered, entry_id, use_of


@for_team(Action.MANUAL_USE, fresh_to_look=True)
@require_http_methods(["GET", "HEAD", "POST"])
def consume(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Enter a use of the team's own products, of its own tokens."""
    sheet = Sheet(
        title=_("Enter consumption by hand"),
        button=_("Enter"),
        back=reverse("balances"),
        about=acting.team,
        told=(_("For a use that nothing reported, such as one off the network."),),
        team=acting.team_id,
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

    return fill_in(request, sheet, make, do)
