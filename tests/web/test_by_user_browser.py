"""Token usage by user in a browser: from the list to a person and back, a person's weeks by keyboard, the search."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from tests.web.visits import Visit

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


def test_a_list_is_searched_sorted_and_paged_without_a_complaint(visits: Callable[..., Visit]) -> None:
    """The slash, typing, Escape, a column, a range: nothing that the page does by script offends its policy."""
    visit = visits()
    page = visit.open(LIST)
    rows = page.locator("table.stacks tbody tr")

    page.locator("[data-canvas]").first.hover()
    page.keyboard.press("/")
    page.keyboard.type("cy@", delay=20)
    expect(rows).to_have_count(1)
    page.keyboard.press("Escape")
    expect(rows).to_have_count(2)
    page.get_by_role("columnheader", name="Days used").get_by_role("link").click()
    expect(page.locator("th[aria-sort='descending']")).to_have_text("Days used")
    page.go_back()
    expect(page.locator("th[aria-sort='descending']")).to_have_text("Tokens")
    assert visit.complaints == []
