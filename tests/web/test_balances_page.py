"""The page Balances: what is left, when it runs out, what will expire, and what happened to tokens (F5, C5)."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from tests.web.test_pages import text_of
from tests.web.used import Used

PAGE = "/reporting/balances"


@pytest.fixture
def ann(used: Used, client: Client) -> Client:
    """Return a client in which Ann is signed in."""
    client.force_login(used.ann)
    return client


def test_try(ann: Client, used: Used) -> None:
    """Try."""
    for q in ({}, {"tab": "events"}, {"contract": "all"}, {"contract": used.world.ent_contract.number}, {"contract": "all", "tab": "events"}, {"kind": "X", "sort": "zz"}):
        answer = ann.get(PAGE, q)
        print(answer.status_code, len(answer.content), text_of(answer.content.decode()))
    for f in ("csv", "xlsx"):
        for t in ("balances", "events"):
            answer = ann.get(PAGE, {"format": f, "tab": t})
            print(answer["Content-Disposition"], answer.content[:1500] if f == "csv" else len(answer.content))
