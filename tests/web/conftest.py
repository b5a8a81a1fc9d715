"""What the tests of the pages share: compiled catalogues, a browser, and a team that used tokens."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the thread that the tests use

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer
from tests import chromium
from tests.web.catalogue import PACKAGE
from tests.web.used import Served, Used
from tests.web.visits import Visit
from tests.world import World

from farebox.warehouse import current


@pytest.fixture(scope="session", autouse=True)
def _compiled_catalogues() -> None:
    """Compile the catalogues beside their sources, as a build does; no other worker or server reads half of one."""
    for source in PACKAGE.rglob("*.po"):
        made = source.with_suffix(f".{os.getpid()}.mo")
        with source.open("rb") as text, made.open("wb") as out:
            write_mo(out, read_po(text, locale=source.parent.parent.name))
        made.replace(source.with_suffix(".mo"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Start Debian's Chromium."""
    return chromium.launch_args()


@pytest.fixture
def _warehouse(tmp_path: Path) -> Iterator[None]:
    """Give the process a warehouse of its own."""
    current.place(tmp_path / "warehouse.duckdb", memory_mb=256)
    yield
    current.close()


@pytest.fixture
def used(world: World, _warehouse: None) -> Used:
    """Return a team that bought, used and lost tokens, and its administrator."""
    return Used(world)


@pytest.fixture
def served(used: Used) -> Iterator[Served]:
    """
    Serve the pages of that team.

    The server shares the test's connection and so its transaction, which is rolled back: a ledger cannot be
    emptied between tests, because its triggers forbid it.
    """
    connection.inc_thread_sharing()  # for good: threads of kept-alive requests end after the server has stopped
    server = LiveServer("localhost")
    yield Served(used, server.url)
    server.stop()


@pytest.fixture
def visits(served: Served, browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Return a maker of visits with options of the browser; each must end without a complaint."""
    made: list[Visit] = []
    client = Client()
    client.force_login(served.used.ann)
    name, address = settings.SESSION_COOKIE_NAME, served.address

    def visit(*, signed_in: bool = True, **options: object) -> Visit:
        context = browser.new_context(**{"locale": "en-GB", **options})  # type: ignore[arg-type]
        if signed_in:
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
        made.append(Visit(context, address))
        return made[-1]

    yield visit
    for one in made:
        one.context.close()
        assert one.complaints == []


class _Empty(BaseHTTPRequestHandler):
    """Answers every address with a page that has nothing on it."""

    def do_GET(self) -> None:
        """Send the page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Elsewhere</title>")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Serve another site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Empty)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
