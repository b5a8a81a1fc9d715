"""A page on another origin makes every call of the usage API from a real browser (usage-api 9.9, C8)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser
from tests.clients.estate import BOSS, DAYS, PASSWORD, Estate

PROGRAMS = Path(__file__).parent / "programs"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Stay silent."""


@pytest.fixture
def page_address(estate: Estate, tmp_path: Path) -> Iterator[str]:
    """Serve the page, configured, on an origin that Farebox does not know."""
    one = estate.programs["page"]
    for name in ("page.html", "page.js"):
        (tmp_path / name).write_bytes((PROGRAMS / name).read_bytes())
    config = {"base": estate.base, "clientId": one.client_id, "redirectUri": one.redirect}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    at = ("localhost", urlsplit(one.redirect).port or 0)
    with ThreadingHTTPServer(at, partial(_Quiet, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield one.redirect
        server.shutdown()
        thread.join()


def drawn_by(browser: Browser, address: str) -> tuple[dict[str, Any], list[str]]:
    """Sign in where the page sends people, and return what it drew and what the console complained about."""
    complaints: list[str] = []
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(address)
    page.wait_for_url("**/accounts/login/**")
    page.locator("input[name=login]").fill(BOSS)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.locator("button[name=answer][value=allow]").click()
    page.wait_for_url(f"{address}#**")
    page.wait_for_selector("#drawn[data-done]", state="attached", timeout=120_000)
    drawn: dict[str, Any] = json.loads(page.locator("#drawn").text_content() or "")
    context.close()
    return drawn, [text for text in complaints if "400 (Bad Request)" not in text]


EMPTY = ("drop", "delete")
"""Calls whose answer has no body."""


def test_a_page_elsewhere_makes_every_call(estate: Estate, page_address: str, browser: Browser) -> None:
    """Every call is answered across origins, with what the page draws; what is refused says so in `Message`."""
    drawn, complaints = drawn_by(browser, page_address)

    assert complaints == []
    assert "failed" not in drawn, drawn
    statuses = {name: one["status"] for name, one in drawn.items() if name != "token"}
    refused = {name for name, status in statuses.items() if status not in (200, 204)}
    assert refused == {"session level"}, drawn
    assert {name for name, status in statuses.items() if status == 204} == set(EMPTY)
    assert drawn["session level"]["said"] == "BadRequestError: Invalid request"
    assert drawn["token"]["type"] == "Bearer"


def test_what_the_page_draws_is_what_was_used(estate: Estate, page_address: str, browser: Browser) -> None:
    """A metric among the fields is dropped, `1=1` filters nothing, encoded names are understood, the file is right."""
    drawn, _ = drawn_by(browser, page_address)
    said = {name: one.get("said") for name, one in drawn.items()}

    assert said["enrichment"][:3] == ["Geo", "Country", "Kostnadsställe / dépt."]
    assert len(said["enrichment"]) == 10
    assert said["values of Kostnadsställe / dépt."] == ["Å 1"]
    assert said["userName"] == ["ann@example.com", "ben@example.com"]
    assert said["rows"]["result"]["columns"] == ["productName", "tokensConsumed"]
    assert said["rows"]["result"]["rows"] == [["AutoCAD", 7 * (DAYS + 5)]]
    assert said["file"].splitlines()[1:] == [f"AutoCAD,{7 * (DAYS + 5)}"]
    assert 'filename="from the page.csv"' in drawn["file"]["as"]
    assert said["list"][-1]["requestKey"] == said["order"]["requestKey"]  # other tests ordered some before
    assert said["made elsewhere"] == []
    assert said["read"] == [said["order"]["requestKey"]]
    assert said["replace"]["enableFlag"] == "N"
    assert "nextRunDate" in said["replace"]
