"""My use and Left open, as plain HTML: what they say, to whom, and that nobody sees another's (product B8, B9)."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from tests.web.test_pages import text_of
from tests.web.used import PASSWORD, Used, ago, written
from tests.world import event

from farebox.domain.clock import DAY, HOUR, MINUTE, Instant, day_of, instant, moment
from farebox.domain.ids import charged_item_id
from farebox.domain.rights import Role
from farebox.domain.usage import Reason
from farebox.records.models import Charge, Entitlement, Membership, Person, Team, User
from farebox.services.assign import assign
from farebox.services.authorise import Launch, authorise, review_due
from farebox.services.catalogue import entitle
from farebox.services.where_to_get import set_where
from farebox.web import present
from farebox.web.shown.own_charge import BECAUSE

PAGE = "/me"
LEFT_OPEN = "/users/left-open"


class Own:
    """Bo, a plain member of the Flex team: may open A by tokens, holds a seat for B and a trial of Z."""

    def __init__(self, used: Used) -> None:
        self.used, self.now = used, instant(timezone.now())
        self.flex = used.world.flex
        self.user = User.objects.create_user("bo@example.com", PASSWORD, name="Bo")
        Membership.objects.create(team=self.flex, user=self.user, role=Role.USER)
        self.person = Person.objects.get(team=self.flex, key="bo@example.com")
        assign(self.person.pk, "A", actor="command", now=self.now)
        entitle(self.person, used.world.products["B"], "SEAT", since=self.now)
        entitle(self.person, used.world.products["Z"], "TRIAL", since=self.now, until=Instant(self.now + 9 * DAY))

    def why(self, client: Client) -> list[str]:
        """Return the addresses of the explanations that the page leads to."""
        return re.findall(r'href="(/me/charges/[^"]+)"', client.get(PAGE).content.decode())


@pytest.fixture
def own(used: Used) -> Own:
    """Return Bo's world."""
    return Own(used)


@pytest.fixture
def bo(own: Own, client: Client) -> Client:
    """Return a client in which Bo is signed in."""
    client.force_login(own.user)
    return client


def test_a_plain_member_is_led_to_their_own(own: Own, bo: Client) -> None:
    """The first page leads there, and the places about contracts are not offered (authorization matrix)."""
    assert (bo.get("/").status_code, bo.get("/")["Location"]) == (302, PAGE)
    page = bo.get(PAGE).content.decode()
    places = page.split('<nav class="places"', 1)[1].split("</nav>", 1)[0]
    assert re.findall(r'href="([^"]+)"', places) == [PAGE, "/settings"]


def test_it_says_what_opening_would_cost(own: Own, bo: Client) -> None:
    """
    Each product with its price now, or why it will not use tokens, and where to get it (product B8).

    [S 003] « Demandez aux utilisateurs d’ignorer le message d’expiration de la version d’évaluation. »
    « Vous n’avez pas besoin de réinstaller le produit si vous passez d’Autodesk Flex à une licence avec abonnement pour
    utilisateur unique ou si vous avez déjà installé une version prise en charge. »
    « Les utilisateurs des jetons Flex peuvent télécharger et installer les produits. »
    """
    set_where("A", "https://get.example.com/?a=1&b=2", "Take 2026.", actor="command", now=own.now)
    User.objects.filter(pk=own.used.ann.pk).update(name="Ann")

    page = bo.get(PAGE).content.decode()
    words = text_of(page)

    assert "Product A 7 tokens, which cover 24 hours. Get Product A Take 2026." in words
    assert 'href="https://get.example.com/?a=1&amp;b=2" rel="noopener noreferrer"' in page
    assert "Product B This will not use tokens, because you hold a seat for it." in words
    assert "Product Z This will not use tokens, because you are in a trial of it until" in words
    assert "Once the trial has ended, it opens with tokens only if an administrator assigns it to you." in words
    assert "Ask the primary administrator of the team, Ann." in words
    assign(own.person.pk, "Z", actor="command", now=own.now)
    words = text_of(bo.get(PAGE).content.decode())
    last = present.short_date(day_of(Instant(Entitlement.objects.get(kind="TRIAL").until_us - 1)))
    assert f"in a trial of it until {last} (UTC)." in words
    assert "Ignore its message that the trial expires: once the trial has ended, you begin to use tokens." in words
    assert "Changing from tokens to a seat needs nothing reinstalled" in words
    assert "A seat or a trial counts only if you sign in to the product as bo@example.com, too." in words


def test_no_figure_of_the_team_is_told(own: Own, bo: Client) -> None:
    """Too few tokens is said without a number: balances are not for plain members (authorization matrix)."""
    own.used.world.send(
        *(event(f"m{n}", f"m{n}@example.com", "B", written(ago(1)), written(ago(1, 10))) for n in range(8)), now=own.now
    )

    words = text_of(bo.get(PAGE).content.decode())

    assert "It would not open: your team has not enough tokens." in words
    assert "cover 24 hours" not in words
    for address in ("/reporting/balances", "/reporting/token-usage", "/reporting/export", LEFT_OPEN):
        told = bo.get(address)
        assert told.status_code == 403 or "you administer none" in text_of(told.content.decode()), address


def test_what_is_open_says_when_to_close_it(own: Own, bo: Client) -> None:
    """
    Until when to close what is open, and what it costs otherwise (product B9).

    [S 003] « Pour éviter que les temps d’inactivité soient facturés, les utilisateurs doivent se déconnecter des
    produits ou les fermer lorsqu’ils n’en ont plus besoin. »
    """
    authorise(Launch(own.flex.pk, "bo@example.com", "A", machine="bo-desk"), now=Instant(own.now - HOUR))
    review_due(now=own.now)

    words = text_of(bo.get(PAGE).content.decode())

    assert re.search(r"Product A bo-desk Close it before .{10,30} UTC, or another 7 tokens are charged\.", words)
    assert "reserved" not in words
    assert "Close products that you no longer need" in words
    assert "Product A This will not use tokens, because the last charge covers it until" in words


def test_what_is_not_charged_yet_is_called_so(own: Own, bo: Client) -> None:
    """In the first minutes tokens are reserved (F7); of what reported its start alone, they are due (F1, M4)."""
    authorise(Launch(own.flex.pk, "bo@example.com", "A"), now=Instant(own.now - MINUTE))
    words = text_of(bo.get(PAGE).content.decode())
    assert re.search(r"7 tokens are reserved for it\. Close it before .{10,30} UTC, or another 7 tokens", words)
    assert "This will not use more tokens, because what is reserved for it covers it until" in words

    start = written(moment(Instant(own.now - 9 * HOUR)))
    own.used.world.send(event("start", "bo@example.com", "B", start, None), now=own.now)
    words = text_of(bo.get(PAGE).content.decode())
    assert re.search(r"10 tokens are due for it already\. Close it before .{10,30} UTC, or another 10 tokens", words)


def test_what_was_used_and_why(own: Own, bo: Client) -> None:
    """Tokens and days of 30 days and of 12 months, and each charge with its reason, without the team's packs (E7)."""
    words = text_of(bo.get(PAGE).content.decode())
    assert "Tokens used 7 Days used 1 of 30" in words
    assert "cy@example.com" not in words
    year = bo.get(PAGE, {"range": "12m", "charges": "all"})
    assert (year.status_code, "Tokens used" in text_of(year.content.decode())) == (200, True)

    (address,) = own.why(bo)
    told = text_of(bo.get(address).content.decode())

    assert '<details class="disclosure" hidden>' in year.content.decode()
    assert re.search(r"Had you closed it within the first \d+ minutes?, it would have been 7 tokens less\.", told)
    assert "7 tokens You opened it outside every window that was paid for" in told
    assert "pack" not in told.lower()
    assert {reason.value for reason in Reason} == {str(reason) for reason in BECAUSE}


def test_nobody_sees_anothers(own: Own, used: Used) -> None:
    """A charge of somebody else, an unknown one and none at all look the same, to administrators as well (T2, T3)."""
    bo, ann = Client(), Client()
    bo.force_login(own.user)
    ann.force_login(used.ann)
    (bos,) = own.why(bo)
    cys = charged_item_id(Charge.objects.get(person__key="cy@example.com").pk)
    assert bo.get(bos).status_code == 200
    assert [ann.get(bos).status_code, bo.get(f"/me/charges/{cys}").status_code] == [404, 404]
    assert [bo.get(f"/me/charges/{text}").status_code for text in ("000000000000", "x", "é")] == [404, 404, 404]
    for team in (used.world.ent.pk, 10**12, "x", "-1", ""):
        assert bo.get(PAGE, {"team": team}).status_code == (200 if team == "" else 404), team
    Membership.objects.filter(user=own.user).delete()
    assert bo.get(bos).status_code == 404


def test_what_makes_no_sense_is_said(own: Own, bo: Client) -> None:
    """Every problem of the address at once, with 400, and the page as by default."""
    told = bo.get(PAGE, {"range": "7d", "charges": "x", "page": "0", "q": "\x00"})
    words = text_of(told.content.decode())
    assert told.status_code == 400
    for problem in ("There is no such range.", "There is no such list of charges.", "There is no such page."):
        assert problem in words
    assert "The search text is too long" in words
    assert "Tokens used 7" in words


def test_several_teams_and_none(own: Own, used: Used, client: Client) -> None:
    """Who is in several teams switches; in a team without access one is told whom to ask; without any team as well."""
    client.force_login(used.ann)
    page = client.get(PAGE).content.decode()
    switch = page.split('aria-label="Teams"', 1)[1].split("</nav>", 1)[0]
    assert re.findall(r">([^<]+)</a>", switch) == ["Enterprise team", "Flex team"]
    assert "Assign products to people" in text_of(page)
    second = unescape(re.findall(r'href="([^"]+)"', switch)[1])
    assert "No product of Flex team is assigned to you." in text_of(client.get(second).content.decode())
    nobody = User.objects.create_user("nobody@example.com", PASSWORD)
    client.force_login(nobody)
    assert "Ask an administrator of your team to invite nobody@example.com." in text_of(
        client.get(PAGE).content.decode()
    )
    assert client.get(PAGE, {"team": used.world.flex.pk}).status_code == 404
    client.logout()
    assert client.get(PAGE)["Location"].startswith("/accounts/login/")


def test_the_administrator_sees_what_is_left_open(own: Own, used: Used, client: Client) -> None:
    """Open for long, with advice and what such sessions cost; pseudonyms where names are hidden (product B9, P1)."""
    client.force_login(used.ann)
    start, end = ago(5, 8), ago(3, 9)
    used.world.send(
        event("left", "cy@example.com", "A", written(start), written(end)),
        event("open", "cy@example.com", "B", written(ago(1, 1)), None, lastHeartbeat=ago(0, 0).isoformat()),
        now=own.now,
    )
    address = f"{LEFT_OPEN}?team={own.flex.pk}"

    words = text_of(client.get(address).content.decode())
    assert "Left open" in words
    assert "cy@example.com Product A 2 times 14" in words
    Team.objects.filter(pk=own.flex.pk).update(names_hidden=True)
    hidden = text_of(client.get(address).content.decode())
    assert "cy@example.com" not in hidden
    assert Person.objects.get(team=own.flex, key="cy@example.com").pseudonym in hidden
    assert client.get(f"{address}&hours=7").status_code == 400
    assert client.get(LEFT_OPEN, {"team": 10**12}).status_code == 404
