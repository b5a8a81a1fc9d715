"""
One question has one answer, wherever it is asked (domain R2, R3).

For every range and both kinds of contract: the rows of the page, its file, the answer of the usage API, the service,
the charges that count, and the ledger, day by day.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

import pytest
from django.test import Client
from django.utils import timezone
from tests.one_year import NOON, NOW, TODAY, live_through
from tests.services import books
from tests.services.asking import Totals, ask, booked, charged, reported, text, within
from tests.world import World

from farebox.domain.amounts import Tokens, tokens
from farebox.domain.clock import Day, day
from farebox.domain.periods import Days, custom, last_days, last_months
from farebox.records.models import Charge, Contract, Pack
from farebox.services import catalogue
from farebox.services import tokens as personal
from farebox.wallclock import now as wall_now
from farebox.warehouse.duck import Warehouse
from farebox.web.report import where

PAGE = "/reporting/token-usage"
DATES = (date(2026, 11, 10), date(2027, 3, 31))

RANGES: dict[str, Days] = {
    "30d": last_days(TODAY, 30),
    **{f"{count}m": last_months(TODAY, count) for count in (3, 6, 9, 12)},
    "custom": custom(*map(day, DATES)).days,
}


@pytest.fixture
def populated(world: World, house: Warehouse, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return two teams with a year of use, looked at on a day in June."""
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    live_through(world)
    return world


class Ann(NamedTuple):
    """An administrator: the client in which she is signed in, and her personal token."""

    client: Client
    secret: str

    def page(self, **asked: str) -> bytes:
        """Ask for the page, day by day."""
        answer = self.client.get(PAGE, {"by": "day", **asked})
        assert answer.status_code == 200
        return answer.content

    def pages(self, **asked: str) -> Iterator[str]:
        """Ask for all pages of its table, one after the other."""
        for number in range(1, 20):
            page = self.page(**asked, page=str(number)).decode()
            yield page
            if 'rel="next"' not in page:
                return

    def api(self, number: str, condition: str) -> Totals:
        """Ask the usage API."""
        answer = self.client.post(
            f"/tokenflex/v1/usage/{number}/query?limit=10000",
            json.dumps({"fields": ["usageDate"], "metrics": ["tokensConsumed"], "where": condition}),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.secret}"},
        )
        assert answer.status_code == 200, answer.content
        rows = json.loads(answer.content, parse_float=str, parse_int=str)["result"]["rows"]
        return {day(date.fromisoformat(on)): tokens(amount) for on, amount in rows}


@pytest.fixture
def ann(populated: World, client: Client) -> Ann:
    """Return an administrator of both teams."""
    roles = {populated.flex: catalogue.Role.PRIMARY, populated.ent: catalogue.Role.PRIMARY}
    user = catalogue.add_account("ann@example.com", "a password of some length", "Ann", roles=roles, now=NOW)
    client.force_login(user)
    _, secret = personal.make(user, name="test", days=1, now=wall_now())
    return Ann(client, secret)


def _of_page(page: str) -> Totals:
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th><td class="number" data-label="Tokens">([^<]+)</td></tr>', page)
    return {_dated(on): tokens(amount.replace(",", "")) for on, amount in rows}


def _dated(shown: str) -> Day:
    return day(datetime.strptime(html.unescape(shown), "%a, %b %d, %Y").replace(tzinfo=UTC).date())


def _of_file(answer: bytes) -> Totals:
    rows = list(csv.reader(io.StringIO(answer.decode())))[1:]
    return {day(date.fromisoformat(on)): tokens(amount) for on, amount in rows}


def _used(totals: Totals) -> Totals:
    return {on: amount for on, amount in totals.items() if amount}


def test_every_place_says_the_same(ann: Ann, populated: World) -> None:
    """Page, file, API, service, charges and ledger agree on every day of every range, to the millionth."""
    assert books.faults() == []
    for contract in (populated.flex_contract, populated.ent_contract):
        charges, ledger = charged(contract), booked(contract)
        for chosen, days in RANGES.items():
            asked = {"contract": contract.number, "range": chosen}
            if chosen == "custom":
                asked |= {"since": DATES[0].isoformat(), "until": DATES[1].isoformat()}
            page = "".join(ann.pages(**asked))
            told = {
                "page": _used(_of_page(page)),
                "file": _used(_of_file(ann.page(**asked, format="csv"))),
                "api": _used(ann.api(contract.number, where(days))),
                "service": reported(contract, where=where(days)),
                "charges": within(charges, *days),
                "ledger": within(ledger, *days),
            }

            different = {place for place, totals in told.items() if totals != told["ledger"]}
            assert not different, f"{contract.scheme} {chosen}: {different}"
            assert told["ledger"], f"{contract.scheme} {chosen}: nothing was compared"
            assert f'<p class="figure">{_shown(told["ledger"])}</p>' in page


def _shown(totals: Totals) -> str:
    whole, _, part = text(totals).partition(".")
    return f"{int(whole):,}" + (f".{part}" if part else "")


def test_the_chart_shows_the_same_days(ann: Ann, populated: World) -> None:
    """The 365 days of the chart, read as its table, are those of the ledger."""
    for contract in (populated.flex_contract, populated.ent_contract):
        page = ann.page(contract=contract.number).decode()
        rows = re.findall(r'<tr><th scope="row">([^<]+)</th><td>([^<]+)</td><td>[^<]*</td><td', page)
        shown = {_dated(on): tokens(amount.replace(",", "")) for on, amount in rows}

        assert len(shown) == 365
        assert _used(shown) == within(booked(contract), *last_days(TODAY, 365))


def test_groups_add_up_to_the_whole(populated: World) -> None:
    """By person, product, month, category, year or machine, the groups add up to the whole (R1)."""
    for contract in (populated.flex_contract, populated.ent_contract):
        whole = sum(charged(contract).values())
        for field in ("userName", "productName", "usageMonth", "usageCategory", "contractYear", "machineName"):
            rows = ask(contract, field).rows
            assert sum(tokens(str(row[1])) for row in rows) == whole, field


def test_the_comparison_has_something_to_compare(populated: World) -> None:
    """The world holds what could make places disagree: all categories, short and over, lapses, amended and seated."""
    live = Charge.objects.filter(ended_us__isnull=True)

    assert set(live.values_list("category", flat=True)) == {"CHARGED", "INCREMENTAL", "FREE", "CASUAL"}
    assert set(live.values_list("funding", flat=True)) == {"TOKENS", "SEAT"}
    assert live.filter(shortfall_micro__gt=0).exists()
    assert live.filter(over_micro__gt=0).exists()
    assert live.filter(tokens_micro=100_000).exists()
    assert Charge.objects.filter(ended_us__isnull=False).count() > 40
    assert Pack.objects.filter(lapsed_micro__gt=0).exists()


def test_a_day_that_is_booked_twice_is_noticed(populated: World) -> None:
    """A charge that the warehouse counts and the ledger does not makes the comparison fail."""
    contract = Contract.objects.get(pk=populated.flex_contract.pk)
    charge = Charge.objects.filter(contract=contract, ended_us__isnull=True, tokens_micro__gt=0).first()
    assert charge is not None
    Charge.objects.filter(pk=charge.pk).update(tokens_micro=Tokens(charge.tokens_micro + 1))

    assert charged(contract) != booked(contract) == reported(contract)
    assert books.faults() != []
