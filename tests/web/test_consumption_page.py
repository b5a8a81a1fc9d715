"""Uses that nothing reported, entered by a team's primary administrator (quality: authorization matrix, T2, T5)."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings
from tests.web.signed_in import signed_in
from tests.web.test_clients_page import grow_stale, words
from tests.web.test_source_keys_page import member
from tests.world import NOW, World

from farebox.domain.clock import day_of
from farebox.domain.errors import Forbidden, NotFound
from farebox.domain.rights import Role
from farebox.records.catalogue import announce_change
from farebox.records.models import Audit, Charge, OfferProduct, Proposal
from farebox.services.ingest import by_primary
from farebox.services.ingest.by_hand import Consumption, Entry

PAGE = "/reporting/balances/consume"
USE = {"person": "bo@example.com", "product": "A", "amount": "500", "reason": "off network"}


@pytest.mark.usefixtures("_warehouse")
def test_a_primary_administrator_enters_a_use_by_hand(world: World, settings: Settings) -> None:
    """From Balances, once however often it is sent, above the threshold of operators too; the log says who did it."""
    settings.APPROVAL_TOKENS = 100
    lead = member("lead@example.com", world, Role.PRIMARY)
    client, team = signed_in(lead), str(world.flex.pk)

    assert f'href="{PAGE}?team={team}"' in client.get("/reporting/balances").content.decode()
    form = client.get(PAGE, {"team": team}).content.decode()
    nonce = re.findall(r'name="nonce" value="([^"]+)"', form)[0]
    sent = USE | {"team": team, "nonce": nonce}
    said = words(client.post(PAGE, sent, follow=True).content)
    again = words(client.post(PAGE, sent, follow=True).content)

    assert f'name="team" value="{team}"' in form
    assert "It is entered: 500 tokens consumed." in said
    assert "This form was sent before. Nothing was entered again." in again
    assert list(Charge.objects.values_list("contract_id", "usage_category", "tokens_micro")) == [
        (world.flex_contract.pk, "MANUAL_CONSUMPTION", 500_000_000)
    ]
    assert Audit.objects.get(verb="tokens.consume").actor == f"account {lead.pk}"
    assert not Proposal.objects.exists()
    assert "Ann Example entered consumption by hand" in words(client.get("/settings/audit").content)


def test_what_is_wrong_is_said_and_only_own_products_are_offered(world: World) -> None:
    """A refused form comes back with what was typed; a product that no contract of the team opens is no choice."""
    OfferProduct.objects.filter(product=world.products["B"]).delete()
    announce_change()
    client = signed_in(member("lead@example.com", world, Role.PRIMARY))
    team = {"team": str(world.flex.pk), "nonce": "n"}

    page = client.get(PAGE).content.decode()
    assert ('value="A"' in page, 'value="B"' in page) == (True, False)
    for wrong, told in (
        ({"product": "B"}, "Select a valid choice"),
        ({"reason": ""}, "This field is required"),
        ({"amount": ""}, "Say how many tokens, or how many units."),
        ({"quantity": "2"}, "A use has tokens or units, not both."),
        ({"on": "2090-01-01"}, "This date is still to come."),
    ):
        answer = client.post(PAGE, USE | team | wrong)
        assert (answer.status_code, told in words(answer.content)) == (400, True), told
        assert 'value="bo@example.com"' in answer.content.decode()
    assert not Charge.objects.exists()


@pytest.mark.usefixtures("_warehouse")
def test_only_the_primary_administrator_enters_uses(world: World) -> None:
    """Others have no link and no page, and their service refuses them; the form takes a fresh sign-in."""
    second, lead = member("two@example.com", world, Role.SECONDARY), member("lead@example.com", world, Role.PRIMARY)
    client = signed_in(second)
    use, entry = Consumption(person="bo@example.com", product="A", tokens="1", reason="x"), Entry("e", day_of(NOW))

    assert PAGE not in client.get("/reporting/balances").content.decode()
    assert client.get(PAGE).status_code == 403
    with pytest.raises(Forbidden):
        by_primary.consume(second, world.flex.pk, entry, use, now=NOW)
    with pytest.raises(Forbidden):
        by_primary.products(second, world.flex.pk, now=NOW)
    with pytest.raises(NotFound):
        by_primary.consume(lead, world.ent.pk, entry, use, now=NOW)

    leading: Client = signed_in(lead)
    grow_stale(leading)
    assert leading.get(PAGE)["Location"].startswith("/accounts/again/")
    assert not Charge.objects.exists()
