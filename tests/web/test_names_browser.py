"""Hiding names in a browser: the checkbox, the question, the answer; without scripts, on a small screen."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from tests.web.used import PASSWORD, Served


def enter(page: Page, served: Served) -> None:
    """Sign in and go to the settings."""
    page.goto(f"{served.address}/accounts/login/?next=/settings")
    page.get_by_label("E-mail").fill(served.used.ann.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Personal data")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_names_are_hidden_and_shown_in_a_browser(
    served: Served, browser: Browser, settings: Settings, tmp_path: object, *, scripts: bool
) -> None:
    """A checkbox leads to a question, and that to the settings which say so; nothing is wider than the screen."""
    settings.EXPORTS = tmp_path
    said: list[str] = []
    with browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=scripts) as context:
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        enter(page, served)
        switch = page.get_by_role("form", name="Flex team")
        for does, state in (("Hide names", "hidden"), ("Show names", "shown")):
            box = switch.get_by_role("checkbox", name="Include user names in reports")
            box.set_checked(does == "Show names")
            switch.get_by_role("button", name="Save").click()
            expect(page.get_by_role("heading", level=1)).to_have_text(f"{does} in reports?")
            if scripts:
                assert page.evaluate("document.documentElement.scrollWidth") <= 390
                assert Axe().run(page).violations_count == 0
            page.get_by_role("button", name=does).click()
            expect(switch).to_contain_text(re.compile(f"Names are {state} since .*Ann Example"))
    assert said == []
