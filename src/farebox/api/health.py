"""Whether the server lives, and whether it can do its work; neither says anything about anybody's data."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from farebox.domain.clock import SECOND
from farebox.services.project import lag_us
from farebox.services.ready import probe
from farebox.wallclock import now

log = structlog.get_logger()


@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """Answer that the process runs, whatever else is broken."""
    return JsonResponse({"status": "alive"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer whether the records can be read and written, and by how much the warehouse lags behind them."""
    try:
        probe(now=now())
        lag_seconds = lag_us(now=now()) // SECOND
    except Exception:  # whatever it is that is broken, the answer is the same
        log.exception("not ready")
        return JsonResponse({"status": "not ready"}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return JsonResponse({"status": "ready", "lagSeconds": lag_seconds})
