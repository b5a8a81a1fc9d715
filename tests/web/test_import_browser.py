"""Importing people in a browser: the page tells by itself how far the import is, and stays readable on a phone."""

from __future__ import annotations

from collections.abc import Callable

from tests.web.used import Served
from tests.web.visits import Visit, barriers

from farebox.services import people_list, seats
from farebox.services.catalogue import add_person
from farebox.services.seats import Command, Funding
from farebox.wallclock import now

LIST = "Prénom;Nom;Adresse e-mail\nZoé;Ek;zoe@example.com\nBo;Al;bo@example.com\n" + "".join(
    f"P;Q;p{number}@example.com\n" for number in range(60)
)


def test_an_import_is_watched_until_it_is_done(visits: Callable[..., Visit], served: Served) -> None:
    """Uploaded, looked at and said yes to, the list is done while its page is open, without loading it again."""
    team = served.used.world.flex
    visit = visits(locale="fr-FR", viewport={"width": 390, "height": 900})
    page = visit.open(f"/users/import?team={team.pk}")
    page.set_input_files("#list", {"name": "gens.csv", "mimeType": "text/csv", "buffer": LIST.encode("cp1252")})
    page.locator("form[enctype] button").click()
    page.locator("button[value=import]").wait_for()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert "Zoé Ek" in page.locator("#main").inner_text()

    page.locator("input[name=which][value=all]").check()
    page.locator("button[value=import]").click()
    page.locator("#progress").wait_for()
    assert barriers(page) == []
    people_list.run_due(now=now())
    page.locator("#done-title").wait_for()

    assert barriers(page) == []
    assert page.locator("#announcer").inner_text() == page.locator("#done-title").inner_text()


def test_seats_are_found_and_listed_on_a_phone(visits: Callable[..., Visit], served: Served) -> None:
    """What is typed finds people while it is typed, and the list of seats fits a narrow screen."""
    team = served.used.world.flex
    bo = add_person(team, "bo@example.com", "Bo Fall", now=now())
    seats.give(Command.LINE, team.pk, [bo.pk], "A", Funding.SEAT, now=now())
    page = visits(viewport={"width": 390, "height": 900}).open(f"/users/seats?team={team.pk}")
    page.locator("#give > summary").click()
    page.locator("#find").fill("fal")
    page.locator("#found input").check()
    page.locator("select[name=product]").select_option("B")
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390

    page.locator("button[value=give]").click()
    page.locator(".messages").wait_for()

    assert page.locator("#main tbody tr").count() == 2
