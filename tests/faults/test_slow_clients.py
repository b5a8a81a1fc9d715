"""Clients that send or read slowly, on purpose or not, keep nobody else waiting (quality: slow clients)."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.cli.house import set_up
from tests.demo.served import Served, serving

from farebox.serve import THREADS

BEGUN = (
    b"POST /authentication/v2/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\ngrant_type="
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start a server over a folder of its own."""
    folder: Path = tmp_path_factory.mktemp("slow") / "data"
    set_up(folder)
    with serving(folder, "serve") as server:
        yield server


def test_bodies_that_do_not_come_keep_no_thread(served: Served) -> None:
    """Three times as many unfinished bodies as there are threads; requests of others are answered all the same."""
    place = urlsplit(served.base)
    with ExitStack() as open_ones:
        for _ in range(3 * THREADS):
            one = open_ones.enter_context(socket.create_connection((place.hostname or "", place.port or 0)))
            one.sendall(BEGUN)

        answers = [_status(f"{served.base}/livez") for _ in range(3)]

    assert answers == [200, 200, 200]


def test_a_body_is_whole_before_anybody_reads_it(served: Served) -> None:
    """A form that comes in two pieces, or in chunks without a length, is read as one."""
    form = b"grant_type=password"
    chunked = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (form[:5], form[5:])) + b"0\r\n\r\n"

    told = [_sent(served, b"Content-Length: %d" % len(form), form[:5], form[5:])]
    told += [_sent(served, b"Transfer-Encoding: chunked", chunked[:9], chunked[9:])]

    assert [json.loads(body)["error"] for body in told] == ["unsupported_grant_type", "unsupported_grant_type"]


def _status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=60) as answer:
        status: int = answer.status
        return status


def _sent(served: Served, length: bytes, *pieces: bytes) -> bytes:
    """Send a form in pieces and return the body of the answer."""
    place = urlsplit(served.base)
    head = b"POST /authentication/v2/token HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    kind = b"\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=60) as one:
        for piece in (head + length + kind, *pieces):
            one.sendall(piece)
        answer = b"".join(iter(lambda: one.recv(65536), b""))
    return answer.partition(b"\r\n\r\n")[2]
