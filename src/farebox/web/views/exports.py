"""The export page: ask for files of reports, now or again and again, and look after those that were asked for."""

from __future__ import annotations

from http import HTTPStatus
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from farebox.domain.clock import day_of
from farebox.domain.errors import Conflict, NotFound, Problem, QuotaExceeded, Rejected
from farebox.services import export, recurring, report, time_zone
from farebox.services.export import ExportState, Made, Whose
from farebox.wallclock import now
from farebox.web import export_form
from farebox.web.choice import choose
from farebox.web.export_form import Filled, Read
from farebox.web.shown import export as shown_export

NONCE_MAX = 64
"""Signs by which a form that is sent twice is known."""

PAGE_ROWS = 20
"""Exports that one page of the history shows."""

_changes = require_http_methods(["GET", "HEAD", "POST"])
"""What changes something takes POST; who comes back to its address by GET is led to the page."""


@login_required
@_changes
def exports(request: HttpRequest) -> HttpResponse:
    """Show the form, the history and the recurring exports; a form that is sent asks for what it says."""
    contracts = report.contracts_of(_person(request))
    if request.method == "POST":
        return _asked(request, contracts)
    if not contracts:
        return render(request, "export_none.html")
    form = export_form.filled(request.GET, choose(contracts, "").value, today=day_of(now()))
    try:
        choose(contracts, form.contract)
        return _page(request, contracts, form)
    except NotFound as error:
        raise Http404 from error


@login_required
@require_safe
def download(request: HttpRequest, key: str) -> HttpResponse:
    """Lead to the file, by a link that opens it for a few minutes; one that is no longer there is said on the page."""
    link = export.link_to(_made(request, key).row, reader=_person(request).pk, now=now())
    if link is None:
        messages.info(request, _("This file is not there, or not any more."))
        return _back()
    return redirect(urlsplit(link.url).path)


@login_required
@_changes
def retry(request: HttpRequest, key: str) -> HttpResponse:
    """Have a file that failed or was removed made again."""
    if request.method == "POST":
        _own(request, key)
        try:
            export.retry(_whose(request), key)
            messages.success(request, _("The file is being made again."))
        except QuotaExceeded:
            messages.error(request, _too_many())
    return _back()


@login_required
@_changes
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """Ask once more, then delete an export and its file; one that is under way is stopped without a question."""
    made = _own(request, key)
    if request.method != "POST":
        return render(request, "export_sure.html", {"line": shown_export.line(made, address=_address(request))})
    export.delete(_whose(request), key, now=now())
    waited = made.state in (ExportState.REQUESTED, ExportState.RUNNING)
    messages.success(request, _("The export is cancelled.") if waited else _("The export is deleted, and its file."))
    return _back()


@login_required
@_changes
def change_recurring(request: HttpRequest, recurring_id: str) -> HttpResponse:
    """Run, pause, resume or delete a recurring export of one's own; deleting asks once more."""
    try:
        if request.method != "POST":
            return _sure_recurring(request, recurring_id)
        if request.POST.get("do") == "run":
            return _run_now(request, recurring_id)
        _carry_out(request, recurring_id)
    except NotFound as error:
        raise Http404 from error
    return redirect(f"{reverse('export')}#recurring")


def _carry_out(request: HttpRequest, recurring_id: str) -> None:
    """Do what the button says that was pressed. Raises `NotFound` for one that is not one's own."""
    person = _person(request)
    match request.POST.get("do"):
        case "pause":
            recurring.pause(person, recurring_id, now=now())
            messages.success(request, _("The recurring export is paused."))
        case "resume":
            recurring.resume(person, recurring_id, now=now())
            messages.success(request, _("The recurring export runs again."))
        case "delete":
            recurring.end(person, recurring_id, now=now())
            messages.success(request, _("The recurring export is deleted. Files that it made stay."))
        case _:
            raise NotFound("no such action")


def _run_now(request: HttpRequest, recurring_id: str) -> HttpResponse:
    """Ask once for what a recurring export makes, about the last whole week or month. Raises `NotFound`."""
    person, at = _person(request), now()
    spec = recurring.one_of(person, recurring_id, now=at).between(day_of(at))
    nonce = request.POST.get("nonce", "")[:NONCE_MAX]
    key = nonce and f"{nonce}-{recurring_id}"  # the same page has a form of its own, with the same nonce
    try:
        export.request_report(person, report.contracts_of(person), spec, key=key, now=at)
        messages.success(request, _asked_for())
    except QuotaExceeded:
        messages.error(request, _too_many())
    except (Conflict, Rejected):
        messages.error(request, _("Nothing is made: you no longer administer all that it is about, or it changed."))
    return _back()


def _sure_recurring(request: HttpRequest, recurring_id: str) -> HttpResponse:
    return render(request, "export_sure.html", {"planned": _planned(request, recurring_id)})


def _planned(request: HttpRequest, recurring_id: str) -> shown_export.Recurrence:
    """Return a recurring export in words. Raises `NotFound` for one that is not one's own."""
    person = _person(request)
    planned = recurring.one_of(person, recurring_id, now=now())
    return shown_export.recurrence(planned, report.contracts_of(person))


def _asked(request: HttpRequest, contracts: list[report.Readable]) -> HttpResponse:
    """Ask for what the form says, or say with 400 everything that is wrong with it."""
    if not contracts:
        raise PermissionDenied
    at = now()
    form = export_form.filled(request.POST, "", today=day_of(at), is_sent=True)
    numbers = [one.number for one in contracts]
    read = export_form.read(form, numbers, language=get_language() or "en", today=day_of(at))
    if read.spec is None:
        return _page(request, contracts, form, read.problems, status=HTTPStatus.BAD_REQUEST)
    try:
        _request(request, contracts, read, form.change)
    except NotFound as error:
        raise Http404 from error
    except Conflict:
        return _page(request, contracts, form, _sent_before(), status=HTTPStatus.CONFLICT)
    except QuotaExceeded:
        problems = (Problem("", "too_many", _too_many()),)
        return _page(request, contracts, form, problems, status=HTTPStatus.TOO_MANY_REQUESTS)
    except Rejected as error:
        return _page(request, contracts, form, _said(error), status=HTTPStatus.BAD_REQUEST)
    return redirect(f"{reverse('export')}#{'recurring' if read.rhythm else 'history'}")


def _request(request: HttpRequest, contracts: list[report.Readable], read: Read, change: str) -> None:
    """Ask for the file, or for one each week or month, or for another than before; then raises `NotFound`."""
    assert read.spec is not None
    person, key, at = _person(request), request.POST.get("nonce", "")[:NONCE_MAX], now()
    if read.rhythm is None:
        export.request_report(person, contracts, read.spec, key=key, now=at)
        messages.success(request, _asked_for())
        return
    wanted = read.rhythm
    order = recurring.Order(every=wanted.every, on=wanted.on, hour=wanted.hour, spec=read.spec)
    if change:
        recurring.change(person, change, contracts, order, now=at)
        messages.success(request, _("The recurring export is changed. It makes this from its next run on."))
        return
    recurring.make(person, contracts, order, key=key, now=at)
    messages.success(request, _("The recurring export is made. Its files will stand in the history."))


def _asked_for() -> str:
    return _("The file is asked for. It stands below, and can be downloaded when it is ready.")


def _sent_before() -> tuple[Problem, ...]:
    text = _("This form was sent before with other answers. See below whether that is what you want, or send it again.")
    return (Problem("", "conflict", text),)


def _too_many() -> str:
    return _("%(count)s exports are under way. Wait until one is done, or cancel one.") % {
        "count": export.OUTSTANDING_MAX
    }


def _said(error: Rejected) -> tuple[Problem, ...]:
    """Return what only the records know to be wrong, in the reader's words."""
    texts = {
        "too_many": _("At most %d recurring exports. Delete one first.") % recurring.RECURRING_MAX,
        "request_deleted": _("What this form made was deleted since. Send it again to make it anew."),
        "unknown_contract": _("There is no such contract, or it is not yours to read."),
    }
    return tuple(one._replace(message=texts.get(one.code, one.message)) for one in error.problems)


def _page(
    request: HttpRequest,
    contracts: list[report.Readable],
    form: Filled,
    problems: tuple[Problem, ...] = (),
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """Show the form, the history and the recurring exports. Raises `NotFound` for a form that changes none of them."""
    at, person = now(), _person(request)
    page = _number(request.GET.get("page", "1"))
    whose = Whose(person, contracts, named=True)
    found = export.history(whose, limit=PAGE_ROWS + 1, offset=(page - 1) * PAGE_ROWS)
    lines = [shown_export.line(made, address=_address(request)) for made in found[:PAGE_ROWS]]
    shown = {
        "form": form,
        "changing": _planned(request, form.change) if form.change else None,
        "choices": shown_export.choices(form, contracts, time_zone.clocks_of(person), today=day_of(at)),
        "problems": problems,
        "faults": {problem.pointer[1:] for problem in problems},
        "nonce": token_urlsafe(16),
        "contracts": contracts,
        "hiding": sorted({one.team for one in contracts if one.names_hidden}),
        "showing": sorted({one.team for one in contracts if not one.names_hidden}),
        "lines": lines,
        "is_under_way": any(line.is_under_way for line in lines),
        "page": page,
        "has_more": len(found) > PAGE_ROWS,
        "recurring": [shown_export.recurrence(one, contracts) for one in recurring.recurring_of(person, now=at)],
    }
    return render(request, "export.html", shown, status=status)


def _number(text: str) -> int:
    """Return the number of a page; whatever is none is the first."""
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


def _made(request: HttpRequest, key: str) -> Made:
    """Return an export that the person may see; others find nothing (T2)."""
    try:
        return export.made(_whose(request), key)
    except Rejected as error:
        raise Http404 from error


def _own(request: HttpRequest, key: str) -> Made:
    """Return an export of the person's own; one that they may only see is another's to change."""
    made = _made(request, key)
    if not made.own:
        raise PermissionDenied
    return made


def _whose(request: HttpRequest) -> Whose:
    person = _person(request)
    return Whose(person, report.contracts_of(person), named=True)


def _back() -> HttpResponse:
    return redirect(f"{reverse('export')}#history")


def _address(request: HttpRequest) -> str:
    return str(_person(request).email)


def _person(request: HttpRequest) -> Any:
    return request.user
