"""
Each refusal to somebody who is known is written down: 403, and 404 for what is not there or not theirs (quality T5).

The row has the name of the address, never what stood in it. Whoever is unknown leaves none: anybody can be that.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch

from farebox.domain.errors import FareboxError
from farebox.services import refusals
from farebox.services.refusals import Asked
from farebox.wallclock import now
from farebox.web.numbers import number_in
from farebox.web.team import OPERATOR

Answer = Callable[[HttpRequest], HttpResponse]
FILES = "asset"
"""The name of the address of stylesheets and pictures, of which one may be missing."""

NAMED = ("team", "contract", "session")
"""What a form or a query names that may be somebody else's; the rest stands in the address itself."""

log = structlog.get_logger()


class Refusals:
    """Writes a row of the audit log for each request that was refused to somebody."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and write down a refusal; the answer is the same where that cannot be written."""
        response = self.get_response(request)
        if response.status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
            _note(request, response.status_code)
        return response


def _note(request: HttpRequest, status: int) -> None:
    match, who = request.resolver_match, _who(request)
    if match is None or who is None or not _is_refusal(request, match, status):
        return
    try:
        refusals.refused(
            who,
            route=match.view_name or match.route,
            method=request.method or "",
            status=status,
            team=_team(request, match),
            now=now(),
        )
    except FareboxError as error:
        log.warning("a refusal was not written down", code=error.code)


def _who(request: HttpRequest) -> Asked | None:
    """Return who asked: by a token, as the API noted it, or by a session."""
    asked = getattr(request, "asked_by", None)
    if asked is not None:
        return Asked(*asked)
    user = getattr(request, "user", None)
    return Asked(user.pk) if user is not None and user.is_authenticated else None


def _is_refusal(request: HttpRequest, match: ResolverMatch, status: int) -> bool:
    """Tell a refusal from an address that leads nowhere: it is about something, or for operators."""
    if status == HTTPStatus.FORBIDDEN:
        return True
    about = match.kwargs or any(_asked(request, name) for name in NAMED)
    return bool(about or getattr(match.func, "action", None) == OPERATOR) and match.url_name != FILES


def _team(request: HttpRequest, match: ResolverMatch) -> int | None:
    asked = str(match.kwargs.get("team_id", "")) or _asked(request, "team")
    return number_in(asked)


def _asked(request: HttpRequest, name: str) -> str:
    """Return what stood under a name in the form or the address; a body that is no form is left alone."""
    kind = request.content_type or ""
    is_form = request.method == "POST" and kind.startswith(("application/x-www-form", "multipart/"))
    return (request.POST.get(name, "") if is_form else "") or request.GET.get(name, "")
