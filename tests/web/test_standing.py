"""The upper part of the summary for an enterprise contract: its year, and what is beside it and beyond it."""

from __future__ import annotations

from django.test import Client
from tests.web.test_pages import PAGE, text_of
from tests.web.used import Used, ago, written
from tests.world import event

from farebox.domain.amounts import tokens
from farebox.domain.clock import Instant, instant
from farebox.domain.packs import Pool
from farebox.services.give import Purchase, give
from farebox.services.project import project


def test_tokens_without_use_teach_the_next_step(used: Used, client: Client) -> None:
    """An empty chart and a row of zeros say nothing: who has tokens and no use is told how use comes in (pages.md)."""
    client.force_login(used.ann)
    number, now = used.world.ent_contract.number, instant(ago(0, 0))
    give(Purchase(contract=number, pool=Pool.CY, tokens=tokens("30"), since=now), now=now)

    page = client.get(PAGE, {"contract": number}).content.decode()

    assert "Nothing was used in the last 365 days" in page
    assert "<code>POST /v1/events</code>" in page
    assert "data-chart" not in page
    assert "data-chart" in client.get(PAGE, {"contract": used.number}).content.decode()


def shown(client: Client, used: Used) -> str:
    """Return the words of the page of the enterprise contract."""
    client.force_login(used.ann)
    return text_of(client.get(PAGE, {"contract": used.world.ent_contract.number}).content.decode())


def test_what_is_beside_and_beyond_the_year_is_told(used: Used, client: Client) -> None:
    """Multi-year tokens are apart from what is left, and what was used beyond the pool is told (R7, N6, N7)."""
    contract, now = used.world.ent_contract.number, instant(ago(0, 0))
    give(Purchase(contract=contract, pool=Pool.MY, tokens=tokens("30"), since=now), now=now)
    start, end = written(ago(1)), written(ago(1, 10))
    used.world.send(event("e", "bo@example.com", "A", start, end), ent=True, now=Instant(now))
    project()

    words = shown(client, used)

    assert "Tokens left 0" in words
    assert "Besides: 30 multi-year tokens" in words
    assert "Used beyond the tokens of the contract year: 6" in words
