"""Pages of another origin, in a browser: with a token they reach the API, with somebody's cookies nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page
from tests.web.used import Served

from farebox.records.models import Schedule
from farebox.services import tokens
from farebox.wallclock import now

ASK = """async ([address, options]) => {
  try {
    const got = await fetch(address, options);
    return {status: got.status, text: await got.text(), retry: got.headers.get('Retry-After')};
  } catch (error) { return {refused: String(error)} }
}"""
"""Ask as a page's own script does, and return what it may know of the answer."""

BODY = (
    '{"dateRangeExpression": "Previous-1-Month", "frequencyExpression": "0 0 18 5 * *", '
    '"scheduleObjects": [{"usageCategory": "CLOUD", "aggregationLevel": ["Daily"]}]}'
)


@pytest.fixture
def abroad(served: Served, elsewhere: str, browser: Browser) -> Iterator[Page]:
    """Return a page of the other site, in a browser in which Ann is signed in to Farebox."""
    client = Client()
    client.force_login(served.used.ann)
    context = browser.new_context()
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": served.address}])
    page = context.new_page()
    page.goto(elsewhere)
    yield page
    context.close()


@pytest.fixture
def schedules(served: Served) -> str:
    """Return an address of the API that can be read and written."""
    return f"{served.address}/tokenflex/v1/export/{served.used.number}/schedules"


def ask(page: Page, address: str, **options: Any) -> dict[str, Any]:
    """Have the page ask."""
    found: dict[str, Any] = page.evaluate(ASK, [address, options])
    return found


def token_of(served: Served) -> str:
    """Return a token of Ann's for reading and writing."""
    return tokens.make(served.used.ann, name="page", days=1, now=now(), scopes="data:read data:write")[1]


def test_with_a_token_every_method_works(abroad: Page, served: Served, schedules: str) -> None:
    """The browser asks first, is told that it may, and the page reads and writes (usage-api 9)."""
    headers = {"Authorization": f"Bearer {token_of(served)}", "Content-Type": "application/json", "ADSK-PAT": "x"}

    made = ask(abroad, schedules, method="POST", headers=headers, body=BODY)
    one = f"{schedules}/{Schedule.objects.get().pk}"

    assert made["status"] == 200
    assert ask(abroad, schedules, headers=headers)["text"] == f"[{made['text']}]"
    assert ask(abroad, one, method="PUT", headers=headers, body=BODY)["status"] == 200
    assert ask(abroad, one, method="DELETE", headers=headers)["status"] == 204


def test_a_refusal_can_be_read(abroad: Page, schedules: str) -> None:
    """A program learns why: the status and the body of a refusal are its to see."""
    found = ask(abroad, schedules, headers={"Authorization": "Bearer wrong"})

    assert found["status"] == 401
    assert "AUTH-006" in found["text"]


def test_somebodys_cookies_read_nothing(abroad: Page, served: Served, schedules: str) -> None:
    """Asked with the reader's cookies, the browser keeps the answer from the page; so with every page of ours."""
    for address in (schedules, f"{served.address}/settings", f"{served.address}/reporting/token-usage"):
        assert "refused" in ask(abroad, address, credentials="include")
    assert ask(abroad, schedules)["status"] == 401


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_somebodys_cookies_write_nothing(abroad: Page, schedules: str, kind: str) -> None:
    """Neither with a request that the browser asks about first nor with one that it just sends (quality: CSRF)."""
    found = ask(abroad, schedules, method="POST", body=BODY, credentials="include", headers={"Content-Type": kind})

    assert "refused" in found
    assert Schedule.objects.count() == 0


def test_a_header_that_is_not_named_is_not_sent(abroad: Page, served: Served, schedules: str) -> None:
    """What may be sent is listed by name."""
    headers = {"Authorization": f"Bearer {token_of(served)}", "X-Something": "x"}

    assert "refused" in ask(abroad, schedules, headers=headers)


def test_pages_are_not_for_other_origins(abroad: Page, served: Served) -> None:
    """Without cookies too, nothing but the API can be read."""
    assert "refused" in ask(abroad, f"{served.address}/accounts/login/")
    assert "refused" in ask(abroad, f"{served.address}/livez")
