"""The few small files that pages load, with the same headers as every other answer."""

from __future__ import annotations

from django.contrib.staticfiles.views import serve
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

CACHED_SECONDS = 300


@require_safe
def asset(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve a stylesheet, script or picture of an installed application; a browser asks again after five minutes."""
    response = serve(request, path, insecure=True)  # "insecure" means: also where DEBUG is off; these files are public
    response.headers["Cache-Control"] = f"public, max-age={CACHED_SECONDS}"
    return response
