"""Token usage by user in a browser: from the list to a person and back, a person's weeks by keyboard, the search."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Route, expect
from tests.web.visits import Visit

from farebox.web import tables

LIST = "/reporting/token-usage?tab=user"


def test_a_name_opens_the_person_and_the_way_back_is_there(visits: Callable[..., Visit]) -> None:
    """A click opens the person with the same range, another leads to the list again; back and forward work."""
    visit = visits()
    page = visit.open(f"{LIST}&range=12m")

    page.get_by_role("link", name="bo@example.com").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("bo@example.com")
    expect(page.get_by_label("Show", exact=True)).to_have_value("12m")
    person = page.url

    page.get_by_role("link", name="All users").click()
    expect(page.get_by_role("heading", name="Users", exact=True)).to_be_visible()
    expect(page.get_by_label("Show", exact=True)).to_have_value("12m")
    page.go_back()
    expect(page).to_have_url(person)
    page.go_forward()
    expect(page.get_by_role("heading", name="Users", exact=True)).to_be_visible()
    assert visit.complaints == []


def test_the_weeks_of_a_product_are_read_by_keyboard_and_pointer(visits: Callable[..., Visit]) -> None:
    """Arrow keys tell how many days of each week were used, the pointer shows the same (pages.md, seed 000)."""
    page = visits().open(LIST)
    page.get_by_role("link", name="cy@example.com").click()
    weeks = page.locator("figure.chart", has=page.get_by_role("heading", name="Days used each week"))
    told = [" ".join(row.locator("th, td").all_text_contents()) for row in weeks.locator("tbody tr").all()]

    weeks.locator("[data-canvas]").focus()
    page.keyboard.press("Home")
    for week in told:
        expect(weeks.locator("[data-reading]")).to_contain_text(week.rpartition(" of ")[2])
        page.keyboard.press("ArrowRight")
    used = next(at for at, week in enumerate(told) if " 1 of " in week)
    box = weeks.locator("[data-canvas]").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * (used + 0.5) / len(told), box["y"] + 20)

    expect(weeks.locator(".tip")).to_contain_text("1 of ")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_search_is_in_the_address(visits: Callable[..., Visit], scripts: bool) -> None:
    """What is typed is in the address, finds the person, and is taken back by a link."""
    page = visits(java_script_enabled=scripts).open(LIST)
    rows = page.locator("table.stacks tbody tr")
    expect(rows).to_have_count(2)

    page.get_by_label("Search users").fill("cy@")
    page.keyboard.press("Enter")

    page.wait_for_url("**q=cy**")
    expect(rows).to_have_count(1)
    page.get_by_role("link", name="Show all").click()
    expect(rows).to_have_count(2)


def test_a_list_is_searched_sorted_and_paged_without_a_complaint(
    visits: Callable[..., Visit], monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The slash, typing, Escape, a column, a page: nothing that is swapped in offends the policy.

    A browser's extension may have given the search field a style of its own, which must not be written into the next.
    """
    monkeypatch.setattr(tables, "ROWS_A_PAGE", 1)
    visit = visits()
    page = visit.open(LIST)
    rows = page.locator("table.stacks tbody tr")
    page.locator("[data-search]").evaluate("(field) => { field.style.caretColor = 'transparent'; }")

    page.locator("[data-canvas]").first.hover()
    page.keyboard.press("/")
    page.keyboard.type("bo@", delay=20)
    page.wait_for_url("**q=bo%40**")
    expect(rows).to_contain_text("bo@example.com")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.press("Escape")
    page.wait_for_url(lambda address: "q=" not in address)
    expect(page.get_by_role("link", name="Next")).to_be_visible()
    page.get_by_role("columnheader", name="Days used").get_by_role("link").click()
    expect(page.locator("th[aria-sort='descending']")).to_have_text("Days used")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("link", name="Previous")).to_be_visible()
    page.get_by_text("Get this from the API").click()
    page.go_back()
    expect(page.get_by_role("link", name="Next")).to_be_visible()
    assert visit.complaints == []


def test_what_is_typed_while_an_answer_comes_is_not_lost(visits: Callable[..., Visit]) -> None:
    """Letters typed after a search was sent stay in the field when its answer is shown, and are searched for then."""
    page = visits().open(LIST)
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        held.append(route)

    page.route("**q=bo*", hold_the_first)

    page.keyboard.press("/")
    with page.expect_request("**q=bo*"):
        page.keyboard.type("bo")
    page.keyboard.type("@")
    with suppress(Error):  # on a slow machine the next search has taken its place already
        held[0].continue_()

    page.wait_for_url("**q=bo%40**")
    expect(page.locator("[data-search]")).to_have_value("bo@")
    expect(page.locator("[data-search]")).to_be_focused()


def test_the_way_to_the_api_stays_where_it_was(visits: Callable[..., Visit]) -> None:
    """Opening the commands moves no button; the chooser of grouping lets the range decide until the reader does."""
    page = visits().open(f"{LIST}&by=day")
    opener = page.get_by_text("Get this from the API")
    opener.scroll_into_view_if_needed()
    before = opener.bounding_box()
    opener.click()

    assert page.get_by_role("heading", name="Products of each user").is_visible()
    assert opener.bounding_box() == before
    expect(page.get_by_label("By", exact=True)).to_have_value("day")
    page.get_by_label("By", exact=True).select_option("Automatic")
    page.wait_for_url(lambda address: "by=" not in address)
    page.get_by_label("Show", exact=True).select_option("12m")
    expect(page.get_by_role("heading", name="Tokens per month")).to_be_visible()


def test_paper_says_whose_report_it_is(visits: Callable[..., Visit]) -> None:
    """The chooser is for the screen; in print its teams and contracts are text, and every table fits its card."""
    page = visits(viewport={"width": 718, "height": 900}).open(f"{LIST}&contract=all")
    teams = page.locator(".printed")
    expect(teams).to_be_hidden()

    page.emulate_media(media="print")

    expect(teams).to_contain_text("Flex team")
    expect(teams).to_contain_text("Enterprise team")
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
