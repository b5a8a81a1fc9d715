"""Token usage by user: the list, the page of one person, their files, and what hidden names leave of them (F3)."""

from __future__ import annotations

import csv
import html
import io
import re

import openpyxl
import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.services.test_token_events import adjustment
from tests.web.test_pages import text_of
from tests.web.used import Used, ago, person, written
from tests.world import START, event

from farebox.domain.clock import Day, as_date, instant
from farebox.domain.periods import Days, weeks_in
from farebox.domain.rights import Role
from farebox.records.models import Person, Team
from farebox.services import catalogue, report
from farebox.services.project import project
from farebox.web.reports.user import Course

PAGE = "/reporting/token-usage"
LIST = {"tab": "user"}
CANARIES = ("Zebulon", "bo@example.com", "cy@example.com", "zebulon")


@pytest.fixture
def team(used: Used) -> Used:
    """
    Return the team of `Used`, of whom one has a name, with more use of this month.

    Bo, who is Zebulon Bo here, also used Z, which costs nothing, on two days with two versions; 5 tokens were taken
    away by hand; Di used A only in the period before.
    """
    catalogue.add_person(used.world.flex, "bo@example.com", "Zebulon Bo", now=START)
    for key, days, version in (("z1", 2, "2025"), ("z2", 4, "2026"), ("z3", 4, "2025")):
        start, end = written(ago(days, 9 + int(key[1]))), written(ago(days, 10 + int(key[1])))
        used.world.send(event(key, "bo@example.com", "Z", start, end, version=version), now=instant(ago(0)))
    start, end = written(ago(40)), written(ago(40, 10))
    used.world.send(event("d1", "di@example.com", "A", start, end), now=instant(ago(0)))
    used.world.send(adjustment("less", "-5", ago(3).date().isoformat()), now=instant(ago(0)))
    project()
    return used


@pytest.fixture
def ann(team: Used, client: Client) -> Client:
    """Return a client in which Ann, who administers both teams, is signed in."""
    client.force_login(team.ann)
    return client


def pseudonym(key: str) -> str:
    """Return the pseudonym of a person of the Flex team."""
    return Person.objects.get(team__slug="flex", key=key).pseudonym


def address(key: str) -> str:
    """Return the address of a person's page."""
    return f"{PAGE}/users/{pseudonym(key)}"


def words_of(client: Client, path: str, **params: str) -> str:
    """Return the words of a page, of which the answer is 200."""
    answer = client.get(path, params)
    assert answer.status_code == 200
    return text_of(answer.content.decode())


def file_of(client: Client, path: str, **params: str) -> list[dict[str, str]]:
    """Return the rows of the CSV file of a page."""
    return list(csv.DictReader(io.StringIO(client.get(path, {**params, "format": "csv"}).content.decode())))


def test_the_list_tells_who_used_what(ann: Client) -> None:
    """Tiles, products by tokens, days, growth over the period before; the rows add up to the total (R1, R2, R6)."""
    words = words_of(ann, PAGE, **LIST)
    rows = file_of(ann, PAGE, **LIST)

    assert "Total users 2 = the same as in the previous period" in words
    assert "Total tokens used 22 ▲ 57% more" in words
    assert re.search(r"Zebulon Bo bo@example\.com Product A, Product Z 7 2 0 7 before ", words)
    assert re.search(r"cy@example\.com Product B 10 1 \+10 0 before ", words)
    assert "Adjustments by hand – 5 0 +5 0 before –" in words
    assert "1 person used something in the previous period and nothing in this one." in words
    told = ("userName", "name", "productName", "tokensConsumed", "daysUsed")
    assert [tuple(row[name] for name in told) for row in rows] == [
        ("cy@example.com", "cy@example.com", "Product B", "10", "1"),
        ("bo@example.com", "Zebulon Bo", "Product A, Product Z", "7", "2"),
        ("", "", "", "5", "0"),
    ]  # fmt: skip
    assert [row["previousTokens"] for row in rows] == ["0", "7", "0"]


def test_the_search_finds_names_and_addresses(ann: Client) -> None:
    """Who is called or addressed so is found, whatever the case; products are not searched, as the page says."""
    found = {
        typed: [row["userName"] for row in file_of(ann, PAGE, **LIST, q=typed)] for typed in ("ZEBU", "cy@", "Product")
    }

    assert found == {"ZEBU": ["bo@example.com"], "cy@": ["cy@example.com"], "Product": []}
    assert "The search finds names and e-mail addresses, not products." in words_of(ann, PAGE, **LIST)
    assert file_of(ann, PAGE, **LIST, sort="-daysUsed")[0]["userName"] == "bo@example.com"


def test_the_spreadsheet_has_each_product_of_each_user(ann: Client) -> None:
    """The second sheet has a row for each person and product, for those that the search finds."""
    body = ann.get(PAGE, {**LIST, "q": "zebulon", "format": "xlsx"}).content
    book = openpyxl.load_workbook(io.BytesIO(body))
    sheet = book[book.sheetnames[2]]

    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == (
        "userName", "hashedUserId", "productLineCode", "productName", "tokensConsumed", "daysUsed",
    )  # fmt: skip
    assert [(row[0], row[2], row[4], row[5]) for row in rows[1:]] == [
        ("bo@example.com", "A", 7, 1),
        ("bo@example.com", "Z", 0, 2),
    ]


def test_all_teams_tell_the_team_of_each(ann: Client, team: Used) -> None:
    """Together each row has its team, and a person of two teams two rows, and counts in each (P2)."""
    use = event("e1", "bo@example.com", "A", written(ago(2)), written(ago(2, 10)))
    team.world.send(use, now=instant(ago(0)), ent=True)
    project()

    rows = file_of(ann, PAGE, **LIST, contract="all")
    words = words_of(ann, PAGE, **LIST, contract="all")

    assert {(row["userName"], row["team"]) for row in rows if row["userName"]} == {
        ("bo@example.com", "Flex team"), ("bo@example.com", "Enterprise team"), ("cy@example.com", "Flex team"),
    }  # fmt: skip
    assert "Total users 3 " in words
    assert "There is a row for each team" in words


def test_a_range_without_use_leads_to_the_last(ann: Client, team: Used) -> None:
    """Dates without use teach where there was some; a contract without any, what comes next."""
    empty = {"range": "custom", "since": "2026-01-01", "until": "2026-01-01"}
    month = ago(2).replace(day=1).date().isoformat()

    for path, params in ((PAGE, {**LIST, **empty}), (address("bo@example.com"), empty)):
        page = ann.get(path, params).content.decode()
        assert "The last use was in" in page
        assert f"since={month}" in page
    assert "each person has a row here" in words_of(ann, PAGE, **LIST, contract=team.world.ent_contract.number)


def test_the_page_of_a_person_tells_days_weeks_and_versions(ann: Client) -> None:
    """Tokens, days of days, products; each product with its weeks and versions, in words under each chart (R6)."""
    page = ann.get(address("bo@example.com")).content.decode()
    words, regions = text_of(page), re.findall(r'role="region" aria-label="([^"]+)"', page)

    assert "Tokens used 7 = the same as in the previous period" in words
    assert "Days used 2 of 30 days ▲ 100% more" in words
    assert "Products used 2 ▲ 100% more" in words
    assert "Product A A 7 1 of 30 days" in words
    assert "0 tokens · 2 of 30 days" in words
    assert "Version Days used 2026 1 2025 2" in words
    assert "A day with several versions counts for each of them." in words
    assert re.search(r"Week Days used .*1 of \d days?", words)
    assert len(set(regions)) == len(regions)
    assert "Table: Days used each week, Product Z" in regions
    assert "All users Zebulon Bo" in words


def test_the_file_of_a_person_has_all_that_is_drawn(ann: Client) -> None:
    """Products first, then days of each week, days by version, tokens over time (pages.md)."""
    assert [(row["productLineCode"], row["tokensConsumed"], row["daysUsed"]) for row in
            file_of(ann, address("bo@example.com"))] == [("A", "7", "1"), ("Z", "0", "2")]  # fmt: skip
    body = ann.get(address("bo@example.com"), {"format": "xlsx"}).content
    book = openpyxl.load_workbook(io.BytesIO(body))
    weeks, versions, course = (list(book[name].iter_rows(values_only=True)) for name in book.sheetnames[2:])

    assert sum(row[4] for row in weeks[1:]) == 3
    assert all(row[2].date() <= row[3].date() and row[4] <= row[5] <= 7 for row in weeks[1:])
    assert versions[1:] == [("A", "Product A", "", 1), ("Z", "Product Z", "2026", 1), ("Z", "Product Z", "2025", 2)]
    assert [(row[0], row[2].date(), row[4]) for row in course[1:]] == [("A", ago(2).date(), 7)]


def test_the_links_keep_the_question(ann: Client, team: Used) -> None:
    """From the list to the person, to a product, and back: contract, range and grouping go along."""
    asked = {"contract": team.number, "range": "3m", "by": "week"}
    shown = html.unescape(ann.get(PAGE, {**LIST, **asked, "q": "bo", "range": "12m"}).content.decode())
    page = html.unescape(ann.get(address("bo@example.com"), asked).content.decode())

    kept = f"contract={team.number}&range=3m&by=week"
    assert f'{address("bo@example.com")}?{kept.replace("3m", "12m")}"' in shown
    assert f'{PAGE}?tab=user&{kept}"' in page
    assert f'{PAGE}/products/A?{kept}"' in page


def test_nobody_elses_people_are_there(ann: Client, team: Used) -> None:
    """Pseudonyms of another team, of nobody, of another contract's team, and of any shape give the same 404 (T2)."""
    team.world.send(
        event("e1", "eve@example.com", "A", written(ago(2)), written(ago(2, 10))), now=instant(ago(0)), ent=True
    )
    other = Person.objects.get(key="eve@example.com").pseudonym
    south = catalogue.add_team("south", "South team", now=START)
    strange = catalogue.add_person(south, "sue@example.com", "Sue", now=START)

    said = [
        ann.get(f"{PAGE}/users/{one}", {"contract": number})
        for one in (other, strange.pseudonym, "u-000000000000", "bo@example.com", "' OR 1=1", "%00", "x" * 3000)
        for number in (team.number, "")
    ]

    assert {answer.status_code for answer in said} == {404}
    assert ann.get(f"{PAGE}/users/{other}", {"contract": "all"}).status_code == 200
    ann.force_login(person("uma@example.com", team.world))
    assert ann.get(address("bo@example.com"), {"contract": team.number}).status_code == 404


def test_hidden_names_leave_pseudonyms_and_the_same_numbers(ann: Client, team: Used) -> None:
    """Nothing says a name or an address, in pages, files, links or sources; numbers and their count stay (P1, R1)."""
    bo = pseudonym("bo@example.com")
    shown = file_of(ann, PAGE, **LIST)
    Team.objects.filter(pk=team.world.flex.pk).update(names_hidden=True)

    hidden = file_of(ann, PAGE, **LIST)
    places = [(PAGE, LIST), (address("bo@example.com"), {})]
    said = [
        ann.get(path, {**params, **more}).content
        for path, params in places
        for more in ({}, {"format": "csv"}, {"contract": "all"}, {"range": "12m", "sort": "userName"})
    ]
    said += [sheet_text(ann.get(path, {**params, "format": "xlsx"}).content) for path, params in places]

    assert [canary for canary in CANARIES for one in said if canary.encode() in one] == []
    strip = ("userName", "name")
    assert numbers(shown, strip) == numbers(hidden, strip)
    assert {row["userName"] for row in hidden} == {"", bo, pseudonym("cy@example.com")}
    assert [row["userName"] for row in file_of(ann, PAGE, **LIST, q="zebulon")] == []
    assert [row["userName"] for row in file_of(ann, PAGE, **LIST, q=bo[:9])] == [bo]
    assert f"/settings/names/reveal?pseudonym={bo}" in ann.get(address("bo@example.com")).content.decode()


def test_only_the_primary_administrator_is_offered_to_reveal(ann: Client, team: Used) -> None:
    """Another administrator sees the pseudonym and no way to the name (quality, authorization matrix)."""
    Team.objects.filter(pk=team.world.flex.pk).update(names_hidden=True)
    ann.force_login(person("sam@example.com", team.world, Role.SECONDARY))

    page = ann.get(address("bo@example.com")).content.decode()

    assert pseudonym("bo@example.com") in page
    assert "reveal" not in page


def numbers(rows: list[dict[str, str]], without: tuple[str, ...]) -> list[list[str]]:
    """Return the rows without their names, in one order."""
    return sorted([value for name, value in row.items() if name not in without] for row in rows)


def sheet_text(body: bytes) -> bytes:
    """Return all that stands in a spreadsheet."""
    book = openpyxl.load_workbook(io.BytesIO(body))
    return "\n".join(
        str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row
    ).encode()


DAYS = Days(Day(20_000), Day(20_060))
USES = st.dictionaries(
    st.tuples(st.sampled_from("AB"), st.integers(DAYS.since, DAYS.until - 1).map(Day)), st.integers(0, 50), max_size=60
)


@settings(max_examples=few(100))
@given(USES)
def test_weeks_and_pieces_lose_nothing(uses: dict[tuple[str, Day], int]) -> None:
    """A product's weeks add up to its days, none has more than it holds, and its pieces add up to its tokens (R6)."""
    weeks, halves = weeks_in(DAYS), (Days(DAYS.since, Day(DAYS.since + 30)), Days(Day(DAYS.since + 30), DAYS.until))
    rows = [(code, as_date(on), tokens * 1_000_000, 1) for (code, on), tokens in uses.items()]
    course = Course(report.Found(rows=rows, position=0, as_of=START), halves, weeks)

    for code in "AB":
        of_code = {on: tokens for (used, on), tokens in uses.items() if used == code}
        assert sum(course.weeks(code)) == len(of_code)
        assert all(used <= week.until - week.since for used, week in zip(course.weeks(code), weeks, strict=True))
        assert sum(course.tokens(code)) == sum(of_code.values()) * 1_000_000
