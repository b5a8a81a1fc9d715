"""Contracts: added, their years and pools, their dated settings, and books that are closed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from farebox.domain.clock import as_date, day, day_of
from farebox.services import catalogue, operating, packs, policies, years
from farebox.services.close_books import close as close_books
from farebox.wallclock import now
from farebox.web import present
from farebox.web.operator_forms import SETTINGS, CloseForm, ContractForm, SettingsForm, moment_of
from farebox.web.shown import operator as shown
from farebox.web.views.operating.sheets import Cleaned, Sheet, Sure, actor, changing, fill_in, hand, looking


@looking
def contract(request: HttpRequest, contract: int) -> HttpResponse:
    """Show a contract: its years, its packs and its settings; after a purchase where the tokens went (domain L6)."""
    at = now()
    page = operating.contract_page(contract, at=at)
    found = shown.packs(packs.packs_of(page.team_slug, at=at, ended=True), page.line.number, at=at)
    given = request.GET.get("given", "")
    context = {
        "page": page,
        "scheme": shown.SCHEMES[page.line.scheme],
        "years": shown.years(years.years(page.line.number, at=at)),
        "settings": shown.settings(policies.policies(page.line.number)),
        "packs": found,
        "given": next((one for one in found if str(one.id) == given), None),
        "others": operating.team_choices(besides=page.team_id),
    }
    return render(request, "operator/contract.html", context)


@changing
def new(request: HttpRequest, team: int) -> HttpResponse:
    """Add a contract to a team."""
    page = operating.team_page(team, at=now())
    offers, cards = operating.offers(), operating.cards()
    told = [] if offers else [_("There is no offer yet. Make one first: which products a contract opens.")]
    told += [] if cards else [_("There is no rate card yet. Make one first: what each product costs.")]
    sheet = Sheet(
        title=_("Add a contract"),
        button=_("Add contract"),
        back=reverse("operator-team", args=[team]),
        about=page.name,
        told=(*told, _("A team has at most one Flex and one enterprise contract.")),
    )
    choices = {"offer": _codes(offers), "card": _codes(cards)}
    initial = {"start": as_date(day_of(now()))}

    def do(found: Cleaned) -> HttpResponse:
        made = catalogue.add_contract(
            catalogue.team_named(page.slug),
            catalogue.Scheme(found["scheme"]),
            offer=found["offer"],
            card=found["card"],
            start=day(found["start"]),
            end=None if found["end"] is None else day(found["end"]),
            by=hand(request),
        )
        messages.success(request, _("The contract is added. Its number is %s.") % made.number)
        return redirect("operator-contract", made.pk)

    return fill_in(request, sheet, lambda sent: ContractForm(sent, initial=initial, choices=choices), do)


def _codes(lines: list[operating.Line]) -> list[tuple[str, str]]:
    return [(line.code, line.code) for line in lines]


@changing
def settings(request: HttpRequest, contract: int) -> HttpResponse:
    """Set dated settings of a contract."""
    page = operating.contract_page(contract, at=now())
    sheet = Sheet(
        title=_("Settings of the contract"),
        button=_("Set"),
        back=reverse("operator-contract", args=[contract]),
        about=f"{page.team} · {page.line.number}",
        told=(_("What is booked stays as it is. A use keeps the setting that was in force when it began."),),
    )

    def do(found: Cleaned) -> HttpResponse:
        at = now()
        minutes = {name: found[name] for name, _label in SETTINGS if found[name] is not None}
        since = moment_of(found, "since", default=at)
        policies.set_policies(page.line.number, minutes, since=since, now=at, actor=actor(request))
        messages.success(request, _("The settings are set."))
        return redirect("operator-contract", contract)

    return fill_in(request, sheet, SettingsForm, do)


@changing
def close(request: HttpRequest, contract: int) -> HttpResponse:
    """Close the books of a contract through a date, after asking once more (domain L5a)."""
    page = operating.contract_page(contract, at=now())
    closed = page.line.closed_through
    state = (
        _("The books are open from the first day on.")
        if closed is None
        else _("The books are closed through %s.") % present.short_date(closed)
    )
    sheet = Sheet(
        title=_("Close the books"),
        button=_("Go on"),
        back=reverse("operator-contract", args=[contract]),
        about=f"{page.team} · {page.line.number}",
        told=(state,),
    )

    def ask(found: Cleaned) -> Sure:
        return Sure(
            question=_("Close the books through %s?") % present.short_date(day(found["through"])),
            told=(
                _("No total up to that date ever changes again."),
                _("What is reported late is charged as the difference that it makes, dated at its receipt."),
                _("Closed books are never opened again."),
            ),
            button=_("Close the books"),
        )

    def do(found: Cleaned) -> HttpResponse:
        done = close_books(page.line.number, day(found["through"]), actor=actor(request), now=now())
        messages.success(request, _("The books are closed through %s.") % present.short_date(done.through))
        return redirect("operator-contract", contract)

    return fill_in(request, sheet, CloseForm, do, ask)
