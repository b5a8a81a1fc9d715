"""The state of a page is its address: links can be shared, and back and forward lead through what was seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.web.visits import Visit

START = "/reporting/token-usage?tab=user"


def rows(page: Page) -> list[str]:
    """Return the names in the table of users."""
    return [name.strip() for name in page.locator("section table tbody th a").all_inner_texts()]


@pytest.mark.parametrize("scripts", [True, False])
def test_what_is_seen_is_a_link(visits: Callable[..., Visit], scripts: bool) -> None:
    """Sorted and searched, opened by somebody else, it is the same; back and forward lead through it."""
    page = visits(java_script_enabled=scripts).open(START)
    whole = rows(page)

    page.get_by_role("link", name="Name").click()
    page.wait_for_url("**sort=**")
    page.get_by_label("Search users").fill("bo@")
    if not scripts:
        page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url("**q=bo**")
    expect(page.locator("section table tbody th a")).to_have_count(1)
    seen, address = rows(page), page.url

    other = visits(java_script_enabled=scripts).open(address.partition("//")[2].partition("/")[2].join(("/", "")))
    assert rows(other) == seen != whole

    page.go_back()
    expect(page.locator("section table tbody th a")).to_have_count(len(whole))
    page.go_forward()
    expect(page.locator("section table tbody th a")).to_have_count(1)
    assert page.url == address
