"""Charts in a browser: read by keys and by pointer, without a barrier; the search key and dialogs beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, Route, expect
from tests.web.catalogue import PACKAGE

from farebox.domain.amounts import tokens
from farebox.domain.clock import Day, day
from farebox.domain.periods import Days, months_of, weeks_in
from farebox.web import figures, present
from farebox.web.charts import Mark
from farebox.web.figures import Figure, Item, Series, Week, Words
from farebox.web.middleware import CONTENT_SECURITY_POLICY

ADDRESS = "http://localhost"
YEAR = Days(day(date(2025, 11, 15)), day(date(2026, 11, 1)))
PLACES = len(months_of(YEAR))
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
FORM = """
<form><label for="q">Search</label><input id="q" type="search" data-search value="old"></form>
<p><a href="/export" data-opens="ask">New export</a></p>
<dialog id="ask" data-dialog aria-labelledby="ask-title"{opened}>
  <h2 id="ask-title">Export</h2><a href="/history" data-closes>Close</a>
</dialog>
"""

Gallery = Callable[..., Page]


def words(key: str, **more: object) -> Words:
    """Return the words of a figure, with what it needs beside."""
    return Words(**{"key": key, "title": f"Chart {key}", "place": "Place", "value": "Users", **more})  # type: ignore[arg-type]


def one_of_each() -> list[Figure]:
    """Return a figure of each kind."""
    months, days = months_of(YEAR), [Days(Day(on), Day(on + 1)) for on in range(YEAR.since, YEAR.since + 60)]
    several = [Series(f"Product {at}", tuple(range(at, at + PLACES))) for at in range(6)]
    several.append(Series("Other", (1,) * PLACES, rest=True))
    return [
        figures.columns(words("stacked"), months, several, write=present.count),
        figures.columns(words("beside"), months, several[:2], write=present.count, stacked=False),
        figures.histogram(words("bands", level=3), [tokens("7"), tokens("120"), tokens("12000")]),
        figures.bars(words("versions", level=3), [Item("2026", 9), Item("2025", 4), Item("2024", 0)]),
        figures.shares(
            words("packs"), ["A long name of a pack", "B"], [Series("Left", (3, 0)), Series("Used", (1, 2))]
        ),
        figures.weeks(words("weeks"), [Week(days, 1 + days.since % 2) for days in weeks_in(YEAR)]),
        figures.line(
            words("left", events="Packs"),
            days,
            list(range(50)),
            write=present.count,
            ahead=[50] * 10,
            marks=[Mark(5, "purchased", "Bought: 5")],
        ),
        figures.bars(words("none"), []),
    ]


def page_text(*, opened: bool) -> str:
    """Return a page of one chart of each kind, a search field and a dialog."""
    body = "".join(render_to_string("_figure.html", {"figure": shown}) for shown in one_of_each())
    small = figures.spark("Rising", (1, 2, 3)) + figures.meter("A half", 1, 2)
    form = FORM.format(opened=" open" if opened else "")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Charts</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/farebox.css"><script src="/farebox.js" defer></script></head><body>'
        f'<main id="main" tabindex="-1"><h1>Charts</h1><h2>All</h2>{form}{small}{body}</main>'
        '<p id="announcer" role="status"></p></body></html>'
    )


@pytest.fixture
def gallery(browser: Browser) -> Iterator[Gallery]:
    """Return an opener of that page under the content policy; the console must stay silent."""
    complaints: list[str] = []
    contexts = []

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(f"{ADDRESS}/")
        if name in ("farebox.css", "farebox.js"):
            route.fulfill(path=PACKAGE / "static" / "farebox" / name)
            return
        policy = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
        text = page_text(opened=name == "export")
        route.fulfill(body=text, content_type="text/html; charset=utf-8", headers=policy)

    def opened(path: str = "", **options: object) -> Page:
        contexts.append(browser.new_context(**options))  # type: ignore[arg-type]
        contexts[-1].route("**/*", answer)
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{ADDRESS}/{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def figure_of(page: Page, key: str) -> tuple[Callable[[], str], Callable[[], str]]:
    """Return how to ask what a chart reads out, and what it shows beside the place."""
    figure = page.locator("[data-chart]", has=page.get_by_text(f"Chart {key}", exact=True))
    figure.locator("[data-canvas]").focus()
    return figure.locator("[data-reading]").inner_text, figure.locator(".tip").inner_text


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_no_chart_has_a_barrier(gallery: Gallery, width: int, theme: str) -> None:
    """Every kind of chart is free of barriers, as wide as its card, and fits the screen, its table too."""
    page = gallery(viewport={"width": width, "height": 900}, color_scheme=theme)
    for summary in page.locator("summary").all()[2:]:
        summary.click()

    found = Axe().run(page, options=AXE).response["violations"]

    assert [(one["id"], one["nodes"][0]["html"][:160]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    tracks = "one => getComputedStyle(one).gridTemplateColumns.split(' ').length"
    assert set(page.evaluate(f"[...document.querySelectorAll('.chart')].map({tracks})")) == {1}


def test_columns_and_bars_are_read_by_keys(gallery: Gallery) -> None:
    """Keys read one place after another as the table says it, without what is nothing there; Escape puts it away."""
    page = gallery()

    reading, tip = figure_of(page, "stacked")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert reading().startswith("Nov 15")
    assert "Product 0" not in reading()
    assert reading().endswith(
        "Product 1: 1, Product 2: 2, Product 3: 3, Product 4: 4, Product 5: 5, Other: 1, Total: 16"
    )
    page.keyboard.press("End")
    assert tip().splitlines()[0] == "October 2026"
    reading, tip = figure_of(page, "versions")
    page.keyboard.press("ArrowDown")
    assert reading() == "2025, Users: 4"
    reading, _tip = figure_of(page, "weeks")
    page.keyboard.press("End")
    assert reading().endswith("of 6 days")
    page.keyboard.press("Escape")
    expect(page.locator(".tip:visible")).to_have_count(0)


def test_columns_and_bars_are_read_by_pointer(gallery: Gallery) -> None:
    """The pointer shows the place under it: the column across, the bar down."""
    page = gallery(viewport={"width": 1280, "height": 900})

    for key, across, down, shown in (("stacked", 0.99, 0.5, "October 2026"), ("versions", 0.5, 0.95, "2024")):
        figure = page.locator("[data-chart]", has=page.get_by_text(f"Chart {key}", exact=True))
        figure.scroll_into_view_if_needed()
        box = figure.locator("[data-canvas] > svg").bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        expect(figure.locator(".tip strong")).to_have_text(shown)


def test_a_stroke_key_finds_the_search(gallery: Gallery) -> None:
    """The key / goes to the search field and selects what is in it; inside the field it is a letter."""
    page = gallery()

    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("a/b")

    expect(page.get_by_label("Search")).to_have_value("a/b")


def test_a_dialog_opens_over_the_page(gallery: Gallery) -> None:
    """A link opens the dialog that is here, Escape and its link close it; one that came open is over the page."""
    page = gallery()
    box = page.get_by_role("dialog", name="Export")

    page.get_by_role("link", name="New export").click()
    expect(box).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(page.get_by_role("link", name="New export")).to_be_focused()
    page.keyboard.press("Enter")
    box.get_by_role("link", name="Close").click()
    expect(box).to_be_hidden()
    assert page.url == f"{ADDRESS}/"

    page.goto(f"{ADDRESS}/export")
    assert page.evaluate("document.querySelector('dialog').matches(':modal')")
    box.get_by_role("link", name="Close").click()
    page.wait_for_url("**/history")


def test_charts_stand_without_scripts(gallery: Gallery) -> None:
    """Without scripts each picture has its name and each table opens."""
    page = gallery(java_script_enabled=False)

    expect(page.get_by_role("img", name="Bar chart: Chart versions. Highest: 9, 2026.")).to_be_visible()
    page.locator("summary", has_text="Chart versions").click()
    expect(page.get_by_role("region", name="Table: Chart versions")).to_be_visible()
