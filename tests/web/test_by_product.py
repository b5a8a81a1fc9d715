"""Token usage › By product, and the page of one product: what they say, give as files, and refuse."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qsl

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.web.used import Used, ago, person, written
from tests.world import World, event, message

from farebox.api.tokenflex.asking import ROWS_MAX
from farebox.domain.amounts import Tokens, tokens
from farebox.domain.bands import bands_of
from farebox.domain.clock import instant
from farebox.records.models import Person, Team
from farebox.services import catalogue, report
from farebox.services.project import project
from farebox.web.report import API_ROWS_MAX
from farebox.web.reports.measures import change_of, mean_at_most, mean_of

TAB = "/reporting/token-usage"
PRODUCTS = f"{TAB}/products"
CANARY = "Bo Canary"


def use(world: World, key: str, who: str, product: str, days: int, *, ent: bool = False, version: str = "") -> None:
    """Have somebody use a product for an hour, some days ago."""
    start = ago(days)
    more = {"version": version} if version else {}
    world.send(
        event(key, who, product, written(start), written(start + timedelta(hours=1)), **more),
        now=instant(timezone.now()),
        ent=ent,
    )


@pytest.fixture
def busy(used: Used) -> Used:
    """
    Return the year of use, and more of it.

    In the last 30 days: A 7 by Bo, 7 by Di; B 10 by Cy, 10 by Bo; 4 given back by hand. Before: A 7, E 5. Bo has a
    name, is in the other team too, and used A there for 6.
    """
    world = used.world
    gone = catalogue.add_product(catalogue.NewProduct(code="E", name="Product B", family="E", versions=("2025",)))
    catalogue.open_offer("all", [gone], since=instant(ago(900)))
    catalogue.set_rate("flex", gone, tokens("5"), since=instant(ago(900)))
    world.give("100", since=written(ago(200)), ent=True)
    use(world, "e", "cy@example.com", "E", 40, version="2025")
    use(world, "f", "di@example.com", "A_2026", 4)
    use(world, "g", "bo@example.com", "B", 5)
    use(world, "h", "bo@example.com", "A", 6, ent=True)
    back = {"pool": "FLEX", "tokens": "4", "reasonType": "Pilot", "transactionDate": f"{ago(3):%Y-%m-%d}"}
    world.send(message("farebox.adjustment", "i", back, time=written(ago(3))), now=instant(timezone.now()))
    Person.objects.filter(key="bo@example.com").update(name=CANARY)
    project()
    return used


@pytest.fixture
def ann(busy: Used, client: Client) -> Client:
    """Return a client in which Ann is signed in."""
    client.force_login(busy.ann)
    return client


def rows_of(ann: Client, path: str, **params: str) -> list[list[str]]:
    """Return the rows of a report's CSV file, the names of its columns first."""
    answer = ann.get(path, {**params, "format": "csv"})
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode())))


def words_of(ann: Client, path: str, **params: str) -> str:
    """Return the words of a page, without tags and runs of blanks."""
    answer = ann.get(path, params)
    assert answer.status_code == 200
    page = answer.content.decode()
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page))).strip()


def asked_of(ann: Client, used: Used, path: str, **params: str) -> list[list[tuple[object, ...]]]:
    """Ask what the commands of a page ask, and return the rows of each answer."""
    page = ann.get(path, params).content.decode()
    bodies = re.findall(r"&lt;&lt;&#x27;JSON&#x27;\n(.*?)\nJSON", page)
    contract = report.contract_of(used.ann, used.number)
    every = [json.loads(html.unescape(body)) for body in bodies]
    questions = [
        report.Question(fields=tuple(said["fields"]), metrics=tuple(said["metrics"]), where=said["where"])
        for said in every
    ]
    return [list(table.rows) for table in report.answers(questions, contract)]


def test_a_row_says_what_a_product_took_and_how_it_grew(ann: Client) -> None:
    """Rows have users, tokens, mean and growth; the totals and the product that grew most stand above (domain R1)."""
    words = words_of(ann, TAB, tab="product")

    assert "Total tokens used 30 ▲ 150% more than in the previous period" in words
    assert "Products used 2" in words
    assert "Grew most Product B +20 tokens, new in this period" in words
    assert "Product B B 2 20 20 0 +20 new" in words
    assert "Product A A 2 14 14 7 +7 +100%" in words
    assert "Product B E 0 0 0 5 −5 −100%" in words
    assert "Adjustments by hand 0 −4 −4 0 −4 –" in words
    assert "Product B (B) Product A" in words, "the chart tells products of one name apart"


def test_the_rows_add_up_to_the_total(ann: Client, busy: Used) -> None:
    """Tokens and growth of the rows are those of the totals; the file has what the API gives (domain R1, R3)."""
    names, *rows = rows_of(ann, TAB, tab="product", sort="-growth")
    table = [dict(zip(names, row, strict=True)) for row in rows]

    assert [row["productLineCode"] for row in table] == ["B", "A", "", "E"]
    assert sum(Decimal(row["tokensConsumed"]) for row in table) == 30
    assert sum(Decimal(row["growth"]) for row in table) == 30 - 12
    used_now = {(row["productLineCode"], row["tokensConsumed"], row["uniqueUsers"]) for row in table}
    now, before = asked_of(ann, busy, TAB, tab="product")
    assert {(code, str(spent), str(users)) for code, _name, spent, users in now} < used_now
    assert {(row[0], str(row[2])) for row in before} == {
        (row["productLineCode"], row["previousTokens"]) for row in table if row["previousTokens"] != "0"
    }


def test_products_are_searched_by_name_and_code(ann: Client) -> None:
    """The search finds names and codes, in any case; what is not found offers the way back."""
    assert [row[1] for row in rows_of(ann, TAB, tab="product", q="product b")[1:]] == ["B", "E"]
    assert [row[1] for row in rows_of(ann, TAB, tab="product", q="e", sort="productName")[1:]] == ["", "E"]
    assert "Nothing is found for “zzz”. Show all" in words_of(ann, TAB, tab="product", q="zzz")


def test_a_product_shows_who_used_it_and_which_versions(ann: Client, busy: Used) -> None:
    """Its page has totals, bands, versions and users, each linked to their own page with the range (seed 000, R5)."""
    page = ann.get(f"{PRODUCTS}/A", {"contract": busy.number, "by": "week"}).content.decode()
    words = words_of(ann, f"{PRODUCTS}/A", by="week")
    pseudonym = Person.objects.get(key="bo@example.com", team=busy.world.flex).pseudonym

    assert "Total tokens used 14 ▲ 100% more than in the previous period 47% of all tokens" in words
    assert "Total users 2 ▲ 100% more" in words
    assert "Monthly average 14" in words
    assert "0–10 2 11–50 0 51–100 0" in words
    assert "Version Users 2026 1 Not told 1" in words
    assert f"{CANARY} bo@example.com Not told 7 7 1 {ago(2):%b} {ago(2).day}, {ago(2).year}" in words
    assert f'href="{TAB}/users/{pseudonym}?contract={busy.number}&amp;by=week"' in page
    assert f'href="{TAB}?tab=product&amp;contract={busy.number}&amp;by=week">All products' in page


def test_the_files_of_a_product(ann: Client, busy: Used) -> None:
    """The first sheet has its users, as the API gives them; bands and versions follow, whatever is searched (R3)."""
    names, *rows = rows_of(ann, f"{PRODUCTS}/A", sort="userName", q="canary")
    answer = ann.get(f"{PRODUCTS}/A", {"q": "canary", "format": "xlsx"})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    users, versions, of_users = asked_of(ann, busy, f"{PRODUCTS}/A")

    assert ",".join(names) == (
        "userName,name,hashedUserId,productVersion,tokensConsumed,monthlyTokens,daysUsed,lastUsageDate"
    )
    assert rows == [["bo@example.com", CANARY, rows[0][2], "", "7", "7", "1", ago(2).date().isoformat()]]
    assert f"usage-of-product-A-{busy.number}-" in answer.headers["Content-Disposition"]
    assert (rows[0][2], "", 1) in of_users
    assert [rows[0][2], "bo@example.com", 7, 1] in [list(row) for row in users]
    assert [list(row) for row in book.worksheets[2].values] == [
        ["tokens", "users"],
        ["0–10", 2],
        ["11–50", 0],
        ["51–100", 0],
    ]
    assert list(book.worksheets[3].values) == [
        ("productVersion", "uniqueUsers", "tokensConsumed"),
        ("2026", 1, 7),
        ("", 1, 7),
    ]
    assert ("2026", 1, 7) in versions


def test_all_teams_count_the_people_of_each(ann: Client, busy: Used) -> None:
    """One address in two teams is two users, so that nothing links their pseudonyms; versions are of all (P2)."""
    use(busy.world, "j", "di@example.com", "A_2026", 1, ent=True)
    project()

    words = words_of(ann, f"{PRODUCTS}/A", contract="all", sort="team")

    assert "Total users 4 " in words
    assert "Version Users 2026 2 Not told 2" in words
    assert words.index("Enterprise team Not told 6 6") < words.index("Flex team Not told 7 7")
    assert "There is a row for each team" in words
    assert "Product A A 4 26 26" in words_of(ann, TAB, tab="product", contract="all")


def test_who_uses_an_old_version_is_one_click_away(ann: Client, busy: Used) -> None:
    """The page leads from each version to the people who used it, the newest first; a file has it too (seed 000)."""
    for key, who, version in (
        ("k", "di@example.com", "2025"),
        ("l", "di@example.com", "2026"),
        ("m", "cy@example.com", ""),
    ):
        use(busy.world, key, who, "Z", 3, version=version)
    project()
    path, page = f"{PRODUCTS}/Z", html.unescape(ann.get(f"{PRODUCTS}/Z").content.decode())
    leads = re.findall(r'href="([^"]*)#users-title">([^<]*)<', page)

    assert [name for _address, name in leads] == ["2026", "2025", "Not told"]
    assert [row[3] for row in rows_of(ann, path, q="2025")[1:]] == ["2026, 2025"]
    assert "1 row for “2025”." in words_of(ann, path, **dict(parse_qsl(leads[1][0][1:])))
    assert "cy@example.com Not told 0" in words_of(ann, path, **dict(parse_qsl(leads[2][0][1:])))


def test_the_commands_say_what_they_ask_and_ask_for_all(ann: Client) -> None:
    """Each command has a heading and the most rows that the API gives; answers of several contracts are kept apart."""
    words = words_of(ann, TAB, tab="product", contract="all")
    one = words_of(ann, f"{PRODUCTS}/A")

    assert API_ROWS_MAX == ROWS_MAX
    assert words.count(f'/$contract/query?limit={ROWS_MAX}"') == 2
    assert words.count("do printf '%s\\n' \"$contract\" curl --silent --show-error --write-out '\\n'") == 2
    assert "This period for contract in" in words
    assert "The previous period for contract in" in words
    assert one.count(f"/query?limit={ROWS_MAX}'") == 3
    assert "Versions of each user curl" in one
    assert "Personal data in reports" in one
    assert "Personal data in reports" in words


def test_nothing_grows_from_no_data_at_all(ann: Client, busy: Used) -> None:
    """Where the previous period has nothing, rows have no growth, the page says why, and nothing points upwards."""
    year = {"range": "custom", "since": ago(110).date().isoformat(), "until": ago(0).date().isoformat()}
    words = words_of(ann, TAB, tab="product", **year)

    assert "Total tokens used 49 · nothing in the previous period to compare with" in words
    assert "Product A A 2 28 7 0 – –" in words
    assert "There was nothing at all in the previous period, so no growth is shown." in words
    assert {row[-2] for row in rows_of(ann, TAB, tab="product", **year)[1:]} == {""}
    assert "There was nothing at all in the previous period" in words_of(ann, TAB, tab="user", **year)


def test_hidden_names_are_on_no_page_and_in_no_file(ann: Client, busy: Used) -> None:
    """Where names are hidden only pseudonyms are shown, searched and filed; the numbers stay (quality P1)."""
    Team.objects.filter(pk=busy.world.flex.pk).update(names_hidden=True)

    shown = words_of(ann, f"{PRODUCTS}/A", contract="all")
    for params in ({}, {"q": "bo@example.com"}, {"format": "csv"}, {"contract": "all"}):
        text = ann.get(f"{PRODUCTS}/A", params).content.decode().replace('value="bo@example.com"', "")
        text = text.replace("“bo@example.com”", "").replace("q=bo%40example.com", "")
        assert "bo@example.com" not in text
        assert CANARY not in text
    assert "Nothing is found" in words_of(ann, f"{PRODUCTS}/A", q="bo@example.com")
    assert len(rows_of(ann, f"{PRODUCTS}/A", q=CANARY)) == 1
    assert "Total users 3 " in shown
    assert "Enterprise team" in shown


def test_what_was_never_used_is_not_there(ann: Client) -> None:
    """Unknown codes and products that no team of the reader ever used give the same answer (quality T2)."""
    for code in ("Z", "no-such", "a", "' OR 1=1", "A/B", "%00", "x" * 5000, "%ff", ""):
        assert ann.get(f"{PRODUCTS}/{code}").status_code == 404


def test_a_product_is_only_there_for_those_who_may_read_its_use(busy: Used, client: Client) -> None:
    """Without signing in the way leads to the sign-in page; others get 404, as for another's contract (T2)."""
    assert client.get(f"{PRODUCTS}/A").status_code == 302
    client.force_login(person("uma@example.com", busy.world))
    assert client.get(f"{PRODUCTS}/A", {"contract": busy.number}).status_code == 404


def test_dates_without_use_lead_to_the_last_one(ann: Client, busy: Used) -> None:
    """An empty range names the last month with use and links to it; a contract that never used it says so."""
    never = {"range": "custom", "since": "2026-01-01", "until": "2026-01-01"}
    month = f"since={ago(2).replace(day=1).date().isoformat()}"

    for path, params in ((f"{PRODUCTS}/A", never), (TAB, {**never, "tab": "product"})):
        page = ann.get(path, params).content.decode()
        assert "The last use was in" in page
        assert month in page
    other = words_of(ann, f"{PRODUCTS}/E", contract=busy.world.ent_contract.number)
    assert "Nobody used Product B on these dates." in other
    assert "This team never used it with tokens." in other


def test_wrong_questions_name_every_problem(ann: Client) -> None:
    """A question that means nothing gives 400 and says all that is wrong with it, on the tab and on the page."""
    for path in (TAB, f"{PRODUCTS}/A"):
        answer = ann.get(path, {"tab": "product", "range": "5y", "sort": "nothing", "basis": "mode", "page": "0"})
        page = answer.content.decode()
        assert answer.status_code == 400
        assert all(text in page for text in ("no such range", "sorted by one of", "by “total” or", "from 1 on"))


@settings(max_examples=few(100))
@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_growth_is_in_thousandths_of_what_there_was(now: int, before: int) -> None:
    """A change is within half a thousandth of the exact one, and there is none from nothing."""
    change = change_of(Tokens(now), Tokens(before))

    assert (change is None) == (before == 0)
    assert change is None or abs(change * before - (now - before) * 1000) * 2 <= before


@settings(max_examples=few(100))
@given(st.integers(0, 10**12), st.sampled_from([1, 3, 6, 7, 9, 12]))
def test_a_mean_is_in_the_band_that_the_exact_mean_is_in(total: int, months: int) -> None:
    """Whoever took more than a bound a month is above it, by however little (domain R5, T5)."""
    mean, shown = mean_at_most(Tokens(total), months), mean_of(Tokens(total), months)
    (band,) = (band for band in bands_of([mean]) if band.members)

    assert shown * months <= total <= mean * months
    assert total <= band.through * months
    assert band.above == 0 or total > band.above * months
