"""Tokens moved to another team by the primary administrator of both (quality: authorization matrix; domain L6)."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.web.signed_in import signed_in
from tests.web.test_clients_page import grow_stale, words
from tests.web.test_source_keys_page import member
from tests.web.used import ago, written
from tests.world import World

from farebox.domain.clock import Day, day_of
from farebox.domain.rights import Role
from farebox.records.models import Act, Contract, Membership, Pack, Team, User
from farebox.records.models.contracts import Scheme
from farebox.services import catalogue
from farebox.wallclock import now

PAGE = "/reporting/balances/move"
SAID = ("Tokens moved to South: 40.", "This form was sent before. Nothing was moved again.")
"""What is said of a form, and of the same form sent again."""


@pytest.fixture
def lead(world: World) -> User:
    """Return who leads the Flex team and a second one."""
    ann = member("lead@example.com", world, Role.PRIMARY)
    south = catalogue.add_team("south", "South", now=now())
    catalogue.add_contract(south, Scheme.FLEX, offer="all", card="flex", start=day_of(now()))
    Membership.objects.create(team=south, user=ann, role=Role.PRIMARY)
    return ann


def hidden(content: bytes) -> dict[str, str]:
    """Return what a form carries along unseen."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


@pytest.mark.usefixtures("_warehouse")
def test_bought_tokens_are_moved_to_the_team_they_were_meant_for(world: World, lead: User) -> None:
    """
    Balances asks about each purchase, the page says what will happen, and the same answer moves the tokens once.

    [S 003] « Si vous gérez plusieurs équipes, vérifiez que les jetons Flex achetés ont été ajoutés à l’équipe
    correspondante. Si ce n’est pas le cas, vous pouvez les transférer vers une autre équipe gérée. »
    """
    pack, south = world.give("100", since=written(ago(3))), Team.objects.get(slug="south")
    client = signed_in(lead)
    number = world.flex_contract.number

    balances = client.get("/reporting/balances", {"contract": number})
    assert "Bought for the team Flex team" in words(balances.content)
    link = f"{PAGE}?team={world.flex.pk}&amp;pack={pack}"
    events = client.get("/reporting/balances", {"contract": number, "tab": "events"}).content.decode()
    assert link in balances.content.decode()
    assert link in events
    form = client.get(PAGE, {"team": world.flex.pk, "pack": pack})
    assert f'value="{pack}" selected' in form.content.decode()
    sent = {**hidden(form.content), "team": world.flex.pk, "pack": pack, "to": south.pk, "reason": "wrong team"}
    nonce = re.findall(r'name="nonce" value="([^"]+)"', form.content.decode())[0]
    asked = client.post(PAGE, sent | {"amount": "40", "nonce": nonce})

    said = words(asked.content)
    assert "Move these tokens to South?" in said
    assert "Leaves this team 40 Stays here 60 To the team South Comes in there 40" in said
    assert "ended on" not in said
    assert not Act.objects.exists()
    Contract.objects.filter(team=south).update(start_day=Day(20000), end_day=Day(20089))
    sure = client.post(PAGE, sent | {"amount": "40", "nonce": nonce})
    warned = "The contract of the team South ended on Dec 31, 2024. Nobody can use tokens there unless it is renewed."
    assert warned in words(sure.content)
    back = client.post(PAGE, hidden(asked.content) | {"change": "1"})
    assert (back.status_code, 'value="wrong team"' in back.content.decode()) == (200, True)
    done = [client.post(PAGE, hidden(asked.content) | {"sure": "1"}, follow=True) for _ in range(2)]
    assert [one.redirect_chain for one in done] == [[("/reporting/balances", 302)]] * 2
    for answer, (told, other) in zip(done, (SAID, SAID[::-1]), strict=True):
        assert (told in words(answer.content), other in words(answer.content)) == (True, False)
    assert Pack.objects.get(pk=pack).left_micro == 60_000_000
    assert [(part.contract.team_id, part.left_micro) for part in Pack.objects.filter(part_of=pack)] == [
        (south.pk, 40_000_000)
    ]
    assert {act.actor for act in Act.objects.all()} == {f"account {lead.pk}"}


def test_what_is_wrong_is_said_and_what_is_not_ones_own_is_not_there(world: World, lead: User) -> None:
    """Too much, nothing and an empty pack are said beside the field; other teams and their packs are no page (T2)."""
    pack, foreign = world.give("100", since=written(ago(3))), world.give("9", since=written(ago(3)), ent=True)
    south = Team.objects.get(slug="south")
    client = signed_in(lead)
    good = {"team": world.flex.pk, "pack": pack, "to": south.pk, "nonce": "n"}

    for wrong, told in (
        ({"amount": "101"}, "There are not so many tokens to take."),
        ({"amount": "0"}, "A move takes more than nothing."),
        ({"amount": "some"}, "Write an amount like"),
        ({"pack": "x"}, "Select a valid choice"),
        ({"to": str(world.flex.pk)}, "The pack is that team’s own already."),
    ):
        answer = client.post(PAGE, good | wrong)
        assert (answer.status_code, told in words(answer.content)) == (400, True), told
    for gone in ({"pack": foreign}, {"pack": 999}, {"to": world.ent.pk}, {"to": 999}, {"team": world.ent.pk}):
        for sure in ({}, {"sure": "1"}):
            assert client.post(PAGE, good | gone | sure).status_code == 404
    Pack.objects.filter(pk=pack).update(left_micro=0)
    assert "Nothing is left of this pack to move." in words(client.post(PAGE, good).content)
    assert not Act.objects.exists()


@pytest.mark.usefixtures("_warehouse")
def test_only_who_leads_both_teams_is_offered_a_move(world: World, lead: User) -> None:
    """Secondary administrators have no link and no page; who leads one team is told why; it takes a fresh sign-in."""
    world.give("100", since=written(ago(3)))
    second = signed_in(member("two@example.com", world, Role.SECONDARY))
    assert PAGE not in second.get("/reporting/balances").content.decode()
    assert second.get(PAGE).status_code == 403

    leading: Client = signed_in(lead)
    south = Team.objects.get(slug="south")
    assert "No pack of this team has tokens left to move." in words(leading.get(PAGE, {"team": south.pk}).content)
    Membership.objects.filter(user=lead, team=south).update(role=Role.USER)
    alone = leading.get(PAGE, {"team": world.flex.pk})
    assert "You are primary administrator of this team alone." in words(alone.content)
    balances = leading.get("/reporting/balances").content.decode()
    assert (f'href="{PAGE}?team={world.flex.pk}"' in balances, "Bought for the team" in balances) == (True, False)
    grow_stale(leading)
    assert leading.get(PAGE)["Location"].startswith("/accounts/again/")
