"""The pages in a browser: charts, forms and menus, with scripts and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from tests.web.used import PASSWORD, Served
from tests.web.visits import Visit, barriers

from farebox.records.models import User

USAGE = "/reporting/token-usage"


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

    page.get_by_label("Name", exact=True).fill("Monthly report")
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


@pytest.mark.parametrize("language", ["en-GB", "sv-SE", "fr-FR", "ja-JP"])
def test_the_header_holds_every_place(visits: Callable[..., Visit], served: Served, language: str) -> None:
    """An operator who administers a team has the most places: each is whole and large enough, at every width."""
    User.objects.filter(pk=served.used.ann.pk).update(is_operator=True)
    page = visits(locale=language).open("/me")

    for width in (390, 800, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        boxes = [one.bounding_box() for one in page.locator(".places a").all()]
        assert len(boxes) == 8
        assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes), width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        rows = {name: page.locator(f".site {name}").bounding_box() for name in (".brand", ".places")}
        assert rows[".brand"]
        assert rows[".places"]
        assert rows[".brand"]["y"] + rows[".brand"]["height"] <= rows[".places"]["y"]
        assert barriers(page, runOnly=["wcag22aa"]) == []
