"""
Every number of a page that the usage API can express is the API's and the export's (domain R1, R3).

The walker knows no page: it takes the commands that a page gives, asks the API with them, and holds the page's own
file to the answer, column by column of the same name. Tiles are held to the totals that the API gives.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.utils import timezone
from tests.one_year import NOON, NOW, live_through
from tests.world import World

from farebox.query.catalogue import FIELD_BY_NAME, METRIC_BY_NAME
from farebox.services import catalogue, export, report
from farebox.services import tokens as personal
from farebox.services.export import files
from farebox.wallclock import now as wall_now

USAGE = "/reporting/token-usage"
RANGES = ("range=30d", "range=9m", "range=custom&since=2026-11-10&until=2027-03-31")
COMMAND = re.compile(r'<code id="api-command[^"]*">(.*?)</code>', re.DOTALL)
TILE = re.compile(r'<li class="tile[^"]*">\s*<h3>([^<]+)</h3>\s*<p class="figure">([^<]+)</p>')
Answer = dict[tuple[str, ...], dict[str, Decimal]]


class Walker(NamedTuple):
    """An administrator of both teams who looks at pages and asks the API the same."""

    client: Client
    secret: str
    user: Any
    world: World

    def get(self, address: str) -> str:
        """Return a page."""
        answer = self.client.get(address)
        assert answer.status_code == 200, address
        return answer.content.decode()

    def file(self, address: str) -> list[dict[str, str]]:
        """Return the rows of a page's file."""
        answer = self.client.get(f"{address}&format=csv")
        assert answer.headers["Content-Type"].startswith("text/csv"), address
        return list(csv.DictReader(io.StringIO(answer.content.decode())))

    def ask(self, number: str, asked: dict[str, Any]) -> list[dict[str, str]]:
        """Ask the usage API."""
        answer = self.client.post(
            f"/tokenflex/v1/usage/{number}/query?limit=10000",
            json.dumps(asked),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.secret}"},
        )
        assert answer.status_code == 200, answer.content
        result = json.loads(answer.content, parse_float=str, parse_int=str)["result"]
        return [dict(zip(result["columns"], row, strict=True)) for row in result["rows"]]

    def total(self, numbers: list[str], metric: str, condition: str) -> Decimal:
        """Return a metric of contracts together."""
        return sum(
            (Decimal(self.ask(n, {"metrics": [metric], "where": condition})[0][metric]) for n in numbers), Decimal()
        )


@pytest.fixture
def walker(world: World, _warehouse: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> Walker:
    """Return an administrator of two teams with a year of use."""
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    live_through(world)
    roles = {world.flex: catalogue.Role.PRIMARY, world.ent: catalogue.Role.PRIMARY}
    user = catalogue.add_account("ann@example.com", "a password of some length", "Ann", roles=roles, now=NOW)
    client.force_login(user)
    return Walker(client, personal.make(user, name="test", days=1, now=wall_now())[1], user, world)


def reports(walker: Walker) -> list[str]:
    """Return the addresses of the pages, of one contract of each kind and of all together."""
    somebody = walker.world.flex.people.get(key="person3@example.com").pseudonym
    paths = (USAGE, f"{USAGE}?tab=product", f"{USAGE}?tab=user", f"{USAGE}/products/A", f"{USAGE}/users/{somebody}")
    choices = ("all", walker.world.flex_contract.number, walker.world.ent_contract.number)
    return [
        f"{path}{'&' if '?' in path else '?'}contract={choice}&{asked}"
        for path in paths
        for choice in choices
        for asked in RANGES
        if not ("/users/" in path and choice == choices[2])
    ]


def questions(page: str) -> list[dict[str, Any]]:
    """Return the questions of the commands that a page gives."""
    found = [re.search(r"<<'JSON'\n(.*)\nJSON", html.unescape(code), re.DOTALL) for code in COMMAND.findall(page)]
    return [json.loads(one[1]) for one in found if one]


def numbers_of(page: str, walker: Walker) -> list[str]:
    """Return the contracts that the commands of a page ask about."""
    code = html.unescape(COMMAND.findall(page)[0])
    every = (walker.world.flex_contract.number, walker.world.ent_contract.number)
    return [number for number in every if number in code]


def gathered(rows: list[dict[str, str]], fields: list[str], metrics: list[str]) -> Answer:
    """Return the metrics of rows by their fields; those of several contracts are added up."""
    found: Answer = {}
    for row in rows:
        sums = found.setdefault(tuple(row[name] for name in fields), dict.fromkeys(metrics, Decimal()))
        for metric in metrics:
            sums[metric] += Decimal(row[metric] or 0)
    return found


def test_the_file_of_every_page_is_what_its_command_gives(walker: Walker) -> None:
    """For each page, choice and range: the first command's answer, the page's file and an export say the same."""
    compared = 0
    for address in reports(walker):
        page, file = walker.get(address), walker.file(address)
        if not COMMAND.search(page):
            assert file == [], address
            continue
        asked, numbers = questions(page)[0], numbers_of(page, walker)
        columns = file[0].keys() if file else ()
        fields = [name for name in asked["fields"] if name in columns]
        metrics = [name for name in asked["metrics"] if name in columns and not is_distinct(name, address, fields)]

        told = gathered([row for number in numbers for row in walker.ask(number, asked)], fields, metrics)
        shown = gathered([row for row in file if not fields or any(row[name] for name in fields)], fields, metrics)

        assert fields or "weekStart" in columns or not file, (address, asked)
        assert without_nothing(shown) == without_nothing(told), address
        compared += len(told)
    assert compared > 300


def is_distinct(metric: str, address: str, fields: list[str]) -> bool:
    """Return whether contracts' numbers must not be added up: a person or a day of two teams is one (R1)."""
    return METRIC_BY_NAME[metric].over in ("person_id", "product_id", "usage_date") and "contract=all" in address


def without_nothing(answer: Answer) -> Answer:
    """Return an answer without rows of nobody, which pages name in words, and those that were only used before."""
    return {key: sums for key, sums in answer.items() if not key or (key[0] and any(sums.values()))}


def test_the_tiles_are_the_totals_of_the_api(walker: Walker) -> None:
    """Tokens, products and users of a range are those of the API; over all teams tokens add up (R1)."""
    compared = 0
    for address in reports(walker):
        page = walker.get(address)
        if not COMMAND.search(page):
            continue
        condition, numbers = questions(page)[0]["where"], numbers_of(page, walker)
        for title, figure in TILE.findall(page.partition('id="totals-title"')[2]):
            metric = TILES.get(html.unescape(title))
            if metric is None or (metric != "tokensConsumed" and len(numbers) > 1):
                continue
            assert Decimal(figure.replace(",", "")) == walker.total(numbers, metric, condition), (address, title)
            compared += 1
    assert compared > 60


TILES = {
    "Total tokens used": "tokensConsumed",
    "Tokens used": "tokensConsumed",
    "Total tokens": "tokensConsumed",
    "Products used": "uniqueProducts",
    "Total users": "uniqueUsers",
    "Users": "uniqueUsers",
}


def test_an_export_of_the_same_question_has_the_same_rows(walker: Walker) -> None:
    """What a page's command asks, asked for as an export, is a file with the same rows (R3)."""
    number = walker.world.flex_contract.number
    for path in (f"{USAGE}?tab=product", f"{USAGE}?tab=user"):
        asked = questions(walker.get(f"{path}&contract={number}&range=9m"))[0]
        question = report.Question(fields=tuple(asked["fields"]), metrics=tuple(asked["metrics"]), where=asked["where"])
        made = export.request(walker.user, report.contract_of(walker.user, number), question, now=NOW)
        export.Runner(lambda: NOW).run()
        made.refresh_from_db()

        text = files.path_of(made.pk, made.attempt).read_text(encoding="utf-8")
        exported = list(csv.DictReader(io.StringIO(text)))

        assert exported == walker.ask(number, asked)


def test_the_catalogue_knows_what_pages_are_made_of() -> None:
    """Days used and pseudonyms, which pages show, can be asked for over the API too."""
    assert "daysUsed" in METRIC_BY_NAME
    assert "hashedUserId" in FIELD_BY_NAME
