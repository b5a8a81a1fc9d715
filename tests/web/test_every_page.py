"""Every page in a browser: no barrier, complaint or overflow, in each language, width and theme, scripts on and off."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import product

import pytest
from tests.web.used import Served
from tests.web.visits import Visit, barriers, unscripted

LANGUAGES = ("en-GB", "sv-SE", "fr-FR", "ja-JP")
WIDTHS, NARROW = (1280, 390), 390
THEMES = ("light", "dark")
SCRIPTS = (True, False)
EVERY = "FAREBOX_TEST_ALL" in os.environ
USAGE = "/reporting/token-usage"
MONTHS = "range=12m&contract=all"
GUESTS = ("/accounts/login/",)
TOO_WIDE = """() => [...document.querySelectorAll("main *, header *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).slice(0, 5)
    .map((one) => `${one.tagName} ${one.className}: ${one.textContent.trim().slice(0, 60)}`)"""
"""Finds what reaches beyond the screen."""

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
    "/settings",
    "/settings/names/TEAM",
    *GUESTS,
)
"""The pages; `PSEUDONYM` and `TEAM` stand for what the tests' team has."""


def settings_of(place: int, language: int) -> tuple[int, str, bool]:
    """
    Return width, theme and scripts of a page in a language.

    Each language sees every page once; over the languages each page has both widths, both themes, and scripts on and
    off, in each pair of them; and so has each language over the pages.
    """
    turn = (place + language) % 4
    return WIDTHS[turn & 1], THEMES[turn >> 1], SCRIPTS[(turn & 1) ^ (turn >> 1) ^ (place & 1)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_a_barrier(visits: Callable[..., Visit], served: Served, language: str) -> None:
    """Every page is free of barriers (WCAG 2.2 AA) and of complaints, and fits its screen and a narrow one."""
    at = LANGUAGES.index(language)
    wanted = [(path, *settings_of(place, at)) for place, path in enumerate(PAGES)]
    if EVERY:
        wanted = list(product(PAGES, WIDTHS, THEMES, SCRIPTS))
    here: dict[tuple[object, ...], Visit] = {}
    for path, width, theme, scripts in wanted:
        key = (width, theme, scripts, path in GUESTS)
        if key not in here:
            screen = {"viewport": {"width": width, "height": 900}, "locale": language, "color_scheme": theme}
            here[key] = visits(signed_in=path not in GUESTS, **screen)
            if not scripts:
                unscripted(here[key].context)
        look_at(here[key], address(path, served), width, language)


def look_at(visit: Visit, path: str, width: int, language: str) -> None:
    """Open a page with all that it can open, and hold it to the rules."""
    page = visit.open(path)
    for disclosure in page.locator("main details.disclosure > summary").all():
        if "365" not in (disclosure.locator("..").inner_text()):
            disclosure.click()
    assert barriers(page) == [], path
    for screen in {width, NARROW}:
        page.set_viewport_size({"width": screen, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= screen, (path, screen, page.evaluate(TOO_WIDE))
    assert page.locator("html").get_attribute("lang") == language[:2]
    page.close()


def address(path: str, served: Served) -> str:
    """Return the address of a page, with what the team has in it."""
    pseudonym = served.used.world.flex.people.get(key="bo@example.com").pseudonym
    return path.replace("PSEUDONYM", pseudonym).replace("TEAM", str(served.used.world.flex.pk))


def test_the_grid_has_every_pair() -> None:
    """Each page meets each width, theme and scripts, and so does each language."""
    rows = [(place, language, *settings_of(place, language)) for place in range(len(PAGES)) for language in range(4)]
    for one, values in ((2, WIDTHS), (3, THEMES), (4, SCRIPTS)):
        for by in (0, 1):
            assert {(row[by], row[one]) for row in rows} == set(product({row[by] for row in rows}, values))
