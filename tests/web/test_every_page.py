"""Every page in a browser: no barrier, complaint or overflow, in each language, width and theme, scripts on and off."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product

import pytest
from playwright.sync_api import Page
from tests.drawn import EVERYTHING
from tests.web.used import Served
from tests.web.visits import Visit, barriers, ready_for_axe, unscripted

LANGUAGES = ("en-GB", "sv-SE", "fr-FR", "ja-JP")
WIDTHS, NARROW, HEIGHT = (1280, 390), 390, 900
THEMES = ("light", "dark")
SCRIPTS = (True, False)
USAGE = "/reporting/token-usage"
MONTHS = "range=12m&contract=all"
GUESTS = ("/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/1-x/")
TOO_WIDE = """() => [...document.querySelectorAll("main *, header *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).slice(0, 5)
    .map((one) => `${one.tagName} ${one.className}: ${one.textContent.trim().slice(0, 60)}`)"""
"""Finds what reaches beyond the screen."""

DISCLOSE = "() => document.querySelectorAll('main details.disclosure').forEach((one) => { one.open = true; })"
"""Opens what a page can open."""
SHORTEN = "() => document.querySelectorAll('tbody > tr:nth-child(n + 13)').forEach((row) => row.remove())"
"""Leaves the first rows of each table: axe would look at each of the many that are like them."""

PAGES = (
    "/",
    USAGE,
    f"{USAGE}?range=custom&since=2026-02-30&until=2026-01-01&format=pdf",
    f"{USAGE}?tab=product&{MONTHS}",
    f"{USAGE}/products/A?{MONTHS}",
    f"{USAGE}?tab=user&{MONTHS}",
    f"{USAGE}/users/PSEUDONYM?{MONTHS}",
    "/reporting/balances?contract=all",
    "/reporting/balances?tab=events",
    "/reporting/export?types=usage",
    "/me",
    "/users/left-open?team=TEAM",
    "/users/by-user?team=TEAM",
    "/users/by-user/PERSON?team=TEAM",
    "/users/by-product?team=TEAM",
    "/users/token-scheme?team=TEAM",
    "/users/groups?team=TEAM",
    "/users/default-assignments?team=TEAM",
    "/users/import?team=TEAM",
    "/users/seats?team=TEAM",
    "/users/roles?team=TEAM",
    "/settings",
    "/settings/sessions",
    "/settings/single-sign-on?team=TEAM",
    "/settings/source-keys?team=TEAM",
    "/accounts/password/",
    "/accounts/second-factor/",
    "/settings/names/TEAM",
    "/settings/audit?team=TEAM",
    *GUESTS,
)
"""The pages; `PSEUDONYM`, `PERSON` and `TEAM` stand for what the tests' team has."""


def settings_of(place: int, language: int) -> tuple[int, str, bool]:
    """
    Return width, theme and scripts of a page in a language.

    Each language sees every page once. Over the languages each page has every two of a width, a theme, and scripts on
    or off together; and so has each language over the pages.
    """
    turn = (place + language) % 4
    return WIDTHS[turn & 1], THEMES[turn >> 1], SCRIPTS[(turn & 1) ^ (turn >> 1) ^ (place >> 2 & 1)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_a_barrier(visits: Callable[..., Visit], served: Served, language: str) -> None:
    """Every page is free of barriers (WCAG 2.2 AA) and of complaints, and fits its screen and a narrow one."""
    at = LANGUAGES.index(language)
    wanted = [(path, *settings_of(place, at)) for place, path in enumerate(PAGES)]
    if EVERYTHING:
        wanted = list(product(PAGES, WIDTHS, THEMES, SCRIPTS))
    tabs: dict[tuple[bool, bool], tuple[Visit, Page]] = {}
    for path, width, theme, scripts in wanted:
        key = (scripts, path in GUESTS)
        if key not in tabs:
            visit = visits(signed_in=path not in GUESTS, locale=language)
            ready_for_axe(visit.context)
            if not scripts:
                unscripted(visit.context)
            tabs[key] = visit, visit.tab()
        visit, page = tabs[key]
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.goto(served.address + address(path, served))
        look_at(page, path, width, language)
        assert visit.complaints == [], (path, width, theme, scripts)


def look_at(page: Page, path: str, width: int, language: str) -> None:
    """Hold a page, with all that it can open, to the rules; contrasts are of the theme, and seen where it is wide."""
    assert page.locator("html").get_attribute("lang") == language[:2], path
    page.evaluate(DISCLOSE)
    for screen in dict.fromkeys((NARROW, width)):
        page.set_viewport_size({"width": screen, "height": HEIGHT})
        assert page.evaluate("document.documentElement.scrollWidth") <= screen, (path, screen, page.evaluate(TOO_WIDE))
    page.evaluate(SHORTEN)
    assert barriers(page, rules={"color-contrast": {"enabled": width != NARROW}}) == [], (path, width)


def address(path: str, served: Served) -> str:
    """Return the address of a page, with what the team has in it."""
    team = served.used.world.flex
    bo = team.people.get(key="bo@example.com")
    return path.replace("PSEUDONYM", bo.pseudonym).replace("PERSON", str(bo.pk)).replace("TEAM", str(team.pk))


def test_the_grid_has_every_pair() -> None:
    """Each page meets every two of the widths, themes and scripts together, and so does each language."""
    rows = [(place, language, *settings_of(place, language)) for place in range(len(PAGES)) for language in range(4)]
    for by in (0, 1):
        for value in {row[by] for row in rows}:
            met = [row[2:] for row in rows if row[by] == value]
            for one, other in combinations(range(3), 2):
                assert len({(row[one], row[other]) for row in met}) == 4, (by, value, one, other)
