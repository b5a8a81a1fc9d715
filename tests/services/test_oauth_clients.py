"""Programs and what people let them do: registration, secrets, families of tokens, and what is forgotten when."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib.auth.hashers import check_password
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings
from tests.filed import Filed
from tests.world import NOW, World

from farebox.domain.clock import DAY, Instant, moment
from farebox.domain.errors import Conflict, Forbidden, NotFound, Rejected
from farebox.domain.rights import Role
from farebox.records import db, redirects
from farebox.records.models import AccessToken, Application, Grant, Membership, RefreshToken, User
from farebox.services.oauth import bearers, clients, consents, families
from farebox.services.oauth.secrets import access_token, client_secret, refresh_token

RETURNS = "https://app.example.com/callback"


def register(**changes: Any) -> tuple[Application, str]:
    """Register a program."""
    new = clients.NewClient(**{"name": "Report", "redirects": [RETURNS], **changes})
    return clients.register(new, actor="test", now=NOW)


@pytest.fixture
def ann(world: World) -> User:
    """Ann is the primary administrator of the Flex team."""
    user = User.objects.create(email="ann@example.com", created_us=NOW)
    Membership.objects.create(team=world.flex, user=user, role=Role.PRIMARY)
    return user


def test_a_secret_is_shown_once_and_replaced(world: World) -> None:
    """Only its hash is kept, one round of it; another secret ends the one before (quality: OAuth2)."""
    row, secret = register()
    again = clients.rotate(row.client_id, actor="test", now=NOW)

    row.refresh_from_db()
    assert secret.startswith("fbc_")
    assert row.client_secret.startswith("app_secret$1$")
    assert (check_password(secret, row.client_secret), check_password(again, row.client_secret)) == (False, True)


def test_a_public_program_has_no_secret(world: World) -> None:
    """It is told none and gets none later; what stands in the column is nobody's."""
    row, secret = register(public=True)

    assert secret == ""
    assert not check_password("", row.client_secret)
    with pytest.raises(Conflict):
        clients.rotate(row.client_id, actor="test", now=NOW)


def test_the_same_form_registers_once(ann: User) -> None:
    """A key that registered a program before is a conflict: its secret was shown then (L8)."""
    new = clients.NewClient(name="Report", redirects=[RETURNS])
    clients.register(new, actor="test", now=NOW, by=ann, key="k")

    with pytest.raises(Conflict):
        clients.register(new, actor="test", now=NOW, by=ann, key="k")
    assert Application.objects.count() == 1


def test_every_problem_of_a_registration_is_named(world: World) -> None:
    """A name without a letter, and each address that people must not be sent to, is pointed at."""
    wrong = ["http://app.example.com/a", "https://app.example.com/#a", "ftp://app.example.com", "callback"]

    with pytest.raises(Rejected) as refused:
        register(name=" \t", redirects=[RETURNS, *wrong])
    with pytest.raises(Rejected) as nowhere:
        register(redirects=[])

    assert [one.pointer for one in refused.value.problems] == ["/name", *(f"/redirects/{nth}" for nth in (1, 2, 3, 4))]
    assert [one.pointer for one in nowhere.value.problems] == ["/redirects"]


def test_http_leads_to_this_machine_or_needs_the_switch(world: World, settings: Settings) -> None:
    """Plain http is for loopback addresses; the compatibility switch opens it (quality: OAuth2)."""
    for address in ("http://localhost:3000/", "http://127.0.0.1/callback", "http://[::1]:8080/"):
        register(redirects=[address])

    settings.OAUTH_COMPATIBILITY = True
    register(redirects=["http://app.example.com/callback"])


@given(text=st.text(max_size=40))
def test_whatever_follows_an_address_is_another_address(text: str) -> None:
    """No text behind a registered address makes it match, and none before it."""
    assert redirects.matches(RETURNS + text, RETURNS, any_port=True) == (text == "")
    assert redirects.matches(text + RETURNS, RETURNS, any_port=False) == (text == "")


@given(text=st.text(alphabet="aZ09:/?#@[]!$&'()*+,;=%. \"<>\\^`{|}\0é", max_size=30))
def test_no_registered_address_ends_a_header_or_a_list(text: str) -> None:
    """What may be registered can stand in a list of addresses and in a content policy."""
    address = f"https://app.example.com/{text}"

    if not redirects.fault(address, http_anywhere=False):
        assert not set(address) & set(" ;,'\"\r\n\0")
        assert address.isascii()


@pytest.mark.parametrize(
    ("asked", "registered", "same"),
    [
        ("http://127.0.0.1:1/a", "http://127.0.0.1/a", True),
        ("http://[::1]:9/a", "http://[::1]:8/a", True),
        ("http://localhost:1/a", "http://localhost:2/a", False),
        ("http://127.0.0.1:1/b", "http://127.0.0.1/a", False),
        ("http://127.0.0.1:1/a?x=1", "http://127.0.0.1/a", False),
        ("http://127.0.0.2:1/a", "http://127.0.0.1/a", False),
        ("http://u@127.0.0.1:1/a", "http://127.0.0.1/a", False),
        ("http://127.0.0.1:x/a", "http://127.0.0.1/a", False),
        ("https://127.0.0.1:1/a", "http://127.0.0.1/a", False),
        ("https://app.example.com:1/a", "https://app.example.com/a", False),
    ],
)
def test_the_port_of_this_machine_may_differ_and_nothing_else(asked: str, registered: str, *, same: bool) -> None:
    """RFC 8252 lets a program on the person's machine listen where it can."""
    assert redirects.matches(asked, registered, any_port=True) == same


def test_programs_are_the_primarys_to_change(world: World, ann: User) -> None:
    """Another administrator of the team may not; who is not of the team finds nothing (T2)."""
    bo = User.objects.create(email="bo@example.com", created_us=NOW)
    Membership.objects.create(team=world.flex, user=bo, role=Role.SECONDARY)

    clients.require_primary(ann, world.flex.pk)
    with pytest.raises(Forbidden):
        clients.require_primary(bo, world.flex.pk)
    for team in (world.ent.pk, None, 10**9):
        with pytest.raises(NotFound):
            clients.require_primary(ann, team)


def test_a_team_sees_its_own_programs(world: World) -> None:
    """The list of a team has its programs, those in force first, and nobody else's."""
    register(name="of all")
    register(name="theirs", team=world.ent.pk)
    gone, _ = register(name="a, ours once", team=world.flex.pk)
    register(name="b, ours", team=world.flex.pk)
    clients.revoke(gone.client_id, actor="test", now=NOW)

    assert [row.name for row in clients.listed(teams=[world.flex.pk])] == ["b, ours", "a, ours once"]
    assert len(clients.listed()) == 4
    with pytest.raises(Conflict):
        clients.revoke(gone.client_id, actor="test", now=NOW)
    for nothing in ("nothing", "", "\0"):
        with pytest.raises(NotFound):
            clients.named(nothing)


def test_secrets_are_long_and_prefixed() -> None:
    """Each has 256 random bits behind a prefix that scanners find (quality: OAuth2)."""
    for make, prefix in ((access_token, "fba_"), (refresh_token, "fbr_"), (client_secret, "fbc_")):
        made = {make() for _ in range(100)}
        assert len(made) == 100
        assert all(one.startswith(prefix) and len(one) == 47 for one in made)


def chained(
    ann: User, world: World, row: Application, *, age_days: int = 0, team: bool = True
) -> tuple[str, uuid.UUID]:
    """Write a family as it is after a sign-in some days ago, and return its access token."""
    family, secret, began = uuid.uuid4(), access_token(), Instant(NOW - age_days * DAY)
    shared = {"user": ann, "application": row, "team": world.flex if team else None}
    AccessToken.objects.create(
        **shared, token=secret, family=family, scope="data:read", expires=moment(began) + timedelta(hours=1)
    )
    RefreshToken.objects.create(**shared, token=refresh_token(), token_family=family, scope="data:read", began_us=began)
    made = Grant.objects.create(
        **shared, code=str(family), family=family, expires=moment(began), redirect_uri=RETURNS, scope="data:read"
    )
    Grant.objects.filter(pk=made.pk).update(created=moment(began))
    RefreshToken.objects.filter(token_family=family).update(created=moment(began))
    return secret, family


def test_a_token_without_a_team_opens_nothing(world: World, ann: User) -> None:
    """A token that is bound to no team is nobody's, whatever else is right about it."""
    row, _ = register()
    bound, _ = chained(ann, world, row)
    unbound, _ = chained(ann, world, row, team=False)

    assert bearers.bearer(bound, now=NOW) is not None
    assert bearers.bearer(unbound, now=NOW) is None
    assert bearers.bearer(bound, now=Instant(NOW + DAY)) is None


def test_what_nobody_can_use_is_forgotten(world: World, ann: User) -> None:
    """Families go when their chain is over, access tokens a day after their end, and nothing earlier (10.4.8)."""
    row, _ = register()
    chain = configured.OAUTH_CHAIN_DAYS
    for age in (0, 2, chain - 1, chain + 1):
        chained(ann, world, row, age_days=age)

    families.forget(now=NOW)

    assert (AccessToken.objects.count(), RefreshToken.objects.count(), Grant.objects.count()) == (1, 3, 3)


def test_people_see_and_take_back_what_they_granted(world: World, ann: User) -> None:
    """Each consent that can still be used is listed once; taking one back ends it and no other (10.4.9)."""
    row, _ = register()
    secret, family = chained(ann, world, row)
    chained(ann, world, row, age_days=configured.OAUTH_IDLE_DAYS)
    bo = User.objects.create(email="bo@example.com", created_us=NOW)

    listed = consents.consents_of(ann, now=NOW)
    for who, what in ((bo, str(family)), (ann, str(uuid.uuid4())), (ann, "x")):
        with pytest.raises(NotFound):
            consents.withdraw(who, what, now=NOW)
    consents.withdraw(ann, str(family), now=NOW)

    assert [(one.family, one.program, one.team, one.writes) for one in listed] == [
        (str(family), "Report", "Flex team", False)
    ]
    assert consents.consents_of(ann, now=NOW) == []
    assert bearers.bearer(secret, now=NOW) is None


def test_the_teams_to_choose_from(world: World, ann: User) -> None:
    """All teams of the person, where they may see the most first; of a team's program, that team or none."""
    Membership.objects.create(team=world.ent, user=ann, role=Role.USER)
    bo = User.objects.create(email="bo@example.com", created_us=NOW)
    of_all, of_flex = register()[0], register(team=world.flex.pk)[0]

    assert consents.teams_for(ann, of_all) == [world.flex, world.ent]
    assert consents.teams_for(ann, of_flex) == [world.flex]
    assert consents.teams_for(bo, of_flex) == []


def test_of_many_who_use_one_refresh_token_one_gets_tokens(filed: Filed) -> None:
    """Threads that spend the same refresh token at once: one of them succeeds, whatever the engine."""

    def prepare() -> RefreshToken:
        world = World()
        user = User.objects.create(email="ann@example.com", created_us=NOW)
        row, _ = register()
        chained(user, world, row)
        return RefreshToken.objects.get()

    token = filed.run(prepare)

    def spend() -> bool:
        with db.atomic():
            return families.spend(token)

    assert sorted(filed.run_together([spend] * 4)) == [False, False, False, True]
