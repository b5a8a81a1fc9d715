"""Token usage › By product, and the page of one product: what they say, give as files, and refuse."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.drawn import few
from tests.web.used import Used, ago, person, written
from tests.world import World, event, message

from farebox.domain.amounts import MICRO, Tokens, tokens
from farebox.domain.bands import bands_of
from farebox.domain.clock import instant
from farebox.records.models import Person
from farebox.records.models.teams import Role
from farebox.services import catalogue, report
from farebox.services.project import project
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
    given = {"contract": used.number, "pool": "FLEX", "tokens": "4", "reason": "Pilot", "date": f"{ago(3):%Y-%m-%d}"}
    world.send(message("farebox.adjustment", "i", given, time=written(ago(0, 0))), now=instant(timezone.now()))
    Person.objects.filter(key="bo@example.com").update(name=CANARY)
    project()
    return used


@pytest.fixture
def ann(busy: Used, client: Client) -> Client:
    """Return a client in which Ann is signed in."""
    client.force_login(busy.ann)
    return client


def words_of(ann: Client, path: str, **params: str) -> str:
    """Return the words of a page, without tags and runs of blanks."""
    answer = ann.get(path, params)
    assert answer.status_code == 200
    page = answer.content.decode()
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page))).strip()


def test_x(ann: Client) -> None:
    """Try."""
    print(words_of(ann, TAB, tab="product"))
    print(ann.get(TAB, {"tab": "product", "format": "csv"}).content.decode())
    print(words_of(ann, f"{PRODUCTS}/A"))
    print(ann.get(f"{PRODUCTS}/A", {"format": "csv"}).content.decode())
    print(words_of(ann, f"{PRODUCTS}/A", contract="all"))
