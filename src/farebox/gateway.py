"""
Between the socket and Django: slow clients wait here, where waiting costs no thread (quality: slow clients).

A request gets one of the few threads once its body is whole, and gives it back with the answer; files are sent by the
server itself. A body that takes too long is refused with 408.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple

from django.core.handlers.wsgi import WSGIHandler

BODY_SECONDS = 30.0
"""How long a body may take to arrive, in all."""

READERS_MAX = 4096
"""Bodies that may be under way at once."""

MEMORY_BYTES = 256 * 1024
"""How much of a body is kept in memory; the rest goes to a temporary file."""

Headers = list[tuple[str, str]]
_PLAIN: Headers = [("content-type", "text/plain; charset=utf-8")]


class Answer(NamedTuple):
    """What Django answered: a body, or a part of a file from one byte to before another."""

    status: int
    headers: Headers
    body: bytes = b""
    file: tuple[str, int, int] | None = None


class Gateway:
    """An application that the server calls for each request; Django runs in `threads` threads of its own."""

    def __init__(self, application: WSGIHandler, *, threads: int, body_max_bytes: int) -> None:
        self._application = application
        self._body_max_bytes = body_max_bytes
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._readers = 0

    async def __call__(self, scope: Any, proto: Any) -> None:
        """Answer one request."""
        if scope.proto != "http":
            proto.close(403)
            return
        with SpooledTemporaryFile(MEMORY_BYTES) as body:
            refusal = await self._receive(proto, body)
            if refusal is None:
                run = asyncio.get_running_loop().run_in_executor(self._threads, self._run, scope, body)
                _send(proto, await run)
            else:
                proto.response_str(refusal.value, [*_PLAIN, ("connection", "close")], f"{refusal.phrase}\n")

    async def _receive(self, proto: Any, body: IO[bytes]) -> HTTPStatus | None:
        """Take in the body of a request, or say why not."""
        if self._readers >= READERS_MAX:
            return HTTPStatus.SERVICE_UNAVAILABLE
        with self._reading():
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    await self._copy(proto, body)
            except TimeoutError:
                return HTTPStatus.REQUEST_TIMEOUT
        return None

    async def _copy(self, proto: Any, body: IO[bytes]) -> None:
        """Copy the body; what is beyond the limit is not kept, so that whoever reads it sees that it is too large."""
        left = self._body_max_bytes + 1
        async for piece in proto:
            if left:
                body.write(bytes(piece)[:left])
                left -= min(left, len(piece))

    @contextmanager
    def _reading(self) -> Iterator[None]:
        self._readers += 1
        try:
            yield
        finally:
            self._readers -= 1

    def _run(self, scope: Any, body: IO[bytes]) -> Answer:
        """Have Django answer, in a thread."""
        found: list[tuple[int, Headers]] = []

        def start(status: str, headers: Headers, exc_info: object = None, /) -> Callable[[bytes], object]:
            found.append((int(status[:3]), [(name.lower(), value) for name, value in headers]))
            return body.write  # as PEP 3333 wants it; Django does not call it

        response = self._application(_environ(scope, body), start)
        try:
            status, headers = found[0]
            stretch = getattr(response, "stretch", None)
            return Answer(status, headers, file=stretch) if stretch else Answer(status, headers, b"".join(response))
        finally:
            response.close()


def _send(proto: Any, answer: Answer) -> None:
    if answer.file is not None:
        proto.response_file_range(answer.status, answer.headers, *answer.file)
    elif answer.body:
        proto.response_bytes(answer.status, answer.headers, answer.body)
    else:
        proto.response_empty(answer.status, answer.headers)


def _environ(scope: Any, body: IO[bytes]) -> dict[str, Any]:
    """Return a request in the form of PEP 3333."""
    size = body.tell()
    body.seek(0)
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    _add_headers(environ, scope)
    environ.setdefault("CONTENT_LENGTH", str(size))
    return environ


def _add_headers(environ: dict[str, Any], scope: Any) -> None:
    """Add the headers; one with an underscore could pass for another, and is left out."""
    if scope.authority:
        environ["HTTP_HOST"] = scope.authority
    for name, value in scope.headers.items():
        if "_" in name:
            continue
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        between = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{between}{value}" if key in environ else value
