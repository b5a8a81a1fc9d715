"""
Uploads that are cut on their way to a real server: nothing half is recorded, and the next one is served (X14).

The client is a raw socket, as no client library sends less than it promised.
"""

from __future__ import annotations

import gzip
import json
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest
from tests.cli.house import count, set_up
from tests.demo.served import Served, serving
from tests.faults.chance import dice, size, tell
from tests.world import event

CUTS = size("UPLOAD_CUTS", 12)
"""How often each shape of a request is cut."""

EVENTS = [
    event(f"e{nth}", f"p{nth % 9}@example.com", "ACD", "2026-03-02 08:00", "2026-03-02 09:00") for nth in range(200)
]
LINES, ARRAY = b"\n".join(EVENTS), b"[" + b",".join(EVENTS) + b"]"
_CHUNKED = {"Transfer-Encoding": "chunked"}
SHAPES = {
    "a list": ("application/json", ARRAY, {}),
    "lines": ("application/x-ndjson", LINES, {}),
    "gzip": ("application/x-ndjson", gzip.compress(LINES), {"Content-Encoding": "gzip"}),
    "a list in chunks": ("application/json", ARRAY, _CHUNKED),
    "gzip in chunks": ("application/json", gzip.compress(ARRAY), {"Content-Encoding": "gzip"} | _CHUNKED),
    "lines in chunks": ("application/x-ndjson", LINES, _CHUNKED),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with one product and one team."""
    return tmp_path_factory.mktemp("cut")


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[tuple[Served, str]]:
    """Return a server in a process of its own, and a key."""
    key = set_up(folder, ("source", "add", "raw", "--team", "design"))[-1].split()[-1]
    with serving(folder, "serve") as running:
        yield running, key


def request(shape: str, key: str, body: bytes | None = None) -> bytes:
    """Return the whole of a request as bytes."""
    kind, whole, headers = SHAPES[shape]
    sent = {
        "Host": "localhost",
        "Authorization": f"Bearer {key}",
        "Content-Type": kind,
        "Connection": "close",
    } | headers
    body = whole if body is None else body
    if "Transfer-Encoding" in headers:
        pieces = [body[first : first + 700] for first in range(0, len(body), 700)]
        body = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces) + b"0\r\n\r\n"
    else:
        sent["Content-Length"] = str(len(body))
    head = "\r\n".join(["POST /v1/events HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())])
    return head.encode() + b"\r\n\r\n" + body


def send(served: Served, raw: bytes, *, hangs_up: str = "") -> bytes:
    """Send bytes and return what comes back; `hangs_up` is how the line is cut: half, closed or reset."""
    place = urlsplit(served.base)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=20) as line:
        line.sendall(raw)
        match hangs_up:
            case "half":
                line.shutdown(socket.SHUT_WR)
            case "reset":
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return b""
            case "closed":
                return b""
        found = b""
        while piece := _read(line):
            found += piece
        return found


def _read(line: socket.socket) -> bytes:
    try:
        return line.recv(65_536)
    except ConnectionResetError:
        return b""


def recorded(folder: Path) -> int:
    """Count the events in the records."""
    return count(folder, "records_event")


def cuts_of(server: Served, shape: str, key: str, thrown: Random) -> list[bytes]:
    """Cut a request of a shape again and again, anywhere and in three ways; return what was answered with success."""
    whole = request(shape, key)
    answers = []
    for _ in range(CUTS):
        part = whole[: thrown.randrange(40, len(whole) - 6)]
        answers.append(send(server, part, hangs_up=thrown.choice(("half", "reset", "closed"))))
    return [answer for answer in answers if answer.startswith(b"HTTP/1.1 2")]


@pytest.mark.parametrize("shape", ["a list", "lines", "gzip", "a list in chunks", "gzip in chunks"])
def test_what_was_cut_leaves_nothing(served: tuple[Served, str], folder: Path, shape: str) -> None:
    """A body that tells where it ends is recorded whole or not at all, and never acknowledged when it was cut."""
    server, key = served
    before = recorded(folder)

    answered = cuts_of(server, shape, key, dice("X14 cuts", shape))

    tell("X14 cut uploads", shape=shape, cuts=CUTS, acknowledged=len(answered), recorded=recorded(folder) - before)
    assert (recorded(folder), answered) == (before, [])
    assert server.ask("/livez")[0] == 200


def test_lines_in_chunks_count_as_far_as_they_came(served: tuple[Served, str], folder: Path) -> None:
    """
    Lines of no stated length are recorded as far as they came whole, and the answer counts them.

    The last line, cut in two, is refused; repeated whole, everything is there once.
    """
    server, key = served
    before = recorded(folder)

    answered = cuts_of(server, "lines in chunks", key, dice("X14 cuts", "lines in chunks"))

    for answer in answered:
        counts = json.loads(answer.split(b"\r\n\r\n", 1)[1])
        assert counts["received"] == counts["accepted"] + counts["duplicate"] + counts["rejected"] < len(EVENTS)
        assert counts["rejected"] <= 1
    partly = recorded(folder) - before
    got = json.loads(send(server, request("lines in chunks", key)).split(b"\r\n\r\n", 1)[1])
    tell("X14 cut lines in chunks", cuts=CUTS, recorded=partly, sent_again=len(EVENTS), duplicates=got["duplicate"])
    assert got["accepted"] + got["duplicate"] == len(EVENTS)
    assert recorded(folder) - before == len(EVENTS)


def test_a_part_that_is_sent_as_a_whole_is_noticed(served: tuple[Served, str], folder: Path) -> None:
    """Lines that end early but arrive as a whole request are recorded: the count above can see what gets in."""
    server, key = served
    before = recorded(folder)
    one = EVENTS[0].replace(b'"e0"', b'"another"') + b"\n"

    send(server, request("lines", key, one + EVENTS[1][:50]))

    assert recorded(folder) == before + 1
