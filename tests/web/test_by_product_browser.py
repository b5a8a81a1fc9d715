"""Token usage by product in a browser: order, search, a product and the way back; its distribution on another basis."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from tests.web.visits import Visit

TAB = "/reporting/token-usage?tab=product"


def test_which_product_grew_is_one_click_away(visits: Callable[..., Visit]) -> None:
    """The tile orders the products by growth, a row opens the product with the range, and the way back keeps it."""
    visit = visits()
    page = visit.open(f"{TAB}&range=30d&by=week")

    page.get_by_role("link", name="All by growth").click()
    expect(page.locator("th[aria-sort='descending']")).to_have_text("Growth")
    page.get_by_role("row", name="Product A").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Product A")
    expect(page.get_by_label("By", exact=True)).to_have_value("week")

    page.get_by_role("link", name="All products").click()
    expect(page.get_by_role("heading", name="Products", exact=True)).to_be_visible()
    expect(page.get_by_label("By", exact=True)).to_have_value("week")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Product A")
    assert visit.complaints == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_product_is_searched_and_its_bands_go_by_the_mean(visits: Callable[..., Visit], scripts: bool) -> None:
    """With and without scripts the search leads to the product, whose distribution goes by total or mean (R5)."""
    page = visits(java_script_enabled=scripts).open(f"{TAB}&range=12m")

    page.get_by_label("Search products").fill("product a")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=product**")
    expect(page.locator("table.stacks tbody tr")).to_have_count(1)
    page.locator("table.stacks tbody").get_by_role("link", name="Product A").click()
    page.get_by_role("navigation", name="Distribution by").get_by_role("link", name="Monthly average").click()

    page.wait_for_url("**basis=mean**")
    expect(page.get_by_text("users by their monthly average")).to_be_visible()
    expect(page.get_by_label("Show", exact=True)).to_have_value("12m")
