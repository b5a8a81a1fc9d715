"""The pages of roles: administrators made and removed, and the primary role handed over (product B1, quality T4)."""

from __future__ import annotations

import html
import re

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.test import Client
from tests.web.signed_in import signed_in
from tests.web.used import PASSWORD
from tests.world import World

from farebox.domain.rights import Role
from farebox.records.models import Audit, Handover, Membership, Session, User

ROLES = "/users/roles"


class Crew:
    """Ann is the primary administrator of the Flex team, Bo a secondary, Cy SSO, Di and Eve users; Zoe is none."""

    def __init__(self, world: World) -> None:
        self.team = world.flex
        self.other = world.ent
        self.users = {
            name: User.objects.create_user(f"{name.lower()}@example.com", PASSWORD, name=name)
            for name in ("Ann", "Bo", "Cy", "Di", "Eve", "Zoe")
        }
        given = {"Ann": Role.PRIMARY, "Bo": Role.SECONDARY, "Cy": Role.SSO, "Di": Role.USER, "Eve": Role.USER}
        for name, role in given.items():
            Membership.objects.create(team=self.team, user=self.users[name], role=role)

    def member(self, name: str) -> int:
        """Return the number of somebody's membership."""
        return Membership.objects.get(team=self.team, user=self.users[name]).pk

    def role(self, name: str) -> str:
        """Return somebody's role."""
        return Membership.objects.get(team=self.team, user=self.users[name]).role

    def browser(self, name: str) -> Client:
        """Return a browser in which somebody has just signed in."""
        return signed_in(self.users[name])


@pytest.fixture
def crew(world: World) -> Crew:
    """Return the team."""
    return Crew(world)


def words(content: bytes) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", content.decode()))).strip()


def grow_stale(browser: Client) -> None:
    """Let the sign-in be more than five minutes old."""
    session = browser.session
    records = session[AUTHENTICATION_METHODS_SESSION_KEY]
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{**one, "at": one["at"] - 301} for one in records]
    session.save()


def verbs() -> list[str]:
    """Return what the log says of roles."""
    rows = Audit.objects.exclude(verb__startswith="sign_in").order_by("pk")
    return list(rows.values_list("verb", flat=True))


def test_an_administrator_is_made_found_by_name_and_unmade(crew: Crew) -> None:
    """The list offers what the reader may give; the change is told, takes effect, and signs who loses rights out."""
    browser, team = crew.browser("Ann"), crew.team.pk
    found = words(browser.get(f"{ROLES}?q=di").content)
    address = f"{ROLES}/{crew.member('Di')}"
    form = browser.get(address)
    made = browser.post(address, {"team": team, "role": "SECONDARY"}, follow=True)
    di = crew.browser("Di")

    assert "di@example.com" in found
    assert "eve@example.com" not in found
    assert [
        value for value in ("USER", "SSO", "SECONDARY", "PRIMARY") if f'value="{value}"' in form.content.decode()
    ] == [
        "USER",
        "SSO",
        "SECONDARY",
    ]
    assert "Di is now secondary administrator." in words(made.content)
    assert di.get(ROLES).status_code == 200
    browser.post(address, {"team": team, "role": "USER"})
    assert di.get(ROLES).status_code == 302
    assert not Session.objects.filter(user_id=crew.users["Di"].pk).exists()
    assert verbs() == ["role.set", "role.set"]


def test_a_stale_sign_in_changes_nothing(crew: Crew) -> None:
    """Making an administrator and handing over ask for the password again after five minutes (matrix, ↑)."""
    browser, team = crew.browser("Ann"), crew.team.pk
    grow_stale(browser)

    asked = [
        browser.post(f"{ROLES}/{crew.member('Di')}", {"team": team, "role": "SSO"}),
        browser.get(f"{ROLES}/hand-over"),
        browser.post(f"{ROLES}/hand-over", {"team": team, "member": crew.member("Di")}),
        browser.post(f"{ROLES}/hand-over?team={team}", {"member": crew.member("Di")}),
    ]

    assert [answer.status_code for answer in asked] == [302, 302, 302, 302]
    assert all(answer["Location"].startswith("/accounts/again/") for answer in asked)
    assert all(answer["Location"].endswith(f"hand-over%3Fteam%3D{team}") for answer in asked[2:])
    assert browser.get(ROLES).status_code == 200
    assert (crew.role("Di"), verbs()) == ("USER", [])


def test_who_may_not_changes_nothing(crew: Crew) -> None:
    """Inside one's team 403, for others 404; a role that one may not give is refused with the form (T2, T4)."""
    team, di, cy, ann = crew.team.pk, crew.member("Di"), crew.member("Cy"), crew.member("Ann")
    bo = crew.browser("Bo")
    refused = [
        bo.post(f"{ROLES}/{cy}", {"team": team, "role": "USER"}).status_code,
        bo.post(f"{ROLES}/{ann}", {"team": team, "role": "USER"}).status_code,
        bo.get(f"{ROLES}/hand-over").status_code,
        crew.browser("Di").get(ROLES).status_code,
        crew.browser("Di").post(f"{ROLES}/{di}", {"team": team, "role": "SSO"}).status_code,
    ]
    zoe = crew.browser("Zoe")
    unseen = [zoe.get(f"{ROLES}?team={one}").status_code for one in (team, 10**9)] + [
        zoe.post(f"{ROLES}/{di}", {"team": team, "role": "SSO"}).status_code,
        bo.get(f"{ROLES}/{10**9}").status_code,
    ]
    wrong = bo.post(f"{ROLES}/{di}", {"team": team, "role": "SSO"})

    assert refused == [403] * 5
    assert unseen == [404] * 4
    assert (wrong.status_code, "Choose one of these roles." in words(wrong.content)) == (400, True)
    assert {name: crew.role(name) for name in ("Ann", "Cy", "Di")} == {"Ann": "PRIMARY", "Cy": "SSO", "Di": "USER"}
    assert set(verbs()) == {"refused"}


def test_the_primary_role_is_handed_over_by_pages_alone(crew: Crew, house: object) -> None:
    """Ann offers, everybody who may sees it, Di is told on the first page and accepts; both roles change at once."""
    ann, di, team = crew.browser("Ann"), crew.browser("Di"), crew.team.pk
    assert "You are signed out everywhere at that moment" in words(ann.get(f"{ROLES}/hand-over").content)
    made = ann.post(f"{ROLES}/hand-over", {"team": team, "member": crew.member("Di")}, follow=True)
    offer = Handover.objects.get()
    notices = [words(di.get(path, follow=True).content) for path in ("/", "/settings")]
    shown = di.get(f"{ROLES}/handover/{offer.pk}")
    again = ann.post(f"{ROLES}/hand-over", {"team": team, "member": crew.member("Bo")})
    strangers = [crew.browser(name).get(f"{ROLES}/handover/{offer.pk}").status_code for name in ("Bo", "Zoe")]
    accepted = di.post(f"{ROLES}/handover/{offer.pk}", {"answer": "accept"}, follow=True)

    assert "The primary role is offered to Di" in words(made.content)
    assert all("Ann offers you the primary role of Flex team." in text for text in notices)
    assert "Become the primary administrator of Flex team?" in words(shown.content)
    assert again.status_code == 409
    assert strangers == [404, 404]
    assert "You are now the primary administrator of Flex team." in words(accepted.content)
    assert (crew.role("Ann"), crew.role("Di")) == ("SECONDARY", "PRIMARY")
    assert ann.get(ROLES).status_code == 302
    over = [one.get(f"{ROLES}/handover/{offer.pk}") for one in map(crew.browser, ("Ann", "Di", "Bo"))]
    assert [one.status_code for one in over] == [200, 200, 404]
    assert all("Di accepted the role that Ann offered." in words(one.content) for one in over[:2])
    late = crew.browser("Di").post(f"{ROLES}/handover/{offer.pk}", {"answer": "accept"})
    assert (late.status_code, "There is nothing left to answer." in words(late.content)) == (409, True)


def test_an_offer_is_refused_or_taken_back(crew: Crew) -> None:
    """Refused by who got it, or taken back by who made it, an offer changes nothing; nobody chosen is said so."""
    ann, di, team = crew.browser("Ann"), crew.browser("Di"), crew.team.pk
    nobody = ann.post(f"{ROLES}/hand-over", {"team": team, "member": "x"})
    ann.post(f"{ROLES}/hand-over", {"team": team, "member": crew.member("Di")})
    di.post(f"{ROLES}/handover/{Handover.objects.get().pk}", {"answer": "refuse"})
    ann.post(f"{ROLES}/hand-over", {"team": team, "member": crew.member("Bo")})
    other = crew.browser("Bo").post(f"{ROLES}/hand-over/withdraw", {"team": team})
    ann.post(f"{ROLES}/hand-over/withdraw", {"team": team})

    refused, withdrawn = (f"{ROLES}/handover/{one.pk}" for one in Handover.objects.order_by("pk"))
    assert "Di refused the role that Ann offered." in words(ann.get(refused).content)
    assert "ask for another offer" in words(crew.browser("Bo").get(withdrawn).content)
    assert crew.browser("Bo").get(refused).status_code == 404
    assert (nobody.status_code, "Choose a member." in words(nobody.content)) == (400, True)
    assert other.status_code == 403
    assert list(Handover.objects.order_by("pk").values_list("state", flat=True)) == ["REFUSED", "WITHDRAWN"]
    assert crew.role("Ann") == "PRIMARY"


def test_an_administrator_of_two_teams_switches(crew: Crew) -> None:
    """Each team has its own list, chosen by `team`; links keep the team (product B1)."""
    Membership.objects.create(team=crew.other, user=crew.users["Bo"], role=Role.SECONDARY)
    bo = crew.browser("Bo")

    flex, ent = (bo.get(f"{ROLES}?team={team.pk}").content.decode() for team in (crew.team, crew.other))

    assert ("cy@example.com" in flex, "cy@example.com" in ent) == (True, False)
    assert f'<option value="{crew.other.pk}" selected>' in ent
    assert f"{ROLES}/{crew.member('Di')}?team={crew.team.pk}" in flex
