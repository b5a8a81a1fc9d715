"""What another site tries with somebody's browser: a form of its own, a frame, a planted session, a way out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser
from tests.web.used import PASSWORD, Served
from tests.web.visits import Visit

from farebox.records.models import Invitation

SEND = """([address, fields]) => {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = address;
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement('input');
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}"""
"""Send a form as a page of another origin can: the browser goes there with whatever cookies it has."""

FRAME = """(address) => new Promise((done) => {
  const frame = document.createElement('iframe');
  frame.onload = () => done(true);
  frame.src = address;
  document.body.append(frame);
})"""


def test_a_page_of_another_origin_acts_for_nobody_and_frames_nothing(
    served: Served, elsewhere: str, browser: Browser
) -> None:
    """A form of a neighbouring origin comes with the session's cookie and is refused; no page of ours is framed."""
    client = Client()
    client.force_login(served.used.ann)
    context = browser.new_context()
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": served.address}])
    page = context.new_page()
    neighbour = elsewhere.replace("127.0.0.1", "localhost")  # the same site: the cookie is sent along
    fields = {"team": str(served.used.world.flex.pk), "people": "Eve <eve@example.com>", "which": "none"}

    page.goto(neighbour)
    with page.expect_navigation() as gone:
        page.evaluate(SEND, [f"{served.address}/users/invite", fields])
    assert gone.value is not None
    assert gone.value.status == 403
    assert name in (gone.value.request.all_headers().get("cookie") or "")
    assert Invitation.objects.count() == 0

    page.goto(neighbour)
    page.evaluate(FRAME, f"{served.address}/settings")
    assert [frame.url for frame in page.frames[1:]] == ["chrome-error://chromewebdata/"]
    context.close()


@pytest.mark.parametrize("onward", ["https://evil.example/x", "//evil.example/x", "/\\evil.example/x"])
def test_a_planted_session_is_not_signed_in_and_nobody_is_led_away(
    visits: Callable[..., Visit], served: Served, onward: str
) -> None:
    """Signing in gives another session than the one that was planted, and goes to a page of ours (quality 7.2.4)."""
    cache.clear()
    name, planted = settings.SESSION_COOKIE_NAME, "planted" * 6
    visit = visits(signed_in=False)
    visit.context.add_cookies([{"name": name, "value": planted, "url": served.address}])

    page = visit.open(f"/accounts/login/?next={onward}")
    page.get_by_label("E-mail address").fill("ann@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(served.address + "/")

    given = [one["value"] for one in visit.context.cookies() if one["name"] == name]
    assert given != [planted]
    thief = Client()
    thief.cookies[name] = planted
    assert thief.get("/settings").headers["Location"].startswith("/accounts/login/")
