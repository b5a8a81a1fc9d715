"""The page Balances: what is left, when it runs out, what will expire, and what happened to tokens (F5, C5)."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape

import openpyxl
import pytest
from django.test import Client
from django.utils import translation
from tests.services.test_token_events import adjustment
from tests.web.test_pages import text_of
from tests.web.used import Used, ago, person, written
from tests.world import World, event, withdrawal

from farebox.domain.amounts import MICRO, tokens
from farebox.domain.clock import day_of, instant
from farebox.domain.packs import Pool
from farebox.domain.rights import Role
from farebox.records.models import Contract, Team
from farebox.records.models.contracts import Scheme
from farebox.services import balances, catalogue, report
from farebox.services.give import Purchase, give
from farebox.services.move import Move, move
from farebox.services.project import project
from farebox.web.shown.balance_tables import ended, events, packs

PAGE = "/reporting/balances"


@pytest.fixture
def ann(used: Used, client: Client) -> Client:
    """Return a client in which Ann is signed in."""
    client.force_login(used.ann)
    return client


def buy(number: str, pool: Pool, amount: str, *, since: int, until: int, order: str = "") -> int:
    """Give a pack that began so many days ago and ends in so many; return its id."""
    bought = Purchase(
        contract=number, pool=pool, tokens=tokens(amount), since=instant(ago(since)), until=instant(ago(-until)),
        order_number=order, price_minor=125_000 if order else None, currency="EUR" if order else "",
    )  # fmt: skip
    return give(bought, now=instant(ago(since))).pack


def south() -> Contract:
    """Add a team that nobody here administers, and its contract."""
    team = catalogue.add_team("south", "South team", now=instant(ago(200)))
    return catalogue.add_contract(team, Scheme.FLEX, offer="all", card="flex", start=day_of(instant(ago(200))))


def test_the_page_tells_what_is_left_and_until_when(ann: Client, used: Used) -> None:
    """
    Pools are apart; each pack has its turn, its end and what will expire of it; the method is stated (F5, F8, L1).

    24 tokens in 90 days are the pace: a pack of 40 that ends in 30 days is drawn first and loses 32.
    """
    buy(used.number, Pool.FLEX, "40", since=1, until=30, order="PO 7")
    buy(used.number, Pool.CREDIT, "60", since=1, until=300)

    words = text_of(ann.get(PAGE).content.decode())

    assert "Flex tokens 123 88% of 140 left used 17 reserved 0 in all 140" in words
    assert "Cloud credits 60 100% of 60 left used 0 reserved 0 in all 60 They pay before tokens" in words
    assert "Tokens a day at the pace of the last 90 days: 0.3" in words
    assert "Adjustments by hand are no use." in words
    assert re.search(r"Pack PO 7 ends on .*?, in 30 days\. At the present pace 40 tokens of it expire unused\.", words)
    assert re.search(r"PO 7 Flex tokens 2 €1,250\.00 40 0 40 .*? ends in 30 days 40 ", words)
    assert "Packs that ended within a year Pack Tokens Used Expired unused Start End Pack" in words


def test_a_fifth_or_less_is_red_and_said(ann: Client, used: Used) -> None:
    """At 20 % the tile is marked and says so; credits that pay are drawn before tokens (pages.md, S5)."""
    buy(used.number, Pool.CREDIT, "8.75", since=1, until=300)
    used.world.send(event("z", "bo@example.com", "A", written(ago(0, 0)), written(ago(0, 1))), now=instant(ago(-1)))

    page = ann.get(PAGE).content.decode()

    assert "Cloud credits 1.75 Low: 20% of 8.75 left used 7" in text_of(page)
    assert page.count('class="tile low"') == 1


def test_the_files_hold_what_the_page_shows(ann: Client, used: Used) -> None:
    """CSV and XLSX have the rows of the table in its order, with exact amounts and instants (R3)."""
    pack = buy(used.number, Pool.FLEX, "40", since=1, until=30, order="=1+1")
    address = {"format": "csv", "sort": "-held"}

    answer = ann.get(PAGE, address)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    book = openpyxl.load_workbook(io.BytesIO(ann.get(PAGE, address | {"format": "xlsx"}).content))
    _about, packs, ended = (list(sheet.iter_rows(values_only=True)) for sheet in book)

    assert answer["Content-Disposition"].startswith(f'attachment; filename="balances-{used.number}-')
    assert [(row["held"], row["left"], row["turn"]) for row in rows] == [("100", "83", "2"), ("40", "40", "1")]
    assert rows[1]["pack"] == "'=1+1"
    assert (rows[1]["price"], rows[1]["currency"]) == ("1250.00", "EUR")
    fates = balances.books(used.world.flex_contract.pk, at=instant(ago(0, 0))).outlook.fates
    assert abs(tokens(rows[1]["expiresUnused"]) - next(one.lapsed for one in fates if one.pack == pack)) < MICRO
    assert [row[6] for row in packs] == ["held", 100, 40]
    assert packs[2][2] == "=1+1"
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}
    assert [row[1:4] for row in ended[1:]] == [(300, 14, 286)]


def test_the_commands_give_the_numbers_of_the_page(ann: Client, used: Used) -> None:
    """What the API is asked about the pace is what the books count, adjustments left out (R3, F8)."""
    used.world.send(adjustment("less", "-3", str(ago(1).date())), now=instant(ago(0, 0)))
    project()
    page = unescape(ann.get(PAGE).content.decode())

    asked = json.loads(re.findall(r"<<'JSON'\n(.*?)\nJSON", page)[0])
    question = report.Question(fields=(), metrics=tuple(asked["metrics"]), where=asked["where"])
    ((used_by_api,),) = report.answer(question, report.contract_of(used.ann, used.number)).rows

    pace = balances.books(used.world.flex_contract.pk, at=instant(ago(0, 0))).outlook.pace
    assert f"/tokenflex/v1/contract/{used.number} \\" in page
    assert "the tokens of each contract year, as the usage API has them. It has no packs." in page
    assert "the tokens used in the last 90 days, of which the pace is made" in page
    assert (used_by_api, pace.tokens // MICRO, pace.days) == (24, 24, 90)


def test_what_happened_is_told_with_who_and_why(ann: Client, used: Used) -> None:
    """Events are listed, newest first, filtered by kind and searched in the address; the file has the same (C5)."""
    south()
    pack = buy(used.number, Pool.FLEX, "40", since=1, until=30)
    asked = Move(pack=pack, to="south", tokens=tokens("30"), reason="one office less", across=True)
    move(asked, actor=f"account {used.ann.pk}", now=instant(ago(0, 0)))

    events = {"tab": "events"}
    page = ann.get(PAGE, events).content.decode()
    words = text_of(page)
    moved = text_of(ann.get(PAGE, events | {"kind": "MOVED_OUT"}).content.decode())
    found = text_of(ann.get(PAGE, events | {"q": "bought"}).content.decode())
    file = ann.get(PAGE, events | {"kind": "MOVED_OUT", "format": "csv"}).content.decode()

    assert re.search(r"Moved out −30 .*? South team Ann Example one office less", words)
    assert re.search(r"Expired −286 .*? by itself .*? Bought \+100 .*? the operator", words)
    assert "always of the last 90 days" in words
    assert "<title>Token events – Farebox</title>" in page
    assert "Moved out −30" in moved
    assert "Bought +100" not in moved
    assert "Moved out −30" not in found
    assert [row["tokens"] for row in csv.DictReader(io.StringIO(file))] == ["-30"]


def test_where_names_are_hidden_nobody_is_named(ann: Client, used: Used) -> None:
    """Who acted is then an administrator, on the page and in the file (P1)."""
    south()
    pack = buy(used.number, Pool.FLEX, "40", since=1, until=30)
    move(Move(pack=pack, to="south", reason="why", across=True), actor=f"account {used.ann.pk}", now=instant(ago(0, 0)))
    Team.objects.filter(pk=used.world.flex.pk).update(names_hidden=True)

    for wanted in ("page", "csv"):
        told = ann.get(PAGE, {"tab": "events", "format": wanted, "contract": "all"}).content.decode()
        assert "an administrator" in told
        assert "Ann Example" not in told


def test_all_teams_are_added_up_and_apart(ann: Client, used: Used) -> None:
    """The sums are those of the contracts, each of which is a link; the run-out is the first of them (C2)."""
    buy(used.world.ent_contract.number, Pool.CY, "50", since=5, until=20)

    page = ann.get(PAGE, {"contract": "all"}).content.decode()
    words = text_of(page)

    assert "Tokens left 133 89% of 150 left" in words
    assert f'href="?contract={used.number}"' in page
    number = used.world.ent_contract.number
    assert re.search(rf"First to end \w+ \d+, \d+ Enterprise team · Enterprise {number} Nothing is used", words)
    assert re.search(r"Nothing is used: by \w+ \d+, \d+, 50 tokens expire\.", words)
    assert "not before they end" in words


def test_an_enterprise_contract_has_years(ann: Client, used: Used) -> None:
    """The contract year is told with its pools, and every year as the API has it (N6, N7)."""
    number, midnight = used.world.ent_contract.number, ago(0, 0)
    for pool, amount in ((Pool.CY, "5"), (Pool.MY, "30")):
        bought = Purchase(contract=number, pool=pool, tokens=tokens(amount), since=instant(midnight))
        give(bought, now=instant(midnight))
    end = midnight + timedelta(minutes=6)
    use = event("e", "bo@example.com", "A", written(midnight), written(end))
    used.world.send(use, ent=True, now=instant(end))

    words = text_of(ann.get(PAGE, {"contract": number}).content.decode())

    assert "Tokens of the contract year 0 Low: 0% of 5 left used 5" in words
    assert "Used beyond the tokens of the contract year: 1" in words
    assert "Multi-year tokens 30 100% of 30 left" in words
    assert re.search(r"Contract years Year Provisioned Consumed Remaining .*? 5 6 −1 30 0 Remaining is", words)
    assert "1 token was used beyond the tokens of the contract year." in words


def test_what_only_an_adjustment_uses_is_drawn_apart(ann: Client, used: Used) -> None:
    """The picture promises no use of multi-year tokens, which pay for nothing by themselves (N7)."""
    number = used.world.ent_contract.number
    buy(number, Pool.CY, "50", since=5, until=20)
    buy(number, Pool.MY, "30", since=5, until=400)

    words = text_of(ann.get(PAGE, {"contract": number}).content.decode())

    picture = words.split("Where the tokens of each pack are", 1)[1]
    assert re.search(r"Pack Left, by adjustment only Will expire unused Total .*? 0 50 50 .*? 30 0 30", picture)


@pytest.mark.parametrize("language", ["en", "sv", "fr", "ja"])
def test_no_name_of_a_sheet_is_cut(language: str) -> None:
    """Spreadsheets allow 31 signs."""
    with translation.override(language):
        made = (packs([]), ended([]), events([], None, several=False, names_hidden=False))

    assert all(len(table.title) <= 31 for table in made)


@pytest.mark.usefixtures("_warehouse")
def test_whose_tokens_were_moved_away_is_told_so(world: World, client: Client) -> None:
    """A team that has no tokens any more is not told that it never had any; both pages say where to look."""
    client.force_login(person("ann@example.com", world, Role.PRIMARY))
    away, here = south(), world.flex_contract
    part = move(
        Move(pack=buy(away.number, Pool.FLEX, "40", since=3, until=30), to="flex", across=True), now=instant(ago(2))
    ).part
    move(Move(pack=part, to="south", reason="not ours", across=True), now=instant(ago(1)))

    usage = text_of(client.get("/reporting/token-usage", {"contract": here.number}).content.decode())
    balance = text_of(client.get(PAGE, {"contract": here.number}).content.decode())
    events = text_of(client.get(PAGE, {"contract": here.number, "tab": "events"}).content.decode())

    assert "They were moved to another team or taken away before anybody used them." in usage
    assert "has no tokens and no use" not in usage
    assert "Flex tokens 0 used 0 reserved 0 in all 0" in balance
    assert "What was here was moved or taken away." in balance
    assert re.search(r"Moved out −40 .*? South team .*? not ours .*? Moved in \+40", events)


def test_every_problem_is_said_and_the_default_shown(ann: Client) -> None:
    """A wrong address is 400, with all that is wrong with it (quality: bad input)."""
    answer = ann.get(PAGE, {"kind": "<b>", "sort": "name", "page": "0", "format": "pdf"})
    words = text_of(answer.content.decode())

    assert answer.status_code == 400
    assert "The table is sorted by one of: turn" in words
    assert "There is no such event." in words
    assert "There is no such format." in words
    assert "Flex tokens 83" in words


def test_it_is_for_administrators_of_the_team(used: Used, client: Client) -> None:
    """Who has no role is told what to do; a foreign contract is not there; nobody reads without signing in (T2)."""
    assert client.get(PAGE).status_code == 302
    for member in (person("uma@example.com", used.world), person("zed@example.com")):
        client.force_login(member)
        assert "you administer none" in text_of(client.get(PAGE).content.decode())
        assert client.get(PAGE, {"contract": used.number}).status_code == 404
    client.force_login(used.ann)
    assert client.get(PAGE, {"contract": south().number, "format": "csv"}).status_code == 404
    assert client.post(PAGE).status_code == 405


@pytest.mark.usefixtures("_warehouse")
def test_a_covered_use_that_is_taken_back_is_told_apart(world: World, client: Client) -> None:
    """What came back to the pack stands beside what it had paid, in words and with its sign (F8, L5)."""
    client.force_login(person("ann@example.com", world, Role.PRIMARY))
    use = event("e", "bo@example.com", "A", written(ago(5)), written(ago(5, 10)))
    world.send(use, now=instant(ago(4)))
    buy(world.flex_contract.number, Pool.FLEX, "40", since=3, until=30)
    world.send(withdrawal("e", 1), now=instant(ago(2)))
    asked = {"contract": world.flex_contract.number, "tab": "events"}

    page = text_of(client.get(PAGE, asked).content.decode())
    table = list(csv.DictReader(io.StringIO(client.get(PAGE, {**asked, "format": "csv"}).content.decode())))

    assert re.search(r"Covered use taken back \+7 .*? Covered earlier use −7 .*? Bought \+40", page)
    assert [(row["event"], row["tokens"]) for row in table] == [
        ("COVERED", "7"),
        ("COVERED", "-7"),
        ("PURCHASED", "40"),
    ]
