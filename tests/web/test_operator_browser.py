"""The operators' pages in a browser: no barrier, complaint or overflow, in each language, width and theme."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings as configured
from playwright.sync_api import Browser, Page
from tests.drawn import EVERYTHING
from tests.web.signed_in import signed_in
from tests.web.test_every_page import HEIGHT, LANGUAGES, SCRIPTS, THEMES, WIDTHS, look_at
from tests.web.test_operator_pages import operator, send
from tests.web.used import Served
from tests.web.visits import Visit, ready_for_axe, unscripted

from farebox.records.models import Event, Offer, Pack, Product, Proposal, RateCard


def pages(served: Served) -> list[str]:
    """Return the addresses of the operators' pages for what the tests' team has."""
    team, contract = served.used.world.flex.pk, served.used.world.flex_contract.pk
    card, pack = RateCard.objects.get(code="flex").pk, Pack.objects.latest("pk").pk
    return [
        "/operator",
        f"/operator/teams/{team}",
        "/operator/teams/new",
        f"/operator/teams/{team}/consume",
        f"/operator/teams/{team}/entries",
        f"/operator/teams/{team}/entries/{Event.objects.get(source='farebox:command').pk}/withdraw",
        f"/operator/teams/{team}/keys/new",
        f"/operator/contracts/{contract}?given={pack}",
        f"/operator/contracts/{contract}/give",
        f"/operator/packs/{pack}/move",
        "/operator/products",
        f"/operator/products/{Product.objects.get(code='A').pk}",
        "/operator/products/new",
        f"/operator/offers/{Offer.objects.get().pk}",
        "/operator/cards",
        f"/operator/cards/{card}",
        f"/operator/cards/{card}/rate",
        "/operator/approvals",
        f"/operator/approvals/{Proposal.objects.get().pk}",
    ]


def test_no_page_of_operators_has_a_barrier(served: Served, browser: Browser, settings: object) -> None:
    """Each page in one language, with one width, theme and scripts on or off; `make test-all` tries all languages."""
    settings.APPROVAL_TOKENS = 100  # type: ignore[attr-defined]
    client = signed_in(operator("opal@example.com"))
    give = f"/operator/contracts/{served.used.world.flex_contract.pk}/give"
    send(client, give, pool="FLEX", amount="500000.5", order="PO-77")
    used = {"person": "bo@example.com", "product": "A", "amount": "5", "reason": "off network"}
    send(client, f"/operator/teams/{served.used.world.flex.pk}/consume", **used)
    cookie = client.cookies[configured.SESSION_COOKIE_NAME].value
    wanted = pages(served)

    for at, language in enumerate(LANGUAGES):
        context = browser.new_context(
            locale=language,
            viewport={"width": WIDTHS[at & 1], "height": HEIGHT},
            color_scheme=THEMES[at >> 1],  # type: ignore[arg-type]
        )
        context.add_cookies([{"name": configured.SESSION_COOKIE_NAME, "value": cookie, "url": served.address}])
        ready_for_axe(context)
        if not SCRIPTS[(at & 1) ^ (at >> 1)]:
            unscripted(context)
        visit = Visit(context, served.address)
        look_at_each(visit, wanted if EVERYTHING else wanted[at :: len(LANGUAGES)], WIDTHS[at & 1], language)
        context.close()
        assert visit.complaints == []


def look_at_each(visit: Visit, paths: Sequence[str], width: int, language: str) -> None:
    """Hold some pages to the rules, and what a rate would have changed as well."""
    page = visit.tab()
    for path in paths:
        page.goto(visit.address + path)
        look_at(page, path, width, language)
        if path.endswith("/rate"):
            ask_about_a_rate(page)
            look_at(page, path, width, language)


def ask_about_a_rate(page: Page) -> None:
    """Fill in a rate, and see what it would have changed."""
    page.select_option("[name=product]", "A")
    page.fill("[name=amount]", "9")
    page.click("button.primary")
    page.wait_for_selector("[name=sure]")
