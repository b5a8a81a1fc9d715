"""The few small files that pages load, with the same headers as every other answer."""

from __future__ import annotations

import gzip
from functools import lru_cache

from django.contrib.staticfiles.views import serve
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

CACHED_SECONDS = 300


@require_safe
def asset(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve a stylesheet, script or picture of an installed application; a browser asks again after five minutes."""
    response = serve(request, path, insecure=True)  # "insecure" means: also where DEBUG is off; these files are public
    if isinstance(response, FileResponse):
        response = _whole(response, packed="gzip" in request.headers.get("Accept-Encoding", ""))
    patch_vary_headers(response, ("Accept-Encoding",))
    response.headers["Cache-Control"] = f"public, max-age={CACHED_SECONDS}"
    return response


def _whole(file: FileResponse, *, packed: bool) -> HttpResponse:
    """Return the file as one body, packed where the browser unpacks it."""
    body = b"".join(file)
    file.close()
    answer = HttpResponse(_packed(body) if packed else body, content_type=file.headers["Content-Type"])
    answer.headers["Last-Modified"] = file.headers["Last-Modified"]
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    return answer


@lru_cache(maxsize=32)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)
