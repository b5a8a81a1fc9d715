"""Bodies of requests: how they are read, with a cap that counts what was decompressed."""

from __future__ import annotations

import zlib
from http import HTTPStatus
from typing import Protocol

from django.conf import settings
from django.http import HttpRequest

from farebox.domain.errors import FareboxError


class SupportsRead(Protocol):
    """Something that bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes; fewer only at the end."""


class Unreadable(FareboxError):
    """A body that is too large, or in an encoding that is not spoken here."""

    code = "unreadable_body"

    def __init__(self, status: HTTPStatus, code: str, detail: str) -> None:
        self.status = status
        self.code = code
        super().__init__(detail)


def read_body(request: HttpRequest) -> bytes:
    """Return the body of a request. Raises `Unreadable` beyond 8 MB, before or after decompression."""
    limit: int = settings.EVENTS_MAX_BYTES
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > limit:
        raise _too_large(limit)
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        raise Unreadable(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unknown_encoding", "gzip is the only encoding accepted")
    body = _stream(request).read(limit + 1)
    if len(body) > limit:
        raise _too_large(limit)
    if length.isdecimal() and len(body) < int(length):
        raise Unreadable(HTTPStatus.BAD_REQUEST, "incomplete_body", "the body ended before its Content-Length")
    return _gunzip(body, limit) if encoding == "gzip" else body


def _stream(request: HttpRequest) -> SupportsRead:
    """Return where the body is read from: a body in chunks has no length, and Django would read nothing of it."""
    chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    stream: SupportsRead = request.META["wsgi.input"] if chunked else request
    return stream


def _gunzip(body: bytes, limit: int) -> bytes:
    stream = zlib.decompressobj(wbits=31)
    try:
        text = stream.decompress(body, limit + 1)
    except zlib.error as error:
        raise Unreadable(HTTPStatus.BAD_REQUEST, "broken_encoding", "the body is not valid gzip") from error
    if len(text) > limit or stream.unconsumed_tail:
        raise _too_large(limit)
    if not stream.eof or stream.unused_data:
        raise Unreadable(HTTPStatus.BAD_REQUEST, "broken_encoding", "the body is not one whole gzip stream")
    return text


def _too_large(limit: int) -> Unreadable:
    return Unreadable(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body_too_large",
        f"a body holds at most {limit // 2**20} MB; send smaller batches",
    )
