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
from farebox.domain.errors import Forbidden, NotFound, Problem, Rejected
from farebox.domain.rights import Role
from farebox.records.catalogue import announce_change
from farebox.records.models import Audit, Charge, Event, OfferProduct, Person, Proposal, Team, User
from farebox.services.ingest import by_hand, by_primary
from farebox.services.ingest.by_hand import Consumption, Entry
from farebox.services.ingest.entries import PER_PAGE
from farebox.services.ingest.wire import AdjustmentData, ConsumptionData
from farebox.web.shown.operator_problems import in_one_line

PAGE = "/reporting/balances/consume"
USE = {"person": "bo@example.com", "product": "A", "amount": "500", "reason": "off network"}


@pytest.mark.usefixtures("_warehouse")
def test_a_primary_administrator_enters_a_use_by_hand(world: World, settings: Settings) -> None:
    """From Balances, once however often it is sent, above the threshold of operators too; the log says who did it."""
    settings.APPROVAL_TOKENS = 100
    world.give("500")
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


def test_what_one_entered_is_listed_and_withdrawn(world: World) -> None:
    """Below the form, with who entered it; an operator's stays; hidden names are told to who typed them alone."""
    lead = member("lead@example.com", world, Role.PRIMARY)
    opal = User.objects.create_user("opal@example.com", "x", name="Opal", is_operator=True)
    client, team = signed_in(lead), {"team": str(world.flex.pk)}
    world.give("600")
    client.post(PAGE, USE | team | {"nonce": "n"})
    use = Consumption(person="bo@example.com", product="A", tokens="1", reason="x")
    by_hand.enter(world.flex.pk, Entry("e", day_of(NOW)), use, now=NOW, actor=f"account {opal.pk}")
    own, other = Event.objects.order_by("pk").values_list("pk", flat=True)

    page = client.get(PAGE, team)
    assert "−500 " in words(page.content)
    assert ("Ann Example" in words(page.content), "an operator counts" in words(page.content)) == (True, True)
    assert f'href="{PAGE}/{own}?team={world.flex.pk}"' in page.content.decode()
    assert f"{PAGE}/{other}?" not in page.content.decode()
    assert client.get(f"{PAGE}/{other}", team).status_code == 403

    Team.objects.update(names_hidden=True)
    pseudonym = Person.objects.get(team=world.flex, key="bo@example.com").pseudonym
    for path in (PAGE, f"{PAGE}/{own}"):
        hidden = client.get(path, team).content.decode()
        assert ("bo@example.com" in hidden, "*****" in hidden, pseudonym in hidden) == (True, path == PAGE, False), path
    sent = team | {"nonce": "m", "revision": "0", "reason": "entered twice"}
    assert "500 tokens count as consumed no more" in words(client.post(f"{PAGE}/{own}", sent, follow=True).content)
    assert "was withdrawn before" in words(client.post(f"{PAGE}/{own}", sent, follow=True).content)
    assert list(Charge.objects.filter(ended_us=None).values_list("tokens_micro", flat=True)) == [1_000_000]


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
        ({"amount": "0"}, "Write more than 0 and at most 1,000,000,000 tokens."),
        ({"amount": "", "quantity": "0"}, "Write more than 0 and at most 1,000,000 units."),
        ({"on": "2090-01-01"}, "This date is still to come."),
        ({"on": "2020-01-01"}, "The team has no contract that ran on that date."),
        ({"on": "2020-01-01", "amount": "0"}, "The team has no contract that ran on that date."),
        ({"on": "1980-01-01"}, "Dates from 1990 to 2099 are accepted."),
    ):
        answer = client.post(PAGE, USE | team | wrong)
        assert (answer.status_code, words(answer.content).count(told)) == (400, 1), told
        assert 'value="bo@example.com"' in answer.content.decode()
    assert not Charge.objects.exists()


def test_more_than_there_is_takes_a_second_look(world: World) -> None:
    """The page says what is left and how much is beyond; what was typed stays, and it is entered once all the same."""
    world.give("30")
    client = signed_in(member("lead@example.com", world, Role.PRIMARY))
    long = f"{'a' * 60}@{'b' * 40}.{'c' * 40}.example"
    sent = {**USE, "person": long, "team": str(world.flex.pk), "nonce": "n"}

    asked = client.post(PAGE, sent)
    assert "30 tokens are left for it. 470 more are used beyond them." in words(asked.content)
    assert "(A) · " in words(asked.content)
    assert not Charge.objects.exists()
    for name, value in sent.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in asked.content.decode()
    assert 'value="off network"' in client.post(PAGE, sent | {"change": "1"}).content.decode()
    for _twice in range(2):
        assert client.post(PAGE, sent | {"sure": "1"}).status_code == 302
    assert client.post(PAGE, sent).status_code == 302
    other = client.post(PAGE, sent | {"amount": "1"})
    assert "This form was sent before with something else in it." in words(other.content)
    assert Charge.objects.get().shortfall_micro == 470_000_000
    assert Person.objects.get(key=long).team == world.flex


def test_what_the_decoder_of_events_says_is_no_word_of_a_page() -> None:
    """Each member of an entry that a form fills is refused in the reader's language, however it was refused."""
    refused = [
        Problem(f"/data/{name}", "invalid_value", "Expected `str` of length <= 120")
        for name in (*ConsumptionData.__struct_fields__, *AdjustmentData.__struct_fields__)
    ]
    assert "Expected" not in in_one_line(Rejected(refused))


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


def test_many_entries_have_pages(world: World) -> None:
    """The newest are on the first page; the others follow, of the same team."""
    for nth in range(PER_PAGE + 1):
        use = Consumption(person="bo@example.com", product="NEW", tokens="1", reason=f"nth {nth}")
        by_hand.enter(world.flex.pk, Entry(f"e{nth}", day_of(NOW)), use, now=NOW)
    client = signed_in(member("lead@example.com", world, Role.PRIMARY))

    first = client.get(PAGE).content.decode()
    second = client.get(f"{PAGE}?team={world.flex.pk}&page=2").content.decode()

    assert f'href="{PAGE}?team={world.flex.pk}&amp;page=2"' in first
    assert ("nth 50<" in first, "nth 0<" in first, "nth 0<" in second, "nth 1<" in second) == (True, False, True, False)
