"""The walk sees what it should: with a guard taken away it fails, and behind each page a second guard stands."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import unwrap
from types import ModuleType

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path
from pytest_django import Settings
from tests.authorization.judging import Judge
from tests.authorization.matrix import ROUTES, registered
from tests.authorization.principals import House, Who
from tests.authorization.test_every_route import unlisted
from tests.authorization.things import KINDS
from tests.authorization.walking import TEAMS, Walker

from farebox import urls
from farebox.domain.rights import Action, Cell, Role
from farebox.records import chosen
from farebox.services.standing import Standing
from farebox.web import team
from farebox.web.team import Acting
from farebox.web.views import people, people_import

UNGUARDED = {
    "get users-import-empty": "a heading without people",
    "get users-seats-import": "a form without anything in it",
    "get source-key-new": "a form without anything in it",
    "get sso-domain": "leads back to the page",
}
"""What no service is asked for, and why it tells nothing."""


def forged(house: House) -> team.View:
    """Return an `acting_for` that lets everybody lead the Flex team."""
    flex = house.world.flex
    held = Standing(flex.pk, flex.slug, flex.name, Role.PRIMARY, Cell.YES)
    return lambda request, action: Acting(held, (held,))  # type: ignore[arg-type,return-value]


def trespasses(house: House, who: Who) -> Iterator[str]:
    """Yield what somebody who may not gets to see or change behind the marks of the views."""
    walker = Walker(house, who, fresh=True)
    for name, row in ROUTES.items():
        kinds = [row[key] for key in ("thing", "needs") if key in row]
        if row["action"] in TEAMS and row.get("marked", True) and not any(KINDS[kind].once for kind in kinds):
            for method in (method for method in ("get", "post") if method in row):
                thing = walker.things(row["thing"]).own if "thing" in row else ""
                got = walker.ask(row, method.upper(), thing=thing)
                if got.changed - got.sessions or not got.is_refusal:
                    yield f"{method} {name}"


@pytest.mark.parametrize("who", [Who.USER, Who.STRANGER])
def test_behind_each_page_its_service_refuses(full: House, who: Who, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the mark of every view taken away nobody gets in all the same: a page is never the only guard (T3)."""
    monkeypatch.setattr(team, "acting_for", forged(full))

    assert sorted(trespasses(full, who)) == sorted(UNGUARDED)


def test_a_service_that_does_not_ask_is_found(full: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the check of the services about people taken away too, the same walk tells what can be got at."""
    monkeypatch.setattr(team, "acting_for", forged(full))
    monkeypatch.setattr(chosen, "allowed", lambda by, number: f"account {by.pk}")

    found = list(trespasses(full, Who.USER))

    assert {"post users-person", "post users-groups", "post users-seats", "get users-import-list"} <= {*found}


def test_a_view_without_its_mark_is_found(full: House, settings: Settings) -> None:
    """A page that shows to everybody what a mark should guard is told by the matrix and by the walk."""
    shown = unwrap(people_import.empty)
    acting = forged(full)

    def bare(request: HttpRequest) -> HttpResponse:
        return shown(request, acting(request, Action.PEOPLE))

    settings.ROOT_URLCONF = _addresses(bare)
    judge = Judge(full, Who.USER)
    row = ROUTES["users-import-empty"]

    assert "users-import-empty is not marked" in unlisted(registered())
    assert "get users-import-empty as user: own: 403 wanted, got 200" in list(judge.route("users-import-empty", row))


def test_a_route_that_nobody_wrote_down_is_found(settings: Settings) -> None:
    """A new address without a row fails."""
    made = ModuleType("made")
    made.urlpatterns = [*urls.urlpatterns, path("new", people.by_user, name="new")]  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = made

    assert unlisted(registered()) == ["new is in no row"]


def _addresses(view: team.View) -> ModuleType:
    """Return the program's addresses with one view replaced."""
    made = ModuleType("made")
    first = path("users/import/empty.csv", view, name="users-import-empty")
    made.urlpatterns = [first, *urls.urlpatterns]  # type: ignore[attr-defined]
    return made
