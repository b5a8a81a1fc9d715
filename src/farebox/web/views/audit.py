"""The audit log: of a team for those who administer it, of the installation and any team for its operators."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from farebox.domain.audited import OF_INSTALLATION, VERBS
from farebox.domain.clock import Instant
from farebox.domain.rights import Action
from farebox.services import audit_log
from farebox.services.audit_log import Asked, Page, Row
from farebox.web import files, present
from farebox.web.audit_form import AuditForm
from farebox.web.files import About
from farebox.web.numbers import number_in
from farebox.web.question import Format
from farebox.web.shown import audit_words
from farebox.web.tables import Kind, Sheet
from farebox.web.team import Acting, for_operator, for_team

Read = Callable[[Asked, int], Page]

COLUMNS = ("at", "actor", "action", "about", "details")
_KINDS = (Kind.MOMENT, Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.TEXT)


class Line(NamedTuple):
    """A row of the log in words."""

    at: str
    actor: str
    action: str
    about: str
    details: tuple[str, ...]


@for_team(Action.AUDIT)
@require_safe
def audit(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Show the log of a team, or give it as a file."""
    seen = audit_log.verbs_for(request.user, acting.team_id)  # type: ignore[arg-type]
    form = AuditForm(request.GET, seen - OF_INSTALLATION)

    def read(asked: Asked, limit: int) -> Page:
        return audit_log.read(request.user, acting.team_id, asked, limit=limit)  # type: ignore[arg-type]

    return _answer(request, form, read, acting.slug, {"acting": acting, "is_part": len(seen) < len(VERBS)})


@for_operator
@require_safe
def of_installation(request: HttpRequest) -> HttpResponse:
    """Show the log of the installation or of any team, or give it as a file."""
    offered = audit_log.teams(request.user)  # type: ignore[arg-type]
    team = _team(request.GET.get("team", ""), dict(offered))
    form = AuditForm(request.GET, frozenset(VERBS))

    def read(asked: Asked, limit: int) -> Page:
        return audit_log.read_any(request.user, team, asked, limit=limit)  # type: ignore[arg-type]

    return _answer(request, form, read, "installation", {"teams": offered, "chosen": team})


def _team(wanted: str, known: dict[int, str]) -> int | None:
    """Read the number of a team; nothing is the installation. Raises `Http404` for what is none."""
    if not wanted:
        return None
    number = number_in(wanted) or 0
    if number not in known:
        raise Http404
    return number


def _answer(request: HttpRequest, form: AuditForm, read: Read, name: str, shown: dict[str, object]) -> HttpResponse:
    if not form.is_valid():
        return render(request, "audit.html", {"form": form, "lines": [], **shown}, status=HTTPStatus.BAD_REQUEST)
    asked, wanted = form.asked(), request.GET.get("format", "")
    if wanted in (Format.CSV, Format.XLSX):
        return _file(read(asked, audit_log.EXPORT_MAX), name, Format(wanted))
    page = read(asked, audit_log.PAGE)
    return render(request, "audit.html", {**shown, **_shown(request, form, page)})


def _shown(request: HttpRequest, form: AuditForm, page: Page) -> dict[str, object]:
    path, begun = request.path, "before" in request.GET
    return {
        "form": form,
        "lines": [_line(row) for row in page.rows],
        "is_filtered": any(form.cleaned_data.values()),
        "newest": form.address(path) if begun else "",
        "older": form.address(path, before=f"{page.next[0]}-{page.next[1]}") if page.next else "",
        "whole": f"{path}?team={request.GET['team']}" if request.GET.get("team") else path,
        "csv": form.address(path, format="csv"),
        "xlsx": form.address(path, format="xlsx"),
        "rows_max": audit_log.EXPORT_MAX,
    }


def _line(row: Row) -> Line:
    return Line(
        present.clock(row.at),
        audit_words.thing(row.actor),
        audit_words.verb(row.verb),
        audit_words.about(row),
        tuple(said for name, value in row.facts if (said := audit_words.fact(name, value))),
    )


def _file(page: Page, name: str, wanted: Format) -> HttpResponse:
    """Return the rows as a file, the newest first, in the words of the page."""
    lines = [(row.at, _line(row)) for row in page.rows]
    rows = tuple((at, line.actor, line.action, line.about, "; ".join(line.details)) for at, line in lines)
    facts = ((_("Audit log"), name), (_("Rows"), str(len(rows))), *_end(page.next))
    return files.response([Sheet(_("Audit log"), COLUMNS, _KINDS, rows)], About(facts, ("audit", name)), wanted)


def _end(cut: tuple[Instant, int] | None) -> tuple[tuple[str, str], ...]:
    """Say until when back the file goes, where it does not have everything."""
    return () if cut is None else ((_("Older rows are not in this file; the oldest is of"), present.clock(cut[0])),)
