"""The pages of programs in a browser: no barrier, and a person who goes there, agrees, and comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, expect
from tests.api.programs import Program, address_of
from tests.web.signed_in import signed_in
from tests.web.used import PASSWORD, Served
from tests.web.visits import Visit, barriers, ready_for_axe

LIST = "/settings/programs"


@pytest.fixture
def visits(served: Served, browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Return a maker of visits in which Ann has just signed in; each must end without a complaint."""
    made: list[Visit] = []
    name = settings.SESSION_COOKIE_NAME
    cookie = signed_in(served.used.ann).cookies[name].value

    def visit(*, known: bool = True, **options: object) -> Visit:
        context: BrowserContext = browser.new_context(**{"locale": "en-GB", **options})  # type: ignore[arg-type]
        if known:
            context.add_cookies([{"name": name, "value": cookie, "url": served.address}])
        made.append(Visit(context, served.address))
        return made[-1]

    yield visit
    for one in made:
        one.context.close()
        assert one.complaints == []


class _Callback(BaseHTTPRequestHandler):
    """A program's address to return to."""

    def do_GET(self) -> None:
        """Say that the person is back."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!doctype html><link rel=icon href=data:,><title>Back</title><p>Back")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the name that the library calls
        """Keep quiet."""


@pytest.fixture
def callback() -> Iterator[str]:
    """Serve a program's address to return to, on another site than ours."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Callback)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/callback"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("language", "width", "theme"),
    [("en-GB", 390, "dark"), ("sv-SE", 1280, "light"), ("fr-FR", 390, "light"), ("ja-JP", 1280, "dark")],
)
def test_no_page_of_programs_has_a_barrier(
    visits: Callable[..., Visit], served: Served, language: str, width: int, theme: str
) -> None:
    """Consent, list, form, program and password are free of barriers and fit a phone, in light and dark."""
    world = served.used.world
    program = Program(world, served.used.ann, more={"team": world.flex.pk})
    of_all = Program(world, served.used.ann)
    program.tokens()
    here = visits(viewport={"width": width, "height": 900}, locale=language, color_scheme=theme)
    ready_for_axe(here.context)
    page = here.tab()

    for path in (
        of_all.address(),
        program.address(),
        of_all.address(client_id="nobody"),
        LIST,
        f"{LIST}/new/{world.flex.pk}",
        f"{LIST}/{program.id}",
        f"{LIST}/{program.id}/revoke",
        "/settings",
        "/accounts/again/",
    ):
        page.goto(here.address + path)
        assert barriers(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("html").get_attribute("lang") == language[:2]
        if width < 640 and path in (LIST, "/settings"):
            wide = "[...document.querySelectorAll('.scroll')].filter(one => one.scrollWidth > one.clientWidth).length"
            assert page.evaluate(wide) == 0, path


@pytest.mark.parametrize("scripts", [True, False])
def test_a_person_lets_a_program_in(
    visits: Callable[..., Visit], served: Served, callback: str, *, scripts: bool
) -> None:
    """From the program to the sign-in, the choice of a team, and back to the program's own site with a code."""
    program = Program(served.used.world, served.used.ann, redirects=(callback,))
    page = visits(known=False, java_script_enabled=scripts).open(program.address(state="s"))

    page.get_by_label("E-mail address").fill(served.used.ann.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Team").select_option("Flex team")
    page.get_by_role("button", name="Allow").click()

    expect(page.get_by_text("Back")).to_be_visible()
    told = address_of(page.url)
    assert told["state"] == "s"
    assert program.exchange(told["code"]).status_code == 200


def test_a_person_says_no(visits: Callable[..., Visit], served: Served, callback: str) -> None:
    """Denying needs no team and leads back as well."""
    program = Program(served.used.world, served.used.ann, redirects=(callback,))
    page = visits().open(program.address())

    page.get_by_role("button", name="Deny").click()

    expect(page.get_by_text("Back")).to_be_visible()
    assert address_of(page.url)["error"] == "access_denied"


def test_the_primary_registers_a_program_and_revokes_it(visits: Callable[..., Visit], served: Served) -> None:
    """The form leads to the secret, which is shown this once; the list leads to the program's end."""
    page = visits().open("/settings")

    page.get_by_role("link", name="Programs registered in your teams").click()
    page.get_by_role("link", name="Register a program").first.click()
    page.get_by_label("Name").fill("Monthly report")
    page.get_by_label("Addresses to return to").fill("https://app.example.com/callback")
    page.get_by_role("button", name="Register").click()
    expect(page.locator("#new-secret")).to_contain_text("fbc_")
    assert barriers(page) == []
    page.get_by_role("link", name="Revoke").click()
    assert barriers(page) == []
    page.get_by_role("button", name="Revoke").click()

    expect(page.get_by_role("status").first).to_contain_text("The program is revoked")
