"""Teams: added, renamed, given their primary administrator, and what each has."""

from __future__ import annotations

from secrets import token_urlsafe

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from farebox import desk
from farebox.domain.errors import Rejected
from farebox.domain.invitations import read_people
from farebox.services import catalogue, invite, operating, proposals
from farebox.wallclock import now
from farebox.web.operator_forms import AppointForm, NameForm, PrimaryForm, TeamForm
from farebox.web.people_pages import say_outbox
from farebox.web.shown import operator as shown
from farebox.web.shown.source_keys import may
from farebox.web.views.operating.sheets import Cleaned, Sheet, Sure, carried_out, changing, fill_in, hand, looking


@looking
def team(request: HttpRequest, team: int) -> HttpResponse:
    """Show a team: its lead, contracts, sources and programs."""
    page = operating.team_page(team, at=now())
    contracts = [
        (one, shown.SCHEMES[one.scheme], [(shown.pool(pool), left) for pool, left in one.left])
        for one in page.contracts
    ]
    keys = [(one, may(one.scopes.split())) for one in page.sources]
    return render(request, "operator/team.html", {"team": page, "contracts": contracts, "sources": keys})


@changing
def new(request: HttpRequest) -> HttpResponse:
    """Add a team, and invite who is to lead it."""
    sheet = Sheet(title=_("Add a team"), button=_("Add team"), back=reverse("operator"))

    def do(found: Cleaned) -> HttpResponse:
        at, asked = now(), found["primary"]
        problems = catalogue.check_team(found["slug"], found["name"])
        if problems:
            raise Rejected(problems)
        if asked:
            read_people(asked)
        made = catalogue.add_team(
            found["slug"], found["name"], names_hidden=found["names"] == "hidden", now=at, by=hand(request, at)
        )
        messages.success(request, _("The team is added."))
        if asked:
            _invite(request, made.pk, asked)
        return redirect("operator-team", made.pk)

    return fill_in(request, sheet, TeamForm, do)


@changing
def rename(request: HttpRequest, team: int) -> HttpResponse:
    """Call a team otherwise."""
    page = operating.team_page(team, at=now())
    sheet = Sheet(
        title=_("Rename the team"),
        button=_("Rename"),
        back=reverse("operator-team", args=[team]),
        about=page.name,
        told=(_("The short name stays, as programs send it: %s") % page.slug,),
    )

    def do(found: Cleaned) -> HttpResponse:
        catalogue.rename_team(page.slug, found["name"], by=hand(request))
        messages.success(request, _("The team has another name now."))
        return redirect("operator-team", team)

    return fill_in(request, sheet, lambda sent: NameForm(sent, initial={"name": page.name}), do)


@changing
def primary(request: HttpRequest, team: int) -> HttpResponse:
    """Invite a primary administrator where there is none; else appoint another, for a team that lost its own."""
    page = operating.team_page(team, at=now())
    return _appoint(request, page) if page.primary else _ask(request, page)


def _ask(request: HttpRequest, page: operating.TeamPage) -> HttpResponse:
    sheet = Sheet(
        title=_("Invite the primary administrator"),
        button=_("Send the invitation"),
        back=reverse("operator-team", args=[page.id]),
        about=page.name,
        told=(_("The invitation goes by mail and lapses after seven days."),),
    )

    def do(found: Cleaned) -> HttpResponse:
        _invite(request, page.id, found["people"])
        return redirect("operator-team", page.id)

    return fill_in(request, sheet, PrimaryForm, do)


def _invite(request: HttpRequest, team: int, text: str) -> None:
    outcome = invite.invite_primary(request.user, team, text, now=now())
    said = _("An invitation is on its way to %s.") if settings.MAIL_HOST else _("%s is invited.")
    messages.success(request, said % outcome.email)
    say_outbox(request)


def _appoint(request: HttpRequest, page: operating.TeamPage) -> HttpResponse:
    sheet = Sheet(
        title=_("Appoint another primary administrator"),
        button=_("Go on"),
        back=reverse("operator-team", args=[page.id]),
        about=page.name,
        told=(
            _("For a team that lost its primary administrator. Whoever can still sign in hands the role over instead."),
        ),
    )

    def ask(found: Cleaned) -> Sure:
        proposals.account_of(page.id, found["address"])
        return Sure(
            question=_("Appoint %s?") % found["address"],
            told=(
                _("%s loses the role at once, and stays in the team as a user.") % page.primary,
                _("The team’s administrators see in the audit log that an operator did this."),
            ),
            button=_("Appoint"),
        )

    def do(found: Cleaned) -> HttpResponse:
        asked = desk.Appointing(team=page.slug, account=proposals.account_of(page.id, found["address"]))
        back = reverse("operator-team", args=[page.id])
        said = _("The team has another primary administrator.")
        return carried_out(request, asked, key=found["nonce"], say=lambda done: said, then=back)

    return fill_in(request, sheet, lambda sent: AppointForm(sent, initial={"nonce": token_urlsafe(16)}), do, ask)
