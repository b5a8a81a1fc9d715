"""The operators' pages: an installation set up from nothing, tokens, rates, approvals; and nobody else gets in."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation
from tests.web.signed_in import signed_in
from tests.web.used import PASSWORD, ago, person, written
from tests.world import World, event

from farebox.domain.approval import Kind
from farebox.domain.clock import DAY, day_of
from farebox.domain.errors import Busy
from farebox.domain.rights import Role
from farebox.records import proposals
from farebox.records.models import (
    Audit,
    Contract,
    Event,
    Invitation,
    Membership,
    Offer,
    OfferProduct,
    Pack,
    Person,
    Policy,
    Product,
    Proposal,
    Rate,
    RateCard,
    Team,
    User,
)
from farebox.services import catalogue, sources
from farebox.services.ingest import by_hand
from farebox.wallclock import now
from farebox.web.operator_forms import GiveForm, TokensField
from farebox.web.shown import audit_words

LOOKED_AT = (
    "operator", "operator-waiting", "operator-products", "operator-offers", "operator-cards", "operator-approvals",
)  # fmt: skip


@pytest.fixture
def opal(db: None) -> User:
    """Return an operator."""
    return operator("opal@example.com")


def operator(address: str) -> User:
    """Make an operator of the installation."""
    return User.objects.create_user(address, PASSWORD, name="Opal Example", is_operator=True)


def nonce_of(page: bytes) -> str:
    """Return the nonce of a form."""
    found = re.search(r'name="nonce" value="([^"]+)"', page.decode())
    assert found
    return found[1]


def send(client: Client, path: str, *, sure: bool = False, **fields: object) -> str:
    """Fill in a form as it is shown, send it, and answer the question once more; return where one is led."""
    form = client.get(path)
    assert form.status_code == 200, path
    typed = {name: str(value) for name, value in fields.items()}
    if b'name="nonce"' in form.content:
        typed["nonce"] = nonce_of(form.content)
    if sure:
        asked = client.post(path, typed)
        assert asked.status_code == 200, said(asked.content)
        assert b'name="sure"' in asked.content, said(asked.content)
        typed["sure"] = "1"
    answer = client.post(path, typed)
    assert answer.status_code == 302, said(answer.content)
    return str(answer["Location"])


def said(page: bytes) -> str:
    """Return the words of a page."""
    main = unescape(page.decode()).partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_an_empty_installation_is_set_up_on_the_pages_alone(opal: User) -> None:
    """Product, rate, offer, team with its lead, contract, tokens: each page leads on, each change is audited."""
    client = signed_in(opal)
    begun = said(client.get("/operator").content)
    steps = ("Make an offer", "Add the products that are metered, each with", "Make a rate card", "Give it a contract")
    assert sorted(begun.find(step) for step in steps) == [begun.find(step) for step in steps]
    assert -1 not in [begun.find(step) for step in ("First steps", *steps)]

    for kind, does in (("offers", "open"), ("cards", "rate")):
        made = send(client, f"/operator/{kind}/new", code="all" if kind == "offers" else "flex")
        bare = client.get(f"{made}/{does}").content
        assert "There is no product yet." in said(bare)
        assert b'<a class="button primary" href="/operator/products/new">' in bare
        assert b'name="product"' not in bare
    product = send(
        client, "/operator/products/new", name="Product A", code="A", category="DESKTOP_PRODUCT", family="",
        versions="2025\n2026", codes="A_2026=2026\nALIAS", offer="all", since="2026-01-01",
    )  # fmt: skip
    card = RateCard.objects.get()
    send(client, f"/operator/cards/{card.pk}/rate", sure=True, product="A", amount="7", since="2026-01-01")
    team = send(
        client, "/operator/teams/new", name="Design North", slug="design-north", names="hidden",
        primary="Ann Example <ann@example.com>",
    )  # fmt: skip
    contract = send(
        client, f"{team}/contracts/new", scheme="FLEX", offer="all", card="flex", start="2026-01-01", end=""
    )
    given = send(client, f"{contract}/give", pool="FLEX", amount="500", order="PO-1", price="1250.50", currency="eur")

    assert "500 tokens went to the team Design North" in said(client.get(given).content)
    assert f'href="{team}/keys/new"' in client.get("/operator").content.decode()
    assert "fbs_" in client.post(f"{team}/keys/new", {"name": "workstations"}).content.decode()
    assert "First steps" not in said(client.get("/operator").content)
    assert "ann@example.com (invited)" in said(client.get("/operator").content)
    for path in (product, team, contract, reverse("operator-card", args=[card.pk])):
        assert client.get(path).status_code == 200
    assert 'href="/operator/products/new">Add another product</a>' in client.get(product).content.decode()
    opened = client.get(f"/operator/offers/{Offer.objects.get().pk}/open").content
    assert "The offer has every product already." in said(opened)
    pack, metered = Pack.objects.get(), Product.objects.get()
    assert (pack.left_micro, pack.price_minor, pack.currency, pack.order_number) == (
        500_000_000,
        125_050,
        "EUR",
        "PO-1",
    )
    assert (Team.objects.get().names_hidden, Invitation.objects.get().role) == (True, Role.PRIMARY)
    assert sorted(metered.codes.values_list("code", "version")) == [("ALIAS", ""), ("A_2026", "2026")]
    verbs = list(Audit.objects.filter(actor=f"account {opal.pk}").order_by("pk").values_list("verb", flat=True))
    assert [verb for verb in verbs if not verb.startswith("sign_in")] == [
        "offer.add", "card.add", "product.add", "offer.open", "rate.set", "team.add", "invited", "contract.add",
        "pack.give", "source.add",
    ]  # fmt: skip
    said_of = [audit_words.verb(verb) for verb in ("offer.add", "offer.open")]
    assert said_of == ["opened an offer", "added products to an offer"]


def test_what_is_set_up_today_charges_what_was_used_today(opal: User, world: World) -> None:
    """A use from before the set-up waits; the page says for what, and releases it, once it can be rated (M2, T5)."""
    client, at = signed_in(opal), now()
    world.give("100", since="2026-01-01 00:00", until="2030-01-01 00:00")
    world.send(event("a", "bo@example.com", "NEW", written(ago(0, 0)), written(ago(0, 0))), now=at)
    assert 'href="/operator/waiting"' in client.get("/operator").content.decode()
    team, address = f"/operator/teams/{world.flex.pk}", f"/operator/waiting?team={world.flex.pk}"
    assert f'href="{address}"' in client.get(team).content.decode()
    waiting = client.get(address)
    assert "the catalogue does not have the product NEW Flex team 1" in said(waiting.content)
    assert 'href="/operator/products/new?code=NEW"' in waiting.content.decode()
    assert client.get("/operator/waiting?team=9999999").status_code == 404

    assert b'value="NEW"' in client.get("/operator/products/new?code=NEW").content
    send(client, "/operator/products/new", name="New", code="NEW", category="DESKTOP_PRODUCT", offer="all", since="")
    still = client.post("/operator/waiting/release", {"team": world.flex.pk}, follow=True)
    assert "0 events are released and charged. 1 event waits on." in said(still.content)
    card = f"/operator/cards/{RateCard.objects.get(code='flex').pk}/rate"
    send(client, card, sure=True, product="NEW", amount="7", since="")
    done = client.post("/operator/waiting/release", {"team": world.flex.pk}, follow=True)
    assert "1 event is released and charged. " in said(done.content)
    assert ("No event waits." in said(done.content), len(world.charges())) == (True, 1)
    assert Audit.objects.get(verb="events released").actor == f"account {opal.pk}"
    for _twice in range(2):
        send(client, card, sure=True, product="NEW", amount="9", since="")
    begun = list(Rate.objects.filter(product__code="NEW").order_by("since_us").values_list("since_us", flat=True))
    assert (len(begun), begun[0] % DAY, begun[0] <= at < begun[1]) == (2, 0, True)
    refused = client.post(
        card, {"product": "NEW", "amount": "1", "complexity": "huge", "unit_seconds": "10", "nonce": "n"}
    )
    assert said(refused.content).count("Only a service has this") == 2
    send(client, "/operator/products/new", name="Jobs", code="JOBS", category="CLOUD_SERVICE", offer="all", since="")
    for amount in ("3", "3", "4", "4", "3"):
        send(client, card, sure=True, product="JOBS", amount=amount, complexity=" Complex", unit_seconds=60, since="")
    classed = Rate.objects.filter(complexity="complex").order_by("since_us").values_list("tokens_micro", flat=True)
    assert list(classed) == [3_000_000, 4_000_000, 3_000_000]
    assert "jobs of the class complex · each 60 seconds of work" in said(client.get(card.removesuffix("/rate")).content)
    assert Audit.objects.filter(verb="rate.set").count() == 5


def test_nobody_but_an_operator_learns_of_the_pages(world: World) -> None:
    """A primary administrator of two teams gets the same 404 from each page as from an unknown one (quality T2)."""
    client = signed_in(person("ann@example.com", world, Role.PRIMARY))
    contract = world.flex_contract.pk
    paths = [reverse(name) for name in LOOKED_AT]
    paths += [
        f"/operator/teams/{world.flex.pk}",
        f"/operator/contracts/{contract}",
        f"/operator/contracts/{contract}/give",
    ]

    client.get("/settings")  # says hello once
    unknown = client.get("/operator/none").content
    for path in paths:
        assert (client.get(path).status_code, client.post(path).status_code) == (404, 404), path
        assert said(client.get(path).content) == said(unknown)
    assert Client().get("/operator").status_code == 302


def test_a_change_takes_a_fresh_sign_in(opal: User, world: World) -> None:
    """Who signed in long ago may look; each form asks for the password first (quality: authorization matrix)."""
    client = Client()
    client.force_login(opal)

    assert client.get("/operator").status_code == 200
    for path in ("/operator/teams/new", f"/operator/contracts/{world.flex_contract.pk}/give"):
        assert client.get(path)["Location"].startswith("/accounts/again/?next=")
    assert "Nothing was changed" not in said(client.get("/operator").content)
    sent = client.post(path, {"amount": "5"})
    assert sent["Location"].startswith("/accounts/again/?next=")
    assert "Nothing was changed" not in said(client.get(sent["Location"]).content)
    back = client.post(sent["Location"], {"password": PASSWORD}, follow=True)
    assert "Nothing was changed yet: send the form again." in said(back.content)
    assert not Pack.objects.exists()


def test_what_is_wrong_is_said_beside_its_field(opal: User, world: World) -> None:
    """All problems of a form at once, at 400, with what was typed; nothing is changed."""
    client = signed_in(opal)
    contract = f"/operator/contracts/{world.flex_contract.pk}"

    team = client.post("/operator/teams/new", {"name": "X", "slug": "Design North", "names": "shown"})
    assert (team.status_code, "small letters, digits and hyphens" in said(team.content)) == (400, True)
    assert b'value="Design North"' in team.content
    lead = {"name": "X", "slug": "x", "names": "shown", "primary": "Ann"}
    assert "an e-mail address is missing" in said(client.post("/operator/teams/new", lead).content)
    assert not Team.objects.filter(slug="x").exists()
    pack = {"pool": "CY", "amount": "1e3", "price": "1.001", "currency": "EUR", "nonce": "n"}
    wrong = said(client.post(f"{contract}/give", pack).content)
    assert "like 500 or 0.5, without signs for thousands and with six decimals at most" in wrong
    assert "Select a valid choice" in wrong
    priced = said(client.post(f"{contract}/give", {**pack, "pool": "FLEX", "amount": "5"}).content)
    assert "finer than the smallest coin" in priced
    late = {"pool": "FLEX", "amount": "5", "since": "2026-05-01", "until": "2026-04-01", "nonce": "n"}
    assert "It ends before it starts" in said(client.post(f"{contract}/give", late).content)
    taken = {"pool": "FLEX", "amount": "-5", "reason": "too much", "nonce": "n"}
    assert "not so many tokens" in said(client.post(f"/operator/teams/{world.flex.pk}/adjust", taken).content)
    second = {"scheme": "FLEX", "offer": "all", "card": "flex", "start": "2026-01-01"}
    answer = client.post(f"/operator/teams/{world.flex.pk}/contracts/new", second)
    assert (answer.status_code, Contract.objects.count(), Pack.objects.count()) == (400, 2, 0)


def test_a_rate_shows_what_it_would_have_changed(opal: User, world: World) -> None:
    """Before a rate is set, the page prices the last month and the last 30 days again, team by team."""
    client = signed_in(opal)
    world.give("100")
    start = "2026-05-04 08:00"
    world.send(event("a", "bo@example.com", "A", start, "2026-05-04 09:00"))
    card = RateCard.objects.get(code="flex")
    path = f"/operator/cards/{card.pk}/rate"

    asked = client.post(path, {"product": "A", "amount": "9", "since": "", "nonce": "n"})

    assert (asked.status_code, b'name="sure"' in asked.content) == (200, True)
    assert "At this rate" in said(asked.content)
    assert Rate.objects.filter(card=card, product__code="A").count() == 1
    Product.objects.create(code="NEW", name="Zeta", family=world.products["A"].family, category="DESKTOP_PRODUCT")
    assert '<option value="NEW" selected>' in client.get(path).content.decode()
    send(client, path, sure=True, product="A", amount="9", since="2030-01-01")
    assert "to come" in said(client.get(f"/operator/cards/{card.pk}").content)
    again = client.post(path, {"product": "A", "amount": "8", "since": "2030-01-01", "sure": "1", "nonce": "m"})
    assert (again.status_code, Rate.objects.count()) == (400, 7)


def test_a_rate_form_that_is_sent_twice_sets_one_rate(opal: User, world: World) -> None:
    """Also where a colleague corrected the rate in between: what was corrected stays so (domain L8)."""
    client, path = signed_in(opal), f"/operator/cards/{RateCard.objects.get(code='flex').pk}/rate"
    first = {"product": "A", "amount": "9", "since": "", "sure": "1", "nonce": nonce_of(client.get(path).content)}

    client.post(path, first)
    send(client, path, sure=True, product="A", amount="8", since="")
    assert client.post(path, first).status_code == 302
    other = client.post(path, first | {"amount": "10"})
    assert (other.status_code, "form:" in said(other.content)) == (400, False)
    assert "This form did something else before. Open the page again." in said(other.content)

    ours = Rate.objects.filter(card__code="flex", product__code="A").order_by("since_us")
    assert list(ours.values_list("tokens_micro", flat=True)) == [7_000_000, 9_000_000, 8_000_000]
    assert Audit.objects.filter(verb="rate.set").count() == 2


def test_tokens_are_moved_adjusted_and_consumed(opal: User, world: World) -> None:
    """A form that is sent twice does its work once; each act has its own row of the audit (domain L6, L8, N6)."""
    client = signed_in(opal)
    other = Team.objects.get(slug="ent")
    contract = f"/operator/contracts/{world.flex_contract.pk}"
    pack = world.give("100", since="2026-11-01 00:00", until="2030-01-01 00:00")
    fields = {"pool": "FLEX", "amount": "50", "nonce": "once"}

    assert client.post(f"{contract}/give", fields).status_code == 302
    assert client.post(f"{contract}/give", fields).status_code == 302
    assert Pack.objects.count() == 2
    team = f"/operator/teams/{world.flex.pk}"
    send(client, f"{team}/adjust", pool="FLEX", amount="-12.5", reason="pilot ended", on="2026-11-10")
    send(
        client,
        f"{team}/consume",
        person="bo@example.com",
        product="A",
        amount="4",
        reason="off network",
        on="2026-11-10",
    )
    today = {"pool": "FLEX", "amount": "-120", "reason": "too many", "nonce": "t"}
    assert "what is given from a date on that day already" in said(client.post(f"{team}/adjust", today).content)
    assert Pack.objects.get(pk=pack).left_micro + Pack.objects.exclude(pk=pack).get().left_micro == 133_500_000
    refused = client.post(
        f"/operator/packs/{pack}/move", {"to": "ent", "amount": "10", "nonce": "m"}
    )  # asks nothing yet
    assert (refused.status_code, "primary administrator in common" in said(refused.content)) == (400, True)
    assert list(refused.context["form"].errors) == ["across"]
    refused = client.post(f"/operator/packs/{pack}/move", {"to": "ent", "across": "on", "nonce": "m", "sure": "1"})
    assert "no contract that can hold these tokens" in said(refused.content)
    assert other.contracts.get().packs.count() == 0
    verbs = set(Audit.objects.filter(actor=f"account {opal.pk}").values_list("verb", flat=True))
    assert {"pack.give", "tokens.adjust", "tokens.consume"} <= verbs


def test_a_contract_is_looked_after(opal: User, world: World) -> None:
    """Settings hold from a date on; books are closed by a person who was asked once more (domain L5a)."""
    client = signed_in(opal)
    contract = f"/operator/contracts/{world.flex_contract.pk}"

    send(client, f"{contract}/settings", **{"grace-minutes": 10, "since": "2026-05-01"})
    send(client, f"{contract}/close", sure=True, through="2026-03-31")

    page = said(client.get(contract).content)
    assert "10 minutes from May 1, 2026" in page
    assert "closed through Mar 31, 2026" in page
    years = [
        said(client.get(f"/operator/contracts/{one.pk}").content) for one in (world.flex_contract, world.ent_contract)
    ]
    assert ["Remaining" in one for one in years] == [False, True]
    assert ["Packs last until their own end" in one for one in years] == [True, False]
    assert Policy.objects.get().minutes == 10
    again = client.post(f"{contract}/close", {"through": "2026-02-28", "sure": "1"})
    assert "never opened again" in said(again.content)
    assert client.post(f"{contract}/settings", {"since": ""}).status_code == 400


def test_the_catalogue_is_told_anew(opal: User, world: World) -> None:
    """A product gets other names and codes; an offer grows from a date on and never shrinks (product A1, A3)."""
    client = signed_in(opal)
    product = f"/operator/products/{world.products['A'].pk}"

    send(client, f"{product}/change", name="Product A plus", family="F", versions="2026", codes="A_2026=2026\nNEW")
    send(client, f"{product}/where", address="https://example.com/a", note="ask the desk")
    send(client, "/operator/products/new", name="Later", code="L", category="CLOUD_PRODUCT")
    offer = Offer.objects.get()
    send(client, f"/operator/offers/{offer.pk}/open", sure=True, product="L", since="2030-01-01")

    page = said(client.get(product).content)
    assert "Product A plus" in page
    assert "https://example.com/a" in page
    assert "Later L Jan 1, 2030 to come" in said(client.get(f"/operator/offers/{offer.pk}").content)
    assert OfferProduct.objects.filter(offer=offer).count() == 4
    taken = {"name": "B", "family": "F", "versions": "", "codes": "NEW"}
    wrong = client.post(f"/operator/products/{world.products['B'].pk}/change", taken)
    assert (wrong.status_code, "There already: NEW." in said(wrong.content)) == (400, True)
    assert "1" in said(client.get("/operator/products", {"q": "plus"}).content)
    assert "No product is called so" in said(client.get("/operator/products", {"q": "nothing"}).content)


def test_a_large_pack_takes_two_operators(opal: User, world: World, settings: object) -> None:
    """Above the threshold a pack waits; its proposer cannot approve it, another operator can, once."""
    settings.APPROVAL_TOKENS = 100  # type: ignore[attr-defined]
    first, second = signed_in(opal), signed_in(operator("opus@example.com"))
    contract = f"/operator/contracts/{world.flex_contract.pk}"

    send(first, f"{contract}/give", pool="FLEX", amount="100")
    large = {"pool": "FLEX", "amount": "100.5", "price": "12.5", "currency": "eur", "nonce": "large"}
    assert "Nothing is done yet" in said(first.post(f"{contract}/give", large, follow=True).content)
    assert Pack.objects.count() == 1
    number = Proposal.objects.get().pk
    path = f"/operator/approvals/{number}"
    assert "Price €12.50" in said(second.get(path).content)
    assert "You proposed this" in said(first.get(path).content)
    assert first.post(path, {"approve": "1"}).status_code == 400
    assert Pack.objects.count() == 1
    assert "1 proposal waits" in said(second.get("/operator").content)
    assert second.post(path, {"approve": "1"}).status_code == 302
    assert second.post(path, {"approve": "1"}).status_code == 400
    assert sorted(Pack.objects.values_list("left_micro", flat=True)) == [100_000_000, 100_500_000]
    assert "approved and done" in said(second.get("/operator/approvals").content)
    again = said(first.post(f"{contract}/give", large, follow=True).content)
    assert f"This form was sent before. Proposal {number}: approved and done." in again
    assert "Nothing is done yet" not in again
    assert Pack.objects.count() == 2

    used = {"person": "bo@example.com", "product": "A", "quantity": "99999", "reason": "off network"}
    assert send(first, f"/operator/teams/{world.flex.pk}/consume", sure=True, **used) == "/operator/approvals"
    listed = said(second.get("/operator/approvals").content)
    assert "Enter consumption by hand" in listed
    assert "Person bo@example.com Product A Units 99999" in listed
    assert not Audit.objects.filter(verb="tokens.consume").exists()
    undecided = second.post(f"/operator/approvals/{Proposal.objects.get(state='OPEN').pk}")
    assert (undecided.status_code, "Say whether to approve" in said(undecided.content)) == (400, True)
    assert Proposal.objects.filter(state="OPEN").count() == 1


def test_an_approver_of_a_use_sees_no_hidden_name(opal: User, world: World, settings: object) -> None:
    """Quality P1: what was typed is told to who typed it; nobody reads a pseudonym, nor whether somebody is known."""
    settings.APPROVAL_TOKENS = 100  # type: ignore[attr-defined]
    Team.objects.filter(pk=world.flex.pk).update(names_hidden=True)
    first, second = signed_in(opal), signed_in(operator("opus@example.com"))
    used = {"product": "A", "amount": "500", "reason": "off network"}
    ann = catalogue.add_person(world.flex, "ann@example.com", "Ann Example", now=now())
    team = f"/operator/teams/{world.flex.pk}"

    def read(path: str, who: str) -> None:
        own, others = (client.get(path).content.decode() for client in (first, second))
        assert (who in own, who in others, "*****" in others) == (True, False, True), path
        names = [ann.name, *Person.objects.values_list("pseudonym", flat=True)]
        assert not [name for name in names if name in own + others], path

    for who in (ann.key, "bo@example.com"):
        send(first, f"{team}/consume", sure=True, person=who, **used)
        proposed = f"/operator/approvals/{Proposal.objects.latest('pk').pk}"
        for path in ("/operator/approvals", proposed):
            read(path, who)
        second.post(proposed, {"approve": "1"})
        entry = f"{team}/entries/{Event.objects.latest('pk').pk}/withdraw"
        assert send(second, entry, revision=0, reason="twice") == "/operator/approvals"
        withdrawal = f"/operator/approvals/{Proposal.objects.latest('pk').pk}"
        for path in (proposed, f"{team}/entries", entry, "/operator/approvals", withdrawal):
            read(path, who)


def test_the_form_of_a_proposal_that_is_over_says_so(opal: User, world: World, settings: object) -> None:
    """Refused or lapsed, it waits for nobody: sent again the form says what became of it, and is there anew."""
    settings.APPROVAL_TOKENS = 100  # type: ignore[attr-defined]
    client, path = signed_in(opal), f"/operator/contracts/{world.flex_contract.pk}/give"
    large = {"pool": "FLEX", "amount": "500"}

    for nonce, became in (("a", {"state": "REFUSED"}), ("b", {"lapses_us": 1})):
        client.post(path, large | {"nonce": nonce}, follow=True)
        Proposal.objects.filter(state="OPEN", lapses_us__gt=1).update(**became)
    words = {"a": "refused", "b": "lapsed"}
    for nonce, word in words.items():
        again = client.post(path, large | {"nonce": nonce}, follow=True)
        assert f"{word}. Nothing is done. Fill in this new form to propose it again." in said(again.content)
        assert "waits for another one" not in said(again.content)
        assert nonce_of(again.content) not in words
    assert (Proposal.objects.count(), Pack.objects.count()) == (2, 0)


def test_an_entry_by_hand_is_withdrawn(opal: User, world: World, settings: object) -> None:
    """From the team's list: with a reason, by two above the threshold, once; never what it was not (matrix, T5)."""
    settings.APPROVAL_TOKENS = 100  # type: ignore[attr-defined]
    first, second = signed_in(opal), signed_in(operator("opus@example.com"))
    team, pack = f"/operator/teams/{world.flex.pk}", world.give("1000")
    used = {"person": "bo@example.com", "product": "A", "reason": "off network"}
    send(first, f"{team}/consume", amount="40", **used)
    send(first, f"{team}/adjust", pool="FLEX", amount="100", reason="pilot")
    few, many = Event.objects.order_by("pk").values_list("pk", flat=True)
    asked = by_hand.Consumption(tokens="300", **used)
    by_hand.enter(world.flex.pk, by_hand.Entry("large", day_of(now())), asked, now=now())
    large = Event.objects.get(event_id="large").pk

    assert f'href="{team}/entries"' in first.get(team).content.decode()
    listed = said(first.get(f"{team}/entries").content)
    assert "Product A large bo@example.com −300" in listed
    assert ("a command of the installation" in listed, "Adjustment: Flex tokens" in listed) == (True, True)
    assert "opal@example.com counts Withdraw" in listed

    path = f"{team}/entries/{few}/withdraw"
    assert first.post(path, {"nonce": "n", "revision": "0", "reason": ""}).status_code == 400
    sent = {"nonce": nonce_of(first.get(path).content), "revision": "0", "reason": "twice"}
    ahead = first.post(path, sent | {"nonce": "o", "revision": "5000"})
    assert (ahead.status_code, "not of the entry as it stands" in said(ahead.content)) == (400, True)
    assert "It is withdrawn: 40 tokens count as consumed no more." in said(first.post(path, sent, follow=True).content)
    assert "This was withdrawn before." in said(first.post(path, sent, follow=True).content)
    assert "is withdrawn already" in said(first.get(path, follow=True).content)
    assert "withdrawn by opal@example.com" in said(second.get(f"{team}/entries").content)
    assert first.get(f"/operator/teams/{world.ent.pk}/entries/{many}/withdraw").status_code == 404

    assert send(first, f"{team}/entries/{large}/withdraw", revision=0, reason="wrong person") == "/operator/approvals"
    shown = said(second.get("/operator/approvals").content)
    assert "Withdraw an entry by hand" in shown
    assert "Tokens −300" in shown
    assert "Reason to withdraw it wrong person" in shown
    second.post(f"/operator/approvals/{Proposal.objects.get().pk}", {"approve": "1"})
    assert (world.left(pack), Audit.objects.filter(verb="withdrew").count()) == ("1000", 2)


def test_an_approver_sees_what_is_out_of_the_ordinary(opal: User, world: World) -> None:
    """That tokens leave for another primary administrator, and that an entry replaces what was said before."""
    team, at = world.flex.pk, now()
    moving = {"pack": 1, "to": "ent", "tokens": None, "reason": "", "across": True}
    amending = {"team": "flex", "asked": {"pool": "FLEX", "tokens": "5"}, "on": 20_000, "id": "e-1", "revision": 2}
    proposals.add(Kind.MOVE, team, moving, by="account 0", key="m", at=at)
    proposals.add(Kind.ADJUST, team, amending, by="account 0", key="a", at=at)

    listed = said(signed_in(opal).get("/operator/approvals").content)

    assert "Also where the teams have different primary administrators yes" in listed
    assert "Corrects the entry e-1" in listed
    assert listed.count("Corrects the entry") == listed.count("different primary administrators") == 1


def test_an_approval_that_others_keep_waiting_says_so(opal: User, world: World) -> None:
    """The page comes back with the proposal, which stays open."""
    payload = {"asked": {"contract": world.flex_contract.number, "pool": "FLEX", "tokens": 5_000_000}}
    row = proposals.add(Kind.GIVE, world.flex.pk, payload, by="command", key="g", at=now())
    client = signed_in(opal)

    def busy(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('INSERT INTO "records_pack"'):
            raise Busy("the records are busy")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(busy):
        answer = client.post(f"/operator/approvals/{row.pk}", {"approve": "1"})

    assert (answer.status_code, "Send it again." in said(answer.content)) == (400, True)
    assert (Proposal.objects.get().state, Pack.objects.count()) == ("OPEN", 0)


def test_a_lost_primary_administrator_is_replaced(opal: User, world: World, settings: object) -> None:
    """A member is appointed, by two operators where that is the rule; a team without a lead gets an invitation."""
    settings.APPROVAL_TOKENS = 1  # type: ignore[attr-defined]
    client, second = signed_in(opal), signed_in(operator("opus@example.com"))
    person("ann@example.com", world, Role.PRIMARY)
    bo = person("bo@example.com")
    Membership.objects.create(team=world.flex, user=bo, role=Role.SECONDARY)
    path = f"/operator/teams/{world.flex.pk}/primary"

    assert "Nobody with this address" in said(client.post(path, {"address": "cy@example.com", "nonce": "n"}).content)
    send(client, path, sure=True, address="bo@example.com")
    assert Membership.objects.get(team=world.flex, role=Role.PRIMARY).user.email == "ann@example.com"
    assert "bo@example.com" in said(second.get("/operator/approvals").content)
    assert second.post(f"/operator/approvals/{Proposal.objects.get().pk}", {"approve": "1"}).status_code == 302

    assert Membership.objects.get(team=world.flex, role=Role.PRIMARY).user == bo


def test_teams_are_found_and_renamed(opal: User, world: World) -> None:
    """The list finds by name and short name, and tells which team has no lead."""
    client = signed_in(opal)
    team = f"/operator/teams/{world.flex.pk}"

    send(client, f"{team}/rename", name="Flexible team")

    assert client.get("/operator", {"page": "0" * 8 + "1" * 5_000}).status_code == 200
    found = said(client.get("/operator", {"q": "flexible", "page": "9"}).content)
    assert "Flexible team" in found
    assert "Enterprise team" not in found
    assert "2 teams have no primary administrator" in found
    assert "No team is called so" in said(client.get("/operator", {"q": "\x00none"}).content)
    assert client.get("/operator/teams/9999999").status_code == 404


def test_tokens_of_several_years_stand_apart(opal: User, world: World) -> None:
    """The list says of a team what its own first page does; tokens of several years are named beside it (N6)."""
    client = signed_in(opal)
    contract = f"/operator/contracts/{world.ent_contract.pk}"

    send(client, f"{contract}/give", pool="CY", amount="100")
    send(client, f"{contract}/give", pool="MY", amount="50")

    page = said(client.get("/operator").content)
    assert "100 and 50 of several years" in page
    assert "Members are people who joined" in page
    assert "It is below zero where more was used" in said(client.get(contract).content)


def test_a_key_is_made_shown_once_and_ended(opal: User) -> None:
    """What asks and reports for a team gets its key on the pages; ended, it is refused at once; both are audited."""
    at = now()
    team = catalogue.add_team("north", "Design North", now=at)
    client = signed_in(opal)
    page = f"/operator/teams/{team.pk}"
    assert "Nothing asks or reports for this team." in said(client.get(page).content)

    made = client.post(f"{page}/keys/new", {"name": "workstations"})
    key = re.search(r'<code id="new-key">(fbs_[^<]+)</code>', made.content.decode())
    assert key
    held = sources.of_key(key[1], now=at)
    assert held
    assert (held.team, held.scopes) == (team.pk, {"events:write", "authorize"})
    assert key[1].encode() not in client.get(page).content
    assert "workstations ask and report" in said(client.get(page).content)
    taken = client.post(f"{page}/keys/new", {"name": "workstations"})
    assert (taken.status_code, "There is a source" in said(taken.content) or "already" in said(taken.content)) == (
        400,
        True,
    )

    ending = f"{page}/keys/{held.id}/end"
    assert "End the key of workstations?" in said(client.get(ending).content)
    assert sources.of_key(key[1], now=at)
    assert client.post(ending)["Location"] == page
    assert sources.of_key(key[1], now=at) is None
    assert client.get(ending).status_code == 404
    verbs = [verb for verb in Audit.objects.order_by("pk").values_list("verb", flat=True) if "source" in verb]
    assert verbs == ["source.add", "source.revoke"]


@pytest.mark.parametrize(
    ("language", "typed", "micro"),
    [
        ("sv", "1,5", 1_500_000),
        ("fr", "-0,125", -125_000),
        ("sv", "1.5", 1_500_000),
        ("fr", "12,000001", 12_000_001),
        ("fr", "1,500", None),
        ("sv", "1,2,3", None),
        ("sv", "1.000,5", None),
        ("sv", "1 000,5", None),
        ("en", "1,5", None),
        ("ja", "1,5", None),
    ],
)
def test_tokens_are_typed_as_the_pages_write_them(language: str, typed: str, micro: int | None) -> None:
    """A decimal comma is taken in the languages that have one, exactly; what may part thousands is refused."""
    with translation.override(language):
        try:
            found = TokensField(signed=True).clean(typed)
        except ValidationError:
            found = None

    assert found == micro


@pytest.mark.parametrize(
    ("language", "typed", "minor"),
    [("sv", "12,50", 1_250), ("fr", " 0,5 ", 50), ("sv", "12.50", 1_250), ("sv", "1,250", None), ("en", "12,50", None)],
)
def test_a_price_is_typed_as_the_pages_write_it(language: str, typed: str, minor: int | None) -> None:
    """The decimal sign of a price is taken as that of an amount of tokens."""
    sent = {"pool": "FLEX", "amount": "5", "price": typed, "currency": "eur", "nonce": "n"}
    with translation.override(language):
        form = GiveForm(sent, choices={"pool": [("FLEX", "Flex")]})
        is_valid = form.is_valid()

    assert (is_valid, form.cleaned_data.get("price_minor")) == (minor is not None, minor)
