"""Seats and trials: who holds which until when, giving them, ending them, and a list of them (product B6) [S 003]."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from farebox.domain.clock import Day, as_date, day_of
from farebox.domain.errors import Problem, Rejected
from farebox.domain.rights import Action
from farebox.domain.seat_list import SeatSaid, SeatVerdict
from farebox.domain.usage import Funding
from farebox.importers.people import read_seats
from farebox.services import seats
from farebox.services.seats import PAGE_ROWS, ListShown, Standing
from farebox.wallclock import now
from farebox.web import present
from farebox.web.people_forms import asked, numbers
from farebox.web.people_pages import account, find, refusing
from farebox.web.question import read_date
from farebox.web.shown import people_import as shown_files
from farebox.web.shown import seats as shown
from farebox.web.team import Acting, for_team
from farebox.web.uploads import uploaded

_changes = require_http_methods(["GET", "HEAD", "POST"])

_HEADING = "Email address,Product code,Kind,Start,End"
LINES_SHOWN_MAX = 200
"""Lines of a list that a page shows, the refused ones first; what is beyond them is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed to give a seat or a trial."""

    product: str
    kind: str
    start: str
    end: str


@for_team(Action.PEOPLE)
@_changes
@refusing
def listed(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Show the seats and trials of a team, or give some."""
    if request.method != "POST":
        return _page(request, acting, request.GET)
    if request.POST.get("do") == "find":
        return _page(request, acting, request.POST)
    try:
        said = _give(request, acting)
    except Rejected as error:
        return _page(request, acting, request.POST, error.problems, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, said)
    return redirect(_back(acting))


@for_team(Action.PEOPLE)
@_changes
@refusing
def one(request: HttpRequest, acting: Acting, seat: int) -> HttpResponse:
    """Show a seat or a trial and when it may end, or give it the end that was chosen."""
    if request.method != "POST":
        return _one(request, acting, seat)
    try:
        said = _end(request, acting, seat)
    except Rejected as error:
        return _one(request, acting, seat, error.problems, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, said)
    return redirect(_back(acting))


@for_team(Action.PEOPLE)
@_changes
@refusing
def by_list(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Read a list of seats and trials and show what it would do; or give what was shown."""
    if request.method != "POST":
        return _list(request, acting)
    try:
        lines = _lines(request)
        found = seats.give_list(
            account(request), acting.team_id, lines, digest=request.POST.get("digest", ""), now=now()
        )
    except Rejected as error:
        said = [shown_files.file_problem(one, shown.COLUMNS) for one in error.problems]
        return _list(request, acting, problems=said, status=HTTPStatus.BAD_REQUEST)
    if not found.is_done:
        differs = bool(request.POST.get("digest"))
        status = HTTPStatus.BAD_REQUEST if differs else HTTPStatus.OK
        return _list(request, acting, lines=lines, found=found, differs=differs, status=status)
    given = sum(line.verdict is SeatVerdict.GIVEN for line in found.lines)
    words = ngettext("%(number)s seat or trial is given.", "%(number)s seats and trials are given.", given)
    messages.success(request, words % {"number": present.count(given)})
    return redirect(_back(acting))


def _give(request: HttpRequest, acting: Acting) -> str:
    """Give what the form asks for. Raises `Rejected` with every problem."""
    sent, problems = request.POST, list[Problem]()
    people = numbers(sent.getlist("person"))
    if not people:
        problems.append(Problem("/people", "nobody", "nobody is ticked"))
    kind = next((one for one in (Funding.SEAT, Funding.TRIAL) if one == sent.get("kind")), None)
    if kind is None:
        problems.append(Problem("/kind", "invalid_kind", "the kind is seat or trial"))
    start, end = _day(sent, "start", problems), _day(sent, "end", problems)
    if problems or kind is None:
        raise Rejected(problems)
    seats.give(
        account(request),
        acting.team_id,
        people,
        sent.get("product", ""),
        kind,
        start=start,
        end=end,
        language=get_language() or "",
        now=now(),
    )
    return shown.given_words(kind, len(people))


def _end(request: HttpRequest, acting: Acting, seat: int) -> str:
    """Give a seat or trial the end that was chosen. Raises `Rejected`."""
    problems: list[Problem] = []
    match request.POST.get("when"):
        case "now":
            seats.end_now(account(request), acting.team_id, seat, now=now())
            return _("It has ended. What is opened from now on uses tokens.")
        case "never":
            seats.change_end(account(request), acting.team_id, seat, None, now=now())
            return _("It has no end any more.")
        case _:
            end = _day(request.POST, "end", problems)
            if end is None and not problems:
                problems.append(Problem("/end", "invalid_date", "a date is missing"))
            if problems:
                raise Rejected(problems)
            seats.change_end(account(request), acting.team_id, seat, end, now=now())
            return _("The last day is changed.")


def _day(sent: QueryDict, name: str, problems: list[Problem]) -> Day | None:
    """Read a date of a form; none where nothing was typed."""
    typed = sent.get(name, "").strip()
    found = read_date(typed) if typed else None
    if typed and found is None:
        problems.append(Problem(f"/{name}", "invalid_date", "a date is written like 2026-12-31"))
    return found


def _page(
    request: HttpRequest,
    acting: Acting,
    sent: QueryDict,
    problems: Sequence[Problem] = (),
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    at, who = now(), account(request)
    asks = asked(reverse("users-seats"), request.GET, team=str(acting.team_id) if acting.query else "")
    standing = next((one for one in Standing if one == asks.state), None)
    page = seats.listed(who, acting.team_id, search=asks.search, standing=standing, page=asks.page, now=at)
    people = find(request, acting, sent, now=at)
    names = {one.id: one.name for one in people.people}
    told = {
        "acting": acting,
        "seats": shown.listed(page, asks, PAGE_ROWS, query=acting.query),
        "products": [(one.code, one.name) for one in seats.products(who, acting.team_id)],
        "find": people,
        "address": reverse("users-seats"),
        "typed": Typed(
            product=sent.get("product", ""),
            kind=sent.get("kind", ""),
            start=sent.get("start", "") if request.method == "POST" else as_date(day_of(at)).isoformat(),
            end=sent.get("end", ""),
        ),
        "problems": shown.problems(problems, names),
        "is_open": request.method == "POST" or bool(people.people) or page.all == 0,
    }
    return render(request, "users_seats.html", told, status=status)


def _one(
    request: HttpRequest, acting: Acting, seat: int, problems: Sequence[Problem] = (), *, status: int = HTTPStatus.OK
) -> HttpResponse:
    row = seats.one(account(request), acting.team_id, seat, now=now())
    told = {
        "acting": acting,
        "seat": shown.line(row, acting.query),
        "is_seat": row.kind == Funding.SEAT,
        "has_end": row.until is not None,
        "typed": request.POST.get("end", ""),
        "when": request.POST.get("when", "now"),
        "problems": shown.problems(problems),
        "back": _back(acting),
    }
    return render(request, "users_seats_one.html", told, status=status)


def _lines(request: HttpRequest) -> Sequence[SeatSaid]:
    """Return the lines of a list: of the file that was sent, or as they were shown. Raises `Rejected`."""
    text = request.POST.get("lines", "")
    stream = io.BytesIO(text.encode("utf-8", "surrogatepass")) if text else uploaded(request)
    return read_seats(stream).rows


def _list(
    request: HttpRequest,
    acting: Acting,
    *,
    lines: Sequence[SeatSaid] = (),
    found: ListShown | None = None,
    differs: bool = False,
    problems: Sequence[str] = (),
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    told: dict[str, object] = {"acting": acting, "problems": problems, "found": found, "differs": differs}
    if found is not None:
        counted = {one: sum(line.verdict is one for line in found.lines) for one in SeatVerdict}
        order = sorted(found.lines, key=lambda line: (line.verdict is not SeatVerdict.REFUSED, line.line))
        told |= {
            "judged": [shown.judged(line) for line in order[:LINES_SHOWN_MAX]],
            "more": max(0, len(order) - LINES_SHOWN_MAX),
            "counts": [(shown.verdict(one), number) for one, number in counted.items() if number],
            "given": counted[SeatVerdict.GIVEN],
            "lines": _as_text(lines),
        }
    return render(request, "users_seats_list.html", told, status=status)


def _as_text(lines: Sequence[SeatSaid]) -> str:
    """Write lines as they were read, so that what is sent back is what was shown."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_HEADING.split(","))
    for one in lines:
        fields = [one.email, one.product, one.kind, one.start, one.end]
        writer.writerow(["-"] if one.fault else fields)
    return out.getvalue()


def _back(acting: Acting) -> str:
    return reverse("users-seats") + acting.query
