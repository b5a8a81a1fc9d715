"""The pages in a browser: no barrier, no complaint on the console, with scripts and without, on any screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from tests.web.catalogue import PACKAGE
from tests.web.used import PASSWORD, Served

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
STYLE = PACKAGE / "static" / "farebox" / "farebox.css"
USAGE = "/reporting/token-usage"
REFUSED = f"{USAGE}?range=custom&since=2026-02-30&until=2026-01-01&format=pdf"
PAGES = (USAGE, f"{USAGE}?range=12m", REFUSED, "/settings", "/accounts/login/")

# Every pair of values of two columns occurs in a row: language, width, theme, scripts.
PAIRS = (
    ("en-GB", 1280, "light", True),
    ("en-GB", 390, "dark", False),
    ("sv-SE", 390, "light", True),
    ("sv-SE", 1280, "dark", False),
    ("fr-FR", 1280, "light", False),
    ("fr-FR", 390, "dark", True),
    ("ja-JP", 390, "light", False),
    ("ja-JP", 1280, "dark", True),
)


@dataclass
class Visit:
    """A browser in which an administrator is signed in, and what it complained about."""

    context: BrowserContext
    address: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Open a page; what its console says from now on is kept."""
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))
        page.goto(self.address + path)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        """Keep errors and warnings; that an answer was 400 on purpose is the browser's note, not a complaint."""
        if message.type in ("error", "warning") and "400 (Bad Request)" not in message.text:
            self.complaints.append(message.text)


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


def unscripted(context: BrowserContext) -> None:
    """
    Give the pages as they look where scripts are off.

    Scripts come empty and the stylesheet believes that there are none; axe itself is a script and cannot run
    where they are really off.
    """
    context.route("**/*.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    style = STYLE.read_text(encoding="utf-8").replace("scripting: enabled", "scripting: initial-only")
    context.route("**/farebox.css", lambda route: route.fulfill(content_type="text/css", body=style))


def barriers(page: Page, **options: object) -> list[str]:
    """Return what axe finds against WCAG 2.2 AA and good practice."""
    found = Axe().run(page, options={**AXE, **options}).response["violations"]
    return [f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found]


@pytest.mark.parametrize(("language", "width", "theme", "scripts"), PAIRS)
def test_no_page_has_a_barrier(
    visits: Callable[..., Visit], language: str, width: int, theme: str, scripts: bool
) -> None:
    """Every page is free of barriers and fits its screen, in each language, width, theme, with scripts or without."""
    screen = {"viewport": {"width": width, "height": 900}, "locale": language, "color_scheme": theme}
    here, guest = visits(**screen), visits(signed_in=False, **screen)
    if not scripts:
        unscripted(here.context)
        unscripted(guest.context)

    for path in PAGES:
        page = (guest if path.startswith("/accounts") else here).open(path)
        for disclosure in page.locator("section details.disclosure > summary").all():
            disclosure.click()
        assert barriers(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("html").get_attribute("lang") == language[:2]
        page.close()


def test_the_table_of_the_chart_has_no_barrier(visits: Callable[..., Visit]) -> None:
    """The 365 rows under the chart are open to all; their colours are those of the other table, checked there."""
    page = visits().open(USAGE)

    page.get_by_text("Show as table: Tokens used per day").click()

    expect(page.locator(".lines [data-readings] tbody tr")).to_have_count(365)
    assert barriers(page, rules={"color-contrast": {"enabled": False}}) == []


def test_choosing_a_range_swaps_the_page(visits: Callable[..., Visit]) -> None:
    """With scripts the range applies at once, stays in the address, keeps the focus, and goes back."""
    page = visits().open(USAGE)
    page.evaluate("window.sameDocument = true")
    before = page.locator(".range .dates").inner_text()

    page.get_by_label("Show", exact=True).focus()
    page.get_by_label("Show", exact=True).select_option("6m")
    page.wait_for_url("**range=6m**")

    expect(page.locator(".range .dates")).not_to_have_text(before)
    assert "since=" not in page.url
    assert page.evaluate("window.sameDocument") is True
    assert page.evaluate("document.activeElement.id") == "range"
    expect(page.locator("#announcer")).to_have_text(page.locator(".range .dates").inner_text())
    page.go_back()
    expect(page.locator(".range .dates")).to_have_text(before)


def test_choosing_a_contract_swaps_the_page(visits: Callable[..., Visit]) -> None:
    """The chooser in the header leads to the other contract and keeps the range."""
    page = visits().open(f"{USAGE}?range=3m")

    page.get_by_label("Team and contract").select_option(index=0)
    page.wait_for_url("**contract=**")

    expect(page.get_by_role("heading", name="Nothing to show yet")).to_be_visible()
    assert "range=3m" in page.url


def test_a_wrong_range_is_shown_in_place(visits: Callable[..., Visit]) -> None:
    """With scripts, refused dates show their problems without leaving the page, and the typed dates stay."""
    page = visits().open(USAGE)
    page.get_by_label("Show", exact=True).select_option("custom")
    page.wait_for_url("**range=custom**")

    page.get_by_label("First date").fill("2026-03-02")
    page.get_by_label("Last date").fill("2026-03-01")
    page.get_by_role("button", name="Show this range").click()

    expect(page.get_by_role("alert")).to_contain_text("The last date comes before the first date.")
    expect(page.get_by_label("First date")).to_have_value("2026-03-02")


def test_without_scripts_the_form_has_a_button(visits: Callable[..., Visit]) -> None:
    """Without scripts the same form is sent by its button and gives the same page."""
    page = visits(java_script_enabled=False).open(USAGE)

    page.get_by_label("Show", exact=True).select_option("12m")
    page.get_by_role("button", name="Show this range").click()

    page.wait_for_url("**range=12m**")
    expect(page.get_by_label("Show", exact=True)).to_have_value("12m")


def test_the_chart_is_read_by_keyboard(visits: Callable[..., Visit]) -> None:
    """Arrow keys move a crosshair day by day and say what the table says; Escape puts it away."""
    page = visits().open(USAGE)
    canvas = page.locator(".lines [data-canvas]")
    rows = page.locator(".lines [data-readings] tbody tr")

    canvas.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")

    date, tokens = rows.nth(363).locator("th, td").all_text_contents()[:2]
    expect(page.locator(".lines [data-reading]")).to_contain_text(f"{date}, Tokens: {tokens}")
    expect(page.locator(".lines .tip")).to_contain_text(date)
    page.keyboard.press("Home")
    expect(page.locator(".lines [data-reading]")).to_contain_text(
        rows.first.locator("th").inner_text(), use_inner_text=False
    )
    page.keyboard.press("Escape")
    expect(page.locator(".lines .tip")).to_be_hidden()


def test_the_chart_is_read_by_pointer(visits: Callable[..., Visit]) -> None:
    """The pointer shows the day under it, at the very edge too."""
    page = visits(viewport={"width": 1280, "height": 900}).open(USAGE)
    box = page.locator(".lines [data-canvas]").bounding_box()
    assert box

    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 100)

    last = page.locator(".lines [data-readings] tbody tr").last.locator("th").text_content()
    expect(page.locator(".lines .tip strong")).to_have_text(last or "")


@pytest.mark.parametrize("scripts", [True, False])
def test_language_and_theme_are_chosen_in_menus(visits: Callable[..., Visit], scripts: bool) -> None:
    """Both menus work with scripts and without, and lead back to the same page."""
    page = visits(java_script_enabled=scripts).open(f"{USAGE}?range=3m")

    page.locator("summary", has_text="English").click()
    page.get_by_role("button", name="Svenska").click()
    page.wait_for_url(f"**{USAGE}?range=3m")
    expect(page.get_by_role("heading", name="Tokenanvändning")).to_be_visible()
    page.locator("summary", has_text="Tema").click()
    page.get_by_role("button", name="Mörkt").click()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_a_menu_closes_by_itself(visits: Callable[..., Visit]) -> None:
    """A click elsewhere and Escape close an open menu; Escape gives the focus back."""
    page = visits().open(USAGE)
    menu = page.locator("details.menu").first

    menu.locator("summary").click()
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()
    menu.locator("summary").click()
    page.locator("h1").click()

    expect(menu).not_to_have_attribute("open", "")


def test_the_file_is_downloaded(visits: Callable[..., Visit]) -> None:
    """The link under the tiles gives the rows of the range as a file with a telling name."""
    page = visits().open(f"{USAGE}?range=30d")

    with page.expect_download() as caught:
        page.get_by_role("link", name="Download CSV").click()

    assert caught.value.suggested_filename.startswith("token-usage-")


def test_a_token_is_made_and_revoked(visits: Callable[..., Visit]) -> None:
    """A person makes a token, sees its secret, and revokes it."""
    page = visits().open("/settings")

    page.get_by_label("Name").fill("Monthly report")
    page.get_by_role("button", name="Make token").click()
    expect(page.locator("#new-token")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("button", name="Revoke Monthly report").click()

    expect(page.get_by_role("status").first).to_contain_text("The token is revoked.")


def test_a_person_signs_in_without_scripts(visits: Callable[..., Visit], served: Served) -> None:
    """The form signs in and leads to the page that was asked for."""
    page = visits(signed_in=False, java_script_enabled=False).open("/settings")

    page.get_by_label("E-mail address").fill(served.used.ann.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.wait_for_url("**/settings")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")


def test_the_page_prints(visits: Callable[..., Visit]) -> None:
    """On paper the balance and the chart stay, menus and forms go."""
    page = visits().open(USAGE)

    page.emulate_media(media="print")

    expect(page.get_by_role("heading", name="Tokens left")).to_be_visible()
    expect(page.locator(".range-form")).to_be_hidden()
    expect(page.locator(".tools")).to_be_hidden()
