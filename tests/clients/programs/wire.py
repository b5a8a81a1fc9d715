"""What the stand-in programs have from their libraries: requests, settings, a place for a code to come back to."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import Request, urlopen


def setting(name: str, default: str = "") -> str:
    """Return what the program is configured with."""
    return os.environ.get(name, default)


BASE = setting("BASE_URL")
CLIENT_ID, CLIENT_SECRET = setting("CLIENT_ID"), setting("CLIENT_SECRET")
REDIRECT_URI = setting("REDIRECT_URI")
POLL_SECONDS = float(setting("POLL_SECONDS", "0.2"))
API = f"{BASE}/tokenflex/v1"


class Reply(NamedTuple):
    """What a server answered."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.text)


def call(
    method: str,
    url: str,
    *,
    token: str = "",
    form: dict[str, str] | None = None,
    body: object = None,
    headers: dict[str, str] | None = None,
) -> Reply:
    """Send one request and return the answer, whatever its status."""
    sent = {"Authorization": f"Bearer {token}"} if token else {}
    data = None
    if form is not None:
        data, sent["Content-Type"] = urlencode(form).encode(), "application/x-www-form-urlencoded"
    elif body is not None:
        data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
    try:
        with urlopen(Request(url, data, sent | (headers or {}), method=method), timeout=60) as got:
            return Reply(got.status, _lower(got.headers), got.read().decode())
    except HTTPError as refused:
        with refused:
            return Reply(refused.code, _lower(refused.headers), refused.read().decode())


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def say(**said: object) -> None:
    """Print one line of JSON."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


Page = tuple[int, dict[str, str], str]
"""Status, headers and body of a page that a program shows."""


def listen(address: str, answer: Callable[[str, dict[str, str]], Page], *, until: Callable[[], bool]) -> None:
    """Serve pages at a loopback address until there is nothing more to wait for."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = urlsplit(self.path)
            status, headers, body = answer(where.path, dict(parse_qsl(where.query)))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Stay silent."""

    port = urlsplit(address).port
    with HTTPServer(("127.0.0.1", port or 0), Pages) as server:
        say(listening=address)
        while not until():
            server.handle_request()
