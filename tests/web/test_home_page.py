"""The first page: what is left, what to know, and every question of an administrator two clicks away."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from tests.web.test_balances_page import buy, south
from tests.web.test_pages import text_of
from tests.web.used import Used, ago, person, written
from tests.world import World, event

from farebox.domain.amounts import tokens
from farebox.domain.clock import as_date, instant
from farebox.domain.packs import Pool
from farebox.domain.report_files import Format, ReportType
from farebox.domain.rights import Role
from farebox.records.exports import spec_of
from farebox.records.models import ExportRequest, Membership, Team
from farebox.services import catalogue, defaults, groups, report, seats, sources
from farebox.services.assign import assign
from farebox.services.authorise import Launch, authorise
from farebox.services.move import Move, move
from farebox.services.project import project

PAGE = "/"


@pytest.fixture
def ann(used: Used, client: Client) -> Client:
    """Return a client in which Ann is signed in."""
    client.force_login(used.ann)
    return client


def last_month() -> tuple[date, date]:
    """Return the first and the last date of the last complete month."""
    last = timezone.now().date().replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def use(used: Used, key: str, who: str, product: str, on: date, hour: int = 8) -> None:
    """Use a product of the Flex team for an hour."""
    start, end = (f"{on} {hour + more:02d}:00" for more in (0, 1))
    assert used.world.send(event(key, who, product, start, end), now=instant(timezone.now()))


def links(page: str) -> dict[str, str]:
    """Return the addresses of a page by the words of their links."""
    found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL)
    return {text_of(words): unescape(address) for address, words in found}


def first_row(page: str) -> str:
    """Return the words of the first row of the last table of a page."""
    table = page.rsplit("<tbody>", 1)[1].split("</tbody>", 1)[0]
    return text_of(table.split("</tr>", 1)[0])


@pytest.fixture
def busy(used: Used) -> Used:
    """Let Cy spend most, and product B grow most, in the last complete month."""
    first, last = last_month()
    earlier = first - timedelta(days=3)
    for nth in range(3):
        use(used, f"c{nth}", "cy@example.com", "B", first + timedelta(days=2 * nth))
        use(used, f"d{nth}", "di@example.com", "A", first + timedelta(days=2 * nth))
        use(used, f"e{nth}", "di@example.com", "A", earlier - timedelta(days=2 * nth))
    use(used, "last", "cy@example.com", "B", last)
    project()
    return used


def test_the_file_for_finance_is_one_click_and_a_download_away(busy: Used, ann: Client) -> None:
    """A button of the page itself asks for the workbook of the last month, and leads to where it is downloaded (H1)."""
    first, last = last_month()
    page = ann.get(PAGE, {"contract": busy.number}).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)" autocomplete', page))

    told = [ann.post("/reporting/export", fields) for _ in range(2)]

    assert [one["Location"] for one in told] == ["/reporting/export#history"] * 2
    spec = spec_of(ExportRequest.objects.get())
    assert spec is not None
    assert spec.days is not None
    assert (as_date(spec.days.since), as_date(spec.days.until)) == (first, last + timedelta(days=1))
    assert (spec.format, spec.types, spec.contracts) == (Format.XLSX, (ReportType.USAGE,), (busy.number,))


def test_every_question_is_answered_and_two_clicks_away(busy: Used, ann: Client) -> None:
    """Who spent most, which product grew, what is left until when, and the file: each with its answer and its link."""
    first, last = last_month()
    span = f"range=custom&since={first}&until={last}"

    page = ann.get(PAGE, {"contract": busy.number}).content.decode()
    to = links(page)
    users, products, left = (
        ann.get(to[words]).content.decode()
        for words in ("All users, by tokens", "All products, by growth", "Balances and packs")
    )

    assert re.search(r"Who spent most\? cy@example\.com \d+ tokens, \d+% of all", text_of(page))
    assert re.search(r"Which product grew\? Product B \d+ tokens more than the month before", text_of(page))
    assert span in to["All users, by tokens"]
    assert first_row(users).startswith("cy@example.com")
    assert first_row(products).startswith("Product B")
    assert all(ann.get(to[words]).status_code == 200 for words in ("cy@example.com", "Product B"))
    assert "Packs" in text_of(left)
    assert f"/reporting/export?types=usage&contract={busy.number}&{span}" in to.values()
    assert ann.get(next(a for a in to.values() if "export?types" in a)).status_code == 200


def test_the_sum_of_the_month_is_that_of_the_api(busy: Used, ann: Client) -> None:
    """The total is what the query API answers for these dates (R3)."""
    first, last = last_month()
    where = f"usageDate >= '{first}' AND usageDate <= '{last}'"
    question = report.Question(metrics=("tokensConsumed",), where=where)

    ((total,),) = report.answer(question, report.contract_of(busy.ann, busy.number)).rows

    words = text_of(ann.get(PAGE, {"contract": busy.number}).content.decode())
    assert f"{total} tokens in all" in words


def test_hidden_names_are_pseudonyms(busy: Used, ann: Client) -> None:
    """Where one team hides names, nobody is named on the page of all teams either (P1, domain case 12)."""
    Team.objects.filter(pk=busy.world.flex.pk).update(names_hidden=True)

    for contract in ("", busy.number):
        page = ann.get(PAGE, {"contract": contract} if contract else {}).content.decode()
        assert re.search(r"Who spent most\? u-\S+ \d+ tokens", text_of(page))
        assert "example.com" not in page.replace(busy.ann.email, "")


def test_every_contract_has_its_balance(ann: Client, used: Used) -> None:
    """Who administers several teams sees each: what is left, until when, what was used, and the way there (C5)."""
    buy(used.world.ent_contract.number, Pool.CY, "50", since=5, until=20)

    page = ann.get(PAGE).content.decode()
    words = text_of(page)

    assert re.search(r"Flex team · Flex \d+ 83 83% of 100 left runs out about .*? used in 30 days 17 Balances", words)
    assert re.search(r"Enterprise \d+ 50 100% of 50 left runs out about .*? will expire unused 50 used in 30", words)
    assert f'href="/reporting/balances?contract={used.number}"' in page
    assert "The last pack ends on" in words
    assert re.search(r"\d+ 50 · last until their end \w+ \d+, \d+ Flex team · Flex \d+ 83 · runs out about \w+", words)


def test_what_is_urgent_comes_first(ann: Client, used: Used) -> None:
    """Shortfalls, low balances, packs that end, events that wait and silent sources are told (N2, F8, M2)."""
    buy(used.number, Pool.FLEX, "40", since=1, until=5, order="PO 7")
    for key, product, day in (("q", "NO-SUCH", 1), ("r", "NO-SUCH", 2), ("t", "A", 3_000)):
        waits = event(key, "bo@example.com", product, written(ago(day)), written(ago(day, 10)))
        used.world.send(waits, now=instant(ago(0, 0)))
    used.world.send(
        event("s", "bo@example.com", "B", written(ago(1)), written(ago(1, 10))), ent=True, now=instant(ago(0, 0))
    )
    sources.add("licence server", now=instant(ago(3)), team="flex", interval_minutes=60)

    page = ann.get(PAGE).content.decode()
    told = [text_of(one) for one in re.findall(r'<li class="within-\d+">(.*?)</li>', page, re.DOTALL)]

    assert told[0].startswith("10 tokens were used beyond the tokens of the contract year.")
    assert told[1].startswith("No tokens are left. Enterprise team")
    assert told[2].startswith("Pack PO 7 ends on")
    reasons = "the catalogue does not have the product (2) and no contract of the team opens the product at that time"
    assert any(one.startswith(f"Flex team: 3 events wait and are not charged yet: {reasons} (1).") for one in told)
    assert any("The operator of this installation sees them on a page" in one for one in told)
    assert any("“licence server” has not sent anything yet." in one for one in told)


def test_in_the_first_month_the_answers_are_about_this_month(ann: Client, used: Used) -> None:
    """Where nobody used anything in the month before, this month so far is told, and that it is (T4)."""
    number, midnight = used.world.ent_contract.number, ago(0, 0)
    buy(number, Pool.CY, "50", since=0, until=20)
    use = event("n", "bo@example.com", "A", written(midnight), written(midnight + timedelta(minutes=30)))
    used.world.send(use, ent=True, now=instant(ago(-1)))
    project()

    page = ann.get(PAGE, {"contract": number}).content.decode()

    assert "Answers about this month so far: " in page
    assert re.search(r"Who spent most\? bo@example\.com [\d.]+ tokens, 100% of all", text_of(page))
    assert f"since={midnight.date().replace(day=1)}" in links(page)["All users, by tokens"]
    assert "Answers about this month so far" not in ann.get(PAGE, {"contract": used.number}).content.decode()


def test_the_menu_keeps_the_contract(ann: Client, used: Used) -> None:
    """Whoever chose a contract stays with it from page to page; an address that is not there is not kept (C2)."""
    number = used.world.ent_contract.number

    kept = links(ann.get(PAGE, {"contract": number}).content.decode())
    odd = links(ann.get("/settings", {"contract": 'a&b"<'}).content.decode())
    lost = links(ann.get(PAGE, {"contract": "404"}).content.decode())

    assert kept["Balances"] == f"/reporting/balances?contract={number}"
    assert kept["Token usage"] == f"/reporting/token-usage?contract={number}"
    assert kept["Settings"] == "/settings"
    assert odd["Home"] == "/?contract=a%26b%22%3C"
    assert lost["Balances"] == "/reporting/balances"


@pytest.mark.usefixtures("_warehouse")
def test_an_empty_team_is_taught_what_comes_next(world: World, client: Client) -> None:
    """Steps are told with where to take them, and are ticked off as they are taken."""
    client.force_login(person("ann@example.com", world, Role.PRIMARY))

    page = client.get(PAGE).content.decode()
    to = links(page)

    assert "There are no tokens yet." in text_of(page)
    assert "○ Tokens The operator of this installation adds a token pack to the team." in text_of(page)
    assert "○ Invite people Write their names and addresses" in text_of(page)
    assert to["Invite people"] == f"/users/by-user?team={world.ent_contract.team_id}&invite=1#invite"
    assert "○ First launch A product or a licence server asks at each launch" in text_of(page)
    assert "Who spent most" not in page
    assert (to["Personal token"].split("#")[0], to["First export"]) == ("/settings", "/reporting/export")


@pytest.mark.usefixtures("_warehouse")
@pytest.mark.parametrize("way", ["person", "group", "defaults", "seat"])
def test_people_and_the_first_launch_are_ticked_off(world: World, client: Client, way: str) -> None:
    """However a product was given, somebody may open it; a launch that was allowed is use before it is an event."""
    client.force_login(person("ann@example.com", world, Role.PRIMARY))
    give_product(world, way)
    if way == "person":
        buy(world.flex_contract.number, Pool.FLEX, "40", since=3, until=30)
        authorise(Launch(world.flex_contract.team_id, "bo@example.com", "A"), now=instant(timezone.now()))

    words = text_of(client.get(PAGE, {"contract": world.flex_contract.number}).content.decode())

    assert "✓ People may open products" in words
    assert ("✓ Use comes in" in words) == (way == "person")


def give_product(world: World, way: str) -> None:
    """Give somebody product A in one of the ways there are."""
    team, at = world.flex_contract.team, instant(ago(1))
    bo = catalogue.add_person(team, "bo@example.com", "Bo Ek", now=at)
    match way:
        case "person":
            assign(bo.pk, "A", actor="test", now=at)
        case "group":
            group = groups.make(groups.Command.LINE, team.pk, "Office", now=at)
            groups.join(groups.Command.LINE, team.pk, group, [bo.pk], now=at)
            groups.set_products(groups.Command.LINE, team.pk, group, ["A"], now=at)
        case "defaults":
            defaults.choose(defaults.Command.LINE, team.pk, ["A"], now=at)
        case _:
            seats.give(seats.Command.LINE, team.pk, [bo.pk], "A", seats.Funding.SEAT, now=at)


def test_an_operator_of_no_team_is_led_to_the_installation(db: None, client: Client) -> None:
    """An empty installation has no team to report on: its first operator comes to the first steps."""
    at = instant(timezone.now())
    user = catalogue.add_account("op@example.com", "correct horse battery", "Op", roles={}, operator=True, now=at)
    client.force_login(user)

    assert client.get(PAGE)["Location"] == "/operator"


@pytest.mark.usefixtures("_warehouse")
def test_whose_tokens_were_moved_away_is_told_so(world: World, client: Client) -> None:
    """A team that lost its tokens is not told that it never had any."""
    client.force_login(person("ann@example.com", world, Role.PRIMARY))
    pack = buy(world.flex_contract.number, Pool.FLEX, "40", since=3, until=30)
    to = south()
    move(Move(pack=pack, to="south", tokens=tokens("40"), across=True), now=instant(ago(1)))

    words = text_of(client.get(PAGE, {"contract": world.flex_contract.number}).content.decode())

    assert to.number
    assert "○ Tokens The tokens that were here were moved or taken away." in words


def test_it_is_for_administrators(used: Used, client: Client) -> None:
    """Members are led to their own use, others told whom to ask; a foreign contract is not there (T2, matrix)."""
    assert client.get(PAGE)["Location"].startswith("/accounts/login/")
    bare = catalogue.add_team("bare", "Bare team", now=instant(ago(9)))
    eve = person("eve@example.com")
    Membership.objects.create(team=bare, user=eve, role=Role.PRIMARY)
    client.force_login(eve)
    for address in (PAGE, "/reporting/balances", "/reporting/token-usage", "/reporting/export"):
        told = text_of(client.get(address).content.decode())
        assert "You administer Bare team. It has no contract yet" in told
        assert "The operator of this installation adds one, on the page of the team." in told
        assert "you administer none" not in told
    uma, zed = person("uma@example.com", used.world), person("zed@example.com")
    client.force_login(uma)
    assert client.get(PAGE)["Location"] == "/me"
    client.force_login(zed)
    assert "to make zed@example.com an administrator" in text_of(client.get(PAGE).content.decode())
    for member in (uma, zed):
        client.force_login(member)
        assert client.get(PAGE, {"contract": used.number}).status_code == 404
    client.force_login(used.ann)
    assert client.get(PAGE, {"contract": south().number}).status_code == 404
