"""`/downloads/…`: the file behind a signed link, whole or from where a download broke off (usage-api 6.1)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from farebox.domain.errors import Forbidden
from farebox.services import export
from farebox.services.export import Download
from farebox.wallclock import now

CHUNK_BYTES = 256 * 1024
METHODS = ("GET", "HEAD")

MEDIA = {
    ".csv": "text/csv; charset=utf-8",
    ".zip": "application/zip",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""What a file is, by the ending of its name."""

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class Stretch(NamedTuple):
    """A part of a file: from the byte at `since` to before the byte at `until`."""

    since: int
    until: int


@csrf_exempt
def download(request: HttpRequest, signed: str) -> HttpResponseBase:
    """Serve the file that a signed link opens; whoever has the link needs no other proof."""
    if request.method not in METHODS:
        return _refused(
            HTTPStatus.METHOD_NOT_ALLOWED, "MethodNotAllowedError", "Use GET", {"Allow": ", ".join(METHODS)}
        )
    try:
        file = export.opened(signed, now=now())
    except Forbidden as error:
        return _refused(HTTPStatus.FORBIDDEN, "ForbiddenError", str(error), {})
    stretch = _wanted(request, file)
    if stretch is None:
        headers = {"Content-Range": f"bytes */{file.size_bytes}"}
        return _refused(
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "RangeNotSatisfiableError", "The file has no such part", headers
        )
    return _served(file, stretch, head=request.method == "HEAD")


def _wanted(request: HttpRequest, file: Download) -> Stretch | None:
    """
    Return the part that a request asks for, or None where the file has no such part.

    Whoever asks for several parts, for a part in words that mean nothing, or for a part of what the file was before,
    gets the whole file (RFC 9110, 14.2 and 13.1.5).
    """
    whole = Stretch(0, file.size_bytes)
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or request.method != "GET" or request.headers.get("If-Range", _tag(file)) != _tag(file):
        return whole
    first, last = asked.groups()
    if not first:
        stretch = Stretch(max(0, file.size_bytes - int(last)), file.size_bytes) if last else whole
    elif last and int(last) < int(first):
        return whole
    else:
        stretch = Stretch(int(first), min(int(last) + 1, file.size_bytes) if last else file.size_bytes)
    return stretch if stretch.since < stretch.until else None


def _served(file: Download, stretch: Stretch, *, head: bool) -> HttpResponseBase:
    length = stretch.until - stretch.since
    part = length < file.size_bytes
    headers = {
        "Content-Length": str(length),
        "Content-Disposition": _disposition(file.file_name),
        "ETag": _tag(file),
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    if part:
        headers["Content-Range"] = f"bytes {stretch.since}-{stretch.until - 1}/{file.size_bytes}"
    status = HTTPStatus.PARTIAL_CONTENT if part else HTTPStatus.OK
    if head:
        return HttpResponse(status=status, content_type=_media(file.file_name), headers=headers)
    try:
        body = Reading(file.path, stretch)
    except FileNotFoundError:
        return _refused(HTTPStatus.FORBIDDEN, "ForbiddenError", "the file of this link is no longer there", {})
    answer = StreamingHttpResponse(body, status=status, content_type=_media(file.file_name), headers=headers)
    answer.stretch = (str(file.path), *stretch)  # type: ignore[attr-defined]  # the server sends it by itself
    return answer


class Reading:
    """A part of an open file, in pieces; a file that is removed meanwhile is read to its end."""

    def __init__(self, path: Path, stretch: Stretch) -> None:
        self._file = path.open("rb")
        self._file.seek(stretch.since)
        self._left = stretch.until - stretch.since

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces."""
        while self._left and (piece := self._file.read(min(CHUNK_BYTES, self._left))):
            self._left -= len(piece)
            yield piece

    def close(self) -> None:
        """Close the file; the server does, also where the reader has gone."""
        self._file.close()


def _ending(name: str) -> str:
    return next((ending for ending in MEDIA if name.lower().endswith(ending)), ".csv")


def _media(name: str) -> str:
    return MEDIA[_ending(name)]


def _tag(file: Download) -> str:
    return f'"{file.sha256}"'


def _disposition(name: str) -> str:
    """Return the header that names the file; for programs that read no other letters, in ASCII too (RFC 6266)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r'["\\]', "_", plain)
    ending = _ending(name)
    stem = plain.removesuffix(ending).strip()
    fallback = f'attachment; filename="{plain if stem else f"{export.DEFAULT_NAME}{ending}"}"'
    return fallback if plain == name else f"{fallback}; filename*=utf-8''{quote(name, safe='')}"


def _refused(status: HTTPStatus, code: str, message: str, headers: dict[str, str]) -> HttpResponse:
    """Return a refusal in the words of the usage API; a link is part of it."""
    headers = {"Cache-Control": "no-store", **headers}
    return JsonResponse({"Code": code, "Message": f"{code}: {message}"}, status=status, headers=headers)
