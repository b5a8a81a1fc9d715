"""Visits to the pages in a browser: what its console says is kept, what axe finds is told."""

from __future__ import annotations

from dataclasses import dataclass, field

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request
from tests.web.catalogue import PACKAGE

AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
STYLE = PACKAGE / "static" / "farebox" / "farebox.css"


@dataclass
class Visit:
    """A browser in which an administrator is signed in, and what it complained about."""

    context: BrowserContext
    address: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Open a page; what its console says from now on is kept."""
        page = self.tab()
        page.goto(self.address + path)
        return page

    def tab(self) -> Page:
        """Return a tab in which nothing is open yet; what its console says is kept."""
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._failed)
        return page

    def _failed(self, request: Request) -> None:
        """Keep requests that failed, but for those that the browser itself gave up because the tab went on."""
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url}")

    def _heard(self, message: ConsoleMessage) -> None:
        """Keep errors and warnings; that an answer was 400 on purpose is the browser's note, not a complaint."""
        if message.type in ("error", "warning") and "400 (Bad Request)" not in message.text:
            self.complaints.append(message.text)


def unscripted(context: BrowserContext) -> None:
    """
    Give the pages as they look where scripts are off.

    Scripts come empty and the stylesheet believes that there are none; axe itself is a script and cannot run
    where they are really off.
    """
    context.route("**/*.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    style = STYLE.read_text(encoding="utf-8").replace("scripting: enabled", "scripting: initial-only")
    context.route("**/farebox.css", lambda route: route.fulfill(content_type="text/css", body=style))


def ready_for_axe(context: BrowserContext) -> None:
    """Have every page of a context come with axe: where many are looked at, that is faster than to bring it to each."""
    context.add_init_script(AXE_SCRIPT)


def barriers(page: Page, **options: object) -> list[str]:
    """Return what axe finds against WCAG 2.2 AA and good practice."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(options).then((found) => found.violations)", {**AXE, **options})
    return [f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found]
