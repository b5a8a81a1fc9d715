"""Balances: what is left, when it runs out, what will expire, and what happened to tokens besides use."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from farebox.domain.clock import Day, Instant, as_date, day_of
from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.domain.rights import Action
from farebox.services import report, standing
from farebox.services.move import by_primary
from farebox.services.standing import Standing
from farebox.wallclock import now
from farebox.web import files, present
from farebox.web.choice import Choice, choose
from farebox.web.question import Format
from farebox.web.report import Report, frame, order
from farebox.web.reports import balances as gathering
from farebox.web.reports.balances import Asked, Balances, Tab
from farebox.web.shown import balances as shown
from farebox.web.shown import moves
from farebox.web.tables import sheet


@login_required
@require_safe
def balances(request: HttpRequest) -> HttpResponse:
    """Show what is there or what happened to it, give its file, or say with 400 what is wrong with the address."""
    assert request.user.is_authenticated
    at = now()
    asked, problems = _asked(request, day_of(at))
    contracts, number = report.contracts_of(request.user), request.GET.get("contract", "")
    if not contracts and not number:
        return render(request, "balances_none.html")
    try:
        choice = choose(contracts, number)
    except NotFound as error:
        raise Http404 from error
    found = gathering.gather(choice, at=at, with_events=asked.tab == Tab.EVENTS)
    if asked.format is not Format.PAGE:
        return _file(found, asked)
    answered = Report(name="balances", title=_("Balances"), as_of=at, position=0, tables=shown.tables(found, asked))
    variables = frame(request, answered, asked, choice, problems) | shown.own(found, asked)
    variables["commands"] = shown.commands(found) if asked.tab == Tab.BALANCES else []
    variables["entering"] = _entering(request, choice) if asked.tab == Tab.BALANCES else []
    variables["moving"] = _moving(request, choice, at)
    return render(request, "balances.html", variables, status=400 if problems else 200)


def _entering(request: HttpRequest, choice: Choice) -> list[Standing]:
    """Return the teams of the page for which the reader may enter consumption by hand."""
    return [one for one in standing.standings(request.user, Action.MANUAL_USE) if one.team_id in choice.by_team]


def _moving(request: HttpRequest, choice: Choice, at: Instant) -> list[moves.Movable]:
    """Return the teams of the page from which the reader may move tokens, and what was bought for each."""
    led = standing.standings(request.user, Action.MOVE_TOKENS)
    found = [(one, by_primary.packs(request.user, one.team_id, now=at)) for one in led if one.team_id in choice.by_team]
    return [moves.movable(one, packs, several=len(led) > 1, at=at) for one, packs in found if packs]


def _asked(request: HttpRequest, today: Day) -> tuple[Asked, tuple[Problem, ...]]:
    """Return what the address asks; where it is refused, the default of its tab, and every problem."""
    params = request.GET.dict()
    try:
        return gathering.read(params, today=today), ()
    except Rejected as refused:
        kept = {"tab": params["tab"]} if params.get("tab") in list(Tab) else {}
        return gathering.read(kept | {"contract": params.get("contract", "")}, today=today), refused.problems


def _file(found: Balances, asked: Asked) -> HttpResponse:
    """Return the file of the tab: its tables as the page shows them, on all their pages (domain R3)."""
    choice, tables = found.choice, shown.tables(found, asked)
    facts = (
        (_("Report"), _("Balances") if asked.tab == Tab.BALANCES else _("Token events")),
        (_("Team"), ", ".join(dict.fromkeys(contract.team for contract in choice.chosen))),
        (_("Contract"), ", ".join(contract.number for contract in choice.chosen)),
        (_("Search"), asked.search),
        (_("Sorted by"), order(tables, asked.sort)),
        (_("As of"), present.clock(found.as_of)),
    )
    day = as_date(day_of(found.as_of)).isoformat()
    name = (
        asked.tab if asked.tab == Tab.BALANCES else "token-events",
        "all" if choice.is_all else choice.one.number,
        day,
    )
    sheets = [sheet(table, asked) for table in tables]
    return files.response(sheets, files.About(facts, name), asked.format)
