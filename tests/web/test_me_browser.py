"""My use and Left open in a browser: no barrier in any language, width or theme, with scripts and without."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.test import Client
from tests.web.test_every_page import LANGUAGES, look_at, settings_of
from tests.web.test_me_page import LEFT_OPEN, PAGE, Own
from tests.web.used import Served, ago, written
from tests.web.visits import Visit, ready_for_axe, unscripted
from tests.world import event

from farebox.domain.clock import HOUR, Instant
from farebox.domain.rights import Role
from farebox.records.models import Membership
from farebox.services.authorise import Launch, authorise
from farebox.services.where_to_get import set_where


def test_own_pages_have_no_barrier(visits: Callable[..., Visit], served: Served) -> None:
    """The pages with all that they can show, one in each language (WCAG 2.2 AA); empty ones are seen with all pages."""
    own = Own(served.used)
    Membership.objects.filter(user=own.user).update(role=Role.SECONDARY)
    set_where("A", "https://get.example.com/a", "Take version 2026.", actor="command", now=own.now)
    authorise(Launch(own.flex.pk, "bo@example.com", "A", machine="bo-desk"), now=Instant(own.now - 9 * HOUR))
    served.used.world.send(event("left", "cy@example.com", "A", written(ago(5, 8)), written(ago(3, 9))), now=own.now)
    client = Client()
    client.force_login(own.user)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": served.address}
    pages = (own.why(client)[0], PAGE, f"{LEFT_OPEN}?team={own.flex.pk}", f"{PAGE}?charges=all&range=12m")
    for nth, (language, path) in enumerate(zip(LANGUAGES, pages, strict=True)):
        width, theme, scripts = settings_of(nth, nth)
        visit = visits(signed_in=False, locale=language, color_scheme=theme)
        ready_for_axe(visit.context)
        if not scripts:
            unscripted(visit.context)
        visit.context.add_cookies([cookie])  # type: ignore[list-item]
        page = visit.tab()
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(served.address + path)
        look_at(page, path, width, language)
