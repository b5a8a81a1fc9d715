"""People by a list: upload it, look at what it would do, say yes, and see how far it is (product B5) [S 003]."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from farebox.domain.errors import Conflict, Problem, Rejected
from farebox.domain.people_list import Verdict
from farebox.domain.rights import Action
from farebox.importers.people import read_people
from farebox.services import assign, groups, people_list
from farebox.services.people_list import Answer, Read, Shown
from farebox.wallclock import now
from farebox.web import files
from farebox.web.people_forms import Which, numbers, page_of, wanted
from farebox.web.people_pages import account, defaults_note, refusing
from farebox.web.question import Format
from farebox.web.shown import people_import as shown_list
from farebox.web.shown import people_problems, people_ticks
from farebox.web.tables import Kind, Sheet
from farebox.web.team import Acting, for_team
from farebox.web.uploads import uploaded

_changes = require_http_methods(["GET", "HEAD", "POST"])


@for_team(Action.PEOPLE)
@_changes
@refusing
def listed(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Show where a list is uploaded and the last ones, or read the one that is sent."""
    if request.method != "POST":
        return _upload(request, acting)
    try:
        number = _read(request, acting)
    except Rejected as error:
        said = [shown_list.file_problem(one) for one in error.problems]
        return _upload(request, acting, said, status=HTTPStatus.BAD_REQUEST)
    except Conflict:
        said = [shown_list.file_problem(Problem("", "waiting", ""))]
        return _upload(request, acting, said, status=HTTPStatus.BAD_REQUEST)
    return redirect(_place(number, acting))


@for_team(Action.PEOPLE)
@require_safe
def empty(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Send a list without people: the heading, in the reader's language, as spreadsheets read it."""
    heading = (_("First name"), _("Last name"), _("Email address"))
    text = files.csv_text(Sheet("people", heading, (Kind.TEXT,) * len(heading), ()))
    named = {"Content-Disposition": 'attachment; filename="people.csv"'}
    return HttpResponse(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8", headers=named)


@for_team(Action.PEOPLE)
@_changes
@refusing
def one(request: HttpRequest, acting: Acting, list_id: int) -> HttpResponse:
    """Show what a list would do or how far it is; have it imported, or forget it."""
    if request.method != "POST":
        return _page(request, acting, list_id)
    try:
        match request.POST.get("do"):
            case "import":
                return _begin(request, acting, list_id)
            case "discard":
                people_list.discard(account(request), acting.team_id, list_id, now=now())
                messages.success(request, _("The list is forgotten. Nobody was imported."))
                return redirect(reverse("users-import") + acting.query)
            case _:
                raise Http404
    except Conflict:
        return redirect(_place(list_id, acting))


@for_team(Action.PEOPLE)
@require_safe
@refusing
def verdicts(request: HttpRequest, acting: Acting, list_id: int) -> HttpResponse:
    """Send what would become of each line, as CSV."""
    found = people_list.shown(account(request), acting.team_id, list_id)
    about = files.About((), ("import", acting.slug, str(list_id)))
    return files.response([shown_list.sheet(found)], about, Format.CSV)


def _read(request: HttpRequest, acting: Acting) -> int:
    table = read_people(uploaded(request))
    understood = Read(table.encoding, table.delimiter, table.passed_over, table.empty_lines)
    return people_list.check(account(request), acting.team_id, table.rows, understood, now=now())


def _begin(request: HttpRequest, acting: Acting, list_id: int) -> HttpResponse:
    """Have a list imported as it was shown, or show it again: with what is wrong, or with what differs by now."""
    asks = wanted(request.POST)
    group = next(iter(numbers([request.POST.get("group", "")])), 0)
    if asks.which is Which.THESE and asks.is_nothing and not group:
        return _page(request, acting, list_id, request.POST, problem="nothing", status=HTTPStatus.BAD_REQUEST)
    try:
        answer = people_list.begin(
            account(request),
            acting.team_id,
            list_id,
            request.POST.get("digest", ""),
            products=asks.products,
            every=asks.every,
            group=group,
            now=now(),
        )
    except Rejected as error:
        code = error.problems[0].code
        return _page(request, acting, list_id, request.POST, problem=code, status=HTTPStatus.BAD_REQUEST)
    if answer is Answer.DIFFERS:
        return _page(request, acting, list_id, request.POST, status=HTTPStatus.BAD_REQUEST)
    return redirect(_place(list_id, acting))


def _upload(
    request: HttpRequest, acting: Acting, problems: list[str] | None = None, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    lists = people_list.lists(account(request), acting.team_id)
    told = {"acting": acting, "problems": problems or [], "lists": shown_list.history(lists)}
    return render(request, "users_import.html", told, status=status)


def _page(
    request: HttpRequest,
    acting: Acting,
    list_id: int,
    sent: QueryDict | None = None,
    *,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    found = people_list.shown(account(request), acting.team_id, list_id)
    told: dict[str, object] = {
        "acting": acting,
        "list": found,
        "address": _place(list_id, acting),
        "state": found.state,
    }
    if found.state == "CHECKED":
        told |= _looked_at(request, acting, found) | _choice(request, acting, sent, problem)
    elif found.ended is not None:
        told |= {
            "done": shown_list.done_words(found),
            "left_out": shown_list.left_out_words(found.left_out) if found.left_out else "",
        }
    return render(request, "users_import_list.html", told, status=status)


def _looked_at(request: HttpRequest, acting: Acting, found: Shown) -> dict[str, object]:
    """Return the verdicts on a list, as far as the page shows them."""
    only = next((one for one in Verdict if one == request.GET.get("show")), None)
    path = reverse("users-import-list", args=[found.id])
    return {
        "counts": shown_list.counts(found, path, only, acting.query),
        "piece": shown_list.piece(found, path, only, page_of(request.GET), acting.query),
        "only": only,
        "read_as": shown_list.read_as(found.read_as),
        "import_words": shown_list.import_words(found.taken),
    }


def _choice(request: HttpRequest, acting: Acting, sent: QueryDict | None, problem: str) -> dict[str, object]:
    """Return what everybody of a list may be given, as it was chosen."""
    asks = wanted(sent or QueryDict())
    offer = assign.offer(account(request), acting.team_id, now=now())
    group = numbers([(sent or QueryDict()).get("group", "")])
    words = str(people_problems.WORDS[problem]) if problem else ""
    return {
        "ticks": people_ticks.ticks(offer, asks, problem=words, allows_none=True),
        "groups": groups.all_groups(account(request), acting.team_id),
        "group": group[0] if group else 0,
        "defaults": defaults_note(request, acting, now=now()),
    }


def _place(list_id: int, acting: Acting) -> str:
    return reverse("users-import-list", args=[list_id]) + acting.query
