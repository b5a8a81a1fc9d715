"""The pages about people in a browser: a typed name finds somebody, ticks follow the choice, the list is searched."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from tests.web.used import Served
from tests.web.visits import Visit
from tests.world import START

from farebox.records.models import Assignment
from farebox.services import catalogue


@pytest.fixture
def team(served: Served) -> int:
    """Give the Flex team two members, and return its number."""
    for name in ("Dora Lind", "Erik Ek"):
        catalogue.add_person(served.used.world.flex, f"{name[:4].lower()}@example.com", name, now=START)
    return served.used.world.flex.pk


@pytest.mark.parametrize("scripts", [True, False])
def test_a_name_that_is_typed_finds_somebody_to_assign(
    visits: Callable[..., Visit], team: int, *, scripts: bool
) -> None:
    """
    “commencez à saisir le nom de l'utilisateur. Sélectionnez l'utilisateur dans la liste lorsqu'il s'affiche.” [S 003]

    With scripts the list comes while one types; without them the enter key finds, and all that was ticked stays.
    """
    page = visits(java_script_enabled=scripts, viewport={"width": 390, "height": 800}).open(
        f"/users/token-scheme?team={team}"
    )
    for typed, name in (("lin", "Dora Lind"), ("erik", "Erik Ek")):
        page.get_by_label("People of the team").fill(typed)
        if not scripts:
            page.keyboard.press("Enter")
        page.get_by_label(name).check()
    expect(page.get_by_label("Dora Lind")).to_be_checked()
    page.get_by_label("Only these products").check()
    page.get_by_label("Product Z").check()

    page.get_by_role("button", name="Assign", exact=True).click()

    expect(page.get_by_role("status").first).to_contain_text("2 people were given products")
    expect(page.get_by_role("link", name="Dora Lind")).to_be_visible()
    assert Assignment.objects.filter(product__code="Z", person__team_id=team).count() == 2


def test_the_list_is_searched_while_one_types_and_an_act_asks_once_more(
    visits: Callable[..., Visit], team: int
) -> None:
    """Typing and a filter change the list and the address; several are selected, named, and left as they are."""
    page = visits().open(f"/users/by-user?team={team}")
    rows = page.locator("table.people tbody tr")
    expect(rows).to_have_count(4)

    page.get_by_label("State").select_option("active")
    expect(rows).to_have_count(2)
    page.get_by_label("Search people").press_sequentially("dora")
    page.wait_for_url("**q=dora**")
    expect(rows).to_have_count(1)
    page.get_by_label("Select Dora Lind").check()
    page.get_by_role("button", name="Remove from the team").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Remove 1 person from the team?")
    page.get_by_role("link", name="Leave it as it is").click()
    expect(rows).to_have_count(4)
