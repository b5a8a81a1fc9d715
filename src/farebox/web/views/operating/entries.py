"""What was entered by hand in a team: listed with who entered it, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from farebox import desk
from farebox.domain.amounts import Tokens
from farebox.services import operating
from farebox.services.ingest import entries
from farebox.services.ingest.arrival import State
from farebox.services.ingest.entries import Listed
from farebox.wallclock import now
from farebox.web import present
from farebox.web.entry_forms import WithdrawForm
from farebox.web.people_forms import page_of
from farebox.web.shown import entries as shown
from farebox.web.shown.operator import page_addresses
from farebox.web.views.operating.sheets import Cleaned, Sheet, carried_out, changing, fill_in, limit, looking


@looking
def listed(request: HttpRequest, team: int) -> HttpResponse:
    """List what was entered by hand in a team, the newest first."""
    page = operating.team_page(team, at=now())
    found = entries.listed(team, reader=request.user.pk or 0, page=page_of(request.GET))

    def address(one: Listed) -> str:
        return reverse("operator-entry-withdraw", args=[team, one.number])

    ways = page_addresses(request.path, "", found.page, found.pages)
    table = shown.table(found, **ways, address=address, say=shown.to_operators, ids=True)
    return render(request, "operator/entries.html", {"team": page, "entries": table})


@changing
def withdraw(request: HttpRequest, team: int, entry: int) -> HttpResponse:
    """Take an entry back, with a reason; the page itself is the question."""
    page, one = operating.team_page(team, at=now()), entries.one(team, entry, reader=request.user.pk or 0)
    back = reverse("operator-entries", args=[team])
    if request.method != "POST" and not one.is_withdrawable:
        return stays(request, back)

    def do(found: Cleaned) -> HttpResponse:
        asked = desk.Withdrawing(team=page.slug, id=one.id, revision=found["revision"] + 1, reason=found["reason"])
        return carried_out(request, asked, key=found["nonce"], say=withdrawn, then=back)

    sheet = question(one, about=page.name, back=back, told=limit(), say=shown.to_operators)
    return fill_in(request, sheet, lambda sent: form(one, sent), do)


def form(one: Listed, sent: QueryDict | None) -> WithdrawForm:
    """Return the form that withdraws an entry as it stands on the page."""
    return WithdrawForm(sent, initial={"nonce": token_urlsafe(16), "revision": one.revision})


def question(one: Listed, *, about: str, back: str, say: shown.Say, told: tuple[str, ...] = (), team: int = 0) -> Sheet:
    """Return the page that asks whether to withdraw an entry, and says which one it is."""
    after = _("What packs paid for it comes back to them, and what it added goes. It can be entered anew.")
    return Sheet(
        title=_("Withdraw this entry?"),
        button=_("Withdraw"),
        back=back,
        about=about,
        facts=tuple(shown.facts(one, say)),
        told=(after, *told),
        team=team,
    )


def stays(request: HttpRequest, back: str) -> HttpResponse:
    """Lead back from an entry that cannot be withdrawn, or was."""
    messages.info(request, _("This entry is withdrawn already, or stands in closed books."))
    return redirect(back)


def withdrawn(done: Mapping[str, Any]) -> str:
    """Say what came of a withdrawal."""
    if done["state"] == State.DUPLICATE:
        return _("This was withdrawn before. Nothing was changed again.")
    if not done["tokens"]:
        return _("It is withdrawn.")
    less = _("It is withdrawn: %s tokens count as consumed no more.")  # whether packs paid them or they were short
    said = less if done["tokens"] < 0 else _("It is withdrawn: %s tokens went.")
    return said % present.amount(Tokens(abs(done["tokens"])))
