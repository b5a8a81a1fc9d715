"""Tokens offered to who leads another team, by address, and answered there (quality: authorization matrix, T2)."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.web.signed_in import signed_in
from tests.web.test_clients_page import words
from tests.web.test_source_keys_page import member
from tests.web.used import ago, person, written
from tests.world import World

from farebox.domain.amounts import tokens
from farebox.domain.clock import Day, day_of
from farebox.domain.rights import Role
from farebox.records.models import Act, Contract, Mail, Membership, Pack, Team, TokenOffer, User
from farebox.records.models.contracts import Scheme
from farebox.services import catalogue
from farebox.services.mail import letters
from farebox.services.move import Move, move
from farebox.wallclock import now

PAGE = "/reporting/balances/offer"


@pytest.fixture
def south(world: World) -> Team:
    """Return a team with a Flex contract that Sue leads."""
    team = catalogue.add_team("south", "South", now=now())
    catalogue.add_contract(team, Scheme.FLEX, offer="all", card="flex", start=day_of(now()))
    Membership.objects.create(team=team, user=person("sue@example.com"), role=Role.PRIMARY)
    return team


def send(client: Client, world: World, pack: int, **more: str) -> str:
    """Offer tokens of a pack, and return the words of the page that follows, without what was typed."""
    form = client.get(PAGE, {"team": world.flex.pk}).content.decode()
    nonce = re.findall(r'name="nonce" value="([^"]+)"', form)[0]
    sent = {"team": world.flex.pk, "pack": pack, "amount": "40", "reason": "agreed", "nonce": nonce} | more
    return words(client.post(PAGE, sent, follow=True).content).replace(more["address"], "ADDRESS")


@pytest.mark.usefixtures("_warehouse")
def test_an_offer_is_seen_and_taken_by_who_leads_the_other_team(world: World, south: Team) -> None:
    """The giver learns nothing of the address; the receiver sees the offer at home, takes it, and it is over."""
    pack = world.give("100", since=written(ago(3)))
    giver = signed_in(member("lead@example.com", world, Role.PRIMARY))
    assert f'href="/reporting/balances/move?team={world.flex.pk}"' in giver.get("/reporting/balances").content.decode()
    unknown = send(giver, world, pack, address="nobody@example.com")
    TokenOffer.objects.all().delete()
    known = send(giver, world, pack, address="sue@example.com")
    assert "The offer is made. If a primary administrator has this address, a mail goes there." in known
    assert re.sub(r"\d+:\d+", "", known) == re.sub(r"\d+:\d+", "", unknown)

    offer = TokenOffer.objects.get()
    taker = signed_in(User.objects.get(email="sue@example.com"))
    place = f"/reporting/balances/offered/{offer.pk}"
    for page in ("/", "/reporting/balances"):
        assert place in taker.get(page).content.decode()
        assert place not in giver.get(page).content.decode()
    asked = words(taker.get(place).content)
    assert "Take tokens of the team Flex team?" in asked
    assert "agreed" in asked
    assert "ended on" not in asked
    Contract.objects.filter(team=south).update(start_day=Day(20000), end_day=Day(20089))
    assert "The contract of the team South ended on Dec 31, 2024." in words(taker.get(place).content)
    done = taker.post(place, {"answer": "accept", "into": str(south.pk)}, follow=True)
    again = taker.post(place, {"answer": "accept", "into": str(south.pk)}, follow=True)
    assert "Tokens moved to South: 40." in words(done.content)
    assert "This offer was answered, taken back, or has lapsed." in words(again.content)
    assert Pack.objects.get(part_of=pack).contract.team_id == south.pk
    assert giver.get(place).status_code == 404
    assert "ann@" not in words(giver.get("/settings/audit").content)


@pytest.mark.usefixtures("_warehouse")
def test_what_is_gone_is_said_on_both_sides_and_an_offer_is_taken_back(world: World, south: Team) -> None:
    """
    Both pages say that the pack has not as many any more, and only the giver's how many it has (T2).

    What is wrong in a new offer is said beside its field.
    """
    pack = world.give("100", since=written(ago(3)))
    giver = signed_in(member("lead@example.com", world, Role.PRIMARY))
    send(giver, world, pack, address="sue@example.com", amount="90")
    taker = signed_in(User.objects.get(email="sue@example.com"))
    offer = TokenOffer.objects.get()
    place = f"/reporting/balances/offered/{offer.pk}"
    move(Move(pack=pack, to="south", tokens=tokens("20"), across=True), now=now())
    acts = Act.objects.count()

    seen = words(taker.get(place).content)
    assert ("not all of these tokens are there" in seen, "80" in seen) == (True, False)
    assert "This cannot be accepted any more: the pack has 80 left." in words(giver.get(PAGE).content)
    refused = taker.post(place, {"answer": "accept", "into": str(south.pk)})
    assert (refused.status_code, "There are not so many tokens to take." in words(refused.content)) == (400, True)
    for into in ("", "x", str(world.flex.pk)):
        assert taker.post(place, {"answer": "accept", "into": into}).status_code == 404
    back = giver.post(f"{PAGE}/withdraw", {"team": world.flex.pk, "offer": offer.pk}, follow=True)
    assert "The offer is taken back." in words(back.content)
    assert giver.post(f"{PAGE}/withdraw", {"team": world.flex.pk, "offer": offer.pk}).status_code == 404
    assert Act.objects.count() == acts

    for wrong, told in (
        ({"address": "lead@example.com"}, "This is your own address."),
        ({"address": "sue"}, "neither an e-mail address"),
        ({"address": "sue@example.com", "amount": "81"}, "There are not so many tokens to take."),
    ):
        assert told in send(giver, world, pack, **wrong), told
    again = send(giver, world, pack, address="sue@example.com")
    assert "Open offers" in again
    latest = TokenOffer.objects.latest("pk")
    said = taker.post(f"/reporting/balances/offered/{latest.pk}", {"answer": "refuse"}, follow=True)
    assert "You refused the tokens of Flex team." in words(said.content)


def test_the_mail_speaks_the_readers_language_and_holds_no_line_of_a_name(world: World, south: Team) -> None:
    """Names stand on one line of the subject; the link begins with the base address (quality X27)."""
    Team.objects.filter(pk=world.flex.pk).update(name="Flex\nBcc: x@example.com")
    User.objects.filter(email="sue@example.com").update(language="fr")
    pack = world.give("100", since=written(ago(3)))
    send(signed_in(member("lead@example.com", world, Role.PRIMARY)), world, pack, address="sue@example.com")

    letter = letters.compose(Mail.objects.get(kind="TOKENS_OFFERED"), now=now())

    assert letter is not None
    assert letter.subject == "Des jetons de Flex Bcc: x@example.com pour votre équipe ?"
    assert "Ann Example vous propose des jetons de l’équipe Flex Bcc: x@example.com" in str(letter.body)
