"""What the reader may open, has open, used and would pay; nobody sees another's (product B8, quality T2)."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from farebox.domain.errors import NotFound
from farebox.domain.rights import Action
from farebox.services import mine, standing
from farebox.services.explain import explain
from farebox.services.mine import Myself
from farebox.wallclock import now
from farebox.web.question import PAGE_MAX, SEARCH_MAX
from farebox.web.report import style
from farebox.web.reports.me import RANGES, Wanted, gather
from farebox.web.shown import me as shown
from farebox.web.shown import own_charge
from farebox.web.team import for_person


@for_person
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Show the page of one team of the reader; 404 for every other team, 400 where the rest makes no sense."""
    at, selves = now(), mine.selves(request.user)
    if not selves:
        if request.GET.get("team"):
            raise Http404
        return render(request, "me_none.html")
    who = _chosen(selves, request.GET.get("team", ""))
    wanted, problems = _wanted(request)
    found = gather(who, wanted, style=style(), at=at)
    told = shown.own(found, wanted, selves, at=at)
    told |= {"problems": problems, "search_max": SEARCH_MAX, "administers": _administers(request, who)}
    told |= {"leader": mine.leader(who)}
    return render(request, "me.html", told, status=HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK)


@for_person
@require_safe
def charge(request: HttpRequest, item_id: str) -> HttpResponse:
    """Explain a charge of the reader's own; 404 for everybody else's, as for what is none (quality T2)."""
    try:
        who = mine.whose_charge(request.user, item_id)
        found = explain(item_id, reader=None)
    except NotFound as error:
        raise Http404 from error
    return render(request, "me_charge.html", own_charge.own(found) | {"who": who})


def _chosen(selves: list[Myself], team: str) -> Myself:
    """Return who the reader is in the team that the address names; without one, in the first that knows them."""
    if not team:
        return next((one for one in selves if one.people), selves[0])
    found = next((one for one in selves if str(one.team_id) == team), None)
    if found is None:
        raise Http404
    return found


def _administers(request: HttpRequest, who: Myself) -> bool:
    return any(one.team_id == who.team_id for one in standing.standings(request.user, Action.PEOPLE))


def _wanted(request: HttpRequest) -> tuple[Wanted, list[str]]:
    """Return what the address asks for, with defaults for what makes no sense, and what that is in sentences."""
    problems: list[str] = []
    read = request.GET.get

    def one_of(name: str, known: Callable[[str], bool], default: str, problem: str) -> str:
        text = read(name, "") or default
        if known(text):
            return text
        problems.append(problem)
        return default

    of = {one.value: one for one in RANGES}
    chosen = one_of("range", of.__contains__, RANGES[0].value, _("There is no such range."))
    rows = one_of("charges", ("costly", "all").__contains__, "costly", _("There is no such list of charges."))
    page = one_of("page", _is_page, "1", _("There is no such page."))
    search = one_of("q", _is_search, "", _("The search text is too long, or has characters that nobody can type."))
    return Wanted(of[chosen], search, rows == "costly", int(page)), problems


def _is_page(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= len(str(PAGE_MAX)) and 0 < int(text) <= PAGE_MAX


def _is_search(text: str) -> bool:
    return len(text) <= SEARCH_MAX and text.isprintable()
